"""Readers of the published file while it is published anew: errors, latencies, answers per
second."""

import multiprocessing
import multiprocessing.queues
import multiprocessing.synchronize
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pointworth.project import Mart
from pointworth.publish import write_marts
from pointworth.warehouse import Warehouse

#: What dashboards ask, from one row to a scan of the largest mart.
QUERIES = {
    "a headline": """
        select revenue_per_point, lower, upper, is_placebo_clean from revenue_per_point
        where segment_dimension = 'all' and adjustment = 'adjusted' and base = 'active_customers'
    """,
    "a trend": """
        select period_start, nps, lower, upper from nps_by_segment
        where period_grain = 'month' and segment_dimension = 'all' and survey_kind = 'relational'
        order by period_start, score_scale
    """,
    "a breakdown": """
        select segment_dimension, segment_value, nps, responses from nps_by_segment
        where period_grain = 'quarter' and is_reportable
        order by nps desc, segment_dimension, segment_value, period_start, score_scale, survey_kind
        limit 50
    """,
    "a risk table": """
        select score_group, adjustment, window_days, risk, lower, upper from churn_after_score
        where gap_days = 0 and score_group_kind = 'category'
        order by score_group, adjustment, window_days
    """,
    "customers behind a figure": """
        select customer_type, region, latest_category, count(*), sum(monthly_baseline_revenue)
        from dim_customers where is_active
        group by customer_type, region, latest_category
        order by customer_type, region, latest_category
    """,
    "revenue by month": """
        select revenue_month, movement_kind, count(*), sum(net_revenue)
        from fct_customer_revenue_monthly
        group by revenue_month, movement_kind order by revenue_month, movement_kind
    """,
}
REOPENED_AFTER = len(QUERIES)
"""A reader opens the file anew after so many queries, as a dashboard does that is refreshed."""


@dataclass(frozen=True)
class Answered:
    """One query of one reader: seconds, opening included where the file was opened for it."""

    query: str
    seconds: float
    file: int
    error: str = ""


def publish_while_read(
    warehouse: Warehouse, readers: int, publications: int, pause: float
) -> list[Answered]:
    """Publish the build file ``publications`` times, ``pause`` seconds apart, while so many
    processes read the published one; returns what each reader was told."""
    context = multiprocessing.get_context("spawn")
    stop, ready = context.Event(), context.Barrier(readers + 1)
    answers: multiprocessing.queues.Queue[list[Answered]] = context.Queue()
    processes = [
        context.Process(target=_read, args=(warehouse.marts_file, number, stop, ready, answers))
        for number in range(readers)
    ]
    for process in processes:
        process.start()
    ready.wait(timeout=120)
    try:
        time.sleep(pause)
        for _ in range(publications):
            publish_again(warehouse)
            time.sleep(pause)
    finally:
        stop.set()
    found = [answer for _ in processes for answer in answers.get(timeout=120)]
    for process in processes:
        process.join()
    return found


def publish_again(warehouse: Warehouse) -> None:
    """What a build does at its end: write the marts of the build file, then take the old one's
    place."""
    with warehouse.locked("build"):
        run = warehouse.start_run()
        draft = warehouse.draft_file(run)
        write_marts(
            warehouse.build_file, draft, _marts(warehouse.build_file), warehouse.spill_folder, "2GB"
        )
        warehouse.keep(draft, run)
        warehouse.replace_published(draft)
        warehouse.log_publication("build", run)
        warehouse.prune()


def _marts(build_file: Path) -> list[Mart]:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        ).fetchall()
    return [Mart(name, "", {}) for (name,) in names]


def _read(
    file: Path,
    number: int,
    stop: multiprocessing.synchronize.Event,
    ready: Any,
    answers: "multiprocessing.queues.Queue[list[Answered]]",
) -> None:
    """Ask until told to stop; an answer other than the first one to the same query is an error."""
    order = random.Random(number)
    found: list[Answered] = []
    first: dict[str, list[Any]] = {}
    connection: duckdb.DuckDBPyConnection | None = None
    inode = 0
    ready.wait(timeout=120)
    while not stop.is_set():
        for at, name in enumerate(order.choices(list(QUERIES), k=REOPENED_AFTER)):
            started, error = time.monotonic(), ""
            try:
                if at == 0:
                    if connection:
                        connection.close()
                    inode = file.stat().st_ino
                    connection = duckdb.connect(str(file), read_only=True, config={"threads": "1"})
                assert connection is not None
                rows = connection.execute(QUERIES[name]).fetchall()
                if rows != first.setdefault(name, rows):
                    error = "another answer than before"
            except (duckdb.Error, OSError) as problem:
                error = str(problem)
            found.append(Answered(name, time.monotonic() - started, inode, error))
    answers.put(found)


def summary(answers: list[Answered], seconds: float) -> dict[str, Any]:
    """Counts, and the percentiles of the latency in milliseconds."""
    latencies = sorted(1000 * answer.seconds for answer in answers)

    def percentile(share: float) -> float:
        return round(latencies[min(len(latencies) - 1, int(share * len(latencies)))], 1)

    return {
        "queries": len(answers),
        "errors": sum(bool(answer.error) for answer in answers),
        "files_read": len({answer.file for answer in answers}),
        "queries_per_second": round(len(answers) / seconds, 1),
        "p50": percentile(0.5),
        "p95": percentile(0.95),
        "p99": percentile(0.99),
        "max": round(latencies[-1], 1),
    }


def measure_readers(
    home: Path, readers: int = 16, publications: int = 3, pause: float = 5.0
) -> dict[str, Any]:
    """The figures of readers during publications of a finished warehouse."""
    warehouse = Warehouse(home)
    publish_again(warehouse)  # from the build file as it is now, so that all answers are one
    started = time.monotonic()
    answers = publish_while_read(warehouse, readers, publications, pause)
    seconds = time.monotonic() - started
    by_query = {
        name: summary([answer for answer in answers if answer.query == name], seconds)
        for name in QUERIES
    }
    return {
        "readers": readers,
        "publications": publications,
        "file_mib": warehouse.marts_file.stat().st_size // 2**20,
        "all": summary(answers, seconds),
        "queries": by_query,
    }
