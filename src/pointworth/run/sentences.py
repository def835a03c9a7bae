"""What a run says of what it found: why nothing is published, and what to know of what is."""

from textwrap import shorten
from typing import Any

from pointworth.dbt_project.results import NodeResult
from pointworth.engines import Engine
from pointworth.errors import PointworthError, invalid_data
from pointworth.landing import Landing
from pointworth.landing.findings import listed
from pointworth.settings import Settings
from pointworth.validation.suites import Check
from pointworth.warehouse import Run

SHOWN = 5
_VALIDATED = {"landing.loaded_files": "the files", "information_schema.tables": "the marts"}


def failure(failures: list[NodeResult], run: Run, engine: Engine) -> PointworthError:
    """Models or tests failed: the machine gave out, or the results contradict their rules."""
    for result in failures:
        error = (
            None if result.is_test and result.status == "fail" else engine.refusal(result.message)
        )
        if error:
            return error
    broken = list(
        dict.fromkeys(
            f"{result.table}: {result.rule} (rows that break it: {max(result.failures, 1):,})"
            if result.is_test
            else f"{result.table} could not be computed"
            for result in failures
        )
    )
    more = f"; and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
    return invalid_data(
        f"The results contradict their own rules, so nothing was published: "
        f"{'; '.join(broken[:SHOWN])}{more}. Please report {run.report_file}, which has the "
        "details."
    )


def too_many_rejected(
    datasets: list[dict[str, Any]], settings: Settings, run: Run
) -> PointworthError:
    """More rows were rejected than a dataset may lose."""
    shown = "; ".join(
        f"{row['dataset']} {row['rows_rejected']:,} of {row['rows_read']:,} "
        f"({row['rows_rejected'] / row['rows_read']:.1%}, allowed are {allowed:.1%})"
        for row in datasets
        if row.get("rows_rejected")
        and (allowed := settings.highest_rejected_share(row["dataset"], 0.05)) * row["rows_read"]
        < row["rows_rejected"]
    )
    return invalid_data(
        f"Too many rows were rejected, so nothing was published: {shown}. The reasons are in "
        f"{run.report_file}: mend the rows, or build with a higher --max-rejected-share."
    )


def on_files(landing: Landing) -> list[str]:
    """The files of the landing that nobody reads."""
    said = []
    if landing.passed_over:
        said.append(f"Passed over, being no data: {listed(landing.passed_over)}.")
    if landing.unread:
        said.append(f"Not read, for no dataset is called so: {listed(landing.unread)}.")
    return said


def on_clock(clock: dict[str, str | None]) -> str | None:
    """What to know when a few rows are dated long after all others."""
    dense_until, as_of = clock.get("dense_until"), clock["as_of"]
    if not dense_until or not as_of:
        return None
    count = int(clock["events_after"] or 0)
    few = f"{count:,} answers or invoice lines come" if count > 1 else "one answer or line comes"
    few += f" (up to {clock['latest_day']}) more than a month after the last of all others"
    if as_of <= dense_until:
        return (
            f"The clock stands at {as_of}: {few}, too few to move it; they are rejected as "
            f"in_the_future (--as-of {clock['latest_day']} counts them)."
        )
    return (
        f"The clock stands at {as_of}, but {few} on {dense_until}, and the months between count "
        f"as complete; if they should not, build with --as-of {dense_until}."
    )


def validation_sentence(what: str, broken: list[Check], run: Run) -> str:
    """Expectations that are not met."""
    shown = "; ".join(
        f"{_VALIDATED.get(check.table, check.table.split('.')[-1])}: {check.says}"
        + (f" ({shorten(check.observed, 120, placeholder=' …')})" if check.observed else "")
        for check in broken[:2]
    )
    more = f"; and {len(broken) - 2} more" if len(broken) > 2 else ""
    return (
        f"{what} did not pass validation, so nothing was published: not met are {shown}{more}; "
        f"the details are in {run.report_file}."
    )
