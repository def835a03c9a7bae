"""The release of dbt before the pinned one, while it is supported, builds the same marts."""

import json
import os
import subprocess
from pathlib import Path

import pytest

import worlds
from test_landing_dirt import same_marts
from worlds import ROOT, World

OLDER = ("dbt-core==1.11.16", "dbt-duckdb==1.11.1", "duckdb==1.5.6")


@pytest.fixture(scope="module")
def older_dbt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The older dbt in an environment of its own."""
    folder = tmp_path_factory.mktemp("older") / "venv"
    uv = ROOT / ".venv" / "bin" / "uv"
    for arguments in (
        ["venv", "--quiet", "--python", str(ROOT / ".venv" / "bin" / "python"), str(folder)],
        ["pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *OLDER],
    ):
        ran = subprocess.run([uv, *arguments], capture_output=True, text=True, check=False)
        if ran.returncode:
            pytest.skip(f"{OLDER[0]} cannot be installed here: {ran.stderr.strip()[-300:]}")
    return folder / "bin" / "dbt"


@pytest.mark.slow
def test_the_older_dbt_builds_the_same(
    older_dbt: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pinned = worlds.small(tmp_path_factory)
    older = World(tmp_path_factory.mktemp("built_by_older_dbt"))
    paths = {
        "POINTWORTH_BUILD_FILE": str(older.file),
        "POINTWORTH_TARGET": str(older.folder / "target"),
        "POINTWORTH_SPILL": str(older.folder / "spill"),
        "DBT_LOG_PATH": str(older.folder / "logs"),
    }
    variables = {"landing": str(pinned.landing), "max_rejected_share": 1}
    ran = subprocess.run(
        [
            *(older_dbt, "build", "--project-dir", ROOT, "--profiles-dir", ROOT),
            *("--vars", json.dumps(variables), "--no-use-colors"),
            *("--exclude-resource-type", "unit_test"),
        ],
        env=os.environ | paths,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert "dbt=1.11.16" in ran.stdout
    same_marts(pinned, older)
