"""Several tools of one company in one landing, with the keys of one of them.

A customer of another tool is found by ``customer_links.csv`` first, then by an e-mail address that
both tools have and that is one customer's only. Nothing else is tried, and what is found by neither
is counted by tool.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pointworth.mapping.catalog import Mapping, find_mapping, sources
from pointworth.mapping.errors import MappingError
from pointworth.mapping.exports import Export, literal, open_export
from pointworth.mapping.writing import (
    CUSTOMERS,
    MappedDataset,
    copy_settings,
    new_landing,
    opened,
    segments_of,
    single_select,
    told,
    write_datasets,
    write_parquet,
)
from pointworth.project import find_project, landing_contract

_KEYS = {"sources", "customers", "links", "settings"}
_SOURCE_KEYS = {"tool", "mapping", "from"}
NOTE = "mapped.md"


@dataclass(frozen=True)
class Source:
    """A tool, how it is mapped and where its export is."""

    tool: str
    mapping: Mapping
    export: Export


@dataclass
class Combined:
    """What was written, and a line for each tool about its customers."""

    datasets: list[MappedDataset] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def combine(path: Path, to_dir: Path) -> Combined:
    """Write one landing from the sources that a file names; raises ``MappingError``.

    Rows of a customer of another tool get the customer's key. An answer of somebody who is not
    found stays, without a customer; any other row keeps `tool:key`, so that the landing check
    rejects it as `unknown_customer` and counts it.
    """
    content = _content(path)
    tools = [_source(path, entry) for entry in content["sources"]]
    if len({source.tool for source in tools}) < len(tools):
        raise MappingError(f"{path} names a tool twice: give each a `tool` name of its own.")
    master = str(content.get("customers", ""))
    if master not in {source.tool for source in tools}:
        names = ", ".join(source.tool for source in tools)
        raise MappingError(f"{path} must say whose customers count: customers: one of {names}.")
    links = path.parent / content["links"] if content.get("links") else None
    if links is not None and not links.is_file():
        raise MappingError(f"{links}, which {path} names, is not there: mend or remove `links`.")
    combined = Combined()
    with new_landing(to_dir) as landing:
        settings = content.get("settings")
        if settings:
            copy_settings(path.parent / settings, landing)
        parts = landing.parent / "parts"
        for source in tools:
            _map_part(source, parts, segments_of(landing))
        with opened(Export(landing), landing) as connection:
            _read_links(connection, links, landing)
            _identify(connection, tools, master, parts)
            _write(connection, tools, parts, landing, combined)
            combined.lines += _unlinked(connection, tools, master)
        _note(landing / NOTE, path, combined)
    target = to_dir.resolve()
    combined.datasets = [
        MappedDataset(found.name, found.rows, target / f"{found.name}.parquet")
        for found in combined.datasets
    ]
    return combined


def _content(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise MappingError(f"{path} cannot be read as YAML: {reason}") from error
    if not isinstance(content, dict) or not isinstance(content.get("sources"), list):
        raise MappingError(f"{path} names no sources: write `sources:` with tool, mapping, from.")
    if unknown := sorted(set(content) - _KEYS):
        raise MappingError(f"{path} sets {unknown[0]}: use {', '.join(sorted(_KEYS))}.")
    return content


def _source(path: Path, entry: Any) -> Source:
    if not isinstance(entry, dict) or not {"mapping", "from"} <= set(entry) <= _SOURCE_KEYS:
        raise MappingError(f"{path} has a source without mapping and from: write both.")
    name = str(entry["mapping"])
    mapping = find_mapping(name if name in sources() else path.parent / name)
    given = str(entry["from"])
    export = open_export(given if Path(given).is_absolute() else str(path.parent / given))
    return Source(str(entry.get("tool", mapping.name)), mapping, export)


def _map_part(source: Source, parts: Path, segments: list[str]) -> None:
    """The landing of one tool by itself, with the e-mails it knows its customers by."""
    folder = parts / source.tool
    folder.mkdir(parents=True)
    with opened(source.export, folder) as connection:
        write_datasets(connection, source.mapping, source.export, folder, segments)
        if source.mapping.emails is not None:
            with told(source.mapping.emails, source.export, folder):
                query = single_select(connection, source.mapping.emails)
                write_parquet(
                    connection,
                    f"select customer_id, email_hash(email) as email from ({query}\n)",
                    folder / "_emails.parquet",
                )


def _read_links(connection: duckdb.DuckDBPyConnection, links: Path | None, landing: Path) -> None:
    columns = "tool, tool_customer_id, customer_id"
    if links is None:
        nothing = ", ".join(f"cast(null as varchar) as {name}" for name in columns.split(", "))
        connection.execute(f"create table links as select {nothing} where false")
        return
    copy = landing.parent / "links.csv"
    copy.write_bytes(links.read_bytes())
    try:
        connection.execute(
            f"create table links as select distinct {columns} from read_csv({literal(copy)}, "
            "all_varchar = true, header = true) where tool_customer_id is not null "
            "and customer_id is not null"
        )
    except duckdb.Error as error:
        raise MappingError(
            f"{links} cannot be read: write a CSV with the columns {columns}."
        ) from error
    twice = connection.execute(
        "select tool, tool_customer_id from links group by all having count(*) > 1 order by all"
    ).fetchone()
    if twice:
        raise MappingError(
            f"{links} links {twice[1]} of {twice[0]} to several customers: keep one line."
        )


def _identify(
    connection: duckdb.DuckDBPyConnection, sources: list[Source], master: str, parts: Path
) -> None:
    """The table `identities`: what key of which tool is which customer, and how that is known."""
    connection.execute(
        "create table seen (tool varchar, key varchar);"
        "create table emails (tool varchar, key varchar, email varchar)"
    )
    contract = landing_contract(find_project())
    for source in sources:
        tool, folder = literal(source.tool), parts / source.tool
        for name in source.mapping.queries:
            file = literal(folder / f"{name}.parquet")
            if _has(connection, file, "customer_id") and name in contract:
                connection.execute(
                    f"insert into seen select distinct {tool}, cast(customer_id as varchar) "
                    f"from {file} where customer_id is not null"
                )
        kept = folder / "_emails.parquet"
        if kept.exists():
            connection.execute(
                f"insert into emails select distinct {tool}, customer_id, email from "
                f"{literal(kept)} where email is not null and customer_id is not null"
            )
    connection.execute(
        f"""
        create table identities as
        with customers as (
            select distinct key from seen where tool = {literal(master)}
        ),

        -- Of an address that two customers share nobody can say whose it is.
        known as (
            select email, min(key) as customer_id from emails
            where tool = {literal(master)} group by email having count(distinct key) = 1
        ),

        by_email as (
            select emails.tool, emails.key, min(known.customer_id) as customer_id
            from emails join known using (email)
            group by emails.tool, emails.key having count(distinct known.customer_id) = 1
        )

        select distinct
            seen.tool,
            seen.key,
            case
                when seen.tool = {literal(master)} then seen.key
                else coalesce(links.customer_id, same.key, by_email.customer_id)
            end as customer_id,
            case
                when seen.tool = {literal(master)} then 'own'
                when links.customer_id is not null then 'link'
                when same.key is not null then 'same key'
                when by_email.customer_id is not null then 'e-mail'
                else 'unlinked'
            end as found_by
        from seen
        left join links on seen.tool = links.tool and seen.key = links.tool_customer_id
        left join customers as same on seen.key = same.key
        left join by_email on seen.tool = by_email.tool and seen.key = by_email.key
        """
    )


def _has(connection: duckdb.DuckDBPyConnection, file: str, column: str) -> bool:
    return any(row[0] == column for row in connection.execute(f"describe from {file}").fetchall())


def _write(
    connection: duckdb.DuckDBPyConnection,
    sources: list[Source],
    parts: Path,
    landing: Path,
    combined: Combined,
) -> None:
    contract = landing_contract(find_project())
    for name, dataset in contract.items():
        selects = []
        for source in sources:
            if name in source.mapping.queries:
                selects.append(_linked(connection, source, name, parts, dataset.key))
        if not selects and not dataset.required:
            continue
        if not selects:
            raise MappingError(
                f"None of the sources gives {name}, which is required: add a survey tool."
            )
        union = " union all by name ".join(selects)
        if name == CUSTOMERS:
            union = _one_row_each(connection, union)
        rows = write_parquet(connection, union, landing / f"{name}.parquet")
        combined.datasets.append(MappedDataset(name, rows, landing / f"{name}.parquet"))


def _linked(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    name: str,
    parts: Path,
    key: tuple[str, ...],
) -> str:
    """The rows of one tool with the customers' keys, and its own keys told from other tools'."""
    tool, file = literal(source.tool), literal(parts / source.tool / f"{name}.parquet")
    columns = [(row[0], row[1]) for row in connection.execute(f"describe from {file}").fetchall()]
    own = {column for column, _ in columns if column.endswith("_id")} - {
        "customer_id",
        "client_id",
        "referred_by_customer_id",
    }
    selected = [
        f"{tool} || ':' || rows.{column} as {column}"
        if column in own
        else f"cast(rows.{column} as varchar) as {column}"
        for column, _ in columns
        if column != "customer_id"
    ]
    if not any(column == "customer_id" for column, _ in columns):
        return f"select {', '.join(selected)} from {file} as rows"
    lost = f"{tool} || ':' || rows.customer_id" if name != "survey_responses" else "null"
    if name == "survey_responses" and not any(column == "respondent_id" for column, _ in columns):
        selected.append(f"{tool} || ':' || rows.customer_id as respondent_id")
    selected.append(f"coalesce(identities.customer_id, {lost}) as customer_id")
    only = " where identities.customer_id is not null" if name == CUSTOMERS else ""
    order = f", {tool} as pw_tool, identities.found_by = 'own' as pw_own"
    return (
        f"select {', '.join(selected)}{order if name == CUSTOMERS else ''} from {file} as rows "
        f"left join identities on identities.tool = {tool} "
        f"and identities.key = cast(rows.customer_id as varchar){only}"
    )


def _one_row_each(connection: duckdb.DuckDBPyConnection, union: str) -> str:
    """A customer as the customers' own tool has it; what that leaves empty, as another has it."""
    names = [column for column in connection.sql(union).columns if not column.startswith("pw_")]
    filled = ", ".join(
        f"coalesce(min({name}) filter (where pw_own), min({name})) as {name}"
        for name in names
        if name != "customer_id"
    )
    return (
        f"select customer_id{', ' if filled else ''}{filled} from ({union}) "
        "group by customer_id having count(*) filter (where pw_own) > 0"
    )


def _unlinked(
    connection: duckdb.DuckDBPyConnection, sources: list[Source], master: str
) -> list[str]:
    lines = []
    for source in sources:
        rows = dict(
            connection.execute(
                "select found_by, count(*) from identities where tool = $tool group by found_by",
                {"tool": source.tool},
            ).fetchall()
        )
        if source.tool == master or not rows:
            continue
        total, lost = sum(rows.values()), rows.pop("unlinked", 0)
        how = ", ".join(f"{count:,} by {name}" for name, count in sorted(rows.items())) or "none"
        lines.append(
            f"{source.tool}: {total:,} customers, {how}; {lost:,} unlinked"
            + (" (a line each in customer_links.csv would link them)" if lost else "")
        )
    return lines


def _note(path: Path, made_by: Path, combined: Combined) -> None:
    """What the landing was made of, beside it."""
    lines = [f"# Mapped by {made_by.name}", ""]
    lines += [f"- {found.name}: {found.rows:,} rows" for found in combined.datasets]
    lines += [f"- {line}" for line in combined.lines]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
