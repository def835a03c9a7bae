"""The dbt unit tests: every rule of a model, named in words, on a handful of rows."""

from pathlib import Path

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

ROOT = Path(__file__).parents[2]

# More may be added; fewer means that a file of them is no longer read.
AT_LEAST = 100


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options that keep all that dbt writes, and what it reads, in a folder of its own."""
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "survey_responses.csv").write_text("response_id,responded_at,score\n")
    monkeypatch.setenv("POINTWORTH_BUILD_FILE", str(tmp_path / "build.duckdb"))
    monkeypatch.setenv("POINTWORTH_TARGET", str(tmp_path / "target"))
    monkeypatch.setenv("POINTWORTH_SPILL", str(tmp_path / "spill"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    options = ["--quiet", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    return [*options, "--vars", f"{{landing: {landing}}}"]


def run(manifest: Manifest, *arguments: str) -> RunExecutionResult:
    """Run dbt on a parsed project and let go of the database."""
    try:
        outcome = dbtRunner(manifest=manifest).invoke([*arguments])
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    assert isinstance(outcome.result, RunExecutionResult), outcome.exception
    return outcome.result


def test_every_rule_of_the_models_holds(arguments: list[str]) -> None:
    manifest = dbtRunner().invoke(["parse", *arguments]).result
    assert isinstance(manifest, Manifest)
    # Every relation without a row: unit tests take the types of their columns from there.
    resources = ["--resource-type", "seed", "--resource-type", "model"]
    for built in run(manifest, "build", *resources, *arguments):
        assert built.status == "success", built.message
    tests = [
        result
        for result in run(manifest, "test", "--select", "test_type:unit", *arguments)
        if result.node.resource_type == "unit_test"
    ]
    broken = [f"{test.node.name}: {test.message}" for test in tests if test.status != "pass"]
    assert not broken, "\n\n".join(broken)
    assert len(tests) >= AT_LEAST
