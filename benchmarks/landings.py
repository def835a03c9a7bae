"""Landings of a size: simulated consumer carriers, and how their files arrive."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pointworth_worlds import WORLDS, simulate

WORLD = "consumer_carrier"
LINES_PER_CUSTOMER = 50
"""A customer has about 53 lines in the five years; sizes are named by the round number."""
TIMES = {
    "survey_responses": "responded_at",
    "survey_invitations": "sent_at",
    "support_interactions": "opened_at",
    "support_follow_ups": "opened_at",
    "campaign_assignments": "assigned_on",
}
LINES = "billing_invoice_lines"
BILLING_CYCLES = 30
LAST_DAY = date(2018, 12, 27)
"""The day the daily run adds: an ordinary one, within a month."""
DAYS_APART = 7
ANSWERS = 104
"""What somebody tries first: two years of a survey of one answer a week."""


def customers_for(lines: int) -> int:
    """How many customers have about so many invoice lines."""
    return max(100, lines // LINES_PER_CUSTOMER)


def write_landing(folder: Path, lines: int, clients: int = 1) -> int:
    """Simulate a landing of about so many invoice lines, of customers of one client or of several;
    returns how many it has."""
    world = replace(WORLDS[WORLD], clients=clients)
    truth = simulate(world, folder, customers=customers_for(lines), seed=1)
    rows: int = truth["rows"][LINES]["read"]
    return rows


def write_answers(folder: Path, answers: int) -> None:
    """A landing of answers and nothing else, one a week."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = (
        f"answer-{at},{date(2024, 1, 1) + timedelta(weeks=at)},{at * 7 % 11}\n"
        for at in range(answers)
    )
    (folder / "survey_responses.csv").write_text(
        "response_id,responded_at,score\n" + "".join(rows), encoding="utf-8"
    )


def lay_out_by_day(landing: Path, days: Path, until: date) -> dict[str, int]:
    """Write the landing as it stood on the evening of ``until`` into ``days``: every dataset with a
    time as a folder with one file of all before and one a day for the last week. What is in
    ``days`` already is left alone. Returns the rows of the new files by dataset.

    The simulated carrier bills everybody on the first of the month. Here the lines of the last
    month arrive in thirty billing cycles, one a day, as they do at a real one; all else arrives
    on the day it is dated.
    """
    first_day_apart = LAST_DAY - timedelta(days=DAYS_APART - 1)
    arrived: dict[str, int] = {}
    with duckdb.connect() as connection:
        for source in sorted(landing.glob("*.parquet")):
            dataset = source.stem
            relation = f"(select *, {_arrival(dataset)} as arrived_on from '{source}')"
            whole = dataset not in TIMES and dataset != LINES
            parts = (
                {days / source.name: "true"}
                if whole
                else {
                    days / dataset / "before.parquet": f"arrived_on < date '{first_day_apart}'",
                    **{
                        days / dataset / f"{day}.parquet": f"arrived_on = date '{day}'"
                        for day in (
                            first_day_apart + timedelta(days=at) for at in range(DAYS_APART)
                        )
                        if day <= until
                    },
                }
            )
            for target, condition in parts.items():
                if target.exists():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                (rows,) = connection.execute(
                    f"copy (select * exclude (arrived_on) from {relation} where {condition}) "
                    f"to '{target}' (format parquet, compression zstd)"
                ).fetchall()[0]
                arrived[dataset] = arrived.get(dataset, 0) + rows
    settings = landing / "pointworth.yml"
    (days / settings.name).write_text(settings.read_text("utf-8"), encoding="utf-8")
    return arrived


def _arrival(dataset: str) -> str:
    if dataset == LINES:
        month = LAST_DAY.replace(day=1)
        return (
            f"case when invoiced_on < date '{month}' then invoiced_on "
            f"else date '{month}' + cast(hash(customer_id) % {BILLING_CYCLES} as integer) end"
        )
    return f"cast({TIMES[dataset]} as date)" if dataset in TIMES else "date '1970-01-01'"
