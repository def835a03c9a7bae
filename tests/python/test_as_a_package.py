"""The project as a package of another dbt project: its models, its tests, its contract."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from worlds import ROOT

pytestmark = pytest.mark.slow  # each test is a build or more

OUTER = {
    "dbt_project.yml": """
name: outer
version: 1.0.0
config-version: 2
profile: outer
packages-install-path: {packages}
models:
  outer: {{+materialized: table}}
vars:
  pointworth:
    landing: {landing}
""",
    "packages.yml": "packages:\n  - local: {project}\n",
    "profiles.yml": """
outer:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: {folder}/outer.duckdb
      settings: {{TimeZone: UTC}}
""",
    "models/ours.sql": """
select count(*) as answers, max(clock.as_of) as as_of
from {{{{ ref('pointworth', 'stg_survey__responses') }}}} as answers
cross join {{{{ ref('pointworth', 'int_run_clock') }}}} as clock
""",
}


def dbt(folder: Path, *arguments: str) -> str:
    """Run dbt in the outer project, as somebody does who knows nothing of this one."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("POINTWORTH_")
    }
    ran = subprocess.run(
        [Path(sys.executable).parent / "dbt", "--no-use-colors", *arguments],
        cwd=folder,
        env=environment | {"DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_a_project_builds_upon_this_one(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "survey_responses.csv").write_text(
        "response_id,responded_at,score\na,2024-05-31T10:00Z,9\nb,2024-06-01T10:00Z,10\n", "utf-8"
    )
    for name, text in OUTER.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(
            text.format(project=ROOT, landing=landing, folder=tmp_path, packages="modules"), "utf-8"
        )
    dbt(tmp_path, "deps")
    said = dbt(tmp_path, "build", "--select", "+ours", "--indirect-selection", "cautious")
    assert "base_survey__responses::" in said  # their unit tests read the contract's file
    with duckdb.connect(str(tmp_path / "outer.duckdb"), read_only=True) as connection:
        (row,) = connection.execute("select answers, cast(as_of as varchar) from ours").fetchall()
    assert row == (2, "2024-06-01")
