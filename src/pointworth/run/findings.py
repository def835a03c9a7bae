"""What a run reads back from its build file into its record."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from pointworth.database import connected
from pointworth.dbt_project.results import NodeResult
from pointworth.guards import ERASURES, filled_columns
from pointworth.project import Dataset
from pointworth.run.outcome import Outcome
from pointworth.run.sentences import SHOWN, on_clock
from pointworth.warehouse import Warehouse


def read_load(
    outcome: Outcome, file: Path, contract: Mapping[str, Dataset], warehouse: Warehouse
) -> tuple[dict[str, int], dict[str, int] | None]:
    """Rows read by dataset, and of those in changed files when a build is continued."""
    with connected(file, read_only=True) as connection:
        loaded = _rows(
            connection,
            "select dataset, cast(sum(rows_read) as bigint) as rows_read "
            "from landing.loaded_files group by dataset order by dataset",
        )
        outcome.ignored_columns = _rows(
            connection,
            "select dataset, source_file, column_name from landing.ignored_columns order by all",
        )
        outcome.is_continued = bool(
            _rows(connection, "select fingerprint from landing.build_state")
        )
        changed = _rows(
            connection,
            "select dataset, cast(coalesce(sum(rows_read), 0) as bigint) as rows_read "
            "from (select distinct dataset, source_file from landing.changed_files) "
            "left join landing.loaded_files using (dataset, source_file) group by dataset",
        )
        present = [row["dataset"] for row in loaded]
        outcome.columns = filled_columns(connection, contract, present)
        if ERASURES in present:
            requested = _rows(
                connection,
                f"select distinct trim(customer_id) as customer_id from landing.{ERASURES} "
                "where customer_id is not null",
            )
            outcome.erasures = warehouse.marks_of(row["customer_id"] for row in requested)
    outcome.datasets = loaded
    outcome.changed_rows = {row["dataset"]: int(row["rows_read"]) for row in changed}
    outcome.rows = {row["dataset"]: int(row["rows_read"]) for row in loaded}
    return outcome.rows, outcome.changed_rows if outcome.is_continued else None


def typed_columns(file: Path) -> dict[str, set[str]]:
    """The columns of each dataset that are kept as typed as they came."""
    typed: dict[str, set[str]] = {}
    with connected(file, read_only=True) as connection:
        for row in _rows(
            connection,
            "select table_name[8:] as dataset, column_name from duckdb_columns() "
            "where schema_name = 'landing' and table_name like 'landed\\_%' escape '\\' "
            "and data_type <> 'VARCHAR'",
        ):
            typed.setdefault(row["dataset"], set()).add(row["column_name"])
    return typed


def read_build(outcome: Outcome, file: Path) -> None:
    """Rows accepted and rejected, oddities, and the as-of date, as the build found them."""
    with connected(file, read_only=True) as connection:
        built = _tables(connection)
        if ("marts", "landing_reconciliation") in built:
            outcome.datasets = _rows(
                connection,
                "select dataset, rows_read, rows_accepted, rows_rejected, difference "
                "from marts.landing_reconciliation order by dataset",
            )
        if ("marts", "landing_oddities") in built:
            outcome.oddities = _rows(
                connection,
                "select dataset, oddity, found_in, found, row_count, says "
                "from marts.landing_oddities "
                "order by row_count desc, dataset, oddity, found_in, found, says",
            )
        if ("intermediate", "int_run_clock") in built:
            clock = _rows(connection, "select columns(*)::varchar from intermediate.int_run_clock")
            outcome.as_of = clock[0]["as_of"] if clock else None
            outcome.warnings += [sentence for row in clock if (sentence := on_clock(row))]


def read_rejections(outcome: Outcome, file: Path) -> None:
    """The reasons by dataset, as far as there are any to be read."""
    with (
        suppress(duckdb.Error),
        connected(file, read_only=True) as connection,
    ):
        outcome.rejections = _rows(
            connection,
            "select dataset, reason, count(*) as rows_rejected from (select dataset, "
            "unnest(string_split(cast(reasons as varchar), ',')) as reason "
            "from marts.rejected_rows) group by dataset, reason "
            "order by dataset, rows_rejected desc, reason",
        )


def with_broken_rules(result: NodeResult, file: Path) -> NodeResult:
    """A failed test of several rules says which are broken, where its rows can be looked at."""
    if not result.query:
        return result
    said = result.rule
    with suppress(duckdb.Error), connected(file, read_only=True) as connection:
        rows = _rows(connection, f"select distinct broken_rules from ({result.query})")
        broken = {rule for row in rows for rule in str(row["broken_rules"]).split("; ")}
        said = ", ".join(sorted(broken)[:SHOWN])
    return replace(result, rule=said, query="")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _tables(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    found = connection.execute(
        "select table_schema, table_name from information_schema.tables"
    ).fetchall()
    return {(str(schema), str(name)) for schema, name in found}
