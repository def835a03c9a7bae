"""Dirt of every kind in one build: no row stops it, each is counted, no figure of others moves."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import worlds
from conftest import ROOT
from dirty_landings import add_dirt
from pointworth import run as building
from pointworth.errors import PointworthError
from pointworth.project import landing_contract
from pointworth.warehouse import Warehouse
from worlds import World

ABOUT_THE_LANDING = {"landing_reconciliation", "rejected_rows", "revenue_reconciliation"}
OF_ALL_SEGMENTS = {
    "q_value",
    "difference_to_rest",
    "rest_p_value",
    "is_different_from_rest",
    "strength_rank",
}
"""Columns that compare a segment with all others, and so with the dirt's."""


@dataclass(frozen=True)
class Fuzzed:
    """What became of a dirty landing, and of the clean one below it."""

    clean: World
    records: dict[str, int]
    file: Path
    said: str | None


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Fuzzed:
    """The small world with dirt beside it, built as a user does, in a folder of an odd name."""
    clean = worlds.small(tmp_path_factory)
    folder = tmp_path_factory.mktemp("fuzz")
    landing, home = folder / "client's [v2] & co", folder / "home"
    records = add_dirt(clean.landing, landing, landing_contract(ROOT), seed=20)
    said = None
    try:
        building.build(landing, home, building.Reporter())
    except PointworthError as error:
        said = error.message
    return Fuzzed(clean, records, Warehouse(home).build_file, said)


@pytest.mark.slow
def test_no_row_stops_a_build(fuzzed: Fuzzed) -> None:
    assert fuzzed.said is None


@pytest.mark.slow
def test_every_record_is_accepted_or_rejected(fuzzed: Fuzzed) -> None:
    with duckdb.connect(str(fuzzed.file), read_only=True) as connection:
        counted = connection.execute(
            "select dataset, rows_read, rows_accepted, rows_rejected "
            "from marts.landing_reconciliation"
        ).fetchall()
        rejected = connection.execute(
            "select dataset, count(*) from marts.rejected_rows group by dataset"
        ).fetchall()
    assert {dataset: read for dataset, read, *_ in counted} == fuzzed.records
    assert [row for row in counted if row[1] != row[2] + row[3]] == []
    assert dict(rejected) == {dataset: bad for dataset, *_, bad in counted if bad}


@pytest.mark.slow
def test_no_row_moves_the_clock(fuzzed: Fuzzed) -> None:
    query = "select as_of from intermediate.int_run_clock"
    with duckdb.connect(str(fuzzed.file), read_only=True) as connection:
        assert connection.execute(query).fetchall() == fuzzed.clean.rows(query)


@pytest.mark.slow
def test_no_figure_of_the_clean_rows_moves(fuzzed: Fuzzed) -> None:
    compared = 0
    with duckdb.connect() as connection:
        connection.execute(f"attach '{fuzzed.clean.file}' as clean (read_only)")
        connection.execute(f"attach '{fuzzed.file}' as dirty (read_only)")
        for mart, columns in fuzzed.clean.marts().items():
            mine = _of_the_clean_rows(columns)
            if mart in ABOUT_THE_LANDING or mine is None:
                continue
            shown = [column for column in columns if column not in OF_ALL_SEGMENTS]
            one, other = (
                connection.execute(
                    f"select {', '.join(shown)} from {database}.marts.{mart} "
                    f"where {mine} order by all"
                ).df()
                for database in ("clean", "dirty")
            )
            pd.testing.assert_frame_equal(one, other, rtol=1e-8, atol=1e-9, obj=mart)
            compared += len(one) > 0
    assert compared > 15


def _of_the_clean_rows(columns: list[str]) -> str | None:
    """What picks the rows of a mart that are about clean customers only."""
    if "customer_id" in columns:
        return "customer_id in (select customer_id from clean.marts.dim_customers)"
    if "theme" in columns and "segment_dimension" in columns:
        # The dirt's own patterns are about themes of their own.
        return (
            "segment_dimension = 'client_id' and segment_value = 'own' "
            "and theme in (select theme from clean.marts.verbatim_themes)"
        )
    if "segment_dimension" in columns:
        return "segment_dimension = 'client_id' and segment_value = 'own'"
    return "client_id = 'own'" if "client_id" in columns else None
