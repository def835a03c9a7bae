"""Runs suites with Great Expectations against one DuckDB file, read-only.

Only `worker` imports this module, in its own process.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
from great_expectations.expectations.registry import get_expectation_impl

from pointworth.validation.dialect import close_all, register
from pointworth.validation.suites import FOUND, QUERY, Check, Rule, Suite

_ROWS_SHOWN = 3


def run_suites(file: Path, suites: Iterable[Suite], limits: Mapping[str, str]) -> list[Check]:
    """Check every rule of every suite; a rule that cannot be evaluated counts as not met.

    `limits` are DuckDB's memory limit and the folder it spills to.
    """
    register()
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql(
        name="warehouse",
        connection_string=f"duckdb+readonly:///{file}",
        create_temp_table=False,
        kwargs={"connect_args": {"read_only": True, "config": dict(limits)}},
    )
    try:
        return [check for suite in suites for check in _run(source, suite)]
    finally:
        close_all()


def _run(source: Any, suite: Suite) -> list[Check]:
    asset = source.add_table_asset(
        f"{suite.schema}.{suite.table}",
        table_name=suite.part or suite.table,
        schema_name=suite.schema,
    )
    batch = asset.add_batch_definition_whole_table("whole table").get_batch()
    expectations = [
        get_expectation_impl(rule.kind)(**rule.arguments, meta={"rule": number})
        for number, rule in enumerate(suite.rules)
    ]
    result = batch.validate(
        gx.ExpectationSuite(name=asset.name, expectations=expectations), result_format="BASIC"
    )
    entries = {entry.expectation_config.meta["rule"]: entry for entry in result.results}
    for number, rule in enumerate(suite.rules):
        if rule.kind == QUERY and not entries[number].success:
            # asked again for the rows themselves, which is the only format that returns them
            entries[number] = batch.validate(expectations[number], result_format="COMPLETE")
    return [_check(suite, rule, entries[number]) for number, rule in enumerate(suite.rules)]


def _check(suite: Suite, rule: Rule, entry: Any) -> Check:
    return Check(
        table=f"{suite.schema}.{suite.table}",
        says=rule.says,
        is_met=bool(entry.success),
        observed=_observed(entry),
    )


def _observed(entry: Any) -> str:
    result = entry.result or {}
    error = _exception(entry.exception_info or {})
    if error:
        return error
    if "unexpected_count" in result:
        bad, all_rows = result["unexpected_count"] or 0, result.get("element_count") or 0
        return f"{bad:,} of {all_rows:,} rows are otherwise"
    rows = (result.get("details") or {}).get("unexpected_rows")
    if rows:
        return "; ".join(
            ", ".join(
                str(value) if key == FOUND else f"{key} {value}" for key, value in dict(row).items()
            )
            for row in rows[:_ROWS_SHOWN]
        )
    observed = result.get("observed_value")
    if rule_lists_columns := isinstance(observed, list):
        mismatched = (result.get("details") or {}).get("mismatched") or {}
        return "; ".join(f"{key} {', '.join(value)}" for key, value in mismatched.items())
    return "" if rule_lists_columns or observed is None else f"found {observed}"


def _exception(info: dict[str, Any]) -> str:
    """The message of an evaluation that failed; the info is one entry or one per metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [
        entry.get("exception_message") for entry in entries if entry.get("raised_exception")
    ]
    return " ".join(str(messages[0]).split())[:300] if messages else ""
