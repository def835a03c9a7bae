"""The project as a package of another dbt project: its models, its tests, its contract."""

import os
import subprocess
import sys
from datetime import datetime
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


OVERRIDING = {
    "models/landing.yml": """
sources:
  - name: landing
    overrides: pointworth
    tables:
      - name: survey_responses
        identifier: answers_of_ours
""",
    "models/ours.sql": """
select response_id, score, responded_at from {{{{ ref('pointworth', 'stg_survey__responses') }}}}
""",
}
COLUMNS = (
    "response_id", "customer_id", "respondent_id", "respondent_role", "client_id", "survey_kind",
    "journey_stage", "service_line", "channel", "invitation_id", "interaction_id", "responded_at",
    "score", "score_scale", "verbatim", "language", "updated_at",
)  # fmt: skip


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    """A project that has this one as a package, and a landing of two answers."""
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "survey_responses.csv").write_text(
        "response_id,responded_at,score\na,2024-05-31T10:00Z,9\nb,2024-06-01T10:00Z,10\n", "utf-8"
    )
    write(tmp_path, OUTER)
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files of the outer project."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(
            text.format(
                project=ROOT, landing=folder / "landing", folder=folder, packages="modules"
            ),
            "utf-8",
        )


def asked(folder: Path, query: str) -> list[tuple[object, ...]]:
    """Rows of what the outer project built."""
    with duckdb.connect(str(folder / "outer.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_project_builds_upon_this_one(outer: Path) -> None:
    dbt(outer, "deps")
    said = dbt(outer, "build", "--select", "+ours", "--indirect-selection", "cautious")
    assert "base_survey__responses::" in said  # their unit tests read the contract's file
    assert asked(outer, "select answers, cast(as_of as varchar) from ours") == [(2, "2024-06-01")]


def test_a_project_overrides_a_source_and_a_var(outer: Path) -> None:
    write(outer, OVERRIDING)
    with (outer / "dbt_project.yml").open("a", encoding="utf-8") as file:
        file.write("    as_of_date: 2024-05-31\n")
    empty = ", ".join(f"cast(null as varchar) as {name}" for name in COLUMNS)
    with duckdb.connect(str(outer / "outer.duckdb")) as connection:
        connection.execute(
            f"""
            create schema landing;
            create view landing.answers_of_ours as
            select
                empty.* replace (
                    ours.id as response_id, ours.day as responded_at, ours.points as score
                ),
                'ours' as source_file,
                ours.row as source_row
            from (select {empty}) as empty
            cross join (
                values ('x', '2024-05-30', '3', 2), ('y', '2024-06-02', '9', 3)
            ) as ours (id, day, points, row)
            """
        )
    dbt(outer, "deps")
    dbt(outer, "build", "--select", "+ours", "--exclude-resource-type", "unit_test", "test")
    # Their rows, not the file's; what is after the day they set is not known yet.
    assert asked(outer, "from ours") == [("x", 3, datetime(2024, 5, 30))]
