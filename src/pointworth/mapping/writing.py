"""Writes a landing folder from an export, all of it or nothing."""

import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pointworth.database import connected
from pointworth.errors import PointworthError, exhausted, from_os_error, one_line
from pointworth.mapping.catalog import Mapping, find_mapping, require_answers, short
from pointworth.mapping.errors import MappingError
from pointworth.mapping.exports import Export, attach, literal, make_views, open_export
from pointworth.project import (
    SEGMENT_DATASETS,
    Dataset,
    find_project,
    landing_contract,
    project_variables,
)
from pointworth.settings import SETTINGS_FILE, read_settings

CUSTOMERS = "crm_customers"
_MACROS = Path(__file__).with_name("macros.sql")
_MEMORY = "4GB"
"""What DuckDB may use before it spills beside the landing, whatever the size of the export."""


@dataclass(frozen=True)
class MappedDataset:
    """One landing file written: the dataset's name in the contract, its rows and its path."""

    name: str
    rows: int
    path: Path


def map_source(source: str | Path, export: str | Path, to_dir: Path) -> list[MappedDataset]:
    """Write the landing folder ``to_dir`` from an export: a folder, or FILE.duckdb[:schema].

    ``to_dir`` must be new or empty. The source's ``settings.yml`` goes beside the data as
    ``pointworth.yml``. Returns one entry per dataset, by name; raises ``MappingError``.
    """
    mapping = find_mapping(source)
    require_answers(mapping)
    found = open_export(export)
    with new_landing(to_dir) as landing:
        copy_settings(mapping.settings, landing)
        with opened(found, landing) as connection:
            rows = write_datasets(connection, mapping, found, landing, segments_of(landing))
            rows |= _named_customers(connection, rows, landing)
    target = to_dir.resolve()
    return [MappedDataset(name, n, target / f"{name}.parquet") for name, n in rows.items()]


@contextmanager
def new_landing(to_dir: Path) -> Iterator[Path]:
    """A folder to write to, which takes the place of ``to_dir`` when nothing has gone wrong."""
    to_dir = to_dir.resolve()
    try:
        if to_dir.exists() and (not to_dir.is_dir() or any(to_dir.iterdir())):
            raise MappingError(f"{to_dir} is not an empty folder: empty it or choose a new one.")
        to_dir.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{to_dir.name}-", dir=to_dir.parent) as work:
            landing = Path(work) / "landing"
            landing.mkdir()
            yield landing
            landing.replace(to_dir)
    except OSError as error:
        raise MappingError(from_os_error(error, to_dir).message) from error


@contextmanager
def opened(export: Export, landing: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the export, writes beside and into the landing, and nothing else."""
    with connected() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set scalar_subquery_error_on_multiple_rows = true")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute(f"set temp_directory = {literal(landing.parent / 'spill')}")
        connection.execute("set variable source_dir = $folder", {"folder": str(export.folder)})
        connection.execute(_MACROS.read_text(encoding="utf-8"))
        attach(connection, export)
        read = [] if export.is_database else [export.folder]
        folders = ", ".join(literal(folder) for folder in (*read, landing.parent))
        connection.execute(f"set allowed_directories = [{folders}]")
        connection.execute("set enable_external_access = false")
        yield connection


def segments_of(landing: Path) -> list[str]:
    """The segments of the user's own that the settings beside a landing name."""
    return read_settings(landing, project_variables(find_project())).segments


def write_datasets(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    export: Export,
    landing: Path,
    segments: Iterable[str],
) -> dict[str, int]:
    """One Parquet file per query; the rows of each. Segments may be columns, too."""
    contract = landing_contract(find_project())
    extras = {*mapping.layout.offers, *segments}
    make_views(connection, export, mapping.layout)
    rows = {}
    for name, path in mapping.queries.items():
        with told(path, export, landing):
            query = single_select(connection, path)
            own = extras if name in SEGMENT_DATASETS else ()
            check_columns(path, connection.sql(query).columns, contract[name], own)
            rows[name] = write_parquet(connection, query, landing / f"{name}.parquet")
    return rows


def _named_customers(
    connection: duckdb.DuckDBPyConnection, rows: dict[str, int], landing: Path
) -> dict[str, int]:
    """Where the tool has no list of customers, those that its rows name are the list.

    Without one a landing takes answers of nobody in particular only.
    """
    if CUSTOMERS in rows:
        return {}
    naming = [
        f"select cast(customer_id as varchar) as customer_id from {literal(file)}"
        for file in sorted(landing.glob("*.parquet"))
        if "customer_id" in connection.read_parquet(str(file)).columns
    ]
    if not naming:
        return {}
    query = (
        f"select distinct customer_id from ({' union all '.join(naming)}) "
        "where customer_id is not null order by customer_id"
    )
    return {CUSTOMERS: write_parquet(connection, query, landing / f"{CUSTOMERS}.parquet")}


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Stream a query into a file; its rows."""
    connection.sql(query).write_parquet(str(target))
    return int((connection.read_parquet(str(target)).count("*").fetchone() or (0,))[0])


@contextmanager
def told(path: Path, export: Export, landing: Path) -> Iterator[None]:
    """Say what went wrong with one query in one sentence."""
    try:
        yield
    except duckdb.Error as error:
        reason = str(error)
        if spent := exhausted(reason, landing.parent.parent):
            raise MappingError(spent.message) from error
        raise _failure(path, reason, export.path) from error


def single_select(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The one select that a file of a mapping holds."""
    statements = connection.extract_statements(path.read_text(encoding="utf-8"))
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise MappingError(f"{short(path)} must hold one select statement and nothing else.")
    return statements[0].query


def check_columns(
    path: Path, found: list[str], dataset: Dataset, extras: Collection[str] = ()
) -> None:
    """Refuse columns that nobody reads, and the lack of those the contract requires."""
    known = [column.name for column in dataset.columns]
    if unknown := [name for name in found if name not in known and name not in extras]:
        hint = (
            "; name it under `segments` of the settings to cut figures by it"
            if dataset.name in SEGMENT_DATASETS
            else ""
        )
        raise MappingError(
            f"{short(path)} selects {', '.join(unknown)}, which the landing contract does not "
            f"know: use the columns of {dataset.name}, which are {', '.join(known)}{hint}."
        )
    required = [column.name for column in dataset.columns if column.required]
    if missing := [name for name in required if name not in found]:
        raise MappingError(
            f"{short(path)} lacks {', '.join(missing)}, which {dataset.name} requires: "
            f"add it to the select, which has {', '.join(found)}."
        )


def copy_settings(path: Path, landing: Path) -> None:
    """The settings as they are, once a build would take them."""
    if not path.is_file():
        return
    copy = landing / SETTINGS_FILE
    shutil.copyfile(path, copy)
    try:
        read_settings(landing, project_variables(find_project()))
    except PointworthError as error:
        raise MappingError(error.message.replace(str(copy), short(path))) from error


def _failure(path: Path, reason: str, from_dir: Path) -> MappingError:
    if lost := re.search(r'No files found that match the pattern "(.+?)"', reason):
        name = lost.group(1).removeprefix(f"{from_dir}/")
        return MappingError(
            f"{name}, which {short(path)} reads, is not in {from_dir}: "
            "pass the folder that holds the whole export."
        )
    return MappingError(
        f"{short(path)} does not run on {from_dir} ({one_line(reason)}): "
        "check that the files have the layout it expects, or mend the SQL."
    )
