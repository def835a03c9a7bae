"""Hands over the work of the day as a list with a hold-out, as `campaign_assignments` has it."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from pointworth.errors import usage_error
from pointworth.formats import cell_text
from pointworth.output_file import refuse_the_warehouse, replacing
from pointworth.query import published

_FORMATS = {".csv": "format csv, header true", ".parquet": "format parquet"}

#: Kinds of work, the most urgent first: a customer is on a list once.
KINDS = ("retention", "call_back", "referral_request", "upsell_offer", "ask")

# The lot is drawn by the order of a hash of the seed: the same seed draws the same customers.
_LIST = """
with kinds as (
    select unnest($kinds) as work_kind, generate_subscripts($kinds, 1) as kind_place
),
occasions as (
    select
        due.*, kinds.kind_place, due.value_kind <> 'expected_net_value' as is_unmeasured,
        row_number() over (partition by customer_id order by kind_place) as occasion
    from actions_due as due
    inner join kinds using (work_kind)
    where $client is null or client_id = $client
),
ranked as (
    select
        *,
        row_number() over (
            partition by work_kind order by is_unmeasured, value desc, customer_id
        ) as top_place,
        sum(cost * (1 - $hold_out)) over (
            order by kind_place, is_unmeasured, value desc, customer_id
        ) as spent
    from occasions
    where occasion = 1
),
listed as (
    select * from ranked
    where top_place <= $top and (cost = 0 or spent <= coalesce($budget, spent))
),
drawn as (
    select
        *,
        count(*) over lists as customers,
        row_number() over (lists order by sha256($seed || '|' || work_kind || '|' || customer_id))
            as lot
    from listed
    window lists as (partition by work_kind, action_kind)
),
assignments as (
    select
        *,
        'list-' || listed_on || '-' || work_kind || '-' || $seed as campaign_id,
        lot <= greatest(round($hold_out * customers), 1) as is_held_out
    from drawn
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
from assignments
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
    values: dict[str, Any] = {
        "kinds": list(wanted.kinds),
        "client": wanted.client,
        "top": wanted.top,
        "budget": wanted.budget,
        "hold_out": wanted.hold_out,
        "seed": seed,
    }
    connection.execute(f"create or replace temp table listed as {_LIST}", values)


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
