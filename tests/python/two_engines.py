"""One small dirty landing, built on DuckDB and compared with what another engine makes of it."""

import gzip
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pointworth.settings import latest_day_anywhere
from pointworth_worlds import simulate
from worlds import OF_THE_HOME, ROOT, World, built_once

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
s1,{c3},2015-06-18T24:00Z,5,
s2,{c3},2015-06-18 10:00 -0330,5,
s3,{c3},1970-01-01,5,
s4,{c3},"2015-06-18T10:00:00,25Z",5,
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
l7,{c4},2015-06-04T00:00:00+02:00,9.12,EUR,2015-06-01,2099-12-31
l8,{c4},2015-06-04,9.12,EUR,2015-06-01,9999-12-31
"""


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
    (answers / "more.csv").write_text(
        "score,colour,responded_at,customer_id,response_id\n"
        "9,red,2015-07-01T10:00:00Z,{c4},z1\n9,red,2015-07-01,{c5},z2".format(**names),
        "utf-8",
    )
    invitations = folder / "survey_invitations.csv"
    with gzip.open(folder / "survey_invitations.csv.gz", "wb") as file:
        file.write(invitations.read_bytes())
    invitations.unlink()
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


def on_duckdb(factory: pytest.TempPathFactory) -> World:
    """The landing and what plain dbt makes of it on DuckDB."""
    # The command rejects what is later than the day of the build; plain dbt must be told.
    return built_once(factory, "engines", make_landing, not_after=latest_day_anywhere())


def build(
    landing: Path, home: Path, *options: str, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """`pointworth build` as a user runs it, in a process of its own."""
    return subprocess.run(build_command(landing, home, *options), **said(environment), check=False)


def build_command(landing: Path, home: Path, *options: str) -> list[str]:
    """The arguments of such a build."""
    return [
        *(sys.executable, "-m", "pointworth", "build", "--landing", str(landing)),
        *("--home", str(home), *options),
    ]


def said(environment: Mapping[str, str]) -> dict[str, Any]:
    """How a build is started so that what it says can be read."""
    paths = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    return {
        "env": {**os.environ, "PYTHONPATH": paths, "COLUMNS": "200", **environment},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def assert_same_marts(here: World, there: Path) -> None:
    """Every mart of a DuckDB build stands in a published file, row by row."""
    differences = []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{here.file}' as build (read_only)")
        connection.execute(f"attach '{there}' as published (read_only)")
        names = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published'"
        ).fetchall()
        assert {str(name) for (name,) in names} == here.marts().keys()
        for mart in here.marts().keys() - OF_THE_HOME:
            try:
                compare(connection, mart)
            except AssertionError as difference:
                differences.append(str(difference))
    assert not differences, "\n\n".join(differences)


def compare(connection: duckdb.DuckDBPyConnection, mart: str) -> None:
    """The rows of a mart one by one; doubles to nine digits, all else exactly."""
    kinds, others = (
        dict(
            connection.execute(
                "select column_name, data_type from duckdb_columns() "
                "where database_name = ? and schema_name = ? and table_name = ? "
                "order by column_index",
                [database, schema, mart],
            ).fetchall()
        )
        for database, schema in (("build", "marts"), ("published", "main"))
    )
    assert kinds == others, mart
    # An erased customer's key is another random one in every run; there is one such customer.
    columns = ", ".join(
        f"case when {name} like 'erased-%' then 'erased' else {name} end as {name}"
        if kind == "VARCHAR"
        else name
        for name, kind in kinds.items()
    )
    # Sorted by what is exact; doubles come last and only by four digits.
    order = ", ".join(
        [name for name, kind in kinds.items() if kind != "DOUBLE"]
        + [f"round({name}, 4)" for name, kind in kinds.items() if kind == "DOUBLE"]
    )
    here, there = (
        connection.execute(f"select {columns} from {relation}.{mart} order by {order}").df()
        for relation in ("build.marts", "published.main")
    )
    pd.testing.assert_frame_equal(here, there, rtol=1e-9, atol=1e-12, obj=mart)
