"""Hands over the work of the day as a list with a hold-out, as `campaign_assignments` has it."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from pointworth.asking.formats import cell_text
from pointworth.asking.query import published
from pointworth.errors import usage_error
from pointworth.output_file import refuse_the_warehouse, replacing

_FORMATS = {".csv": "format csv, header true", ".parquet": "format parquet"}

#: Kinds of work, the most urgent first: a customer is on a list once.
KINDS = ("retention", "call_back", "referral_request", "upsell_offer", "ask")

_CHOSEN = (
    "create or replace temp table chosen as select *, 0 as kind_place, 0 as top_place "
    "from actions_due limit 0"
)

# Of one kind: who is on the list for no other, what is measured before what is not (as in the
# mart), within what the kinds before have left of the budget.
_CHOOSE = """
insert into chosen
with due as (
    select
        *, $kind_place as kind_place,
        row_number() over (
            order by value_kind <> 'expected_net_value', value desc, customer_id
        ) as top_place
    from actions_due
    where
        work_kind = $kind
        and ($client is null or client_id = $client)
        and customer_id not in (select customer_id from chosen)
),
spent as (
    select
        *,
        (select coalesce(sum(cost), 0) * (1 - $hold_out) from chosen)
        + sum(cost * (1 - $hold_out)) over (order by top_place) as spent
    from due
)
select * exclude (spent)
from spent
where top_place <= $top and (cost = 0 or $budget is null or spent <= $budget)
"""

# The lot is drawn by the order of a hash of the seed: the same seed draws the same customers.
# Somebody is always left alone, and never everybody. The lot decides what the list costs: what it
# would cost beyond the budget ends it.
_LIST = """
with drawn as (
    select
        *,
        count(*) over lists as customers,
        row_number() over (lists order by sha256($seed || '|' || work_kind || '|' || customer_id))
            as lot
    from chosen
    window lists as (partition by work_kind, action_kind)
),
assignments as (
    select
        *,
        'list-' || listed_on || '-' || work_kind || '-' || $seed as campaign_id,
        lot <= least(greatest(round($hold_out * customers), 1), customers - 1) as is_held_out
    from drawn
),
counted as (
    select
        *,
        sum(case when is_held_out then 0 else cost end) over (order by kind_place, top_place)
            as spent
    from assignments
)
select
    campaign_id || '-' || customer_id as assignment_id, campaign_id, action_kind,
    customer_number as customer_id, client_id,
    case when is_held_out then 'control' else 'treated' end as arm,
    true as is_randomised, 1 - $hold_out as treated_share, listed_on as assigned_on,
    cast(null as date) as contacted_on, cast(null as boolean) as accepted,
    cast(null as double) as discount_amount,
    case when is_held_out then 0 else cost end as contact_cost, currency, trigger_response_id,
    work_kind, top_place as place, due_by, reason, value_kind, value, value_lower, value_upper,
    evidence, like_campaign_id
from counted
where cost = 0 or $budget is null or spent <= $budget
order by kind_place, top_place
"""


@dataclass(frozen=True)
class Wanted:
    """What a list is to hold: so many customers of each kind, of a client or of all, for at most
    so much, of whom a share is left alone by lot."""

    top: int
    client: str | None = None
    budget: float | None = None
    kinds: tuple[str, ...] = KINDS
    hold_out: float = 0.2
    seed: str = ""


def export_actions(home: Path, wanted: Wanted, file: Path, console: Console) -> None:
    """Write the list and say what is in it; an earlier file of the name is replaced."""
    refuse_the_warehouse(home, file)
    if file.suffix not in _FORMATS:
        raise usage_error(f"{file} is no name for a list: end it with .csv or .parquet.")
    unknown = [kind for kind in wanted.kinds if kind not in KINDS]
    if unknown:
        raise usage_error(f"There is no work called {unknown[0]}: there is {', '.join(KINDS)}.")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", wanted.seed):
        raise usage_error(f"--seed {wanted.seed}: give letters and digits, such as 7.")
    seed = wanted.seed or str(secrets.randbelow(10**9))
    with published(home) as connection:
        _require_client(connection, wanted.client)
        draw_list(connection, wanted, seed)
        summary = connection.execute(
            "select work_kind, count(*), count(*) filter (arm = 'control'), sum(value), "
            "min(currency), value_kind from listed group by work_kind, value_kind "
            "order by list_position($kinds, work_kind), min(place)",
            {"kinds": list(KINDS)},
        ).fetchall()
        if not summary:
            raise usage_error(
                "There is nothing to list: no such work is due, or, for retention, "
                "no action has evidence of helping (see churn_risk_backtest and "
                "retention_action_effects)."
            )
        write_list(connection, file)
    _say(console, summary, file, seed)


def draw_list(connection: duckdb.DuckDBPyConnection, wanted: Wanted, seed: str) -> None:
    """Draw the list from the published marts into the temporary table `listed`."""
    connection.execute(_CHOSEN)
    for place, kind in enumerate(wanted.kinds):
        values: dict[str, Any] = {
            "kind": kind,
            "kind_place": place,
            "client": wanted.client,
            "top": wanted.top,
            "budget": wanted.budget,
            "hold_out": wanted.hold_out,
        }
        connection.execute(_CHOOSE, values)
    lot = {"hold_out": wanted.hold_out, "seed": seed, "budget": wanted.budget}
    connection.execute(f"create or replace temp table listed as {_LIST}", lot)


def write_list(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Write `listed`: beside the file first, so that nobody reads half of it."""
    with replacing(file) as draft:
        target = str(draft).replace("'", "''")
        connection.execute(f"copy listed to '{target}' ({_FORMATS[file.suffix]})")


def _require_client(connection: duckdb.DuckDBPyConnection, client: str | None) -> None:
    if client is None:
        return
    known = connection.execute("select distinct client_id from dim_customers order by 1").fetchall()
    if (client,) not in known:
        raise usage_error(
            f"There is no client {client}: there is {', '.join(name for (name,) in known[:10])}."
        )


def _say(console: Console, summary: list[tuple[Any, ...]], file: Path, seed: str) -> None:
    table = Table("Work", "Customers", "Left alone", "Ordered by", "In all")
    for kind, customers, held_out, value, currency, ordered_by in summary:
        in_all = f"{cell_text(value, 'money')} {currency}"
        words = ordered_by.replace("_", " ")
        table.add_row(kind, cell_text(customers), cell_text(held_out), words, in_all)
    console.print(table)
    console.print(
        f"Wrote {file} (seed {seed}). Leave the customers of the arm control alone; then put the "
        "file, with contacted_on, accepted and the costs filled in, into the folder "
        "campaign_assignments of the landing: the next build measures what the list brought.",
        highlight=False,
        soft_wrap=True,
    )
