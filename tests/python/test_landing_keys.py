"""What a row is known by: keys as typed, versions in any order, clients apart, the erased gone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from worlds import BuildError, World, dbt_build

SELECT = ["+landing_reconciliation", "+rejected_rows", "staging"]

NONE: Mapping[str, Any] = {}


def landing(folder: Path, **datasets: str) -> Path:
    """A landing from texts; blanks around a line are for reading only."""
    folder.mkdir(parents=True)
    for name, content in datasets.items():
        lines = [line.strip() for line in content.strip().splitlines()]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def built(folder: Path, variables: Mapping[str, Any] = NONE, /, **datasets: str) -> World:
    """What is accepted and rejected of it."""
    world = World(folder)
    landing(world.landing, **datasets)
    dbt_build(world.landing, world.file, select=SELECT, **variables)
    return world


ANSWERS = """
    response_id,customer_id,responded_at,score
    a1,c1,2024-06-30T10:00:00,9
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Keys written in several ways, versions in the wrong order."""
    return built(
        tmp_path_factory.mktemp("typed") / "world",
        {"reporting_currency": "eur"},
        crm_customers="""
            customer_id,acquired_on,region,updated_at
            c1,2022-01-01,north,2024-02-01T00:00:00
            c1,2022-01-01,south,2024-03-01T00:00:00
            c1,2023-01-01,west,2024-01-01T00:00:00
            c2,2022-01-01,north,
        """,
        survey_responses=ANSWERS,
        billing_subscriptions="""
            subscription_id,customer_id,started_on,notice_on,ended_on
            ended_first,c1,2022-01-01,,2024-03-01
            ended_first,c1,2022-01-01,,
            ends_later,c1,2022-01-01,,2024-06-01
            ends_later,c1,2022-01-01,,2024-03-01
            noticed,c1,2022-01-01,2024-01-15,2024-03-01
            noticed,c1,2022-01-01,,2024-03-01
            reversed,c1,2024-03-01,,2024-02-01
            same, c1 ,2022-01-01,,
            same,c1,2022-01-01T00:00:00,,
        """,
        billing_exchange_rates="""
            currency,valid_from,rate_to_reporting
            USD,2024-01-01,0
            SEK,2024-01-01,-0.1
            gbp,2024-01-01,1.10
            GBP,2024-01-01,1.20
            CHF,2024-01-01,1.05
            chf ,2024-01-01T00:00:00,1.05
        """,
        billing_invoice_lines="""
            invoice_line_id,customer_id,invoiced_on,amount,currency
            usd,c1,2024-04-01,100,USD
            sek,c1,2024-04-01,100,sek
            gbp,c1,2024-04-01,100,Gbp
            eur,c1,2024-04-01,100,eur
            none,c1,2024-04-01,100,
        """,
        finance_ledger_balances="""
            month,currency,amount
            2024-04,EUR,500
            2024-04-01,,500
            2024-05,eur,1
            2024-05-01,EUR,2
        """,
    )


def reasons(world: World, dataset: str) -> list[tuple[int, str]]:
    """Rejected rows of a dataset: their number and why."""
    return world.rows(
        "select source_row, reasons from marts.rejected_rows where dataset = ? order by all",
        dataset,
    )


def test_a_rate_of_nothing_is_no_rate(typed: World) -> None:
    assert reasons(typed, "billing_exchange_rates") == [
        (2, "not_positive_rate_to_reporting"),
        (3, "not_positive_rate_to_reporting"),
        (4, "duplicate_key"),
        (6, "exact_duplicate"),
    ]
    assert reasons(typed, "billing_invoice_lines") == [
        (2, "unknown_code_currency"),
        (3, "unknown_code_currency"),
    ]


def test_keys_are_compared_as_typed(typed: World) -> None:
    assert reasons(typed, "finance_ledger_balances") == [
        (2, "exact_duplicate"),
        (4, "duplicate_key"),
    ]
    assert (9, "exact_duplicate") in reasons(typed, "billing_subscriptions")


def test_the_version_that_was_learned_last_is_kept(typed: World) -> None:
    kept = typed.rows(
        "select subscription_id, cast(notice_on as varchar), cast(ended_on as varchar) "
        "from staging.stg_billing__subscriptions where subscription_id <> 'same' order by all"
    )
    assert kept == [
        ("ended_first", None, "2024-03-01"),
        ("ends_later", None, "2024-06-01"),
        ("noticed", "2024-01-15", "2024-03-01"),
    ]
    assert (8, "ends_before_start") in reasons(typed, "billing_subscriptions")
    assert typed.rows(
        "select customer_id, region from staging.stg_crm__customers order by customer_id"
    ) == [("c1", "south"), ("c2", "north")]


TWO_CLIENTS = {
    "crm_customers": """
        customer_id,client_id,referred_by_customer_id
        1001,alpha,2000
        1001,beta,
        2000,alpha,
        3000,,
    """,
    "survey_responses": """
        response_id,customer_id,client_id,responded_at,score
        ra,1001,alpha,2024-05-02T10:00:00,3
        rb,1001,beta,2024-05-03T10:00:00,10
        wrong,2000,beta,2024-05-03T10:00:00,10
        found,2000,,2024-05-03T10:00:00,8
        unclear,1001,,2024-05-03T10:00:00,8
        own,3000,,2024-05-03T10:00:00,8
    """,
    "billing_invoice_lines": """
        invoice_line_id,customer_id,client_id,invoiced_on,amount
        la,1001,alpha,2024-04-01,10
        lb,1001,beta,2024-04-01,500
        lc,2000,,2024-04-01,500
    """,
}


def test_one_number_for_customers_of_two_clients_stops_a_build(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="customer 1001 of crm_customers is a customer of alpha"):
        built(tmp_path / "world", **TWO_CLIENTS)


def test_numbers_of_the_clients_own(tmp_path: Path) -> None:
    world = built(tmp_path / "world", {"customer_key": "per_client"}, **TWO_CLIENTS)
    assert world.rows(
        "select customer_id, referred_by_customer_id from staging.stg_crm__customers "
        "order by customer_id"
    ) == [
        ("alpha/1001", "alpha/2000"),
        ("alpha/2000", None),
        ("beta/1001", None),
        ("own/3000", None),
    ]
    assert world.rows(
        "select response_id, customer_id from staging.stg_survey__responses order by response_id"
    ) == [
        ("found", "alpha/2000"),
        ("own", "own/3000"),
        ("ra", "alpha/1001"),
        ("rb", "beta/1001"),
    ]
    assert reasons(world, "survey_responses") == [(4, "unknown_customer"), (6, "unknown_customer")]
    assert world.rows(
        "select invoice_line_id, customer_id from staging.stg_billing__invoice_lines order by all"
    ) == [("la", "alpha/1001"), ("lb", "beta/1001"), ("lc", "alpha/2000")]


def test_a_row_of_another_client_is_rejected(tmp_path: Path) -> None:
    world = built(
        tmp_path / "world",
        crm_customers="""
            customer_id,client_id
            c1,alpha
            c2,
        """,
        survey_responses="""
            response_id,customer_id,client_id,responded_at,score
            r1,c1,alpha,2024-05-02T10:00:00,3
            r2,c1,beta,2024-05-02T10:00:00,3
            r3,c1,,2024-05-02T10:00:00,3
            r4,c2,own,2024-05-02T10:00:00,3
            r5,,beta,2024-05-02T10:00:00,3
        """,
        support_interactions="""
            interaction_id,customer_id,client_id,journey_stage,channel,opened_at
            i1,c1,alpha,billing,phone,2024-05-02T10:00:00
            i2,c1,beta,billing,phone,2024-05-02T10:00:00
            i3,c2,alpha,billing,phone,2024-05-02T10:00:00
        """,
    )
    assert reasons(world, "survey_responses") == [(3, "other_client")]
    assert reasons(world, "support_interactions") == [(3, "other_client"), (4, "other_client")]


def test_an_erased_customer_is_named_nowhere(tmp_path: Path) -> None:
    world = built(
        tmp_path / "world",
        crm_customers="""
            customer_id,referred_by_customer_id,customer_name
            gone-1,,Somebody
            stays,gone-1,
            other,nobody,
            late,gone-1
        """,
        survey_responses="""
            response_id,customer_id,respondent_id,responded_at,score
            r1,gone-1,,2024-05-02T10:00:00,3
            r2,stays,gone-1,not a date,3
            r3,stays,,2024-05-02T10:00:00,3
        """,
        billing_invoice_lines="""
            invoice_line_id,customer_id,invoiced_on,amount
            l1,gone-1,2024-04-01,10
            l2,gone-1,2024-04-01,ten
            l3,"gone-1",2024-04-01,10,,,,,,,
            l4,gone-1,2024-04-01
            l5,gone-1,2024-05-01,7
            l6,gone-1x,2024-05-01
        """,
        privacy_erasure_requests="""
            customer_id,requested_on
            gone-1,2024-06-01
            gone-1,2024-06-02
            gone-1,2024-06-02
            gone-1,soon
        """,
    )
    for table in ("marts.rejected_rows", "staging.stg_crm__customers"):
        rows = world.rows(f"from {table}")
        assert not [row for row in rows if any(str(value) == "gone-1" for value in row)]
    shown = world.rows("select raw_text from marts.rejected_rows where dataset not like 'privacy%'")
    assert not [text for (text,) in shown if "gone-1" in text and "gone-1x" not in text]
    assert [text for (text,) in shown if "gone-1x" in text]
    assert not [
        text
        for (text,) in world.rows("select raw_text from marts.rejected_rows")
        if "gone-1" in text and "gone-1x" not in text
    ]
    keys = world.rows(
        "select customer_id, count(*) from staging.stg_billing__invoice_lines group by all"
    )
    ((key, lines),) = keys
    assert key.startswith("erased-")
    assert lines == 3
