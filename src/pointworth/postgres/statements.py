"""What a published table becomes on PostgreSQL: its definition, comments, who sees which row."""

import re
from dataclasses import dataclass

import duckdb

from pointworth.postgres.access import Access

LOGINS_TABLE = "client_logins"
_TYPES = {
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "BOOLEAN": "boolean",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}


@dataclass(frozen=True)
class Column:
    """A column as the published file describes it."""

    name: str
    data_type: str
    is_nullable: bool
    comment: str | None


@dataclass(frozen=True)
class Table:
    """A mart as the published file describes it."""

    name: str
    comment: str | None
    columns: list[Column]
    primary_key: list[str]

    def has(self, *names: str) -> bool:
        """Whether it has all these columns."""
        return set(names) <= {column.name for column in self.columns}


def published_tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """The tables of a published file, by name."""
    keys = dict(
        connection.execute(
            "select table_name, constraint_column_names from duckdb_constraints() "
            "where constraint_type = 'PRIMARY KEY' and not (database_name in ('system', 'temp'))"
        ).fetchall()
    )
    columns: dict[str, list[Column]] = {}
    for table, *described in connection.execute(
        "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
        "where not internal order by table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append(Column(*described))
    return [
        Table(name, comment, columns[name], list(keys.get(name, [])))
        for name, comment in connection.execute(
            "select table_name, comment from duckdb_tables() where not internal order by table_name"
        ).fetchall()
    ]


def definition(schema: str, table: Table) -> list[str]:
    """The empty table, as strict as in the published file."""
    columns = [
        f"{name_of(column.name)} {_type_of(column.data_type)}"
        + ("" if column.is_nullable else " not null")
        for column in table.columns
    ]
    return [f"create table {within(schema, table.name)} ({', '.join(columns)})"]


def finish(schema: str, table: Table) -> list[str]:
    """What a filled table gets: its key, and what its columns mean."""
    relation = within(schema, table.name)
    statements = []
    if table.primary_key:
        key = ", ".join(name_of(column) for column in table.primary_key)
        statements.append(f"alter table {relation} add primary key ({key})")
    if table.comment:
        statements.append(f"comment on table {relation} is {text(table.comment)}")
    statements += [
        f"comment on column {relation}.{name_of(column.name)} is {text(column.comment)}"
        for column in table.columns
        if column.comment
    ]
    return statements


def rights(schema: str, tables: list[Table], access: Access) -> list[str]:
    """Who may read: readers every row, a client's login the rows of its clients and no others.

    What a login may see stands in a table of which it sees its own rows. A mart in which nothing
    says whose a row is cannot be read by the logins of clients at all.
    """
    logins = within(schema, LOGINS_TABLE)
    statements = [f"create table {logins} (login text not null, client_id text not null)"]
    statements += [
        f"insert into {logins} values ({text(login)}, {text(client)})"
        for login, clients in access.clients.items()
        for client in clients
    ]
    statements += [
        f"alter table {logins} enable row level security",
        f"create policy own on {logins} for select using (login = current_user)",
    ]
    everybody = ", ".join(map(name_of, access.logins))
    readers = ", ".join(map(name_of, access.readers))
    clients = ", ".join(map(name_of, access.clients))
    if everybody:
        statements.append(f"grant usage on schema {name_of(schema)} to {everybody}")
    if clients:
        statements.append(f"grant select on {logins} to {clients}")
    for table in tables:
        relation = within(schema, table.name)
        condition = _rows_of_own_clients(schema, table)
        statements.append(f"alter table {relation} enable row level security")
        if readers:
            statements += [
                f"grant select on {relation} to {readers}",
                f"create policy everything on {relation} for select to {readers} using (true)",
            ]
        if clients and condition:
            statements += [
                f"grant select on {relation} to {clients}",
                f"create policy own on {relation} for select to {clients} using ({condition})",
            ]
    return statements


def _rows_of_own_clients(schema: str, table: Table) -> str | None:
    """The condition a client's row meets; None where nothing says whose a row is."""
    own = f"any(array(select client_id from {within(schema, LOGINS_TABLE)}))"
    if table.has("client_id"):
        return f"client_id = {own}"
    if table.has("customer_id"):
        customers = within(schema, "dim_customers")
        return f"customer_id = any(array(select customer_id from {customers}))"
    if table.has("segment_dimension", "segment_value"):
        return f"segment_dimension = 'client_id' and segment_value = {own}"
    return "true" if table.name in ("dim_dates", "dim_marts", "dim_measures") else None


def name_of(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def within(schema: str, table: str) -> str:
    """A table of a schema."""
    return f"{name_of(schema)}.{name_of(table)}"


def text(value: str) -> str:
    """A literal; backslashes mean nothing in it."""
    return "'" + value.replace("'", "''") + "'"


def _type_of(data_type: str) -> str:
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", data_type):
        return f"numeric({decimal[1]}, {decimal[2]})"
    return _TYPES[data_type]
