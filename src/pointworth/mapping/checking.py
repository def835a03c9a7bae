"""What the landing check of a build would reject of a landing, by reason: only that is built."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pointworth.database import connected
from pointworth.errors import usage_error
from pointworth.landing import inspect_landing
from pointworth.mapping.exports import literal
from pointworth.project import find_project, landing_contract, project_variables, score_scales
from pointworth.settings import read_settings


@dataclass
class Checked:
    """A dataset as a build would judge it; a row can have several reasons."""

    dataset: str
    rows: int
    keys: int
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def rejected_share(self) -> float:
        """The share of rows that would be rejected."""
        return self.rejected / self.rows if self.rows else 0.0


def check_landing(landing: Path, work: Path) -> list[Checked]:
    """Judge a landing with the project's own checks, in `work`; nothing is published."""
    project = find_project()
    contract = landing_contract(project)
    settings = read_settings(landing, project_variables(project))
    inspect_landing(landing, contract, tolerated=lambda name: 1.0, scales=score_scales(project))
    build = work / "check.duckdb"
    _judge(project, settings.dbt_variables, build, work)
    checked = []
    with connected(build, read_only=True) as connection:
        rejected: dict[str, list[str]] = {}
        for dataset, reasons in connection.execute(
            "select dataset, reasons from marts.rejected_rows"
        ).fetchall():
            rejected.setdefault(dataset, []).append(str(reasons))
        for path in sorted(landing.glob("*.parquet")):
            name = path.name.removesuffix(".parquet")
            key = ", ".join(contract[name].key)
            rows, keys = connection.execute(
                f"select count(*), count(distinct ({key})) from read_parquet({literal(path)})"
            ).fetchone() or (0, 0)
            found = rejected.get(name, [])
            counted = Counter(reason for text in found for reason in _reasons(text))
            checked.append(Checked(name, rows, keys, len(found), dict(counted.most_common())))
    return checked


def _reasons(text: str) -> list[str]:
    return [part.strip() for part in text.strip("[]").replace(",", " ").split()]


def _judge(project: Path, variables: dict[str, object], build: Path, work: Path) -> None:
    import json

    environment = os.environ | {
        "DBT_PROFILES_DIR": str(project),
        "DBT_PROJECT_DIR": str(project),
        "DBT_TARGET_PATH": str(work / "target"),
        "DBT_LOG_PATH": str(work / "logs"),
        "POINTWORTH_BUILD_FILE": str(build),
        "POINTWORTH_SPILL": str(work / "spill"),
        "DO_NOT_TRACK": "1",
    }
    ran = subprocess.run(
        [
            Path(sys.executable).parent / "dbt",
            "--quiet",
            "--no-use-colors",
            "build",
            "--exclude-resource-type",
            "test",
            "--exclude-resource-type",
            "unit_test",
            "--select",
            "+rejected_rows",
            "--vars",
            json.dumps(variables, default=str),
        ],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        said = " ".join((ran.stdout + ran.stderr).split())[-300:]
        raise usage_error(f"The landing could not be judged ({said}): build it to see why.")
