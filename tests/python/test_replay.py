"""A landing that grows, is corrected and arrives late, built day by day, is the same as built once.

Days are built one on top of the other, and once from scratch in a warehouse of its own; all
published marts must be equal, row by row.
"""

import contextlib
import csv
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pointworth.allowances import Allowance
from pointworth.run import Reporter, build
from pointworth_worlds import simulate
from worlds import OF_THE_HOME

Row = dict[str, Any]
Rows = list[Row]

TOO_MANY = "fields without a column"
LINES = "billing_invoice_lines"
TIMES = {
    LINES: "invoiced_on",
    "survey_responses": "responded_at",
    "survey_invitations": "sent_at",
    "support_interactions": "opened_at",
    "support_follow_ups": "opened_at",
}
SETTINGS = "max_rejected_share: 1\nminimum_responses: 10\n"
ARRIVE_LATE = ("support_follow_ups", "support_interactions")


class Landing:
    """A landing folder whose files are written row by row."""

    def __init__(self, folder: Path, whole: Path) -> None:
        self.folder = folder
        self.all: dict[str, Rows] = {}
        self.columns: dict[str, list[str]] = {}
        for path in sorted(whole.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file, restkey=TOO_MANY, restval="")
                self.all[path.stem] = list(reader)
                self.columns[path.stem] = list(reader.fieldnames or ())

    def write(self, dataset: str, name: str, rows: Rows) -> None:
        """One file of a dataset, its header taken from the whole; customers lie elsewhere, and are
        linked."""
        path = self.folder / dataset / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        if dataset == "crm_customers" and not path.exists():
            path.symlink_to(self.folder.parent / f"linked_{name}.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            columns = self.columns[dataset]
            writer = csv.writer(file)
            writer.writerow(columns)
            for row in rows:
                writer.writerow([*(row[column] for column in columns), *row.get(TOO_MANY, [])])

    def read(self, dataset: str, name: str) -> Rows:
        """The rows of a file written before."""
        with (self.folder / dataset / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, restkey=TOO_MANY, restval=""))

    def change(self, dataset: str, name: str, change: Callable[[int, Row], Row | None]) -> None:
        """Write a file anew, each row changed or (None) left out."""
        rows = (change(at, row) for at, row in enumerate(self.read(dataset, name)))
        self.write(dataset, name, [row for row in rows if row is not None])

    def between(self, dataset: str, start: str, end: str) -> Rows:
        """Rows of the whole with a time from start to before end."""
        return [row for row in self.all[dataset] if start <= row[TIMES[dataset]] < end]


def first_day(landing: Landing) -> None:
    """Everything up to the autumn of 2017, but for every fortieth line and answer, which are late;
    every fiftieth customer is not known yet, and of two datasets there is nothing."""
    for dataset, rows in landing.all.items():
        if dataset in ARRIVE_LATE:
            continue
        if dataset == "crm_customers":
            landing.write(dataset, "all", [row for at, row in enumerate(rows) if at % 50])
        elif dataset not in TIMES:
            landing.write(dataset, "all", rows)
        else:
            known_but_some(landing, dataset)


def known_but_some(landing: Landing, dataset: str) -> None:
    """The first file of a dataset."""
    known = landing.between(dataset, "", "2017-10-20")
    landing.write(dataset, "d0", [row for at, row in enumerate(known) if at % 40])


def late_rows_and_corrections(landing: Landing) -> None:
    """A day's rows; the late ones; some known lines again, at another price; and two datasets
    there was nothing of."""
    for dataset in ARRIVE_LATE:
        known_but_some(landing, dataset)
    for dataset in TIMES.keys() & landing.all.keys():
        new = landing.between(dataset, "2017-10-20", "2017-11-02")
        late = landing.between(dataset, "", "2017-10-20")[::40]
        again = [
            {**row, "amount": "12.34"}
            for row in (landing.between(dataset, "2017-01-01", "2017-10-20")[7::500])
            if dataset == LINES
        ]
        landing.write(dataset, "d1", new + late + again)


def new_customers_rates_and_erasures(landing: Landing) -> None:
    """Customers become known whose rows were rejected; a rate changes; a person is erased."""
    landing.write("crm_customers", "more", landing.all["crm_customers"][::50])
    landing.change(
        "billing_exchange_rates",
        "all",
        lambda at, row: {**row, "rate_to_reporting": "0.95"} if at == 1 else row,
    )
    erased = landing.all["crm_customers"][3]["customer_id"]
    header = landing.folder / "privacy_erasure_requests" / "all.csv"
    header.parent.mkdir(exist_ok=True)
    header.write_text(f"customer_id,requested_on\n{erased},2017-11-01\n", encoding="utf-8")


def history_rewritten(landing: Landing) -> None:
    """The first file comes anew: lines gone, changed and broken; a file is withdrawn; and a line
    comes months before all others of its day, too early to count."""

    def rewrite(at: int, row: Row) -> Row | None:
        if at % 300 == 0:
            return None
        if at % 301 == 0:
            return {**row, "amount": "much"}
        if at % 302 == 0:
            return {**row, "customer_id": "nobody"}
        return row

    landing.change(LINES, "d0", rewrite)
    landing.change(
        "survey_responses",
        "d0",
        lambda at, row: {**row, "score": "3"} if at % 50 == 0 else row,
    )
    (landing.folder / "support_interactions" / "d1.csv").unlink()
    landing.write(LINES, "d3", landing.between(LINES, "2018-02-10", "2018-03-01")[:1])


def a_dataset_is_withdrawn(landing: Landing) -> None:
    """Of one of those that came late nothing is left."""
    shutil.rmtree(landing.folder / ARRIVE_LATE[0])


def a_month_ends(landing: Landing) -> None:
    """A fifth of the lines arrive, but with them the clock passes the end of three months, and
    reaches the line that came too early."""
    landing.write(LINES, "d4", landing.between(LINES, "2017-11-02", "2018-02-10")[::5])


def a_closed_month_is_corrected(landing: Landing) -> None:
    """Lines of a year ago come anew at another price, and answers of then with another score."""

    def another_price(at: int, row: Row) -> Row:
        is_closed = row["invoiced_on"][:7] == "2016-11" and at % 3 == 0
        return {**row, "amount": "43.21"} if is_closed else row

    def another_score(at: int, row: Row) -> Row:
        is_closed = row["responded_at"][:7] == "2016-11" and at % 3 == 0
        return {**row, "score": "9"} if is_closed else row

    landing.change(LINES, "d0", another_price)
    landing.change("survey_responses", "d0", another_score)


def customers_become_of_another_type(landing: Landing) -> None:
    """Every tenth customer is of the type of the first."""
    first = landing.all["crm_customers"][0]["customer_type"]
    landing.change(
        "crm_customers",
        "all",
        lambda at, row: {**row, "customer_type": first} if at % 10 == 0 else row,
    )


def a_definition_changes(landing: Landing) -> None:
    """What repeats an answer, how many answers make a figure, and when a customer has left for
    good are defined anew."""
    settings = SETTINGS.replace("minimum_responses: 10", "minimum_responses: 14")
    text = f"{settings}repeat_answer_minutes: 2880\nreactivation_days: 60\n"
    (landing.folder / "pointworth.yml").write_text(text, encoding="utf-8")


DAYS = (
    first_day,
    late_rows_and_corrections,
    new_customers_rates_and_erasures,
    history_rewritten,
    a_dataset_is_withdrawn,
    a_month_ends,
    a_closed_month_is_corrected,
    customers_become_of_another_type,
    a_definition_changes,
)


def meant(day: Callable[[Landing], None]) -> frozenset[Allowance]:
    """What a day may lose."""
    return frozenset(Allowance) if day is a_dataset_is_withdrawn else frozenset()


def published(home: Path) -> dict[str, pd.DataFrame]:
    """The published marts, rows in one order."""
    frames = {}
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            if name in OF_THE_HOME:
                continue
            frame = connection.execute(f"select * from {name}").df()
            if "customer_id" in frame:  # the key of an erased customer is another in every run
                frame["customer_id"] = frame["customer_id"].str.replace(
                    r"^erased-.*", "erased", regex=True
                )
            exact = [column for column in frame if frame[column].dtype != "float64"]
            rough = frame[[c for c in frame if c not in exact]].round(4).add_prefix("rough ")
            frame = pd.concat([frame, rough], axis=1)
            order = [*exact, *rough.columns]
            frame = frame.sort_values(
                order, key=lambda c: c.astype(str) if c.dtype == object else c
            )
            frames[name] = frame.drop(columns=rough.columns).reset_index(drop=True)
    return frames


def staged(home: Path) -> list[tuple[str, ...]]:
    """The columns of what is staged, with their types."""
    with duckdb.connect(str(home / "build" / "pointworth.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where schema_name = 'staging' order by all"
        ).fetchall()


def differences(here: Path, there: Path) -> list[str]:
    """What differs between two published files, a line per mart."""
    left, right = published(here), published(there)
    assert left.keys() == right.keys()
    found = []
    for name, frame in left.items():
        try:
            pd.testing.assert_frame_equal(frame, right[name], rtol=1e-9, atol=1e-9, obj=name)
        except AssertionError as difference:
            found.append(" ".join(str(difference).split())[:300])
    return found


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """A service provider's landing in several currencies, with one bad row in a hundred."""
    folder = tmp_path / "given"
    simulate("credit_services", folder / "whole", customers=250, format="csv", dirt=0.01)
    (folder / "landing").mkdir()
    (folder / "landing" / "pointworth.yml").write_text(SETTINGS, encoding="utf-8")
    return Landing(folder / "landing", folder / "whole")


@pytest.mark.slow
def test_every_day_is_what_a_build_from_scratch_makes_of_it(
    landing: Landing, tmp_path: Path
) -> None:
    for day in DAYS:
        day(landing)
        outcome = build(landing.folder, tmp_path / "daily", Reporter(), allowed=meant(day))
        assert outcome.is_continued == (day is not first_day)
        assert bool(outcome.warnings) == (day in (history_rewritten, a_dataset_is_withdrawn))
        shutil.rmtree(tmp_path / "scratch", ignore_errors=True)
        build(landing.folder, tmp_path / "scratch", Reporter())
        assert not differences(tmp_path / "daily", tmp_path / "scratch"), day.__name__
        assert staged(tmp_path / "daily") == staged(tmp_path / "scratch"), day.__name__


@pytest.mark.slow
def test_after_some_days_all_is_as_built_from_scratch(landing: Landing, tmp_path: Path) -> None:
    for day in DAYS:
        day(landing)
        assert build(
            landing.folder, tmp_path / "daily", Reporter(), allowed=meant(day)
        ).is_continued == (day is not first_day)
    build(landing.folder, tmp_path / "scratch", Reporter())
    assert not differences(tmp_path / "daily", tmp_path / "scratch")


@pytest.mark.slow
def test_a_build_that_is_killed_at_any_moment_bends_no_figure(
    landing: Landing, tmp_path: Path
) -> None:
    """Twenty times, at moments drawn by chance, on the way through the days."""
    moments = random.Random(17)
    home, seconds, killed = tmp_path / "daily", 0.0, 0
    for day in DAYS:
        day(landing)
        for _ in range(4 if seconds else 0):
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "pointworth", "build"),
                    *("--landing", str(landing.folder), "--home", str(home)),
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0, seconds))
            killed += process.poll() is None
            process.kill()
            process.wait()
        began = time.monotonic()
        build(landing.folder, home, Reporter(), allowed=meant(day))
        seconds = time.monotonic() - began
    assert killed >= 20
    build(landing.folder, tmp_path / "scratch", Reporter())
    assert not differences(home, tmp_path / "scratch")
