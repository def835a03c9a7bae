"""Runs handwritten.sql: python -m benchmarks.contenders.handwritten LANDING OUT

Beside the marts it leaves sql.json: per step its group and seconds.
"""

import json
import re
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.contenders import Contender
from benchmarks.measure import python

CONTENDER = Contender(
    "hand-written DuckDB SQL",
    "the floor: one script, typed Parquet read as it lies there, no row checked, these marts only",
    lambda landing, out: python("benchmarks.contenders.handwritten", landing, out),
)
GROUPS = {
    **dict.fromkeys(("daily_rates", "revenue"), "revenue by month"),
    "spells": "spells",
    **dict.fromkeys(("profiles", "baselines", "limits", "answers"), "answers and standing"),
    **dict.fromkeys(("counted", "nps_by_segment"), "nps_by_segment"),
    **dict.fromkeys(("at_risk", "churn_after_score"), "churn_after_score"),
    **dict.fromkeys(
        ("followed", "panel", "strata", "slopes", "variances", "bases", "revenue_per_point"),
        "revenue_per_point",
    ),
}


def main(landing: str, out: str) -> None:
    connection = duckdb.connect(config={"memory_limit": "8GB", "preserve_insertion_order": "false"})
    connection.execute("set variable landing = ?", [landing])
    connection.execute("set variable out = ?", [out])
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    found = []
    for statement in duckdb.extract_statements(script):
        step = re.search(r"^create temp table (\w+)", statement.query, re.MULTILINE)
        name = step[1] if step else "other"
        started, cpu = time.monotonic(), time.process_time()
        connection.execute(statement)
        found.append(
            {
                "model": name,
                "group": GROUPS.get(name, "rows checked and typed"),
                "seconds": time.monotonic() - started,
                "cpu_seconds": time.process_time() - cpu,
            }
        )
    (Path(out) / "sql.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
