"""Turns a real export into a landing folder with the SQL in ``mappings/<source>/``.

``mappings/README.md`` tells an analyst how to add a source. Nothing here knows any of them.
"""

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pointworth.database import connected
from pointworth.errors import EXIT_USAGE, PointworthError, from_os_error, one_line
from pointworth.project import Dataset, find_project, landing_contract, project_variables
from pointworth.settings import SETTINGS_FILE, read_settings

# What mapping SQL may call. Both read from the source folder only, wherever the command is run:
# DuckDB's own file_search_path would prefer a file of the same name in the working directory.
MACROS = """
create macro source_file(name) as getvariable('source_dir') || '/' || name;
create macro source_csv(name) as table
    select * from read_csv(
        getvariable('source_dir') || '/' || name,
        all_varchar = true, header = true, skip = 0, delim = ',', quote = '"', escape = '"'
    );
"""


class MappingError(PointworthError):
    """A mapping that cannot be done: what, where and how to mend it, in one sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message, EXIT_USAGE)


@dataclass(frozen=True)
class MappedDataset:
    """One landing file written: the dataset's name in the contract, its rows and its path."""

    name: str
    rows: int
    path: Path


def sources() -> list[str]:
    """The sources that have a folder of SQL in ``mappings/``, by name."""
    return sorted({query.parent.name for query in (find_project() / "mappings").glob("*/*.sql")})


def map_source(source: str, from_dir: Path, to_dir: Path) -> list[MappedDataset]:
    """Write the landing folder ``to_dir`` from the export in ``from_dir``, all of it or nothing.

    ``to_dir`` must be new or empty. The source's ``settings.yml`` goes beside the data as
    ``pointworth.yml``. Returns one entry per dataset, by name; raises ``MappingError``.
    """
    if source not in sources():
        raise MappingError(
            f"There is no mapping called '{source}': use one of {', '.join(sources())}, "
            "or add a folder to mappings/ as its README says."
        )
    folder = find_project() / "mappings" / source
    contract = landing_contract(find_project())
    queries = {path.stem: path for path in sorted(folder.glob("*.sql"))}
    _check_datasets(source, set(queries), contract)

    from_dir, to_dir = from_dir.resolve(), to_dir.resolve()
    if not from_dir.is_dir():
        raise MappingError(f"{from_dir} is not a folder: pass the one that holds the export.")
    try:
        if to_dir.exists() and (not to_dir.is_dir() or any(to_dir.iterdir())):
            raise MappingError(f"{to_dir} is not an empty folder: empty it or choose a new one.")
        to_dir.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{to_dir.name}-", dir=to_dir.parent) as work:
            landing = Path(work) / "landing"
            landing.mkdir()
            _copy_settings(folder / "settings.yml", landing)
            rows = _write(queries, contract, from_dir, landing)
            landing.replace(to_dir)
    except OSError as error:
        raise MappingError(from_os_error(error, to_dir).message) from error
    return [MappedDataset(name, n, to_dir / f"{name}.parquet") for name, n in rows.items()]


def _write(
    queries: Mapping[str, Path], contract: Mapping[str, Dataset], from_dir: Path, landing: Path
) -> dict[str, int]:
    """One Parquet file per query; the rows of each."""
    rows = {}
    with connected() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set variable source_dir = $folder", {"folder": str(from_dir)})
        connection.execute(MACROS)
        # Mapping SQL reads the export and writes the landing, and touches nothing else.
        folders = ", ".join(_literal(folder) for folder in (from_dir, landing))
        connection.execute(f"set allowed_directories = [{folders}]")
        connection.execute("set enable_external_access = false")
        for name, path in queries.items():
            target = landing / f"{name}.parquet"
            try:
                relation = connection.sql(_single_select(connection, path))
                _check_columns(path, relation.columns, contract[name])
                relation.write_parquet(str(target))
                count = connection.read_parquet(str(target)).count("*").fetchone()
                rows[name] = int((count or (0,))[0])
            except duckdb.Error as error:
                raise _failure(path, str(error), from_dir) from error
    return rows


def _single_select(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    statements = connection.extract_statements(path.read_text(encoding="utf-8"))
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise MappingError(f"{_short(path)} must hold one select statement and nothing else.")
    return statements[0].query


def _check_datasets(source: str, names: set[str], contract: Mapping[str, Dataset]) -> None:
    for name in sorted(names - set(contract)):
        raise MappingError(
            f"mappings/{source}/{name}.sql names no dataset of the landing contract: "
            f"rename it to one of {', '.join(sorted(contract))}."
        )
    for name in sorted(contract):
        if contract[name].required and name not in names:
            raise MappingError(
                f"mappings/{source} lacks the required dataset {name}: "
                f"add {name}.sql, with 'where false' when the source has none."
            )


def _check_columns(path: Path, found: list[str], dataset: Dataset) -> None:
    known = [column.name for column in dataset.columns]
    if unknown := [name for name in found if name not in known]:
        raise MappingError(
            f"{_short(path)} selects {', '.join(unknown)}, which the landing contract does not "
            f"know: use the columns of {dataset.name}, which are {', '.join(known)}."
        )
    required = [column.name for column in dataset.columns if column.required]
    if missing := [name for name in required if name not in found]:
        raise MappingError(
            f"{_short(path)} lacks {', '.join(missing)}, which {dataset.name} requires: "
            f"add it to the select, which has {', '.join(found)}."
        )


def _copy_settings(path: Path, landing: Path) -> None:
    """The settings as they are, once a build would take them."""
    if not path.is_file():
        return
    copy = landing / SETTINGS_FILE
    shutil.copyfile(path, copy)
    try:
        read_settings(landing, project_variables(find_project()))
    except PointworthError as error:
        raise MappingError(error.message.replace(str(copy), _short(path))) from error


def _failure(path: Path, reason: str, from_dir: Path) -> MappingError:
    if lost := re.search(r'No files found that match the pattern "(.+?)"', reason):
        name = lost.group(1).removeprefix(f"{from_dir}/")
        return MappingError(
            f"{name}, which {_short(path)} reads, is not in {from_dir}: "
            "pass the folder that holds the whole export."
        )
    return MappingError(
        f"{_short(path)} does not run on {from_dir} ({one_line(reason)}): "
        "check that the files have the layout it expects, or mend the SQL."
    )


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _short(path: Path) -> str:
    return "/".join(path.parts[-3:])
