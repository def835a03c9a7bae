"""Three monthly closes on the real project: what changes after each is told, and nothing else."""

import csv
import shutil
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import ROOT, Toy
from pointworth.validation.worker import Validator
from pointworth.warehouse import Warehouse
from test_guards import files_that_hold

pytestmark = pytest.mark.slow  # a build per month

MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04")
PEOPLE = [f"person-{number}" for number in range(40)]
ERASED = PEOPLE[4]
Rows = list[list[str]]


class Books:
    """The landing of a small company, month by month: forty customers who pay and answer alike."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.lines: Rows = [
            # Sixty days of service: 31 in January, 29 in February.
            ["year", PEOPLE[3], "2024-01-01", "2024-01-01", "2024-03-01", "recurring", "12", "EUR"]
        ]
        self.answers: Rows = []
        self.rate = "0.90"
        self.erased: Rows = []
        landing.mkdir()
        self.month(MONTHS[0])

    def month(self, month: str) -> None:
        """Everybody pays 10 euros, one of them 100 dollars too; every other one is a promoter."""
        for number, person in enumerate(PEOPLE):
            row = [f"{month}-{number}", person, f"{month}-01", "", "", "recurring", "10", "EUR"]
            self.lines.append(row)
            if month != MONTHS[-1]:
                score = "7" if number % 2 else "9"
                self.answers.append([f"a-{month}-{number}", person, "", f"{month}-10", score])
        dollars = [f"{month}-usd", PEOPLE[0], f"{month}-01", "", "", "usage", "100", "USD"]
        self.lines.append(dollars)

    def write(self) -> None:
        """The landing as it is; the ledger has what was right when each month ended."""
        balances = [
            [f"{month}-01", currency, amount]
            for month, euros in zip(MONTHS, ("406.20", "405.80", "400"), strict=False)
            for currency, amount in (("EUR", euros), ("USD", "100"))
        ]
        files = {
            "crm_customers": (
                "customer_id,acquired_on",
                [[person, "2022-01-01"] for person in PEOPLE],
            ),
            "billing_invoice_lines": (
                "invoice_line_id,customer_id,invoiced_on,service_from,service_to,line_kind,amount,"
                "currency",
                self.lines,
            ),
            "billing_exchange_rates": (
                "currency,valid_from,rate_to_reporting",
                [["USD", "2023-01-01", self.rate]],
            ),
            "survey_responses": (
                "response_id,customer_id,respondent_id,responded_at,score",
                self.answers,
            ),
            "finance_ledger_balances": ("month,currency,amount", balances),
            "privacy_erasure_requests": ("customer_id,requested_on", self.erased),
        }
        for name, (header, rows) in files.items():
            with (self.landing / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                file.write(header + "\n")
                csv.writer(file).writerows(rows)
        (self.landing / "pointworth.yml").write_text(
            "max_rejected_share: 1\nminimum_responses: 10\n", encoding="utf-8"
        )


def told(toy: Toy, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(toy.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def built(toy: Toy, *options: str) -> str:
    """The name of the run that published."""
    result = toy.build(*options)
    assert result.exit_code == 0, result.output
    assert "Published" in result.output
    return Warehouse(toy.home).runs()[0].name


def test_what_changes_after_a_close_is_told_by_its_class_to_the_cent(
    tmp_path: Path, shared_validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTWORTH_PROJECT", str(ROOT))
    monkeypatch.setattr(
        "pointworth.run.steps.validator", lambda *limits: nullcontext(shared_validator)
    )
    toy = Toy(tmp_path)
    books = Books(toy.landing)

    # January: its figures are those of its first run.
    books.lines.append([*("early", PEOPLE[1], "2024-02-01", "", "", "recurring", "10", "EUR")])
    books.write()
    first = built(toy)
    assert toy.run("close", "2024-02").exit_code == 2, "February is not over"
    result = toy.run("close", "2024-01")
    assert result.exit_code == 0, result.output
    books.lines.pop()

    # February: a line and an answer of January are late, a line is corrected.
    books.month(MONTHS[1])
    books.lines.append(["late", PEOPLE[1], "2024-01-20", "", "", "recurring", "30", "EUR"])
    next(row for row in books.lines if row[0] == "2024-01-2")[6] = "4"
    books.answers.append(["late", PEOPLE[0], "another person", "2024-01-25", "0"])
    books.lines.append([*("early", PEOPLE[1], "2024-03-01", "", "", "recurring", "10", "EUR")])
    books.write()
    second = built(toy)
    assert toy.run("close", "2024-02").exit_code == 0
    assert toy.run("close", "2024-01").exit_code == 2, "a month is closed once"
    books.lines.pop()

    # March: nothing of a rollback and a rebuild is forgotten; a person is erased, a rate another.
    assert toy.run("rollback", first).exit_code == 0
    shutil.rmtree(toy.home / "build")
    books.month(MONTHS[2])
    books.month(MONTHS[3])
    books.erased.append([ERASED, "2024-04-01"])
    books.rate = "0.95"
    books.write()
    third = built(toy, "--full-refresh")
    assert toy.run("close", "2024-03").exit_code == 0
    assert files_that_hold(toy.home, ERASED) == []

    # Another definition: a line belongs to the month in which its service begins.
    project = tmp_path / "project"
    shutil.copytree(
        ROOT, project, ignore=shutil.ignore_patterns(".*", "target", "logs", "src", "tests/python")
    )
    model = project / "models" / "core" / "steps" / "int_revenue_lines.sql"
    spread = "coalesce(lines.service_to > {{ add_months('lines.first_month', 1) }}, false)"
    assert spread in model.read_text("utf-8")
    model.write_text(model.read_text("utf-8").replace(spread, "false"), encoding="utf-8")
    monkeypatch.setenv("POINTWORTH_PROJECT", str(project))
    fourth = built(toy)

    revenue = told(
        toy,
        "select strftime(month, '%m'), invoice_currency, since, first_run, first_reported, "
        "latest_run, now_reported, late_rows, corrected_rows, exchange, changed_definition, "
        "erased_rows + unclassified, causes from revenue_restatements "
        "order by since desc, month, invoice_currency",
    )
    changes = ("late rows", "corrected rows", "changed definition")
    expected = [
        ("01", "EUR", first, "406.20", fourth, "436.00", "30", "-6", "0", "5.80", changes),
        ("01", "USD", first, "90", third, "95", "0", "0", "5", "0", ("exchange",)),
        ("02", "EUR", second, "405.80", fourth, "400", "0", "0", "0", "-5.80", changes[2:]),
        ("02", "USD", second, "90", third, "95", "0", "0", "5", "0", ("exchange",)),
        ("03", "EUR", third, "400", third, "400", "0", "0", "0", "0", ("none",)),
        ("03", "USD", third, "95", third, "95", "0", "0", "0", "0", ("none",)),
    ]
    assert revenue == [
        (
            *(month, currency, since, run, Decimal(reported), latest, Decimal(now)),
            *(Decimal(part) for part in parts),
            *(Decimal(0), ", ".join(causes)),
        )
        for since in ("first_reported", "close")
        for month, currency, run, reported, latest, now, *parts, causes in expected
    ]

    scores = told(
        toy,
        "select strftime(month, '%m'), round(first_reported, 4), round(now_reported, 4), "
        "round(late_rows, 4), round(erased_rows, 4), round(corrected_rows + changed_definition "
        "+ unclassified, 4), causes from nps_restatements where since = 'first_reported' "
        "order by month",
    )
    assert scores == [
        ("01", 50, 45, -3.6585, -1.3415, 0, "late rows, erased rows"),
        ("02", 50, 48.7179, 0, -1.2821, 0, "erased rows"),
        ("03", 48.7179, 48.7179, 0, 0, 0, "none"),
    ]

    closes = told(
        toy,
        "select strftime(month, '%m'), invoice_currency, run, recognised_amount, ledger_amount, "
        "unexplained from closed_months order by all",
    )
    assert closes == [
        (month, currency, run, Decimal(amount), Decimal(amount), Decimal(0))
        for month, run, euros in (
            ("01", first, "406.20"),
            ("02", second, "405.80"),
            ("03", third, "400"),
        )
        for currency, amount in (("EUR", euros), ("USD", "100"))
    ]

    definitions = told(
        toy,
        "select fact, fact_value like 'own %', valid_since is null from run_info "
        "where fact_kind = 'definition' order by fact",
    )
    assert definitions == [
        ("nps", False, False),
        ("recognised_revenue", True, True),
        ("revenue_per_point", True, True),
    ]
    assert sum(path.stat().st_size for path in toy.home.glob("*.csv")) < 20_000
