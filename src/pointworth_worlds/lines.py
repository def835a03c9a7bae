"""Invoice lines, exchange rates and the general ledger, expanded in DuckDB from one row per
customer. Noise comes from a hash of the customer's key, so it does not depend on threads."""

from __future__ import annotations

import duckdb

from .worlds import WorldSpec

_ONE_OFF = 0.5
_CREDIT = 0.3
_TAX = 0.22

#: A uniform number in (0, 1) for a customer's key, a month and a use (0–31).
UNIFORM_MACRO = """
create or replace temp macro uniform(noise_key, m, use) as
    (hash(noise_key + m * 32 + use) >> 11) * 1.1102230246251565e-16
"""


def lines_query(spec: WorldSpec, scale: float, from_month: int = 0) -> str:
    """SQL for the invoice lines in order of customer, month and kind, reading ``customer_draws``
    and ``calendar``.

    Monthly customers: one recurring line a month. Quarterly customers: one line in advance whose
    cents are chosen so that spreading by day leaves a remainder of one cent and never half a
    cent; if they leave in mid-quarter, one credit note per unused month at exactly what had been
    spread onto it. Every kind is proportional to the same level, so that revenue is too.
    """
    recurring = 1.0 - spec.usage_share - spec.one_off_rate * _ONE_OFF + spec.credit_rate * _CREDIT
    usage = spec.usage_share / spec.usage_rate if spec.usage_rate else 0.0
    invoiced = "month_end" if spec.billed_in_arrears else "service_from"
    half_width = spec.noise * 3**0.5
    return f"""
with customer_months as (
    select *, unnest(range(greatest(first_month, {from_month}), last_month + 1))::integer as m
    from customer_draws
),
priced as (
    select
        customer_months.*,
        case when is_quarterly then greatest(first_month, m - m % 3) else m end as priced_month,
        calendar.month_start,
        calendar.next_start,
        calendar.month_end,
        calendar.suffix
    from customer_months
    inner join calendar using (m)
),
levelled as (
    select
        priced.* exclude (month_start),
        greatest(month_start, started_on) as month_start,
        {scale!r} * local_revenue
        * (1.0 + {half_width!r} * (2.0 * uniform(noise_key, priced_month, 0) - 1.0))
        * case
            when index_month is null or priced_month <= index_month then 1.0
            else greatest(
                0.3,
                1.0
                + drift * (priced_month - index_month) / 12.0
                + gain * least(priced_month - index_month, 24) / 24.0
            )
        end as level,
        case
            when m = first_month then (next_start - greatest(month_start, started_on)) * 1.0
                / (next_start - month_start)
            else 1.0
        end as part
    from priced
),
kinds as (
    select
        *,
        unnest(
            case
                when
                    is_quarterly
                    or is_taxed
                    or uniform(noise_key, m, 2) < {spec.one_off_rate!r}
                    or uniform(noise_key, m, 3) < {spec.credit_rate!r}
                    or is_unpaid and m = last_month
                    then
                        case
                            when not is_quarterly then [0]
                            when m = priced_month or m = {from_month} then [1]
                            else []
                        end
                        || case
                            when uniform(noise_key, m, 1) < {spec.usage_rate!r} then [2] else []
                        end
                        || case
                            when uniform(noise_key, m, 2) < {spec.one_off_rate!r} then [3] else []
                        end
                        || case
                            when uniform(noise_key, m, 3) < {spec.credit_rate!r} then [4] else []
                        end
                        || case when is_taxed then [5] else [] end
                        || case when is_unpaid and m = last_month then [6] else [] end
                        || case
                            when is_quarterly and has_left and m = last_month
                                then [7, 8][1:2 - m % 3]
                            else []
                        end
                -- the plain month, told apart for speed only
                when uniform(noise_key, m, 1) < {spec.usage_rate!r} then [0, 2]
                else [0]
            end
        ) as kind
    from levelled
),
quarters as (
    select
        *,
        case when kind in (1, 7, 8) then quarter_from(started_on, priced_month) end as q_from,
        case when kind in (1, 7, 8) then quarter_to(priced_month) end as q_to
    from kinds
),
daily as (
    select
        *,
        -- cents a day; a full quarter carries one cent more, left for its last month
        case
            when kind in (1, 7, 8)
                then cast(round(level * {recurring!r} * 1200.0 / 365.25) as bigint)
        end as day_cents,
        case when kind in (1, 7, 8) and q_to - q_from >= 89 then 1 else 0 end as odd_cent
    from quarters
),
credited as (
    select
        *,
        case when kind >= 7 then month_begin(m + kind - 6) end as c_from,
        case when kind >= 7 then month_begin(m + kind - 5) end as c_to
    from daily
)
select
    line_stem || suffix || kind as invoice_line_id,
    invoice_stem || m as invoice_id,
    customer_id,
    case when m >= migration_month then second_contract else first_contract end
        as subscription_id,
    case
        when kind = 1 then q_from
        when kind in (0, 5) then {invoiced.replace("service_from", "month_start")}
        when kind >= 6 then next_start
        else month_end
    end as invoiced_on,
    case
        when kind = 1 then q_from
        when kind in (3, 6) or (kind = 2 and bills_usage_plainly) then null
        when kind >= 7 then c_from
        else month_start
    end as service_from,
    case
        when kind = 1 then q_to
        when kind in (3, 6) or (kind = 2 and bills_usage_plainly) then null
        when kind >= 7 then c_to
        else next_start
    end as service_to,
    case kind
        when 0 then 'recurring' when 1 then 'recurring' when 2 then 'usage' when 3 then 'one_off'
        when 5 then 'tax' when 6 then 'bad_debt' else 'credit_note'
    end as line_kind,
    case
        when kind = 1 then cast(day_cents * (q_to - q_from) + odd_cent as decimal(18, 0)) / 100
        when kind >= 7
            then -cast(
                day_cents * (c_to - c_from) + case when c_to = q_to then odd_cent else 0 end
                as decimal(18, 0)
            ) / 100
        else level * case kind
            when 0 then {recurring!r} * part
            when 2 then {usage!r} * part
            when 3 then {_ONE_OFF} * part
            when 4 then -{_CREDIT} * part
            when 5 then {_TAX} * part
            else -{_ONE_OFF}
        end
    end::decimal(18, 2) as amount,
    currency
from credited
where kind < 7 or c_to <= q_to
"""


def prepare_calendar(con: duckdb.DuckDBPyConnection, spec: WorldSpec, months: int) -> None:
    """Create ``calendar`` (one row per month) and the macros the line query uses."""
    start = spec.start.isoformat()
    con.execute(UNIFORM_MACRO)
    con.execute(
        f"create or replace temp macro month_begin(m) as"
        f" cast(date '{start}' + to_months(cast(m as integer)) as date)"
    )
    con.execute(
        "create or replace temp macro quarter_from(started_on, m) as"
        " greatest(month_begin(m), started_on)"
    )
    con.execute(
        f"create or replace temp macro quarter_to(m) as month_begin(least(m - m % 3 + 3, {months}))"
    )
    con.execute(
        f"""
        create or replace temp table calendar as
        select
            m::integer as m,
            month_begin(m) as month_start,
            month_begin(m + 1) as next_start,
            month_begin(m + 1) - 1 as month_end,
            '-' || m || '-' as suffix
        from range({months}) as r(m)
        """
    )


def recognised_query(lines: str, where: str = "true") -> str:
    """SQL for net recognised revenue by line and month, in the line's currency.

    The method's rule in whole cents: a line's cents × days of the month / days of the line,
    rounded half away from zero, and what is left over on its last month.
    """
    return f"""
with revenue_lines as (
    select
        customer_id,
        currency,
        invoiced_on,
        coalesce(service_from, invoiced_on) as begins,
        case when service_to > service_from then service_to else invoiced_on + 1 end as ends,
        cast(amount * 100 as bigint) as cents,
        invoice_line_id
    from {lines}
    where line_kind not in ('tax', 'bad_debt') and {where}
),
within_a_month as (
    select customer_id, currency, invoiced_on, date_trunc('month', begins)::date as month, cents
    from revenue_lines
    where date_trunc('month', begins) = date_trunc('month', ends - 1)
),
longer as (
    select
        *,
        unnest(
            generate_series(
                date_trunc('month', begins)::timestamp,
                date_trunc('month', ends - 1)::timestamp,
                interval 1 month
            )
        )::date as month
    from revenue_lines
    where date_trunc('month', begins) <> date_trunc('month', ends - 1)
),
shares as (
    select
        *,
        sign(cents)::bigint * (
            (
                2 * abs(cents)
                * (least((month + interval 1 month)::date, ends) - greatest(month, begins))
                + (ends - begins)
            ) // (2 * (ends - begins))
        ) as rounded,
        month = date_trunc('month', ends - 1)::date as is_last
    from longer
),
spread as (
    select
        customer_id,
        currency,
        invoiced_on,
        month,
        case
            when is_last
                then cents - (sum(case when is_last then 0 else rounded end)
                    over (partition by invoice_line_id))::bigint
            else rounded
        end as cents
    from shares
)
select customer_id, currency, invoiced_on, month, cents from within_a_month
union all
select customer_id, currency, invoiced_on, month, cents from spread
"""


def active_revenue_query(lines: str, months: int) -> str:
    """SQL for the monthly baseline revenue (reporting currency, mean of the last three months) of
    the customers active at the end: client, is_respondent, amount in ten-thousandths of a cent."""
    recent = f"coalesce(service_to, invoiced_on + 1) > month_begin({months - 3})"
    return f"""
select
    customer_draws.client,
    customer_draws.index_month is not null as is_respondent,
    sum(recognised.cents * rates.rate_scaled)::hugeint as amount
from ({recognised_query(lines, recent)}) as recognised
inner join customer_draws using (customer_id)
inner join rates
    on recognised.currency = rates.currency
    and year(recognised.invoiced_on) = rates.year
where recognised.month >= month_begin({months - 3}) and not customer_draws.has_left
group by 1, 2
"""
