"""What is published says what it means: keys, comments, sums that hold, and exports that tell."""

import json
from pathlib import Path

import duckdb
import pytest

import worlds
from conftest import Toy
from pointworth.copies import hash_of
from pointworth.errors import PointworthError
from pointworth.export import export_marts
from pointworth.project import Mart
from pointworth.publish import write_marts


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A published file of one mart with a key, a column that is never empty, and words."""
    build, draft = tmp_path / "build.duckdb", tmp_path / "draft.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.m as select 1 as a, 'x' as b, null::double as c")
    mart = Mart(
        "m",
        "One row per a; it's all.",
        {"a": "int", "b": "string", "c": "double"},
        described={"a": "The client's\n number; 5."},
        key=("a",),
        filled=frozenset({"a", "b"}),
    )
    assert write_marts(build, draft, [mart], tmp_path, "1GB") == {"m": 1}
    return draft


def test_keys_and_what_is_never_empty_are_in_what_is_published(draft: Path) -> None:
    with duckdb.connect(str(draft)) as connection:
        for row in ("(1, 'y', 0)", "(2, null, 0)"):
            with pytest.raises(duckdb.ConstraintException):
                connection.execute(f"insert into m values {row}")
        connection.execute("insert into m values (2, 'y', null)")


def test_tables_and_columns_say_what_they_mean(draft: Path) -> None:
    with duckdb.connect(str(draft), read_only=True) as connection:
        columns = connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = 'm' "
            "order by column_index"
        ).fetchall()
        (table,) = connection.execute("select comment from duckdb_tables()").fetchall()
    assert columns == [("a", "The client's number; 5."), ("b", None), ("c", None)]
    assert table == ("One row per a; it's all.",)


def test_what_may_be_summed_over_segments_comes_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Every answer and customer belongs to one client, so clients add up to all."""
    world = worlds.credit(tmp_path_factory)
    names = world.marts()
    summed = world.rows(
        "select mart, column_name, summed_over from marts.dim_measures where may_be_summed"
    )
    checked, broken = 0, []
    for mart, column, over in summed:
        if "segment_value" not in over.split(", ") or "segment_dimension" not in names[mart]:
            continue
        ((key,),) = world.rows("select key_columns from marts.dim_marts where mart = ?", mart)
        held = [n for n in key.split(", ") if n not in ("segment_dimension", "segment_value")]
        by = ", ".join(held) or "true"
        broken += [
            (mart, column, *row)
            for row in world.rows(
                f"select sum({column}) filter (where segment_dimension = 'all') as whole, "
                f"sum({column}) filter (where segment_dimension = 'client_id') as parts "
                f"from marts.{mart} where segment_dimension in ('all', 'client_id') group by {by} "
                "having parts is not null and abs(whole - parts) > 0.05 limit 1"
            )
        ]
        checked += 1
    assert not broken
    assert checked > 30


def test_an_export_tells_what_is_in_it(published_toy: Toy, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert export_marts(published_toy.home, folder) > 1
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    marts = {mart["mart"]: mart for mart in manifest["marts"]}
    assert {f"{name}.parquet" for name in marts} | {"manifest.json"} == {
        path.name for path in folder.iterdir()
    }
    score = marts["nps_by_segment"]
    assert score["description"] == "One row per segment."
    assert score["sha256"] == hash_of(folder / "nps_by_segment.parquet")
    assert manifest["as_of"] == "2024-01-28"
    with duckdb.connect() as connection:
        cursor = connection.execute(f"from '{folder}/nps_by_segment.parquet'")
        assert [column[0] for column in cursor.description or ()] == [
            column["name"] for column in score["columns"]
        ]
        assert len(cursor.fetchall()) == score["rows"]
    assert export_marts(published_toy.home, folder) == len(marts), "an export is replaced"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_export_replaces_nothing_of_others(published_toy: Toy, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for folder, said in (
        (tmp_path / "mine", "no export"),
        (tmp_path / "file", "is a file"),
        (published_toy.home, "belongs to the warehouse"),
        (published_toy.home / "runs" / "x", "belongs to the warehouse"),
        (tmp_path / "none" / "x", "There is no folder"),
    ):
        with pytest.raises(PointworthError, match=said):
            export_marts(published_toy.home, folder)
    assert (tmp_path / "mine" / "a.txt").read_text() == "mine"
