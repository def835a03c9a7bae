"""Dirt of every kind for a clean landing: each column of each dataset with each oddity, and pairs.

The dirt belongs to a client, customers and keys of its own, so that whatever becomes of it the
clean customers' figures must stay as they are. Nothing here says whether a row is good: that is the
build's to say, and every row must be counted.
"""

import csv
import io
import random
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from pointworth.project import Column, Dataset
from pointworth.settings import SETTINGS_FILE

CLIENT = "fuzz"
CURRENCY = "XTS"
PEOPLE = 120
PAIRS = 120

TEXTS = (
    *(
        "",
        " ",
        "  x  ",
        "\u00a0x",
        "x\u200b",
        "X",
        "null",
        "NULL",
        "None",
        "NaN",
        "N/A",
        r"\N",
        "0",
    ),
    *("-1", "1.0", "01", "1e3", "true", "unknown", "anonymous", "all", "other", "none", "total"),
    *("Mother's day", "'", "''", "'; drop table landing.crm_customers; --", "x' or '1'='1"),
    *(
        '"',
        '""',
        'say "no"',
        "a,b",
        "a;b",
        "a|b",
        "|",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "\\",
        "a\\'b",
        "\\n",
    ),
    *(
        "{{ var('landing') }}",
        "{% raw %}",
        "${x}",
        "$1",
        "%s",
        "%",
        "_",
        "*",
        "?",
        "[a]",
        "../..",
        "/",
    ),
    *(
        "=1+1",
        "@x",
        "#x",
        "--",
        "/* x */",
        "<b>x</b>",
        "&amp;",
        "😀",
        "👩‍👩‍👧",
        "é",
        "e\u0301",
        "İ",
        "ß",
    ),
    *("ﬁ", "Ω", "١٢", "\u202ex", "\ufeffx", "a\x01\x07b", "a\x00b", "\x1b[31m", "x" * 5_000),
)
DAYS = (
    *("0000-00-00", "0001-01-01", "1582-10-10", "1899-12-31", "1900-01-01", "1969-12-31"),
    *("1970-01-01", "2015-02-29", "2016-02-29", "2016-02-30", "2016-00-10", "2016-13-01"),
    *("2016-12-31", "2017-01-01", "2038-01-20", "2099-12-31", "2100-01-01", "2262-04-12"),
    *("9999-12-31", "10000-01-01", "294247-01-10", "-0001-01-01", "infinity", "-infinity"),
    *("16-01-02", "2016-1-2", "2016-01", "2016", "201601", "20160102", "2016-W05-1", "2016-123"),
    *("01/02/2016", "31/12/2016", "31.12.16", "2016/01/02", "2 Jan 2016", "42370", "1451606400"),
    *("epoch", "now", "today", "tomorrow", " 2016-01-02 ", "2016-01-02\n", "２０１６-01-02"),
    *("2016-01-02T00:00:00+02:00", "2016-01-02T23:30:00-05:00", "2016-01-02T24:00:00Z"),
    *("2016-12-31T23:59:60Z", "2016-01-02 10:00:00 +0200", "2016-01-02T10:00Z", "2016-01-02T10"),
    *("2016-01-02T10:00:00.123456789Z", "2016-01-02T10:00:00,5Z", "20160102T100000Z"),
    *("2016-01-02T10:00:00+14:00", "2016-01-02T10:00:00+25:00", "2016-01-02t10:00:00z"),
    *("2016-01-02 10:00 PM", "2016-01-02 10:00 Europe/Rome", "2016-01-02T10:00:00 PST"),
    *("2016-03-27T02:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "24:00"),
)
NUMBERS = (
    *("0", "-0", "0.0", "00", "007", "+5", "-5", "5.", ".5", "5.0", "9.0000", "9.00001", "6.5"),
    *("10", "11", "-1", "1e1", "1E+1", "1e-30", "1e30", "1e308", "0.004", "0.005", "10.125"),
    *("99999999999999.99", "9999999999999999", "-99999999999999.99", "99999999999999999999"),
    *("1,5", "1.234,56", "1,234.56", "1 234", "1\u00a0234", "1'234", "1_000", "0x1F", "0b1", "1e"),
    *(
        "nan",
        "inf",
        "-inf",
        "Infinity",
        "€5",
        "5 EUR",
        "5%",
        "(5)",
        "5-",
        "--5",
        "+-5",
        "½",
        "٣",
        "９",
    ),
    *("9/10", "10/10", "9 - very likely", "very likely", "five", " 9 ", "\t9", "9\n", "true"),
)
BOOLEANS = (
    *("TRUE", "True", "tRuE", " true ", "t", "T", "yes", "Y", "on", "1", "1.0", "01", "2", "-1"),
    *("FALSE", "f", "no", "off", "0", "0.0", "ja", "sì", "x", "✓"),
)
CURRENCIES = (
    *("eur", " EUR ", "Eur", "€", "EURO", "xts", " XTS ", "USD", "ZZZ", "E'R", "EU", "978", "XXX"),
)
SPELLINGS = {
    "end_reason": (
        "Voluntary",
        "non-payment",
        "NON PAYMENT",
        "payment_failed",
        "deceased",
        "moved ",
    ),
    "score_scale": ("NPS_0_10", " stars_1_5 ", "nps", "0-10", "1-5", "effort_1_7", "nps_0_10\n"),
    "journey_stage": ("Billing", "fuzz'stage", "billing "),
}
_FIRST_DAY = date(2016, 3, 1)


def add_dirt(
    clean: Path, landing: Path, contract: Mapping[str, Dataset], seed: int
) -> dict[str, int]:
    """A copy of a clean landing of CSV files, each beside the dirt of its dataset; the records
    written by dataset.
    """
    landing.mkdir(parents=True)
    for path in clean.iterdir():
        if path.suffix != ".csv":
            shutil.copy(path, landing / path.name)
    with (landing / SETTINGS_FILE).open("a", encoding="utf-8") as settings:
        settings.write("max_rejected_share: 1\n")
    chance = random.Random(seed)
    records = {}
    for name, dataset in contract.items():
        folder = landing / name
        folder.mkdir()
        original = clean / f"{name}.csv"
        count = 0
        if original.exists():
            shutil.copy(original, folder / "clean.csv")
            with original.open(encoding="utf-8", newline="") as file:
                count += sum(1 for _ in csv.reader(file)) - 1
        maker = _Maker(dataset, chance)
        rows = [*maker.foundation(), *maker.singles(), *maker.pairs(), *maker.twins()]
        chance.shuffle(rows)
        (folder / "odd.csv").write_bytes(_text(dataset, rows).encode("utf-8"))
        count += len(rows)
        for file_name, content, written in maker.files():
            (folder / file_name).write_bytes(content)
            count += written
        records[name] = count
    return records


Row = dict[str, str]


class _Maker:
    """The dirty rows of one dataset."""

    def __init__(self, dataset: Dataset, chance: random.Random) -> None:
        self.dataset = dataset
        self.chance = chance
        self.number = 0

    def foundation(self) -> list[Row]:
        """Good rows that the odd ones refer to."""
        if self.dataset.name == "crm_customers":
            return [{"customer_id": f"fzc-{n}", "client_id": CLIENT} for n in range(PEOPLE)]
        if self.dataset.name == "survey_responses":
            return [{**self._base(), "response_id": f"fzr-{n}"} for n in range(PEOPLE)]
        if self.dataset.name == "billing_exchange_rates":
            return [{"currency": CURRENCY, "valid_from": "2010-01-01", "rate_to_reporting": "1.5"}]
        return []

    def singles(self) -> list[Row]:
        """Each column with each oddity."""
        return [
            self._with({column.name: odd})
            for column in self.dataset.columns
            for odd in _oddities(column)
        ]

    def pairs(self) -> list[Row]:
        """Two oddities in one row."""
        rows = []
        for _ in range(PAIRS):
            columns = self.chance.sample(self.dataset.columns, min(2, len(self.dataset.columns)))
            rows.append(
                self._with(
                    {column.name: self.chance.choice(_oddities(column)) for column in columns}
                )
            )
        return rows

    def twins(self) -> list[Row]:
        """One key in several spellings, with other content each time."""
        rows = []
        for spell in (str, str.upper, lambda key: f" {key} ", lambda key: f"{key}\n", str.title):
            row = self._base()
            for column in self.dataset.columns:
                if column.name in self.dataset.key and column.data_type == "text":
                    row[column.name] = spell(f"fz-twin-{column.name}")
                elif column.name in self.dataset.key:
                    row[column.name] = "2016-05-01" if column.data_type != "month" else "2016-05"
            rows.append(self._own(row))
        return rows

    def files(self) -> Iterable[tuple[str, bytes, int]]:
        """Files in every form a CSV gets written in, and lines that cannot be taken apart."""
        header = _text(self.dataset, [])
        names = [column.name for column in self.dataset.columns]
        some = [self._base() for _ in range(6)]
        body = _text(self.dataset, some).removeprefix(header)
        upper = ",".join(f' "{name.upper()}" ' for name in names) + "\n"
        yield "upper.csv", (upper + body).encode(), 6
        yield "windows.csv", ("\ufeff" + header + body).replace("\n", "\r\n").encode(), 6
        lines = (header + body).splitlines()
        mixed = "".join(line + ("\r\n" if place % 2 else "\n") for place, line in enumerate(lines))
        yield "mixed.csv", mixed.encode(), 6
        yield "unended.csv", (header + body).rstrip("\n").encode(), 6
        wider = [f"{line},extra" for line in body.splitlines()]
        trailing = [f"{line},," for line in body.splitlines()]
        ragged = [*wider[:2], *trailing[2:4], *body.splitlines()[4:]]
        yield "ragged.csv", (header + "\n".join([*ragged, ""])).encode(), 6
        quotes = body.splitlines()
        quotes[1] = quotes[1].replace(",", ',"', 1)
        yield "quote.csv", (header + "\n".join([*quotes, ""])).encode(), 6
        latin = body.splitlines()
        latin[2] = latin[2].replace("fz", "fé", 1)
        content = header.encode() + "\n".join([*latin, ""]).encode("latin-1")
        yield "latin.csv", content, 6

    def _with(self, values: Row) -> Row:
        row = self._base(is_full=self.chance.random() < 0.5)
        for name, value in values.items():
            is_key = name in self.dataset.key and len(self.dataset.key) == 1
            row[name] = f"{value}{self.number}" if is_key and value.strip() else value
        return self._own(row)

    def _own(self, row: Row) -> Row:
        """Nothing of the dirt is anybody else's: who is nobody's is the client's."""
        names = [column.name for column in self.dataset.columns]
        is_whose = names[0] == "customer_id" or "customer_id" not in names or "score" in names
        if "client_id" in names and is_whose and not row.get("client_id", "").strip():
            row["client_id"] = CLIENT
        return row

    def _base(self, *, is_full: bool = False) -> Row:
        """A good row, with what is required or with everything."""
        self.number += 1
        return {
            column.name: self._good(column)
            for column in self.dataset.columns
            if is_full or column.required or column.name in ("customer_id", "client_id", "currency")
        }

    def _good(self, column: Column) -> str:
        day = _FIRST_DAY + timedelta(days=self.number % 300)
        name, data_type = column.name, column.data_type
        is_end = name.startswith(
            ("ended", "closed", "resolved", "contacted", "notice", "service_to")
        )
        if is_end:
            day = date(2017, 6, 1)
        if name in self.dataset.key and data_type == "text" and len(self.dataset.key) == 1:
            return f"fz-{self.dataset.name}-{self.number}"
        if name == "customer_id":
            return f"fzc-{self.number % PEOPLE}"
        if name in ("response_id", "trigger_response_id"):
            return f"fzr-{self.number % PEOPLE}"
        if name == "client_id":
            return CLIENT
        if name == "currency":
            return (
                f"X{self.number}" if name in self.dataset.key and data_type == "text" else CURRENCY
            )
        if column.codes:
            return column.codes[self.number % len(column.codes)]
        if column.default:
            return column.default
        plain = {
            "boolean": "true",
            "number": "7",
            "amount": "12.50",
            "rate": "1.25",
            "date": day.isoformat(),
            "month": f"{day:%Y-%m}",
            "timestamp": f"{day}T10:00:00Z",
        }
        return plain.get(data_type, f"fz_{name}")


def _oddities(column: Column) -> Sequence[str]:
    if column.name == "currency":
        return (*CURRENCIES, *TEXTS)
    if column.codes:
        spelt = tuple(spell(code) for code in column.codes for spell in (str.upper, "  {} ".format))
        return (*spelt, *TEXTS)
    if column.data_type in ("number", "amount", "rate"):
        return (*NUMBERS, *TEXTS[:40])
    if column.data_type in ("date", "timestamp", "month"):
        return (*DAYS, *TEXTS[:40])
    if column.data_type == "boolean":
        return (*BOOLEANS, *TEXTS[:40])
    return (*SPELLINGS.get(column.name, ()), *TEXTS)


def _text(dataset: Dataset, rows: Iterable[Row]) -> str:
    names = [column.name for column in dataset.columns]
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
