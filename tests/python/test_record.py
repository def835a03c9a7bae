"""What a home keeps of what it published, and months that are closed."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pointworth.cli import app
from pointworth.copies import hash_of
from pointworth.errors import PointworthError
from pointworth.record import Record
from pointworth.record.kept import CLOSE_COLUMNS, FIGURE_COLUMNS
from pointworth.warehouse import Run, Warehouse

JANUARY = ("recognised_revenue", "2024-01-01", "EUR")
NO_DIFFERENCE = ("0", "0", "0", "0", "0", "0", "0")


class Home:
    """A home whose runs are written by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = Warehouse(folder)
        self.record = Record(self.warehouse)
        folder.mkdir()

    def publish(
        self,
        name: str,
        *figures: tuple[str, ...],
        ledger: tuple[tuple[str | None, ...], ...] = (("EUR", "100", "100", "0"),),
        as_of: str = "2024-02-03",
        is_logged: bool = True,
        is_replaced: bool = True,
    ) -> Run:
        """A run that published these figures; killed before it said so, or before it did."""
        run = Run(self.warehouse.runs_folder / name)
        run.folder.mkdir(parents=True)
        with duckdb.connect(str(run.marts_file)) as connection:
            columns = ", ".join(f"{column} varchar" for column in FIGURE_COLUMNS)
            connection.execute(f"create table published_figures_text ({columns})")
            for figure, period, part, value in figures:
                row = (name, as_of, figure, period, part, "true", value, value)
                money = ("money", "EUR") if figure != "nps" else ("points", None)
                connection.execute(
                    f"insert into published_figures_text values ({'?, ' * 18}?)",
                    [*row, *NO_DIFFERENCE, "first reported", "version 1", *money],
                )
            connection.execute(
                "create table published_figures as select * replace (period_start::date as "
                "period_start, value::decimal(28, 6) as value, value_in_currency::decimal(28, 6) "
                "as value_in_currency) from published_figures_text"
            )
            connection.execute("drop table published_figures_text")
            connection.execute(
                "create table revenue_reconciliation (month date, currency varchar, "
                "recognised_amount decimal(18, 2), ledger_amount decimal(18, 2), "
                "ledger_unexplained decimal(18, 2), reporting_currency varchar)"
            )
            for balance in ledger:
                connection.execute(
                    "insert into revenue_reconciliation values ('2024-01-01', ?, ?, ?, ?, 'EUR')",
                    [*balance],
                )
            connection.execute(
                "create table run_info as select 'run' as fact_kind, 'as_of' as fact, "
                f"'{as_of}' as fact_value"
            )
        (run.folder / f"rows-{duckdb.__version__}.parquet").write_text(name)
        run.write_record({"outcome": "published", "marts_sha256": hash_of(run.marts_file)})
        if is_replaced:
            shutil.copyfile(run.marts_file, self.warehouse.marts_file)
        if is_logged:
            self.warehouse.log_publication("build", run)
        return run

    def figures(self) -> list[tuple[str, str, str]]:
        """Run, figure and value of what is kept."""
        return [
            (row["run"], row["figure"], f"{float(row['value']):g}")
            for row in csv.DictReader(self.record.figures_file.read_text().splitlines())
        ]

    def close(self, *arguments: str) -> tuple[int, str]:
        """Close a month as a user does."""
        result = CliRunner().invoke(app, ["close", *arguments, "--home", str(self.folder)])
        assert not result.exception or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, " ".join(result.output.split())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home without a run."""
    return Home(tmp_path / "home")


def test_every_published_run_keeps_its_figures_once(home: Home) -> None:
    home.record.keep(home.publish("r1", (*JANUARY, "100")))
    home.record.keep(home.publish("r2", (*JANUARY, "110"), ("nps", "2024-01-01", "x", "30")))
    home.record.keep(home.publish("r3"))
    before = home.record.figures_file.read_bytes()
    for _ in range(2):
        home.record.settle()
    assert home.record.figures_file.read_bytes() == before
    assert home.figures() == [
        ("r1", "recognised_revenue", "100"),
        ("r2", "nps", "30"),
        ("r2", "recognised_revenue", "110"),
    ]


def test_what_a_killed_run_published_is_made_up_for_and_nothing_else(home: Home) -> None:
    home.publish("r1", (*JANUARY, "100"))
    home.publish("r2", (*JANUARY, "110"), is_logged=False)
    home.publish("r3", (*JANUARY, "120"), is_logged=False, is_replaced=False)
    kept = home.record.for_a_run(with_rows=True)
    assert home.figures() == [
        ("r1", "recognised_revenue", "100"),
        ("r2", "recognised_revenue", "110"),
    ]
    assert kept["figure_rows"].read_text() == "r2", "the rows of the last that was published"
    assert "figure_rows" not in home.record.for_a_run(with_rows=False)


def test_rows_are_kept_of_the_last_run_only(home: Home) -> None:
    for name in ("r1", "r2"):
        home.record.keep(home.publish(name, (*JANUARY, "100")))
    assert [path.parent.name for path in home.folder.rglob("rows-*")] == ["r2"]


def test_an_erasure_takes_no_figure_away(home: Home) -> None:
    run = home.publish("r1", (*JANUARY, "100"))
    home.record.keep(run)
    run.clear()
    home.record.settle()
    assert home.figures() == [("r1", "recognised_revenue", "100")]
    assert home.record.for_a_run(with_rows=True) == {"figures": home.record.figures_file}


def cut_off(text: str) -> str:
    return text[:-5]


def with_a_field_less(text: str) -> str:
    return text.replace(",first reported", "")


def of_another_kind(text: str) -> str:
    return "a,b\n1,2\n"


@pytest.mark.parametrize("damage", [cut_off, with_a_field_less, of_another_kind])
def test_a_record_that_is_damaged_stops_with_a_sentence(
    home: Home, damage: Callable[[str], str]
) -> None:
    home.record.keep(home.publish("r1", (*JANUARY, "100")))
    file = home.record.figures_file
    file.write_text(damage(file.read_text()))
    damaged = file.read_bytes()
    with pytest.raises(PointworthError, match="is not as it was written: put back a copy"):
        home.record.for_a_run(with_rows=True)
    assert file.read_bytes() == damaged


def test_a_month_is_closed_once_with_the_figures_of_its_run(home: Home) -> None:
    point = ("revenue_per_point", "2024-02-03", "active_customers", "7")
    home.publish("r1", (*JANUARY, "100"), point, ("nps", "2024-02-01", "x", "30"))
    code, said = home.close("2024-01")
    assert (code, said) == (
        0,
        "Closed 2024-01 as run r1 published it: revenue 100.00 EUR. What changes from now on is in "
        "revenue_restatements.",
    )
    rows = list(csv.DictReader(home.record.closes_file.read_text().splitlines()))
    assert [(row["figure"], row["period_start"], float(row["value"])) for row in rows] == [
        ("recognised_revenue", "2024-01-01", 100),
        ("revenue_per_point", "2024-02-03", 7),
    ]
    assert tuple(rows[0]) == CLOSE_COLUMNS
    before = home.record.closes_file.read_bytes()
    code, said = home.close("2024-01")
    assert code == 2
    assert "was closed on" in said
    assert "a month is closed once" in said
    assert home.record.closes_file.read_bytes() == before


@pytest.mark.parametrize(
    ("ledger", "arguments", "says"),
    [
        ((("EUR", "100", None, None),), (), "The ledger has no balance of 2024-01 in EUR"),
        ((("EUR", "100", "112.5", "12.5"),), (), "by 12.50 EUR that nothing explains"),
        (
            (("EUR", "100", "112.5", "12.5"),),
            ("--accept-unexplained", "12.49", "--because", "cut-off"),
            "or close with --accept-unexplained 12.50 --because TEXT",
        ),
        (
            (("EUR", "100", "112.5", "-12.5"),),
            ("--accept-unexplained", "12.5"),
            "--accept-unexplained needs --because TEXT",
        ),
        ((("EUR", "100", "100", "0"),), ("--because", "x"), "give --accept-unexplained"),
        (
            (("EUR", "100", "100", "0"),),
            ("--accept-unexplained", "5", "--because", "who knows"),
            "Nothing of 2024-01 is unexplained",
        ),
        (
            (("EUR", "100", "100", "0"),),
            ("--accept-unexplained", "much", "--because", "who knows"),
            "give an amount such as 12.34",
        ),
        (
            (("USD", "90", None, None), ("EUR", "100", None, None)),
            (),
            "no balance of 2024-01 in EUR, USD",
        ),
    ],
)
def test_a_month_that_is_not_fit_is_not_closed(
    home: Home, ledger: tuple[tuple[str | None, ...], ...], arguments: tuple[str, ...], says: str
) -> None:
    home.publish("r1", (*JANUARY, "100"), ledger=ledger)
    code, said = home.close("2024-01", *arguments)
    assert code in (2, 3)
    assert says in said
    assert not home.record.closes_file.exists()


def test_what_is_accepted_is_kept_with_its_reason(home: Home) -> None:
    ledger = (("EUR", "100", "112.5", "12.5"), ("USD", "90", None, None))
    home.publish("r1", (*JANUARY, "100"), (*JANUARY[:2], "USD", "80"), ledger=ledger)
    code, said = home.close(
        "2024-01", "--accept-unexplained", "12.50", "--because", "cut-off,\n of  two invoices"
    )
    assert code == 0, said
    assert "with 12.50 EUR unexplained towards the ledger" in said
    euros, dollars = csv.DictReader(home.record.closes_file.read_text().splitlines())
    assert (euros["accepted_unexplained"], euros["because"]) == (
        "12.50",
        "cut-off, of two invoices",
    )
    assert (dollars["ledger_amount"], dollars["because"]) == ("", "")


@pytest.mark.parametrize(
    ("month", "says"),
    [
        ("2024-13", "is no month: write it YYYY-MM"),
        ("January", "is no month"),
        ("2024-02", "2024-02 is not over in what is published, which is as of 2024-02-03"),
        ("2023-12", "No revenue is published for 2023-12"),
    ],
)
def test_a_month_that_cannot_be_closed_is_named(home: Home, month: str, says: str) -> None:
    home.publish("r1", (*JANUARY, "100"))
    code, said = home.close(month)
    assert code == 2
    assert says in said


def test_nothing_is_closed_of_what_nobody_published(home: Home) -> None:
    code, said = home.close("2024-01")
    assert code != 0
    assert "Nothing is published" in said
    run = home.publish("r1", (*JANUARY, "100"))
    run.write_record({**run.record, "marts_sha256": "another"})
    code, said = home.close("2024-01")
    assert code == 3
    assert "is not what any run published" in said


def test_nothing_is_closed_of_an_earlier_version(home: Home) -> None:
    run = home.publish("r1", (*JANUARY, "100"))
    for file in (run.marts_file, home.warehouse.marts_file):
        with duckdb.connect(str(file)) as connection:
            connection.execute("drop table published_figures")
    run.write_record({"outcome": "published", "marts_sha256": hash_of(home.warehouse.marts_file)})
    code, said = home.close("2024-01")
    assert code == 2
    assert "was built by an earlier version" in said


def test_nothing_is_closed_while_a_build_runs(home: Home) -> None:
    home.publish("r1", (*JANUARY, "100"))
    with home.warehouse.locked("build"):
        code, said = home.close("2024-01")
    assert code == 4
    assert "is in use by a build" in said
    assert json.loads((home.folder / "publications.jsonl").read_text())["run"] == "r1"
