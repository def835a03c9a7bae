"""The marts as the published file describes them."""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Column:
    """A column of a mart: what it is, and whether it may be summed."""

    name: str
    type: str
    description: str
    unit: str | None
    shown_as: str | None
    summed_over: str | None

    @property
    def is_time(self) -> bool:
        """Whether it is a day or a moment."""
        return self.type in ("DATE", "TIMESTAMP")


@dataclass(frozen=True)
class Described:
    """A mart: its question, the rows people mean by its name, its columns, its only currency."""

    name: str
    question: str
    description: str
    headline: str | None
    currency: str | None
    columns: tuple[Column, ...]


def read_marts(connection: duckdb.DuckDBPyConnection) -> list[Described]:
    """Every mart of a published file, by name."""
    marts = connection.execute(
        "select mart, question, description, headline from dim_marts order by mart"
    ).fetchall()
    return [
        Described(name, question, description, headline, *_columns(connection, name))
        for name, question, description, headline in marts
    ]


def _columns(
    connection: duckdb.DuckDBPyConnection, mart: str
) -> tuple[str | None, tuple[Column, ...]]:
    rows = connection.execute(
        "select there.column_name, there.data_type, measures.description, measures.unit, "
        "measures.shown_as, measures.summed_over from duckdb_columns() as there "
        "left join dim_measures as measures "
        "on measures.mart = there.table_name and measures.column_name = there.column_name "
        "where there.table_name = ? order by there.column_index",
        [mart],
    ).fetchall()
    columns = tuple(
        Column(name, kind, description or "", unit, shown_as, summed_over)
        for name, kind, description, unit, shown_as, summed_over in rows
    )
    currencies: list[tuple[str]] = []
    if any(column.name == "currency" for column in columns):
        currencies = connection.execute(
            f'select distinct currency from "{mart}" where currency is not null'
        ).fetchall()
    return (currencies[0][0] if len(currencies) == 1 else None), columns
