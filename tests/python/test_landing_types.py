"""A Parquet file is read as it is typed: what it says is what the same rows say in CSV."""

import duckdb
import pytest

from pointworth_worlds import simulate
from worlds import World, dbt_build

pytestmark = pytest.mark.slow  # each test is a build or more

# Rows that typed columns can hold and the contract refuses, or that two files type differently.
LINES = """
    select * from lines
    union all by name select * replace ('odd-1' as invoice_line_id, null as amount) from one
    union all by name select * replace ('odd-2' as invoice_line_id, null as invoiced_on) from one
    union all by name
    select * replace ('odd-3' as invoice_line_id, date '10000-01-01' as invoiced_on) from one
    union all by name
    select * replace ('odd-4' as invoice_line_id, date 'infinity' as invoiced_on) from one
    union all by name
    select * replace ('odd-5' as invoice_line_id, date '0044-03-15 (BC)' as service_from) from one
    union all by name
    select * replace ('odd-6' as invoice_line_id, date '2099-01-01' as invoiced_on) from one
    union all by name
    select * replace ('odd-7' as invoice_line_id, 'nobody' as customer_id) from one
    union all by name select * replace (-amount as amount) from one
    union all by name select * from one
"""
OTHER_ANSWERS = """
    select
        * exclude (responded_at, score) replace ('again-' || response_id as response_id),
        cast(responded_at as date) as responded_at,
        case response_id when (select min(response_id) from answers) then 9.5 else score end::double
            as score
    from answers
    limit 50
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    """One landing in both formats, built."""
    worlds = {format: World(tmp_path_factory.mktemp(format)) for format in ("parquet", "csv")}
    simulated = tmp_path_factory.mktemp("simulated")
    simulate("consumer_carrier", simulated, customers=300, seed=5)
    with duckdb.connect() as connection:
        for dataset, table in (("billing_invoice_lines", "lines"), ("survey_responses", "answers")):
            connection.execute(f"create table {table} as from '{simulated}/{dataset}.parquet'")
        connection.execute("create table one as from lines order by invoice_line_id limit 1")
        tables = {
            **{path.stem: f"from '{path}'" for path in simulated.glob("*.parquet")},
            "billing_invoice_lines": LINES,
            "survey_responses/a": "from answers",
            "survey_responses/b": OTHER_ANSWERS,
        }
        del tables["survey_responses"]
        for format, world in worlds.items():
            for name, query in tables.items():
                file = world.landing / f"{name}.{format}"
                file.parent.mkdir(parents=True, exist_ok=True)
                connection.execute(f"copy ({query}) to '{file}' (format {format})")
            dbt_build(world.landing, world.file)
    return worlds


def test_columns_are_landed_as_they_are_typed(built: dict[str, World]) -> None:
    types = "select column_name, data_type from duckdb_columns() where table_name = ?"
    lines = dict(built["parquet"].rows(types, "landed_billing_invoice_lines"))
    assert lines["invoiced_on"] == lines["service_to"] == "DATE"
    assert lines["amount"] == "DECIMAL(18,2)"
    assert lines["updated_at"] == "VARCHAR"  # not in the file
    answers = dict(built["parquet"].rows(types, "landed_survey_responses"))
    assert answers["responded_at"] == answers["score"] == "VARCHAR"  # the files differ
    assert set(dict(built["csv"].rows(types, "landed_billing_invoice_lines")).values()) == {
        *("VARCHAR", "BIGINT", "UBIGINT"),
    }


def test_every_row_has_its_number_and_its_reasons(built: dict[str, World]) -> None:
    """In both formats alike: the rows are counted from the file, the header being its first."""
    query = (
        "select invoice_line_id, source_row, rejection_reasons "
        "from staging.base_billing__invoice_lines where rejection_reasons is not null order by all"
    )
    found = built["parquet"].rows(query)
    assert found == built["csv"].rows(query)
    reasons = {key: reason for key, _, reason in found}
    assert [reasons[f"odd-{number}"] for number in range(1, 8)] == [
        "missing_amount",
        "missing_invoiced_on",
        "not_a_date_invoiced_on",
        "not_a_date_invoiced_on",
        "not_a_date_service_from",
        "in_the_future",
        "unknown_customer",
    ]


def test_both_formats_make_the_same_marts(built: dict[str, World]) -> None:
    """Row by row, rejected rows with their text included; only files are called otherwise."""
    typed, text = built["parquet"], built["csv"]
    assert typed.marts() == text.marts()
    with duckdb.connect() as connection:
        for name, world in (("typed", typed), ("text", text)):
            connection.execute(f"attach '{world.file}' as {name} (read_only)")
        for mart, columns in typed.marts().items():
            chosen = ", ".join(
                f"round({column}, 6) as {column}"
                if kind == "DOUBLE"
                else f"replace(cast({column} as varchar), '.parquet', '.csv') as {column}"
                for column, kind in connection.execute(
                    "select column_name, data_type from duckdb_columns() "
                    "where database_name = 'typed' and schema_name = 'marts' and table_name = ?",
                    [mart],
                ).fetchall()
            )
            one, other = (f"select {chosen} from {name}.marts.{mart}" for name in ("typed", "text"))
            for extra in (f"{one} except all {other}", f"{other} except all {one}"):
                rows = connection.execute(extra).fetchall()
                assert not rows, (mart, columns, rows[:3])
    (rejected,) = typed.rows("select count(*) from marts.rejected_rows")[0]
    assert rejected >= 9
