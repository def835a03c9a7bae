"""The project's own models on Spark: python -m benchmarks.contenders.on_spark LANDING OUT

Plain dbt builds the three headline marts and what they are made of, with Spark in one process and
tables in Iceberg; no data tests. It needs `make spark` and Java 17.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb

from benchmarks.agreement import HEADLINES
from benchmarks.contenders import Contender
from benchmarks.measure import ROOT, python
from pointworth import spark


def collect(out: Path) -> None:
    """Take the headlines from the Iceberg tables; each was written once, so its files are its
    rows."""
    with duckdb.connect() as connection:
        for headline in HEADLINES:
            files = out / "lake" / "marts" / headline.mart / "data"
            connection.execute(
                f"copy (select {', '.join(headline.columns)} from '{files}/*.parquet' "
                f"where {headline.where}) to '{out / headline.mart}.parquet'"
            )


CONTENDER = Contender(
    "the same models on Spark, local",
    "`dbt build --target spark` of these marts and what they need: rows checked, no tests",
    lambda landing, out: python("benchmarks.contenders.on_spark", landing, out),
    collect,
    spark.missing,
)


def main(landing: str, out: str) -> None:
    folder = Path(out)
    finished = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "dbt"), "--quiet", "--no-use-colors"),
            *("--log-path", str(folder / "logs"), "build", "--target", "spark"),
            *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
            *("--resource-type", "model", "--resource-type", "seed"),
            *("--select", *(f"+{headline.mart}" for headline in HEADLINES)),
            *("--vars", json.dumps({"landing": landing})),
        ],
        env={
            "POINTWORTH_SPARK_MEMORY": "6g",
            **os.environ,
            **spark.environment(folder / "lake"),
            "POINTWORTH_TARGET": str(folder / "target"),
        },
        cwd=ROOT,
        stdout=sys.stderr,
        check=False,
    )
    sys.exit(finished.returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
