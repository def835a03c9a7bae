"""Runs handwritten.sql, statement by statement: python -m benchmarks.contenders.handwritten LANDING OUT"""

import json
import re
import sys
import time
from pathlib import Path

import duckdb


def main(landing: str, out: str) -> None:
    connection = duckdb.connect(config={"preserve_insertion_order": "false", "memory_limit": "8GB"})
    connection.execute("set variable landing = ?", [landing])
    connection.execute("set variable out = ?", [out])
    script = (Path(__file__).parent / "handwritten.sql").read_text(encoding="utf-8")
    seconds: dict[str, float] = {}
    for statement in duckdb.extract_statements(script):
        started = time.monotonic()
        connection.execute(statement)
        step = re.search(r"create temp (?:table|macro) (\w+)|(copy)", statement.query)
        name = step[1] or step[2] if step else "settings"
        seconds[name] = seconds.get(name, 0.0) + time.monotonic() - started
    (Path(out) / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
