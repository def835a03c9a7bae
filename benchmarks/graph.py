"""How large the graph of a version is: what a build runs, and the longest way through it."""

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

_ENDED = re.compile(r"Done\. PASS=.* TOTAL=(\d+)")


def graph(project: Path, home: Path, work: Path) -> dict[str, int]:
    """Of a checkout, set up: `nodes` of dbt's in the first build of a home, and the most `models`
    that stand one behind the other."""
    logs = sorted(home.glob("runs/*/dbt.log"))
    ended = _ENDED.findall(logs[0].read_text(encoding="utf-8"))
    return {"nodes": int(ended[-1]), "models_in_a_row": _longest_way(_manifest(project, work))}


def _manifest(project: Path, work: Path) -> dict[str, Any]:
    subprocess.run(
        [
            *(str(project / ".venv" / "bin" / "dbt"), "--quiet", "parse"),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(work), "--log-path", str(work)),
        ],
        check=True,
        env={**os.environ, "DBT_WRITE_JSON": "true"},
    )
    manifest: dict[str, Any] = json.loads((work / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _longest_way(manifest: dict[str, Any]) -> int:
    models = {k for k, node in manifest["nodes"].items() if node["resource_type"] == "model"}

    @cache
    def way_to(model: str) -> int:
        parents = manifest["parent_map"][model]
        return 1 + max((way_to(parent) for parent in parents if parent in models), default=0)

    return max(map(way_to, models))
