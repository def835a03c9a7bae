"""An export: a folder of files, or a schema of a DuckDB file that a loader has filled.

What dlt, Airbyte and Fivetran write beside the data is known here: finished loads, versions and
deleted rows. Which tables and columns a tool has is not; its ``layout.yml`` says so.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path

import duckdb

from pointworth.errors import one_line
from pointworth.mapping.errors import MappingError
from pointworth.mapping.layout import Layout, Table

_ENDINGS = re.compile(r"([.](csv|tsv|txt|parquet|jsonl?|ndjson)([.]gz)?)$", re.IGNORECASE)
_DUCKDB = (".duckdb", ".ddb", ".db")
_TEXT_OPTIONS = (
    "all_varchar = true, header = true, skip = 0, quote = '\"', escape = '\"', union_by_name = true"
)
_TABS = (".tsv", ".tab", ".tsv.gz")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_FIVETRAN_VERSION, _DLT_LOAD = "_fivetran_synced", "_dlt_load_id"
_AIRBYTE_VERSIONS = ("_airbyte_extracted_at", "_airbyte_emitted_at")
_AIRBYTE_DATA = "_airbyte_data"


@dataclass(frozen=True)
class Export:
    """Where the data is: a folder, or a DuckDB file and perhaps the schema in it."""

    path: Path
    schema: str | None = None

    @property
    def is_database(self) -> bool:
        """Whether it is a file that DuckDB attaches."""
        return self.path.is_file()

    @property
    def folder(self) -> Path:
        """The folder whose files may be read."""
        return self.path.parent if self.is_database else self.path


@dataclass(frozen=True)
class _Found:
    """A table of the export: how SQL names it, and its columns with their types."""

    relation: str
    columns: tuple[tuple[str, str], ...]

    def column(self, *names: str) -> str | None:
        """The text of the first of these columns that is there, as an expression."""
        known = {plain(name): (name, kind) for name, kind in self.columns}
        for name in names:
            if plain(name) in known:
                return _as_text(*known[plain(name)])
        for name in names:
            parts = plain(name).split("_")
            for cut in range(len(parts) - 1, 0, -1):
                holder = known.get("_".join(parts[:cut]))
                if holder and holder[1].startswith(("JSON", "STRUCT")):
                    return _in_json(holder[0], "_".join(parts[cut:]))
        if _AIRBYTE_DATA in known and names:
            options = ", ".join(_in_json(known[_AIRBYTE_DATA][0], name) for name in names)
            return f"coalesce({options})"
        return None

    def has(self, name: str) -> bool:
        """Whether it has a column of that very name."""
        return any(plain(column) == name for column, _ in self.columns)


def open_export(text: str | Path) -> Export:
    """The export that a person names: FOLDER, FILE.duckdb or FILE.duckdb:SCHEMA."""
    path, schema = Path(text), None
    if not path.exists() and ":" in str(text):
        before, _, after = str(text).rpartition(":")
        if Path(before).is_file():
            path, schema = Path(before), after
    path = path.resolve()
    if not path.exists():
        raise MappingError(f"{path} is not a folder: pass the one that holds the export.")
    if path.is_file() and path.suffix.lower() not in _DUCKDB:
        raise MappingError(
            f"{path} is not a folder: pass the one that holds the export, or a DuckDB file; a "
            "spreadsheet or a single CSV is for pointworth map spreadsheet."
        )
    return Export(path, schema)


def attach(connection: duckdb.DuckDBPyConnection, export: Export) -> None:
    """Make a DuckDB file readable, and nothing but readable; a folder needs nothing."""
    if not export.is_database:
        return
    try:
        connection.execute(f"attach {literal(export.path)} as export (read_only)")
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise MappingError(
                f"{export.path} is held by another program that writes to it: wait until its load "
                "has ended, or copy the file."
            ) from error
        raise MappingError(
            f"{export.path} cannot be read as a DuckDB file ({one_line(str(error))}): "
            "pass a file that DuckDB 1.5 reads."
        ) from error


def make_views(connection: duckdb.DuckDBPyConnection, export: Export, layout: Layout) -> list[str]:
    """One view for each table of the layout; the names of those the export has."""
    catalog = _tables(connection, export, layout)
    found: dict[str, _Found] = {}
    for table in layout.tables:
        names = [name for name in _names(table, layout) if name in catalog]
        if table.files is not None and not export.is_database:
            if any(export.path.glob(table.files)):
                relation = _reader(export.path / table.files)
                found[table.name] = _described(connection, export, relation)
        elif names:
            found[table.name] = _described(connection, export, catalog[names[0]])
    finished = _finished_loads(connection, export, catalog, found.values())
    for table in layout.tables:
        if table.needed and table.name not in found:
            others = ", ".join(sorted(catalog)[:12]) or "none"
            raise MappingError(
                f"{export.path} has no table {table.name}, which this mapping needs: pass an "
                f"export that has it (tables found: {others})."
            )
        query = (
            _query(export, table, found[table.name], found, finished)
            if table.name in found
            else _empty(table)
        )
        connection.execute(f"create or replace temp view {quoted(table.name)} as {query}")
    return sorted(found)


def plain(name: str) -> str:
    """A name as tools agree on it: small letters, one underscore between words."""
    marks = "_" if name.strip('"').startswith("_") else ""
    return marks + re.sub(r"[^\w]+|_+", "_", name.lower()).strip("_") or name


def literal(text: str | Path) -> str:
    """A text in SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


# What is there ----------------------------------------------------------------------------------


def _names(table: Table, layout: Layout) -> list[str]:
    """Under which names a table may be there, the likeliest first."""
    names = [plain(name) for name in (table.name, *table.called)]
    names += [f"{prefix}_{name}" for prefix in layout.prefixes for name in names]
    return [form for name in names for form in (name, f"{name}_data")]


def _tables(
    connection: duckdb.DuckDBPyConnection, export: Export, layout: Layout
) -> dict[str, str]:
    """What reads each table, by its plain name."""
    if export.is_database:
        return _database_tables(connection, export, layout)
    if not export.path.is_dir():
        raise MappingError(f"{export.path} is not a folder: pass the one that holds the export.")
    files: dict[str, list[Path]] = {}
    for entry in sorted(export.path.iterdir()):
        if entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir():
            parts = [part for part in entry.rglob("*") if _ENDINGS.search(part.name)]
            if parts:
                files.setdefault(plain(entry.name), []).append(_pattern(entry, parts))
        elif _ENDINGS.search(entry.name):
            files.setdefault(plain(_ENDINGS.sub("", entry.name)), []).append(entry)
    wanted = {name for table in layout.tables for name in _names(table, layout)}
    for name in wanted & files.keys():
        if len(files[name]) > 1:
            raise MappingError(
                f"{export.path} has {' and '.join(path.name for path in files[name][:2])}, both "
                f"read as {name}: keep one."
            )
    return {name: _reader(paths[0]) for name, paths in files.items()}


def _pattern(folder: Path, parts: Iterable[Path]) -> Path:
    ends = {match[0].lower() for part in parts if (match := _ENDINGS.search(part.name))}
    _require_one_format(folder, ends)
    return folder / "**" / f"*{ends.pop()}"


def _require_one_format(folder: Path, ends: set[str]) -> None:
    if len(ends) > 1:
        raise MappingError(
            f"{folder} holds files of several formats ({', '.join(sorted(ends))}): keep one."
        )


def _reader(path: Path) -> str:
    name = path.name.lower()
    if ".parquet" in name:
        return f"read_parquet({literal(path)}, union_by_name = true, hive_partitioning = false)"
    if "json" in name:
        return f"read_json({literal(path)}, union_by_name = true)"
    parts = [path] if path.exists() else [Path(part) for part in glob(str(path), recursive=True)]
    _require_one_format(path.parent, {part.suffix.lower() for part in parts})
    is_tabbed = any(part.name.lower().endswith(_TABS) for part in parts)
    return (
        f"read_csv({literal(path)}, {_TEXT_OPTIONS}, delim = '{chr(9) if is_tabbed else ','}', "
        f"encoding = '{_encoding(parts)}')"
    )


def _encoding(parts: Iterable[Path]) -> str:
    """UTF-16 where the files begin so, as exports for spreadsheets do."""
    for part in parts:
        with part.open("rb") as file:
            if file.read(2) in _UTF_16:
                return "utf-16"
    return "utf-8"


def _database_tables(
    connection: duckdb.DuckDBPyConnection, export: Export, layout: Layout
) -> dict[str, str]:
    rows = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'export'"
        " union all "
        "select schema_name, view_name from duckdb_views()"
        " where database_name = 'export' and not internal order by all"
    ).fetchall()
    schemas: dict[str, dict[str, str]] = {}
    for schema, table in rows:
        name = f"export.{quoted(schema)}.{quoted(table)}"
        schemas.setdefault(schema, {})[plain(table.removeprefix("_airbyte_raw_"))] = name
    if export.schema is not None:
        if export.schema not in schemas:
            there = ", ".join(sorted(schemas)) or "none"
            raise MappingError(f"{export.path} has no schema {export.schema}: use one of {there}.")
        return schemas[export.schema]
    needed = [table for table in layout.tables if table.needed]
    fitting = [
        schema
        for schema, tables in schemas.items()
        if all(any(name in tables for name in _names(table, layout)) for table in needed)
    ]
    if len(fitting) == 1:
        return schemas[fitting[0]]
    if not fitting:
        there = ", ".join(sorted(schemas)) or "none"
        raise MappingError(
            f"{export.path} has no schema with {' and '.join(t.name for t in needed[:4])}, which "
            f"this mapping needs: pass a file that has it (schemas found: {there})."
        )
    raise MappingError(
        f"{export.path} has several schemas that fit ({', '.join(sorted(fitting))}): "
        f"name one as {export.path.name}:{sorted(fitting)[0]}."
    )


def _described(connection: duckdb.DuckDBPyConnection, export: Export, relation: str) -> _Found:
    try:
        rows = connection.execute(f"describe from {relation}").fetchall()
    except duckdb.Error as error:
        where = re.sub(r"^\w+[(]'(.*?)'.*", r"\1", relation)
        raise MappingError(
            f"{where.removeprefix(f'{export.path}/')} of {export.path} cannot be read "
            f"({one_line(str(error))[:200]}): export it again."
        ) from error
    return _Found(relation, tuple((row[0], row[1]) for row in rows))


# What of it counts ------------------------------------------------------------------------------


def _finished_loads(
    connection: duckdb.DuckDBPyConnection,
    export: Export,
    catalog: dict[str, str],
    found: Iterable[_Found],
) -> str | None:
    """The condition that a row came with a load of dlt that has ended; None without dlt."""
    if not any(table.has(_DLT_LOAD) for table in found):
        return None
    if "_dlt_loads" not in catalog:
        raise MappingError(
            f"{export.path} was filled by dlt but has no _dlt_loads, which says what loads have "
            "ended: pass the whole schema or folder."
        )
    loads = _described(connection, export, catalog["_dlt_loads"])
    return f"select {loads.column('load_id')} from {loads.relation} where status = 0"


def _query(
    export: Export,
    table: Table,
    source: _Found,
    found: dict[str, _Found],
    finished: str | None,
) -> str:
    """The table's rows: newest versions, nothing deleted, nothing of a load that has not ended."""
    source, given = _with_parent(table, source, found)
    columns = {}
    for name in table.columns:
        expression = given.get(name) or source.column(name, *table.columns_called.get(name, ()))
        if expression is None and name in table.required:
            there = ", ".join(column for column, _ in source.columns[:12])
            raise MappingError(
                f"{table.name} of {export.path} lacks the column {name}, which this mapping needs: "
                f"pass an export that has it (columns found: {there})."
            )
        columns[name] = expression or "cast(null as varchar)"
    if table.others:
        named = {
            plain(name)
            for column in table.columns
            for name in (column, *table.columns_called.get(column, ()))
        }
        columns |= {
            name: f"nullif(trim({quoted(name)}), '')"
            for name, _ in source.columns
            if plain(name) not in named
        }
    selected = ", ".join(f"{text} as {quoted(name)}" for name, text in columns.items())
    conditions = [_kept(source, table)]
    if finished and source.has(_DLT_LOAD):
        conditions.append(f"{source.column(_DLT_LOAD)} in ({finished})")
    version = _version(source)
    if not table.key or version is None or source.has("_fivetran_active"):
        return f"select {selected} from {source.relation} where {' and '.join(conditions)}"
    key = ", ".join(columns[name] for name in table.key)
    loaded = conditions[1] if len(conditions) > 1 else "true"
    # rank, not row_number: rows that are alike in version are twins, and the landing tells of them.
    return (
        f"select {selected} from (select *, rank() over (partition by {key} "
        f"order by {version} desc nulls last) as pw_version from {source.relation} where {loaded})"
        f" where pw_version = 1 and {conditions[0]}"
    )


def _with_parent(
    table: Table, source: _Found, found: dict[str, _Found]
) -> tuple[_Found, dict[str, str]]:
    """A nested list of dlt, tied to its parent by `_dlt_parent_id`."""
    parent = found.get(table.child_of or "")
    if parent is None or not source.has("_dlt_parent_id"):
        return source, {}
    carried = {
        name: f"parent.{quoted(column)}"
        for name, key in table.parent_key.items()
        for column, _ in parent.columns
        if plain(column) == key
    }
    columns = "".join(f", {text} as {quoted(name)}" for name, text in carried.items())
    load = "" if source.has(_DLT_LOAD) else f", parent.{_DLT_LOAD}"
    relation = (
        f"(select child.*{columns}{load} from {source.relation} as child "
        f"join {parent.relation} as parent on parent._dlt_id = child._dlt_parent_id)"
    )
    added = tuple((name, "VARCHAR") for name in (*carried, *([_DLT_LOAD] if load else [])))
    joined = replace(source, relation=relation, columns=(*source.columns, *added))
    return joined, {name: _as_text(name, "") for name in carried}


def _kept(source: _Found, table: Table) -> str:
    """That a row has not been deleted, in the tool or where the loader saw it go."""
    parts = []
    flags = ["_fivetran_deleted"] + ([] if table.keeps_deleted else ["is_deleted"])
    for flag in flags:
        if source.has(flag) and flag not in table.columns:
            parts.append(f"coalesce(lower({source.column(flag)}) not in ('true', '1', 't'), true)")
    if source.has("_ab_cdc_deleted_at"):
        parts.append(f"{source.column('_ab_cdc_deleted_at')} is null")
    if source.has("_fivetran_active") and "_fivetran_active" not in table.columns:
        parts.append(
            f"coalesce(lower({source.column('_fivetran_active')}) in ('true', '1', 't'), true)"
        )
    return " and ".join(parts) or "true"


def _version(source: _Found) -> str | None:
    for name in (_FIVETRAN_VERSION, *_AIRBYTE_VERSIONS):
        if source.has(name):
            return f"try_cast({source.column(name)} as timestamptz)"
    if source.has(_DLT_LOAD):
        return f"try_cast({source.column(_DLT_LOAD)} as double)"
    return None


def _empty(table: Table) -> str:
    columns = ", ".join(f"cast(null as varchar) as {quoted(name)}" for name in table.columns)
    return f"select {columns} where false"


def _as_text(name: str, kind: str) -> str:
    column = quoted(name)
    if kind.startswith("TIMESTAMP WITH"):
        column = f"cast({column} as timestamp)"
    return f"nullif(trim(cast({column} as varchar)), '')"


def _in_json(holder: str, path: str) -> str:
    return f"nullif(json_extract_string(to_json({quoted(holder)}), {literal('$.' + path)}), '')"
