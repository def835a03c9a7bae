"""One landing on both engines: every row of every mart is the same, rejected rows included.

Built with plain dbt, on DuckDB in this process and on Spark in one of its own.
"""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pointworth import spark
from pointworth.simulate import simulate
from worlds import ROOT, World, built_once

VARIABLES = {"max_rejected_share": 1, "erasure_salt": "the same on both"}

# What a reader can stumble over: quotes, line breaks, commas and backslashes in a text, too many
# and too few fields, spaces, times in each way ISO 8601 has, and in some it has not.
ODD_ANSWERS = """response_id,customer_id,responded_at,score,verbatim
o1,{c0},2015-06-01T08:00:00,2,"say ""hi"", a \\ backslash"
o2,{c1},2015-06-02 08:00,9,5" of snow
o3,{c1},2015-06-03,9,""
o4,{c1},2015-06-03
"o5"x,{c1},2015-06-03,3,
o6,{c1},2015-06-03,3,,,
  o7 , {c2} ,2015-06-04, 4 , some space
o8,{c2},2015-06-05,1e1,
o9,{c2},2015-06-06T10:00:00+0200,1_0,
"",{c2},2015-06-06,1,
p1,{c2},2015-06-06T25:00:00,1,
p2,{c2},2015-6-7,1,
p3,{c2},2015-06-08T10:00:00.123456Z,NaN,
p4,{c3},2015-06-09T00:30:00+02:00,+5,
p5,{c3},2015-06-10T10:00 UTC,5.00004,
p6,{c3},2015-06-11T12:00:00 Europe/Rome,5,
p7,{c3},2015-06-12,5,"two

lines, write to c0@example.org or +39 02 1234 5678"
p8,{c3},2015-06-13T14,5,
p9,{c3},2015-02-30,5,
q1,{c3},2015-06-14T12:00:00.1234567,5,caffè
r1,{c2},2015-06-14,1,"NÃO recomendo… péssimo (atraso!) tel. 02–1234567, 12/03/2015 e 21.12.2014"
r2,{c3},2015-06-14,10,"X1234567L à anna (at) example (dot) it, @anna.r QQ123456Cé 👍 Great network!"
q2,{c3},2015-06-15,7,never closed: "
q3,{c3},2015-06-16,7,"never closed
q4,{c3},2015-06-17,7,
"""

LINES = """invoice_line_id,customer_id,invoiced_on,amount,currency,service_from,service_to
l1,{c0},2015-06-01,10.01,CHF,2015-05-15,2016-05-14
l2,{c1},2015-06-02,0.505,CHF,,
l3,{c2},2015-06-03,-99.99,EUR,2015-01-31,2015-04-30
l4,{c3},2015-06-04,10,USD,,
l5,{c4},2013-06-04,10,CHF,,
l6,{c4},2015-06-04,10,CHF,,
"""


@dataclass(frozen=True)
class Lake:
    """A new Iceberg warehouse: each table was written once, so that its files are its rows."""

    folder: Path

    def source(self, mart: str) -> str:
        """The rows of a mart as DuckDB reads them; without a row there is no file."""
        data = self.folder / "marts" / mart / "data"
        return f"read_parquet('{data}/*.parquet')" if data.exists() else ""


def make_landing(folder: Path) -> None:
    """A small carrier with one bad row in a hundred, and with every form a file may have."""
    simulate("consumer_carrier", folder, customers=400, format="csv", dirt=0.01)
    header, *rows = (folder / "crm_customers.csv").read_text("utf-8").splitlines()[:7]
    column = header.split(",").index("customer_id")
    names = {f"c{number}": row.split(",")[column] for number, row in enumerate(rows)}
    with duckdb.connect() as connection:
        rates = in_folder(folder, "billing_exchange_rates") / "currency=CHF"
        rates.mkdir()
        connection.execute(
            "copy (select date '2014-01-01' as valid_from, 0.912345 as rate_to_reporting, "
            f"1 as extra) to '{rates}/rates.parquet'"
        )
    (in_folder(folder, "billing_exchange_rates") / "simulated.csv").unlink()
    lines = in_folder(folder, "billing_invoice_lines")
    (lines / "windows.csv").write_bytes(
        b"\xef\xbb\xbf" + LINES.format(**names).replace("\n", "\r\n").encode()
    )
    answers = in_folder(folder, "survey_responses")
    (answers / "it's odd.csv").write_text(ODD_ANSWERS.format(**names), "utf-8")
    with gzip.open(answers / "more.csv.gz", "wt", encoding="utf-8") as file:
        file.write("score,colour,responded_at,customer_id,response_id\n")
        file.write("9,red,2015-07-01T10:00:00Z,{c4},z1\n9,red,2015-07-01,{c5},z2".format(**names))
    erasures = in_folder(folder, "privacy_erasure_requests") / "requested_on=2016-01-20"
    erasures.mkdir()
    (erasures / "a.csv").write_text("customer_id\n{c5}\n".format(**names), "utf-8")


def in_folder(landing: Path, dataset: str) -> Path:
    """The folder of a dataset, its one file moved there."""
    folder = landing / dataset
    if not folder.exists():
        folder.mkdir()
        (landing / f"{dataset}.csv").rename(folder / "simulated.csv")
    return folder


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The landing and what DuckDB makes of it."""
    return built_once(tmp_path_factory, "engines", make_landing, **VARIABLES)


@pytest.fixture(scope="module")
def on_spark(on_duckdb: World) -> Lake:
    """What Spark makes of the same landing."""
    if what := spark.missing():
        pytest.skip(what)
    lake = Lake(on_duckdb.folder / "lake")
    finished = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            *("--quiet", "--no-use-colors", "--log-path", str(on_duckdb.folder / "spark-logs")),
            *("build", "--target", "spark", "--project-dir", str(ROOT)),
            *("--profiles-dir", str(ROOT), "--resource-type", "model", "--resource-type", "seed"),
            *("--vars", json.dumps({"landing": str(on_duckdb.landing), **VARIABLES})),
        ],
        env={
            **os.environ,
            **spark.environment(lake.folder),
            "POINTWORTH_TARGET": str(on_duckdb.folder / "spark-target"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr[-2000:]
    return lake


def test_a_zone_by_its_name_moves_no_other_time(on_duckdb: World) -> None:
    assert on_duckdb.rows(
        "select response_id, cast(responded_at as varchar), rejection_reasons "
        "from staging.base_survey__responses where response_id in ('p6', 'p7', 'q1') order by 1"
    ) == [
        ("p6", None, "not_a_date_responded_at"),
        ("p7", "2015-06-12 00:00:00", None),
        ("q1", "2015-06-14 12:00:00.123456", None),
    ]


@pytest.mark.slow
def test_both_engines_build_the_same_marts(on_duckdb: World, on_spark: Lake) -> None:
    differences = []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{on_duckdb.file}' as build (read_only)")
        for mart in on_duckdb.marts():
            try:
                compare(connection, mart, on_spark.source(mart))
            except AssertionError as difference:
                differences.append(str(difference))
    assert not differences, "\n\n".join(differences)


def compare(connection: duckdb.DuckDBPyConnection, mart: str, other: str) -> None:
    """The rows of a mart one by one; doubles to nine digits, all else exactly."""
    kinds = dict(
        connection.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_catalog = 'build' and table_schema = 'marts' and table_name = ? "
            "order by ordinal_position",
            [mart],
        ).fetchall()
    )
    columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in kinds.items())
    # Sorted by what is exact; doubles come last and only by four digits.
    order = ", ".join(
        [name for name, kind in kinds.items() if kind != "DOUBLE"]
        + [f"round({name}, 4)" for name, kind in kinds.items() if kind == "DOUBLE"]
    )
    here = connection.execute(f"select {columns} from build.marts.{mart} order by {order}").df()
    if not other:
        assert here.empty, f"{mart} is empty on Spark"
        return
    named = connection.execute(f"select column_name from (describe from {other})").fetchall()
    assert [name for (name,) in named] == list(kinds), mart
    there = connection.execute(f"select {columns} from {other} order by {order}").df()
    pd.testing.assert_frame_equal(here, there, rtol=1e-9, atol=1e-12, obj=mart)
