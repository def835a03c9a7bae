"""`pointworth export superset`: one file that Superset imports, from what is published.

The published file is Superset's database, opened read-only; every mart is a dataset with its
question, its columns' meanings and its metrics; one dashboard shows the headline rows. Everything
has a fixed id, so that a later bundle can replace an earlier one, and no type stands in the
metadata: whoever imports a dashboard takes it, and whoever replaces all that is there.
"""

import datetime
import uuid
import zipfile
from pathlib import Path
from typing import Any

import yaml

from pointworth.asking.query import published
from pointworth.errors import usage_error
from pointworth.output_file import refuse_the_warehouse, replacing
from pointworth.project import find_project
from pointworth.superset.charts import (
    Chart,
    Section,
    number_format,
    parameters,
    sections,
    viz_type,
)
from pointworth.superset.described import Column, Described, read_marts
from pointworth.superset.metrics import MetricSql, read_metrics
from pointworth.warehouse import Warehouse

NAME = "Pointworth"
_VERSION = "1.0.0"
_SPACE = uuid.UUID("8a3f2f0e-6c1b-5d0e-9a35-2f1d7c0b4e66")
_GRID = 12
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_bundle(home: Path, out: Path, *, file: Path | None = None) -> tuple[int, int]:
    """Write the bundle; returns how many datasets and charts it has.

    `file` is the published file as Superset sees it, where that is not here.
    """
    if out.suffix.lower() != ".zip":
        raise usage_error(f"{out} is no name of a bundle: let it end in .zip.")
    refuse_the_warehouse(home, out)
    place = file or Warehouse(home).require_published().resolve()
    if not place.is_absolute():
        raise usage_error(f"--file {place} says not where it is: give the whole path.")
    with published(home) as connection:
        marts = {mart.name: mart for mart in read_marts(connection)}
    metrics = read_metrics(find_project())
    parts = _shown(marts)
    written = datetime.datetime.fromtimestamp(
        Warehouse(home).require_published().stat().st_mtime, datetime.UTC
    )
    charts = [chart for part in parts for chart in part.charts]
    entries = {
        "metadata": {"version": _VERSION, "timestamp": written.isoformat()},
        f"databases/{NAME}": _database(place),
        **{f"datasets/{NAME}/{mart.name}": _dataset(mart, metrics) for mart in marts.values()},
        **{f"charts/{chart.name}": _chart(chart, marts[chart.mart]) for chart in charts},
        f"dashboards/{NAME}": _dashboard(parts),
    }
    with replacing(out) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path, content in entries.items():
            entry = zipfile.ZipInfo(f"{NAME.lower()}/{path}.yaml", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
            bundle.writestr(entry, text.encode("utf-8"))
    return len(marts), len(charts)


def id_of(kind: str, name: str) -> str:
    """The id of something in every bundle."""
    return str(uuid.uuid5(_SPACE, f"{kind}/{name}"))


def _shown(marts: dict[str, Described]) -> list[Section]:
    """The sections with the charts whose columns are published, empty ones left out."""
    found = [
        Section(part.title, [chart for chart in part.charts if _is_there(chart, marts)])
        for part in sections()
    ]
    return [part for part in found if part.charts]


def _is_there(chart: Chart, marts: dict[str, Described]) -> bool:
    return chart.mart in marts


def _database(place: Path) -> dict[str, Any]:
    return {
        "database_name": NAME,
        "sqlalchemy_uri": f"duckdb:///{place}?access_mode=read_only",
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"allows_virtual_table_explore": True, "metadata_params": {}, "engine_params": {}},
        "uuid": id_of("database", NAME),
        "version": _VERSION,
    }


def _dataset(mart: Described, metrics: list[MetricSql]) -> dict[str, Any]:
    times = [column.name for column in mart.columns if column.is_time]
    figures = {metric.name: _metric(metric) for metric in metrics if metric.mart == mart.name}
    figures |= {column.name: _figure(column, mart) for column in mart.columns if column.unit}
    return {
        "table_name": mart.name,
        "main_dttm_col": times[0] if times else None,
        "description": f"{mart.question}\n\n{mart.description}",
        "schema": "main",
        "sql": None,
        "filter_select_enabled": True,
        "metrics": list(figures.values()),
        "columns": [_column(column) for column in mart.columns],
        "uuid": id_of("dataset", mart.name),
        "database_uuid": id_of("database", NAME),
        "version": _VERSION,
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "verbose_name": _label(column.name),
        "description": column.description,
        "type": column.type,
        "is_dttm": column.is_time,
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _figure(column: Column, mart: Described) -> dict[str, Any]:
    """A column's own metric: its sum where it may be summed, else the figure of one row."""
    if column.summed_over:
        how, said = f"Summed over {column.summed_over}; hold the rest of the key.", None
    else:
        how = "The figure of one row."
        said = "Not to be added up: group or filter until each figure stands on one row."
    figure: dict[str, Any] = {
        "metric_name": column.name,
        "verbose_name": _label(column.name),
        "metric_type": None,
        "expression": f"{'sum' if column.summed_over else 'max'}({column.name})",
        "description": f"{column.description} {how}",
        "d3format": number_format(column),
        "warning_text": said,
    }
    if column.unit == "money" and mart.currency:
        figure["currency"] = {"symbol": mart.currency, "symbolPosition": "prefix"}
    return figure


def _metric(metric: MetricSql) -> dict[str, Any]:
    return {
        "metric_name": metric.name,
        "verbose_name": metric.label,
        "metric_type": None,
        "expression": metric.sql,
        "description": metric.description,
        "d3format": None,
        "warning_text": None,
    }


def _label(name: str) -> str:
    """A name as people read it."""
    words = name.replace("_", " ")
    return (words[:1].upper() + words[1:]).replace("Nps", "NPS").replace(" nps", " NPS")


def _chart(chart: Chart, mart: Described) -> dict[str, Any]:
    return {
        "slice_name": chart.title,
        "description": mart.question if mart.question != chart.title else mart.description,
        "viz_type": viz_type(chart),
        "params": parameters(chart, mart),
        "query_context": None,
        "cache_timeout": None,
        "uuid": id_of("chart", chart.name),
        "dataset_uuid": id_of("dataset", mart.name),
        "version": _VERSION,
    }


def _dashboard(parts: list[Section]) -> dict[str, Any]:
    return {
        "dashboard_title": NAME,
        "description": "What one point of Net Promoter Score is worth, and what to do about it.",
        "css": "",
        "slug": NAME.lower(),
        "published": True,
        "uuid": id_of("dashboard", NAME),
        "position": _position(parts),
        "metadata": {"color_scheme": "supersetColors", "refresh_frequency": 0},
        "version": _VERSION,
    }


def _position(parts: list[Section]) -> dict[str, Any]:
    """Where each chart stands: a heading per section, below it rows of the grid."""
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": NAME}},
    }
    top: list[str] = []
    for number, part in enumerate(parts):
        heading = f"HEADER-{number}"
        position[heading] = {
            "type": "HEADER",
            "id": heading,
            "children": [],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {
                "text": part.title,
                "headerSize": "MEDIUM_HEADER",
                "background": "BACKGROUND_TRANSPARENT",
            },
        }
        top.append(heading)
        for row, charts in enumerate(_rows(part.charts)):
            name = f"ROW-{number}-{row}"
            top.append(name)
            position[name] = {
                "type": "ROW",
                "id": name,
                "children": [f"CHART-{chart.name}" for chart in charts],
                "parents": ["ROOT_ID", "GRID_ID"],
                "meta": {"background": "BACKGROUND_TRANSPARENT"},
            }
            for chart in charts:
                position[f"CHART-{chart.name}"] = _placed(chart, name)
    position["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": top, "parents": ["ROOT_ID"]}
    return position


def _rows(charts: list[Chart]) -> list[list[Chart]]:
    """Charts side by side as long as the grid holds them."""
    rows: list[list[Chart]] = [[]]
    for chart in charts:
        if sum(other.width for other in rows[-1]) + chart.width > _GRID:
            rows.append([])
        rows[-1].append(chart)
    return rows


def _placed(chart: Chart, row: str) -> dict[str, Any]:
    return {
        "type": "CHART",
        "id": f"CHART-{chart.name}",
        "children": [],
        "parents": ["ROOT_ID", "GRID_ID", row],
        "meta": {
            "width": chart.width,
            "height": chart.height,
            "chartId": 0,
            "sliceName": chart.title,
            "uuid": id_of("chart", chart.name),
        },
    }
