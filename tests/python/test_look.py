"""One look before anything is loaded: all that is wrong is said at once, and nothing else."""

import gzip
import io
import os
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import duckdb
import jinja2
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from conftest import ROOT
from pointworth.errors import PointworthError
from pointworth.landing import Landing, inspect_landing
from pointworth.landing.headers import is_misspelt
from pointworth.landing.values import judge_of
from pointworth.project import landing_contract, score_scales
from pointworth_worlds import simulate

CONTRACT = landing_contract(ROOT)
SCALES = score_scales(ROOT)
ANSWERS = "response_id,responded_at,score\n"
GOOD = ANSWERS + "".join(f"r{n},2024-05-{n % 28 + 1:02d}T10:00:00Z,{n % 11}\n" for n in range(40))
LINES = "invoice_line_id,customer_id,invoiced_on,amount\n"

Content = str | bytes


def landing_of(folder: Path, files: dict[str, Content]) -> Path:
    """A landing with good answers, unless they are given."""
    folder.mkdir(exist_ok=True)
    for name, content in {"survey_responses.csv": GOOD, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def look(folder: Path, *allowed: str, **options: Any) -> Landing:
    """The look of a build with these --allow."""
    return inspect_landing(folder, CONTRACT, frozenset(allowed), scales=SCALES, **options)


def refused(folder: Path, *allowed: str, **options: Any) -> PointworthError:
    """What the look refuses a landing with."""
    with pytest.raises(PointworthError) as caught:
        look(folder, *allowed, **options)
    return caught.value


def build(landing: Path, home: Path) -> Result:
    """Build as a user does."""
    from pointworth.cli import app

    return CliRunner().invoke(app, ["build", "--landing", str(landing), "--home", str(home)])


def zipped(name: str, content: str) -> bytes:
    """A zip archive of one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def rows(header: str, *values: str, times: int = 30) -> str:
    """A header and rows in which {n} is the row's number."""
    lines = [values[n % len(values)].replace("{n}", str(n)) for n in range(times)]
    return "\n".join([header.strip(), *lines, ""])


EIGHT_FAULTS: dict[str, Content] = {
    "survey_responses.csv": rows(
        "response_id;responded_at;score", "r{n};2024-05-01T10:00:00Z;9", "r{n};2024-05-01;3"
    ),
    "crm_customers.csv": rows("customer_id,region", "c{n},Lazio").encode("utf-16"),
    "billing_subscriptions.csv": rows(
        "subscription_id,customer_id,started_on,endet_on", "s{n},c{n},2023-01-01,2024-02-01"
    ),
    "support_interactions.csv": rows(
        "interaction_id,customer_id,journey_stage,channel", "i{n},c{n},billing,phone"
    ),
    "finance_ledger_balances.csv": rows("month,amount", '2024-0{n},"1.234,56"', times=9),
    "survey_invitations.csv": rows("invitation_id,sent_at", "v{n},31/12/2023", "v{n},05/03/2024"),
    "billing_invoice_lines.zip": zipped("billing_invoice_lines.csv", LINES),
    "campaign_assignments.csv": rows(
        "assignment_id,campaign_id,customer_id,arm,assigned_on,accepted",
        "a{n},X,c{n},treated,2024-01-05,Yes",
        "a{n},X,c{n},control,2024-01-05,No",
    ),
}


def test_an_export_with_eight_faults_is_named_whole_in_one_go(tmp_path: Path) -> None:
    landing, home = landing_of(tmp_path / "landing", EIGHT_FAULTS), tmp_path / "home"
    started = time.process_time()
    result = build(landing, home)
    assert time.process_time() - started < 3
    assert result.exit_code == 2
    assert not home.exists(), "nothing is started"
    first, *lines = result.output.strip().splitlines()
    offer = (
        f"pointworth map spreadsheet --from {landing} --to NEW_FOLDER reads such files as saved."
    )
    assert first == f"The landing {landing} cannot be loaded: 8 things to mend. Or: {offer}"
    said = {
        "survey_responses.csv": ["the semicolon", "export it with commas"],
        "crm_customers.csv": ["is UTF-16", "save it as UTF-8"],
        "billing_subscriptions.csv": ["endet_on", "ended_on", "--allow misspelt-columns"],
        "support_interactions.csv": ["required column opened_at", "add it"],
        "finance_ledger_balances.csv": ["1.234,56", "amount", "write 1234.56"],
        "survey_invitations.csv": ["31/12/2023", "sent_at", "write 2023-12-31"],
        "billing_invoice_lines.zip": ["billing_invoice_lines", "--allow unread-files"],
        "campaign_assignments.csv": ["Yes", "accepted", "write true"],
    }
    assert len(lines) == len(said)
    for line in lines:
        words = said.pop(line.split()[1])
        assert [word for word in words if word not in line] == []


def test_a_list_is_wrapped_for_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    landing = landing_of(tmp_path / "landing", EIGHT_FAULTS)
    printed = io.StringIO()
    terminal = Console(file=printed, force_terminal=True, color_system=None, width=200)
    monkeypatch.setattr("pointworth.cli.err", terminal)
    assert build(landing, tmp_path / "home").exit_code == 2
    lines = printed.getvalue().splitlines()
    assert len([line for line in lines if line.startswith("- ")]) == 8
    assert [line for line in lines if len(line) > 80 and str(landing) not in line] == []


@pytest.mark.parametrize("case", ["1-header-comma", "4-header-case-twins", "28-hidden-mac-file"])
def test_what_can_be_read_is_no_finding(case: str, cases: Path) -> None:
    assert list(look(cases / case).files) == ["survey_responses"]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Landings that were seen: an extra column with a comma in its name, twins by case, a hidden
    file of macOS."""
    landing_of(
        tmp_path / "1-header-comma",
        {
            "survey_responses.csv": GOOD.replace("score\n", '"score, or mark",score\n', 1).replace(
                "Z,", "Z,likely,"
            )
        },
    )
    landing_of(
        tmp_path / "4-header-case-twins",
        {
            "survey_responses.csv": rows(
                "response_id,responded_at,score,channel,Channel", "r{n},2024-05-01,10,email,E-mail"
            )
        },
    )
    hidden = landing_of(
        tmp_path / "28-hidden-mac-file",
        {
            "survey_responses/part-1.csv": GOOD,
            "survey_responses/._part-1.csv": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
        },
    )
    (hidden / "survey_responses.csv").unlink()
    return tmp_path


def test_a_hidden_file_is_passed_over_and_named(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "._survey_responses.csv": "x",
        ".DS_Store": "x",
        "~$survey_responses.xlsx": "x",
        "survey_responses.csv.lock": "x",
        "survey_responses.csv~": "x",
        "_SUCCESS": "",
        "Thumbs.db": "x",
        "billing_invoice_lines/.part-0.csv.crc": "x",
        "billing_invoice_lines/_temporary/0/part-0.csv": "x",
        "billing_invoice_lines/part-0.csv": LINES,
    }
    found = look(landing_of(tmp_path / "landing", files))
    assert set(found.passed_over) == set(files) - {"billing_invoice_lines/part-0.csv"} - {
        "billing_invoice_lines/_temporary/0/part-0.csv"
    } | {"billing_invoice_lines/_temporary"}
    assert {name: len(paths) for name, paths in found.files.items()} == {
        "survey_responses": 1,
        "billing_invoice_lines": 1,
    }


def test_a_name_that_differs_by_case_is_read(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "Billing_Invoice_Lines.CSV": LINES,
        "CRM_Customers/part.CSV.GZ": gzip.compress(b"customer_id\nc1\n"),
        "billing_subscriptions.csv/part-00000.csv": "subscription_id,customer_id,started_on\n",
    }
    found = look(landing_of(tmp_path / "landing", files))
    assert set(found.files) == {
        "survey_responses",
        "billing_invoice_lines",
        "crm_customers",
        "billing_subscriptions",
    }


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("billing_subscription.csv", "billing_subscriptions"),
        ("billing_invoice_lines.xlsx", "billing_invoice_lines"),
        ("billing_invoice_lines.txt", "billing_invoice_lines"),
        ("billing-invoice-lines.json", "billing_invoice_lines"),
        ("Billing Invoice Lines.csv", "billing_invoice_lines"),
        ("billing_invoice_lines_2024-05.csv", "billing_invoice_lines"),
        ("invoice_lines.csv", "billing_invoice_lines"),
        ("customers.csv", "crm_customers"),
        ("crm_customers (1).csv", "crm_customers"),
        ("crm_customers/all.csv.zip", "crm_customers"),
        ("supportinteractions.parquet", "support_interactions"),
        ("archive/old.csv", None),
        ("figures.bin", None),
        ("pointworth.yaml", "pointworth.yml"),
    ],
)
def test_a_file_nobody_reads_is_named_with_the_nearest_dataset(
    tmp_path: Path, name: str, near: str | None
) -> None:
    landing = landing_of(tmp_path / "landing", {name: "x"})
    error = refused(landing)
    assert error.exit_code == 3
    assert "\n" not in error.message
    assert (name.split("/")[0] if near is None else name) in error.message
    assert near is None or near in error.message.replace(name, "")
    assert "--allow unread-files" in error.message
    allowed = look(landing, "unread-files")
    assert [path.rstrip("/") for path in allowed.unread] == [
        name if near is not None else name.split("/")[0]
    ]


def test_what_belongs_to_a_landing_without_being_data_is_no_finding(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "pointworth.yml": "minimum_responses: 10\n",
        "truth.json": "{}",
        "verbatim_patterns.csv": "theme,language,pattern\n",
        "README.md": "what this is",
        "LICENSE": "terms",
        "crm_customers/notes.md": "terms",
        "crm_customers/a.csv": "customer_id\n",
    }
    assert look(landing_of(tmp_path / "landing", files)).unread == ()


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    landing = landing_of(tmp_path / "landing", {})
    (tmp_path / "elsewhere.csv").write_text("customer_id\n")
    (landing / "crm_customers.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert "crm_customers" in look(landing).files
    (tmp_path / "elsewhere.csv").unlink()
    error = refused(landing)
    assert error.exit_code == 2
    assert "crm_customers.csv is a link to a file that is not there" in error.message


# Files that are not what their name says ----------------------------------------------------------

WORKBOOK = zipped("xl/workbook.xml", "<workbook/>")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("survey_responses.csv", GOOD.replace(",", ";"), ["the semicolon", "commas"]),
        ("survey_responses.csv", GOOD.replace(",", "\t"), ["the tab", "commas"]),
        ("survey_responses.csv", GOOD.replace(",", "|"), ["the vertical bar", "commas"]),
        ("survey_responses.csv", "sep=,\n" + GOOD, ["sep=,", "remove that line"]),
        ("survey_responses.csv", "sep=;\r\n" + GOOD.replace(",", ";"), ["sep=;", "semicolon"]),
        ("survey_responses.csv", GOOD.encode("utf-16"), ["UTF-16", "UTF-8"]),
        ("survey_responses.csv", GOOD.encode("utf-16-be"), ["UTF-16", "UTF-8"]),
        (
            "survey_responses.csv",
            GOOD.replace("r1", "é1").replace("r2", "ü2").encode("latin-1"),
            ["Latin-1", "UTF-8", "line 3"],
        ),
        ("survey_responses.csv.gz", GOOD, ["no gzip file", ".csv"]),
        ("survey_responses.csv.gz", gzip.compress(GOOD.encode())[:60], ["no whole gzip file"]),
        ("survey_responses.csv", gzip.compress(GOOD.encode()), ["gzip", ".csv.gz"]),
        ("survey_responses.csv", zipped("a.csv", GOOD), ["zip archive", "unpack"]),
        ("survey_responses.csv", WORKBOOK, ["Excel workbook", "CSV UTF-8"]),
        ("survey_responses.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", ["Excel workbook"]),
        ("survey_responses.csv", b"PAR1 and so on", ["Parquet", ".parquet"]),
        ("survey_responses.csv", "<!DOCTYPE html><html>", ["web page", "export again"]),
        ("survey_responses.csv", '\ufeff [{"response_id": "r1"}]', ["JSON", "CSV"]),
        ("survey_responses.csv", "", ["without even a header"]),
        ("survey_responses.csv", "\ufeff\r\n", ["without even a header"]),
        ("survey_responses.csv.gz", gzip.compress(b""), ["without even a header"]),
        ("survey_responses.csv", GOOD.removeprefix(ANSWERS), ["no header", "2024-05-01"]),
        ("survey_responses.csv", "Answers of May\n\n" + GOOD, ["header in line 3", "remove"]),
        ("survey_responses.parquet", "PAR1 cut off", ["no whole Parquet file"]),
        ("survey_responses.parquet", "PAR1 nonsense PAR1", ["cannot be read as Parquet"]),
        ("survey_responses.csv", GOOD.replace("score", "Score,SCORE"), ["Score and SCORE"]),
        ("survey_responses.csv", GOOD.replace("score", "score,score"), ["two columns score"]),
        ("survey_responses.csv", GOOD.replace("score", "scoer"), ["column score", "scoer"]),
        (
            "survey_responses.csv",
            rows("response_id,responded_at", "r{n},2024-05-01"),
            ["column score", "columns found: response_id, responded_at"],
        ),
        ("survey_responses.csv", "response_id\nr1\n", ["columns responded_at and score"]),
        (
            "survey_responses.csv",
            rows("response_id,score,responded_at", "r{n},9,5,2024-05-01"),
            ["3 columns but 4 values", "double quotes"],
        ),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_one_sentence(
    tmp_path: Path, name: str, content: Content, words: list[str]
) -> None:
    landing = landing_of(tmp_path / "landing", {name: content})
    if name != "survey_responses.csv":
        (landing / "survey_responses.csv").unlink()
    error = refused(landing)
    assert error.exit_code == 2
    assert "\n" not in error.message, "one thing, one sentence"
    assert error.message.startswith(str(landing / name))
    assert [word for word in words if word not in error.message] == []


def test_a_file_in_a_wrong_form_is_read_on(tmp_path: Path) -> None:
    content = rows("response_id;responded_at;score", "r{n};03.05.2024;9,0").encode("utf-16")
    error = refused(landing_of(tmp_path / "landing", {"survey_responses.csv": content}))
    said = error.message.splitlines()[1:]
    assert len(said) == 4
    for line, words in zip(said, ["UTF-16", "semicolon", "03.05.2024", "write 9.0"], strict=True):
        assert words in line


def test_settings_that_mean_nothing_join_the_list(tmp_path: Path) -> None:
    landing = landing_of(tmp_path / "landing", {"pointworth.yml": "minimum_respones: 10\n"})
    result = build(landing, tmp_path / "home")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    (landing / "crm_customers.csv").write_text("customer_id;region\n")
    result = build(landing, tmp_path / "home")
    assert result.exit_code == 2
    assert "2 things to mend" in result.output
    assert "did you mean minimum_responses?" in result.output
    assert "the semicolon" in result.output


def test_files_with_one_fault_are_one_finding(tmp_path: Path) -> None:
    content = GOOD.replace(",", ";")
    landing = landing_of(
        tmp_path / "landing", {f"survey_responses/{n}.csv": content for n in range(5)}
    )
    (landing / "survey_responses.csv").unlink()
    message = refused(landing).message
    assert "survey_responses/0.csv (and 4 more) has the semicolon" in message


@pytest.mark.parametrize(
    ("content", "is_mixed"),
    [
        (GOOD, False),
        (GOOD.replace("\n", "\r\n"), False),
        (GOOD.replace("\n", "\r\n", 9), True),
        (GOOD.replace("\n", "\r", 9), True),
        (GOOD.replace("r1,", '"r\n1",').replace("\n", "\r\n").replace("r\r\n", "r\n"), False),
    ],
)
def test_files_whose_lines_end_in_several_ways_are_handed_on(
    tmp_path: Path, content: str, is_mixed: bool
) -> None:
    landing = landing_of(tmp_path / "landing", {"survey_responses.csv": content})
    assert look(landing).careful_files == (("survey_responses.csv",) if is_mixed else ())


# Columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "is_read"),
    [
        ("\ufeff response_id , Responded_At,SCORE", True),
        ('"response_id","responded_at","score"', True),
        ('"a ""b"", c",response_id,responded_at,score,,', True),
        ("response_id,note,note,responded_at,score", True),
    ],
)
def test_names_are_compared_trimmed_and_whatever_their_case(
    tmp_path: Path, header: str, is_read: bool
) -> None:
    landing = landing_of(tmp_path / "landing", {"survey_responses.csv": header + "\n"})
    assert bool(look(landing).files) == is_read


@pytest.mark.parametrize(
    ("name", "column", "is_meant"),
    [
        ("endet_on", "ended_on", True),
        ("ended on", "ended_on", True),
        ("ended", "ended_on", False),
        ("regoin", "region", True),
        ("reason", "region", False),
        ("flag", "plan", False),
        ("langage", "language", True),
    ],
)
def test_a_misspelt_column_is_within_two_letters(name: str, column: str, is_meant: bool) -> None:
    assert is_misspelt(name, column) == is_meant


def test_a_misspelt_column_is_meant_only_with_allow(tmp_path: Path) -> None:
    landing = landing_of(
        tmp_path / "landing",
        {"billing_subscriptions.csv": "subscription_id,customer_id,started_on,endet_on\n"},
    )
    error = refused(landing)
    assert error.exit_code == 3
    assert "a column endet_on, which nobody reads, and no ended_on" in error.message
    assert look(landing, "misspelt-columns").files


def test_what_partitions_hold_is_no_missing_column(tmp_path: Path) -> None:
    landing = landing_of(
        tmp_path / "landing",
        {"billing_exchange_rates/currency=CHF/a.csv": "valid_from,rate_to_reporting\n"},
    )
    assert "billing_exchange_rates" in look(landing).files


# Values -------------------------------------------------------------------------------------------


def with_column(name: str, value: str, good: str, bad_rows: int = 30, all_rows: int = 30) -> str:
    """Answers or another dataset's rows with a value in so many of them."""
    header, row = {
        "score": ("response_id,responded_at,score", "r{n},2024-05-01,?"),
        "responded_at": ("response_id,responded_at,score", "r{n},?,9"),
        "survey_kind": ("response_id,responded_at,score,survey_kind", "r{n},2024-05-01,9,?"),
        "score_scale": ("response_id,responded_at,score,score_scale", "r{n},2024-05-01,5,?"),
    }[name]
    quoted = '"' + value.replace('"', '""') + '"'
    values = [quoted] * bad_rows + [good] * (all_rows - bad_rows)
    lines = [row.replace("{n}", str(n)).replace("?", value) for n, value in enumerate(values)]
    return "\n".join([header, *lines, ""])


@pytest.mark.parametrize(
    ("column", "value", "write"),
    [
        ("score", "9 - Very likely", "write 9"),
        ("score", "10/10", "write 10"),
        ("score", "9,0", "write 9.0"),
        ("score", "very good", "write a number"),
        ("score", "87", "nps_0_10 goes from 0 to 10"),
        ("score", "N/A", "leave it empty"),
        ("responded_at", "31/12/2024", "write 2024-12-31"),
        ("responded_at", "31.12.24", "write 2024-12-31"),
        ("responded_at", "12/31/2024 10:00", "write 2024-12-31"),
        ("responded_at", "03/04/2024", "(year-month-day)"),
        ("responded_at", "2024/12/31", "write 2024-12-31"),
        ("responded_at", "45657", "write 2024-12-31"),
        ("responded_at", "45657,5", "write 2024-12-31"),
        ("responded_at", "1735639200", "write 2024-12-31T10:00:00Z"),
        ("responded_at", "2024-12-31 10:00 PM", "22:00:00"),
        ("responded_at", "3 May 2024", "write 2024-05-03T10:00:00Z"),
        ("responded_at", "0000-00-00 00:00:00", "leave it empty"),
        ("survey_kind", "nps", "write relational or transactional"),
        ("score_scale", "1-5", "stars_1_5"),
    ],
)
def test_a_column_in_another_form_says_what_to_write(
    tmp_path: Path, column: str, value: str, write: str
) -> None:
    content = with_column(column, value, "")
    error = refused(landing_of(tmp_path / "landing", {"survey_responses.csv": content}))
    assert error.exit_code == 2
    assert "\n" not in error.message
    assert f"holds {value} in {column}" in error.message
    assert write in error.message


@pytest.mark.parametrize(
    ("value", "write"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("1\u202f234,50", "1234.50"),
        ("€ 12.50", "12.50"),
        ("12,50 EUR", "12.50"),
        ("$1,000", "1000"),
        ("(12.50)", "-12.50"),
        ("12.50-", "-12.50"),
        ("-1.000,00", "-1000.00"),
        ("12 %", "12"),
    ],
)
def test_a_number_in_another_form_is_written_as_the_contract_has_it(value: str, write: str) -> None:
    judge = judge_of("amount")
    assert judge is not None
    fault = judge(value)
    assert fault is not None
    assert re.match(rf"write {re.escape(write)}(?![0-9.])", fault.remedy)


@pytest.mark.parametrize(
    ("bad_rows", "options", "is_refused"),
    [
        (30, {}, True),
        (7, {}, True),
        (6, {}, False),
        (1, {}, False),
        (30, {"tolerated": lambda dataset: 1.0}, False),
        (12, {"tolerated": lambda dataset: 0.5}, False),
    ],
)
def test_a_few_dirty_rows_are_left_to_the_build(
    tmp_path: Path, bad_rows: int, options: dict[str, Any], is_refused: bool
) -> None:
    content = with_column("responded_at", "31/12/2024", "2024-12-31", bad_rows)
    landing = landing_of(tmp_path / "landing", {"survey_responses.csv": content})
    if is_refused:
        refused(landing, **options)
    else:
        look(landing, **options)


def test_one_file_of_many_is_left_to_the_build(tmp_path: Path) -> None:
    files: dict[str, Content] = {f"survey_responses/{n}.csv": GOOD for n in range(24)}
    files["survey_responses/old.csv"] = with_column("responded_at", "31/12/2024", "")
    landing = landing_of(tmp_path / "landing", files)
    (landing / "survey_responses.csv").unlink()
    assert len(look(landing).files["survey_responses"]) == 25
    for n in range(12):
        (landing / "survey_responses" / f"{n}.csv").unlink()
        (landing / "survey_responses" / f"old_{n}.csv").write_bytes(
            (landing / "survey_responses" / "old.csv").read_bytes()
        )
    assert "old.csv holds 31/12/2024" in refused(landing).message


def test_personal_values_are_never_shown(tmp_path: Path) -> None:
    content = "Maria Lindqvist,maria@example.org\nJohn Doe,john@example.org\n"
    error = refused(landing_of(tmp_path / "landing", {"crm_customers.csv": content}))
    assert "customer_id" in error.message


# The look and the loader agree --------------------------------------------------------------------


def parsed_by_the_loader(data_type: str) -> str:
    """The SQL that the landing is typed with, over a column `found`."""
    sources = [
        (ROOT / "macros" / "engine" / f"{name}.sql").read_text("utf-8")
        for name in ("parse_value", "utc_timestamp", "dates", "timestamps")
    ]
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])

    class Adapter:
        def dispatch(self, name: str, _: str) -> Callable[..., str]:
            own = getattr(template.module, f"duckdb__{name}", None)
            return own or getattr(template.module, f"default__{name}")  # type: ignore[no-any-return]

    class Dbt:
        def type_string(self) -> str:
            return "varchar"

    environment.globals |= {
        "adapter": Adapter(),
        "dbt": Dbt(),
        "return": lambda value: value,
    }
    template = environment.from_string("\n".join(sources))
    return str(template.module.parse_value(data_type, "found"))  # type: ignore[attr-defined]


SEEN = [
    *("1", "1.5", "+1", "-1", ".5", "5.", "1e3", "1E-2", "0012", "1,5", "1.234,56", "1,234.56"),
    *("1 234", "12 EUR", "€ 5", "12%", "(5)", "5-", "--5", "1_000", "0x1F", "9/10", "9 - likely"),
    *("2024-05-03", "2024-5-3", "20240503", "2024-124", "2024-W18-5", "2024-05", "202405", "2024"),
    *("2024-05-03T10:00Z", "2024-05-03T10:00:00+0200", "2024-05-03 10:00:00 +0200"),
    *("2024-05-03T10:00:00,5Z", "20240503T100000Z", "2024-05-03t10:00z", "2024-05-03T10"),
    *("2024-05-03 10:00:00 UTC", "2024-05-03T24:00:00", "2024-05-03T23:59:60Z", "2024-05-03+02:00"),
    *("2024-05-03 10:00 PM", "2024-05-03 10:00 Europe/Rome", "2024-05-03 10:00 CET"),
    *("2024-13-01", "2024-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01"),
    *("31/12/2024", "12/31/2024", "31.12.24", "03-04-2024", "2024/12/31", "2024.12.31"),
    *("45657", "45657.5", "1735639200", "1735639200000", "3 May 2024", "May 3, 2024", "today"),
    *("true", "TRUE", "False", "1", "0", "yes", "No", "y", "t", "f", "on", "ja", "x"),
    *("null", "NULL", "N/A", "-", "nan", "inf", "infinity", "epoch", "now", "∞", "٣", "９"),
]


@pytest.mark.parametrize(
    "data_type", ["number", "amount", "rate", "boolean", "date", "timestamp", "month"]
)
def test_what_the_look_calls_wrong_the_loader_rejects(data_type: str) -> None:
    judge = judge_of(data_type)
    assert judge is not None
    called_wrong = [value for value in SEEN if judge(value)]
    assert len(called_wrong) > 20
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        taken = connection.execute(
            f"select found from (select unnest($1) as found) "
            f"where {parsed_by_the_loader(data_type)} is not null",
            [called_wrong],
        ).fetchall()
    assert taken == []


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("world", ["consumer_carrier", "credit_services", "network_operator"])
def test_a_landing_with_dirty_rows_is_let_through(
    tmp_path: Path, world: str, form: Literal["csv", "parquet"]
) -> None:
    simulate(world, tmp_path / "landing", customers=200, months=24, format=form, dirt=0.04)
    assert look(tmp_path / "landing").files


# Any size -----------------------------------------------------------------------------------------


def test_a_large_file_is_looked_at_in_a_moment(tmp_path: Path) -> None:
    landing = landing_of(tmp_path / "landing", {})
    path = landing / "billing_invoice_lines.csv"
    block = "".join(f"l{n},c{n % 999},2024-05-03,12.50\n" for n in range(40_000)).encode()
    late = block.replace(b"12.50", b"12.5O")
    times = 300_000_000 // len(block)
    with path.open("wb") as file:
        file.write(LINES.encode())
        for n in range(times):
            file.write(block if n < 0.45 * times else late)
    try:
        started = time.process_time()
        error = refused(landing)
        assert time.process_time() - started < 2
    finally:
        os.unlink(path)
    assert "holds 12.5O in amount" in error.message, "the middle and the end are looked at too"
