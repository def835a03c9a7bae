"""The dbt unit tests: every rule of a model, named in words, on a handful of rows."""

import json
import shutil

import pytest
import sqlparse
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.resources.v1.components import InjectedCTE
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.compilation import inject_ctes_into_sql
from dbt.contracts.graph.manifest import Manifest
from sqlparse.lexer import tokenize
from sqlparse.sql import Statement, Token

import worlds
from worlds import ROOT, World

# More may be added; fewer means that a file of them is no longer read.
AT_LEAST = 100


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every relation: unit tests take the types of columns from there, and none of the rows."""
    small = worlds.small(tmp_path_factory)
    world = World(tmp_path_factory.mktemp("unit_tests"))
    shutil.copy(small.file, world.file)
    world.landing.symlink_to(small.landing)
    return world


@pytest.fixture
def arguments(built: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options that keep all that dbt writes, and what it reads, in a folder of its own."""
    monkeypatch.setenv("POINTWORTH_BUILD_FILE", str(built.file))
    monkeypatch.setenv("POINTWORTH_TARGET", str(built.folder / "target"))
    monkeypatch.setenv("POINTWORTH_SPILL", str(built.folder / "spill"))
    variables = {"landing": str(built.landing), "landing_is_loaded": True}
    options = ["--quiet", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    options += ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
    return [*options, "--vars", json.dumps(variables)]


def as_far_as_looked_at(sql: str) -> tuple[Statement, ...]:
    """A query for dbt to put its rows in front of: what it begins with as tokens of their own, and
    all of the rest as one. To take the rest apart costs more than running it."""
    tokens: list[Token] = []
    words: list[str] = []
    for kind, value in tokenize(sql):  # type: ignore[no-untyped-call]
        tokens.append(Token(kind, value))  # type: ignore[no-untyped-call]
        if not tokens[-1].is_whitespace and kind not in sqlparse.tokens.Comment:
            words.append(tokens[-1].normalized)
            if words[-1] not in ("WITH", "RECURSIVE"):
                break
    rest = sql[sum(len(token.value) for token in tokens) :]
    tokens.append(Token(sqlparse.tokens.Text, rest))  # type: ignore[no-untyped-call]
    return (Statement(tokens),)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "query",
    [
        "select * from (with a as (select 1) select * from a)",
        "-- with\nselect 1",
        "/* said */ with a as (select 1) select * from a",
        "\n\nwith recursive a as (select 1) select * from a",
    ],
)
def test_rows_are_put_in_front_of_a_query(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    """Where dbt puts them that takes all of it apart."""
    found = []
    for parse in (sqlparse.parse, as_far_as_looked_at):
        monkeypatch.setattr("dbt.compilation.sqlparse.parse", parse)
        found.append(inject_ctes_into_sql(query, [InjectedCTE("x", "x as (select 1)")]))
    assert found[0] == found[1]
    assert "x as (select 1)" in found[0]


def run(manifest: Manifest, *arguments: str) -> RunExecutionResult:
    """Run dbt on a parsed project and let go of the database."""
    try:
        outcome = dbtRunner(manifest=manifest).invoke([*arguments])
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    assert isinstance(outcome.result, RunExecutionResult), outcome.exception
    return outcome.result


def test_every_rule_of_the_models_holds(
    built: World, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = worlds.project_as_read(built.file.name)
    monkeypatch.setattr("dbt.compilation.sqlparse.parse", as_far_as_looked_at)
    tests = [
        result
        for result in run(manifest, "test", "--select", "test_type:unit", *arguments)
        if result.node.resource_type == "unit_test"
    ]
    broken = [f"{test.node.name}: {test.message}" for test in tests if test.status != "pass"]
    assert not broken, "\n\n".join(broken)
    assert len(tests) >= AT_LEAST
