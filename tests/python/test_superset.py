"""What Superset is given fits together, and its charts say what the marts say."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import superset_server
import worlds
from conftest import Toy
from metrics import Metrics
from pointworth.errors import PointworthError
from pointworth.superset import write_bundle
from pointworth.superset.metrics import read_metrics
from superset_server import Superset
from worlds import ROOT, World

Bundle = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small carrier."""
    return worlds.small(tmp_path_factory)


@pytest.fixture(scope="module")
def home(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has published its marts."""
    folder = tmp_path_factory.mktemp("home")
    publish(world, folder)
    return folder


def publish(world: World, home: Path) -> None:
    """Publish the marts of a world by a rename, as a build does."""
    draft = home / ".marts.duckdb"
    with duckdb.connect(str(draft)) as connection:
        connection.execute(f"attach '{world.file}' as built (read_only)")
        for mart in world.marts():
            connection.execute(f"create table {mart} as from built.marts.{mart}")
    draft.replace(home / "marts.duckdb")


@pytest.fixture(scope="module")
def file(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle."""
    out = tmp_path_factory.mktemp("bundle") / "pointworth.zip"
    write_bundle(home, out)
    return out


@pytest.fixture(scope="module")
def bundle(file: Path) -> Bundle:
    """What is in it, by path."""
    with zipfile.ZipFile(file) as opened:
        return {
            name.removeprefix("pointworth/").removesuffix(".yaml"): yaml.safe_load(
                opened.read(name)
            )
            for name in opened.namelist()
        }


def of(bundle: Bundle, kind: str) -> dict[str, Any]:
    """The things of a kind, by id."""
    return {content["uuid"]: content for path, content in bundle.items() if path.startswith(kind)}


def test_a_bundle_holds_every_mart_and_a_dozen_charts(bundle: Bundle, world: World) -> None:
    datasets = of(bundle, "datasets/").values()
    assert {dataset["table_name"] for dataset in datasets} == set(world.marts())
    assert len(of(bundle, "charts/")) >= 12
    assert len(of(bundle, "dashboards/")) == 1
    (database,) = of(bundle, "databases/").values()
    assert database["sqlalchemy_uri"].endswith("/marts.duckdb?access_mode=read_only")
    assert not database["allow_dml"]


def test_what_a_bundle_names_is_in_it(bundle: Bundle) -> None:
    (database,) = of(bundle, "databases/")
    datasets, charts = of(bundle, "datasets/"), of(bundle, "charts/")
    assert {dataset["database_uuid"] for dataset in datasets.values()} == {database}
    for chart in charts.values():
        dataset, params = datasets[chart["dataset_uuid"]], chart["params"]
        columns = {column["column_name"] for column in dataset["columns"]}
        figures = {metric["metric_name"] for metric in dataset["metrics"]}
        axes, wanted = read(params)
        assert set(axes) <= columns, chart["slice_name"]
        assert set(wanted) <= figures, chart["slice_name"]
    (board,) = of(bundle, "dashboards/").values()
    placed = [part for part in board["position"].values() if isinstance(part, dict)]
    shown = {part["meta"]["uuid"] for part in placed if part["type"] == "CHART"}
    assert shown == set(charts)


def read(params: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The columns and the metrics that a chart reads."""
    if params.get("query_mode") == "raw":
        return params["all_columns"], []
    by = params.get("groupby", [])
    axes = [params["x_axis"]] if "x_axis" in params else []
    wanted = [params["metric"]] if "metric" in params else params["metrics"]
    return [*axes, *([by] if isinstance(by, str) else by)], wanted


def test_every_metric_runs_and_says_what_it_is(bundle: Bundle, home: Path) -> None:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        for dataset in of(bundle, "datasets/").values():
            assert dataset["description"]
            assert all(column["description"] for column in dataset["columns"])
            metrics = dataset["metrics"]
            assert all(metric["description"] for metric in metrics)
            if metrics:
                chosen = ", ".join(metric["expression"] for metric in metrics)
                connection.execute(f"select {chosen} from {dataset['table_name']}").fetchall()


def test_what_may_not_be_summed_is_not(bundle: Bundle) -> None:
    (scores,) = [d for d in of(bundle, "datasets/").values() if d["table_name"] == "nps_by_segment"]
    metrics = {metric["metric_name"]: metric for metric in scores["metrics"]}
    assert metrics["promoters"]["expression"] == "sum(promoters)"
    assert metrics["nps"]["expression"] == "max(nps)"
    assert metrics["nps"]["warning_text"]


def test_metrics_are_those_of_the_semantic_models(world: World) -> None:
    asked = Metrics(world)
    translated = [metric for metric in read_metrics(ROOT) if "cohort" not in metric.name]
    assert len(translated) > 40
    assert {"monthly_churn_rate", "net_revenue_retention"} <= {m.name for m in translated}
    assert "nps" not in {metric.name for metric in translated}, "it has no such expression"
    for metric in translated:
        ((here,),) = world.rows(f"select {metric.sql} from marts.{metric.mart}")
        ((there,),) = asked.by([metric.name]).values()
        assert (here is None) == (there is None), metric.name
        assert here is None or float(here) == pytest.approx(there), metric.name


def test_a_bundle_tells_what_is_wrong(published_toy: Toy, home: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.zip").mkdir()
    for out, said in (
        (tmp_path / "x.tar", "end in .zip"),
        (tmp_path / "folder.zip", "is a folder"),
        (tmp_path / "none" / "x.zip", "There is no folder"),
        (published_toy.home / "runs" / "x.zip", "belongs to the warehouse"),
    ):
        with pytest.raises(PointworthError, match=said):
            write_bundle(published_toy.home if "runs" in str(out) else home, out)
    with pytest.raises(PointworthError, match="give the whole path"):
        write_bundle(home, tmp_path / "x.zip", file=Path("marts.duckdb"))
    with pytest.raises(PointworthError, match="published"):
        write_bundle(tmp_path, tmp_path / "x.zip")
    assert [path.name for path in tmp_path.glob("*.zip")] == ["folder.zip"]


@pytest.fixture(scope="module")
def superset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    """A Superset of its own."""
    with superset_server.running(tmp_path_factory.mktemp("superset")) as server:
        yield server


def charts(superset: Superset) -> list[dict[str, Any]]:
    """The charts it has."""
    found: list[dict[str, Any]] = superset.get("/api/v1/chart/?q=(page_size:100)")["result"]
    return found


def ask(superset: Superset, chart: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows a chart shows, as the chart API gives them."""
    params = json.loads(chart["params"])
    axes, wanted = read(params)
    where = " and ".join(f"({part['sqlExpression']})" for part in params["adhoc_filters"])
    query = {
        "columns": axes,
        "metrics": wanted or None,
        "extras": {"where": where},
        "row_limit": 10_000,
    }
    answer = superset.post(
        "/api/v1/chart/data",
        {
            "datasource": {"id": chart["datasource_id"], "type": "table"},
            "queries": [query],
            "result_format": "json",
            "result_type": "full",
            "force": True,
        },
    )
    rows: list[dict[str, Any]] = answer["result"][0]["data"]
    return rows


def by_mart(home: Path, bundle: Bundle, chart: dict[str, Any]) -> list[dict[str, Any]]:
    """The same rows from the published file."""
    params = json.loads(chart["params"])
    axes, wanted = read(params)
    table = chart["datasource_name_text"].removeprefix("main.")
    (dataset,) = [d for d in of(bundle, "datasets/").values() if d["table_name"] == table]
    sql = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    where = " and ".join(f"({part['sqlExpression']})" for part in params["adhoc_filters"]) or "true"
    chosen = [*axes, *(f"{sql[name]} as {name}" for name in wanted)]
    by = f" group by {', '.join(axes)}" if wanted and axes else ""
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        cursor = connection.execute(f"select {', '.join(chosen)} from {table} where {where}{by}")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def figures(rows: list[dict[str, Any]]) -> list[float]:
    """Every number of an answer, in order of size."""
    return sorted(
        float(value)
        for row in rows
        for name, value in row.items()
        if isinstance(value, int | float) or type(value).__name__ == "Decimal"
        if name not in ("period_start", "month", "revenue_month") and value is not None
    )


@pytest.mark.bi
def test_superset_takes_a_bundle_and_its_charts_say_what_the_marts_say(
    superset: Superset, file: Path, bundle: Bundle, home: Path
) -> None:
    taken = superset.upload("/api/v1/dashboard/import/", "formData", file, overwrite="true")
    assert taken == {"message": "OK"}
    shown = charts(superset)
    assert len(shown) == len(of(bundle, "charts/"))
    filled = 0
    for chart in shown:
        said, expected = figures(ask(superset, chart)), figures(by_mart(home, bundle, chart))
        assert said == pytest.approx(expected), chart["slice_name"]
        filled += bool(expected)
    assert filled >= 12
    board = superset.get("/api/v1/dashboard/pointworth")["result"]
    assert len(board["charts"]) == len(shown)


@pytest.mark.bi
def test_a_later_bundle_replaces_what_is_there(superset: Superset, file: Path) -> None:
    before = {chart["id"] for chart in charts(superset)}
    assert superset.upload("/api/v1/assets/import/", "bundle", file) == {"message": "OK"}
    assert {chart["id"] for chart in charts(superset)} == before


@pytest.mark.bi
def test_superset_reads_the_latest_publication_and_writes_nothing(
    superset: Superset, home: Path, world: World
) -> None:
    (database,) = superset.get("/api/v1/database/")["result"]

    def run(sql: str) -> Any:
        return superset.post(
            "/api/v1/sqllab/execute/",
            {"database_id": database["id"], "sql": sql, "runAsync": False},
        )

    count = "select count(*) as n from dim_customers"
    assert run(count)["data"] == [
        {"n": world.rows("select count(*) from marts.dim_customers")[0][0]}
    ]
    assert "errors" in run("delete from dim_customers")
    with duckdb.connect(str(home / ".next.duckdb")) as connection:
        connection.execute("create table dim_customers as select 1 as customer_id")
    (home / ".next.duckdb").replace(home / "marts.duckdb")
    try:
        assert run(count)["data"] == [{"n": 1}]
    finally:
        publish(world, home)
