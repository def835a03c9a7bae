"""The other datasets, as SQL over ``customer_draws``, ``answer_draws`` and ``invitation_draws``.

Each function returns the select of one dataset, its columns in the order of the landing contract
and its rows in a fixed order. Random choices come from hashes of the customers' keys.
"""

from __future__ import annotations

import duckdb

from .answers import SCORE_WEIGHTS
from .worlds import JOURNEY_STAGES, WorldSpec

_VERBATIMS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "it",
        ("Bolletta sbagliata, di nuovo", "Troppo caro per quello che offre", "Rete sempre lenta"),
        ("Va bene, ma l'attesa al telefono è lunga", "Prezzo nella media, servizio corretto"),
        ("Assistenza veloce e gentile", "Rete ottima, consigliato"),
    ),
    (
        "en",
        ("The bill was wrong, twice", "Too expensive, and nobody called back", "Slow network"),
        ("Fine, but the waiting time is long", "Fair price, average service"),
        ("Quick and friendly support", "Great network, I would recommend it"),
    ),
    (
        "fr",
        ("Facture incorrecte, encore", "Trop cher et personne ne rappelle", "Réseau lent"),
        ("Correct, mais attente trop longue", "Prix correct, service moyen"),
        ("Assistance rapide et aimable", "Très bon réseau, je recommande"),
    ),
    (
        "pt",
        ("Fatura errada outra vez", "Muito caro, ninguém responde", "Rede lenta"),
        ("Bom, mas a espera é longa", "Preço justo, serviço médio"),
        ("Apoio rápido e simpático", "Rede excelente, recomendo"),
    ),
    (
        "de",
        ("Rechnung schon wieder falsch", "Zu teuer, niemand ruft zurück", "Netz zu langsam"),
        ("In Ordnung, aber lange Wartezeit", "Preis fair, Service mittel"),
        ("Schnelle, freundliche Hilfe", "Sehr gutes Netz, gern empfohlen"),
    ),
    (
        "es",
        ("Factura equivocada otra vez", "Demasiado caro, nadie responde", "Red lenta"),
        ("Bien, pero la espera es larga", "Precio justo, servicio medio"),
        ("Atención rápida y amable", "Muy buena red, la recomiendo"),
    ),
)
_SOURCES = ("referral", "word_of_mouth", "advertising", "sales", "partner")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(v) for v in values) + "]"


def _pick(values: tuple[str, ...], index: str) -> str:
    return f"{_list(values)}[1 + cast({index} as integer)]"


def _draw(values: tuple[str, ...], uniform: str) -> str:
    return _pick(values, f"floor({uniform} * {len(values)})")


def client_name(spec: WorldSpec, client: int) -> str | None:
    """The client's key; None (own) where the world has one client."""
    return None if spec.clients == 1 else f"{spec.client_prefix}_{client + 1:03d}"


def _client(spec: WorldSpec) -> str:
    if spec.clients == 1:
        return "cast(null as varchar)"
    return f"'{spec.client_prefix}_' || lpad(cast(client + 1 as varchar), 3, '0')"


def customers(spec: WorldSpec) -> str:
    """crm_customers. Names, e-mails and phones are visibly made up from the number."""
    industry = _pick(spec.industries, "industry") if spec.industries else "cast(null as varchar)"
    return f"""
select
    customer_id,
    {_client(spec)} as client_id,
    {_pick(tuple(t.name for t in spec.customer_types), "customer_type")} as customer_type,
    {industry} as industry,
    {_pick(spec.regions, "region")} as region,
    'paid' as plan_tier,
    acquired_on,
    {_pick(_SOURCES, "source")} as acquisition_source,
    referred_by_customer_id,
    'Customer ' || customer_number as customer_name,
    'customer-' || customer_number || '@example.invalid' as email,
    '+00 ' || customer_number as phone
from customer_draws
order by customer_id
"""


def subscriptions(spec: WorldSpec) -> str:
    """billing_subscriptions: one contract, or two where a customer changed plan by migration."""
    return f"""
with contracts as (
    select *, unnest(case when migration_month < {10**6} then [1, 2] else [1] end) as contract
    from customer_draws
)
select
    subscription_stem || contract as subscription_id,
    customer_id,
    {_pick(spec.service_lines, f"region % {len(spec.service_lines)}")} as service_line,
    {_pick(spec.plans, f"(plan + contract - 1) % {len(spec.plans)}")} as plan,
    case contract when 1 then acquired_on else month_begin(migration_month) end as started_on,
    case
        when contract = 1 and migration_month < {10**6} then null
        when has_left and not is_unpaid then notice_on
    end as notice_on,
    case
        when contract = 1 and migration_month < {10**6} then month_begin(migration_month)
        when has_left then month_begin(last_month + 1)
    end as ended_on,
    case
        when contract = 1 and migration_month < {10**6} then 'migrated'
        when not has_left then null
        when is_unpaid then 'non_payment'
        when uniform(noise_key, 0, 4) < 0.6 then 'voluntary'
        else 'switched'
    end as end_reason
from contracts
order by customer_id, contract
"""


def prepare_interactions(con: duckdb.DuckDBPyConnection, spec: WorldSpec) -> None:
    """Create ``interactions``: contacts spread over a customer's life, and complaints or faults in
    the 80 days before the first answer, more of them the lower the category."""
    con.execute(
        f"""
        create or replace temp table interactions as
        with spread as (
            select
                *,
                greatest(acquired_on + 1, month_begin(0)) as life_from,
                least(event_on, as_of + 1) as life_to
            from customer_draws
        ),
        ordinary as (
            select
                *,
                unnest(range(
                    1,
                    1 + cast(floor(
                        (life_to - life_from) / 365.25 * {spec.interactions_per_year!r}
                        * (0.4 + 1.2 * uniform(noise_key, 0, 5)) + uniform(noise_key, 0, 6)
                    ) as bigint)
                ))::integer as n
            from spread
            where life_to > life_from
        ),
        dated as (
            select
                *,
                life_from
                + cast(floor(uniform(noise_key, n, 7) * (life_to - life_from)) as integer) as day,
                uniform(noise_key, n, 8) as trouble
            from ordinary
            union all by name
            select
                *,
                0 as n,
                index_answer_on - 5 - cast(floor(uniform(noise_key, 0, 7) * 75) as integer) as day,
                0.0 as trouble
            from spread
            where
                index_month is not null
                and uniform(noise_key, 0, 8)
                < case index_category when 0 then 0.45 when 1 then 0.18 else 0.08 end
        ),
        described as (
            select
                *,
                cast(day as timestamp) + to_seconds(
                    28800 + cast(floor(uniform(noise_key, n, 9) * 36000) as bigint)
                ) as opened_at,
                exp(1.0 + 3.0 * uniform(noise_key, n, 10)) as hours,
                trouble < 0.12 as is_complaint,
                trouble >= 0.08 and trouble < 0.3 or (n = 0 and uniform(noise_key, 0, 11) < 0.4)
                    as is_fault
            from dated
        )
        select
            'x' || customer_number || '-' || n as interaction_id,
            customer_id,
            customer_number,
            client,
            customer_type,
            noise_key,
            index_month,
            index_answer_on,
            event_on,
            as_of,
            n,
            1 + cast(floor(uniform(noise_key, n, 12) * {len(spec.service_lines)}) as integer)
                as service_code,
            case
                when is_fault then 'fault'
                when is_complaint
                    then {_draw(("billing", "dispute", "delivery"), "uniform(noise_key, n, 13)")}
                else {_draw(JOURNEY_STAGES, "uniform(noise_key, n, 13)")}
            end as journey_stage,
            {_draw(spec.channels, "uniform(noise_key, n, 14)")} as channel,
            case when uniform(noise_key, n, 15) < 0.85 then 'inbound' else 'outbound' end
                as direction,
            opened_at,
            opened_at + to_seconds(cast(hours * 3600 as bigint)) as resolved_at,
            is_complaint,
            is_fault,
            cast(3.0 + hours * 0.25 + case when is_fault then 8.0 else 0.0 end as decimal(18, 2))
                as handling_cost
        from described
        """
    )


def interactions(spec: WorldSpec) -> str:
    """support_interactions."""
    return f"""
select
    interaction_id,
    customer_id,
    {_list(spec.service_lines)}[service_code] as service_line,
    journey_stage,
    channel,
    direction,
    case
        when is_fault then 'no service'
        when is_complaint then 'wrong amount'
        else 'question'
    end as reason,
    opened_at,
    case when resolved_at <= cast(as_of as timestamp) then resolved_at end as resolved_at,
    is_complaint,
    is_fault,
    handling_cost,
    cast(null as varchar) as currency
from interactions
order by customer_id, n
"""


def prepare_responses(con: duckdb.DuckDBPyConnection, spec: WorldSpec) -> None:
    """Create ``responses``: the relational answers as drawn, and answers after contacts drawn
    here; ``expected`` is the planted mean contribution of a transactional answer."""
    relational = f"""
        select
            customer_number,
            noise_key,
            respondent,
            round,
            customer_id as true_customer_id,
            case when not is_anonymous then customer_id end as customer_id,
            case when not is_anonymous then respondent_id end as respondent_id,
            {_pick(("buyer", "user", "manager"), "respondent")} as respondent_role,
            client,
            customer_type,
            'relational' as survey_kind,
            cast(null as varchar) as journey_stage,
            cast(null as varchar) as service_line,
            'email' as channel,
            case when not is_anonymous then invitation_id end as invitation_id,
            cast(null as varchar) as interaction_id,
            cast(answered_on as timestamp) + to_seconds(
                28800 + respondent * 10000
                + cast(floor(uniform(noise_key, round, 16) * 9000) as bigint)
            ) as responded_at,
            category,
            score,
            'nps_0_10' as score_scale,
            'r' || customer_number || '-' || round || respondent as response_id,
            32 + round * 4 + respondent as draw,
            is_index,
            cast(null as double) as expected
        from answer_draws
        inner join customer_draws using (i)
    """
    transactional = ""
    plan = spec.transactional
    if plan is not None:
        lowest = "case category " + " ".join(
            f"when {code} then {low}" for code, (low, _) in enumerate(SCORE_WEIGHTS)
        )
        steps = []
        for code, (_, weights) in enumerate(SCORE_WEIGHTS):
            edges, total = [], 0.0
            for weight in weights[:-1]:
                total += weight / sum(weights)
                edges.append(f"cast(within >= {total!r} as integer)")
            steps.append(f"when {code} then {' + '.join(edges)}")
        timing = "responded_at > index_answer_on + 1" if plan.only_after_relational else "true"
        transactional = f"""
        union all by name
        select
            * exclude (p_detractor, p_promoter, toss, within, in_stars, index_answer_on, event_on,
                as_of, answers),
            case
                when not in_stars
                    then {lowest} end + case category {" ".join(steps)} end
                when category = 0 then 1 + cast(floor(within * 3) as integer)
                else 3 + category
            end as score,
            case when in_stars then 'stars_1_5' else 'nps_0_10' end as score_scale
        from (
            select
                *,
                case
                    when toss < p_detractor then 0
                    when toss >= 1 - p_promoter then 2
                    else 1
                end as category
            from (
                select
                    customer_number,
                    noise_key,
                    0 as respondent,
                    n as round,
                    customer_id as true_customer_id,
                    customer_id,
                    cast(null as varchar) as respondent_id,
                    cast(null as varchar) as respondent_role,
                    client,
                    customer_type,
                    'transactional' as survey_kind,
                    journey_stage,
                    {_list(spec.service_lines)}[service_code] as service_line,
                    channel,
                    cast(null as varchar) as invitation_id,
                    interaction_id,
                    resolved_at + to_seconds(
                        3600 + cast(floor(uniform(noise_key, n, 17) * 100000) as bigint)
                    ) as responded_at,
                    't' || customer_number || '-' || n as response_id,
                    64 + n as draw,
                    false as is_index,
                    100.0 * (p_promoter - p_detractor) as expected,
                    p_detractor,
                    p_promoter,
                    uniform(noise_key, n, 18) as toss,
                    uniform(noise_key, n, 19) as within,
                    uniform(noise_key, n, 20) < {plan.stars_share!r} as in_stars,
                    index_answer_on,
                    event_on,
                    as_of,
                    uniform(noise_key, n, 21) < {plan.answer_rate!r} as answers
                from interactions
                inner join transactional_cells using (client, customer_type, service_code)
            )
            where
                answers
                and responded_at < cast(least(event_on, as_of) as timestamp)
                and {timing}
        )
        """
    con.execute(f"create or replace temp table responses as {relational} {transactional}")


def responses(spec: WorldSpec) -> str:
    """survey_responses."""
    texts = []
    for language, *by_category in _VERBATIMS:
        for code, values in enumerate(by_category):
            texts.append(
                f"when language = '{language}' and category = {code}"
                f" then {_draw(values, 'uniform(noise_key, draw, 22)')}"
            )
    return f"""
select
    response_id,
    customer_id,
    respondent_id,
    respondent_role,
    {_client(spec)} as client_id,
    survey_kind,
    journey_stage,
    service_line,
    channel,
    invitation_id,
    interaction_id,
    responded_at,
    score,
    score_scale,
    case {" ".join(texts)} end as verbatim,
    language
from (
    select
        *,
        case
            when uniform(noise_key, draw, 23) < {spec.verbatim_share!r}
                then {_draw(spec.languages, "uniform(noise_key, draw, 24)")}
        end as language
    from responses
)
order by response_id
"""


def invitations(spec: WorldSpec) -> str:
    """survey_invitations."""
    del spec
    return """
select
    invitation_id,
    customer_id,
    respondent_id,
    'relational' as survey_kind,
    'email' as channel,
    cast(sent_on as timestamp) + interval 7 hour as sent_at
from invitation_draws
inner join customer_draws using (i)
order by invitation_id
"""


def driver_ratings(spec: WorldSpec) -> str:
    """survey_driver_ratings: stars from 1 to 5 that lean on the category, by the driver's weight,
    and what an initiative lifted."""
    drivers = ", ".join(
        f"{{'driver': '{name}', 'weight': {weight!r}, 'use': {25 + at % 7}, 'step': {at // 7}}}"
        for at, (name, weight) in enumerate(spec.drivers)
    )
    lifts = "".join(
        f" + case when d.driver = {_text(item.driver)}"
        f" and responded_at >= month_begin({item.end_month}) then {item.lift!r} else 0.0 end"
        for item in spec.initiatives
        if item.lift
    )
    return f"""
select
    response_id,
    d.driver as driver,
    cast(least(5, greatest(1, round(
        3.2 + 0.9 * d.weight * (category - 1)
        + 2.6 * (uniform(noise_key, draw * 2 + d.step, d.use)
            + uniform(noise_key, draw * 2 + d.step + 4000, d.use) - 1.0){lifts}
    ))) as integer) as rating,
    'stars_1_5' as score_scale
from (
    select *, unnest([{drivers}]) as d
    from responses
    where survey_kind = 'relational'
)
order by response_id, driver
"""


def follow_ups(spec: WorldSpec) -> str:
    """support_follow_ups: a case for six in ten known detractors, most of them reached."""
    del spec
    causes = ("price", "billing", "network", "waiting", "staff")
    actions = ("credit", "explained", "repaired", "tariff changed", "none")
    return f"""
with opened as (
    select
        *,
        responded_at + to_seconds(
            7200 + cast(floor(uniform(noise_key, draw, 26) * 90000) as bigint)
        ) as opened_at,
        (select max(as_of) from customer_draws) as as_of
    from responses
    where category = 0 and customer_id is not null and uniform(noise_key, draw, 25) < 0.6
),
timed as (
    select
        *,
        opened_at + to_seconds(
            3600 + cast(floor(uniform(noise_key, draw, 27) * 400000) as bigint)
        ) as reached_at
    from opened
)
select
    'f' || substr(response_id, 1) as follow_up_id,
    response_id,
    opened_at,
    case
        when uniform(noise_key, draw, 28) < 0.8 and reached_at < cast(as_of as timestamp)
            then reached_at
    end as contacted_at,
    case
        when reached_at + interval 10 day < cast(as_of as timestamp)
            then reached_at + to_seconds(
                86400 + cast(floor(uniform(noise_key, draw, 29) * 700000) as bigint)
            )
    end as closed_at,
    {_draw(("care", "billing", "field"), "uniform(noise_key, draw, 30)")} as owner_team,
    {_draw(causes, "uniform(noise_key, draw, 31)")} as root_cause,
    {_draw(actions, "uniform(noise_key, draw + 5000, 25)")} as corrective_action,
    {_draw(("solved", "no answer", "not solved"), "uniform(noise_key, draw + 5000, 26)")}
        as outcome
from timed
where opened_at < cast(as_of as timestamp)
order by follow_up_id
"""


def exchange_rates(spec: WorldSpec) -> str:
    """billing_exchange_rates: the foreign currencies, one rate a year."""
    del spec
    return """
select currency, valid_from, rate_to_reporting
from rates
where not is_reporting
order by currency, valid_from
"""


def wallet_estimates(spec: WorldSpec, scale: float) -> str:
    """finance_wallet_estimates: every first of January of the customers then active, the yearly
    spend with all suppliers, which the customer's own spend is 30 to 90 % of before the answer."""
    return f"""
select
    customer_id,
    month_start as as_of,
    cast(
        {scale!r} * local_revenue * 12.0 / (0.3 + 0.6 * uniform(noise_key, 0, 27))
        * (0.97 + 0.06 * uniform(noise_key, m, 28)) as decimal(18, 2)
    ) as wallet_amount,
    currency
from customer_draws
inner join calendar on m >= first_month and m <= last_month and month(month_start) = 1
where uniform(noise_key, 0, 29) < {spec.wallet_share!r}
order by customer_id, as_of
"""


def initiatives(spec: WorldSpec) -> str:
    """finance_initiatives."""
    rows = ", ".join(
        f"({_text(i.initiative_id)}, {_text(i.name)}, {_text(i.journey_stage)},"
        f" {_text(i.driver)}, month_begin({i.start_month}), month_begin({i.end_month}),"
        f" cast({i.cost!r} as decimal(18, 2)), cast(null as varchar))"
        for i in spec.initiatives
    )
    names = "initiative_id, name, journey_stage, driver, started_on, ended_on, cost, currency"
    empty = (
        "('', '', '', '', date '2000-01-01', date '2000-01-01', cast(0 as decimal(18, 2)),"
        " cast(null as varchar))"
    )
    return f"""
select {names}
from (values {rows or empty}) as t({names})
where initiative_id <> ''
order by initiative_id
"""


def targets(spec: WorldSpec) -> str:
    """nps_targets: the company's own."""
    rows = ", ".join(
        f"('own', date '{day.isoformat()}', cast({score!r} as decimal(9, 2)), 'relational')"
        for day, score in spec.targets
    )
    names = "client_id, target_on, target_nps, survey_kind"
    return f"select {names} from (values {rows}) as t({names}) order by target_on"


def campaign_assignments(spec: WorldSpec, scale: float) -> str:
    """campaign_assignments: those still there on the day of assignment."""
    plan = spec.campaign
    if plan is None:
        raise ValueError("a world without a campaign has no assignments")
    return f"""
select
    'a' || customer_number as assignment_id,
    {_text(plan.campaign_id)} as campaign_id,
    {_text(plan.action_kind)} as action_kind,
    customer_id,
    case when is_treated then 'treated' else 'control' end as arm,
    {str(plan.is_randomised).lower()} as is_randomised,
    cast(null as double) as treated_share,
    assigned_on,
    case when contacted and assigned_on + 3 < event_on then assigned_on + 3 end as contacted_on,
    case
        when is_treated
            then contacted and assigned_on + 3 < event_on
                and uniform(noise_key, 0, 31) < {plan.acceptance_rate!r}
    end as accepted,
    case
        when contacted and assigned_on + 3 < event_on
            and uniform(noise_key, 0, 31) < {plan.acceptance_rate!r}
            then cast({scale!r} * local_revenue * {plan.discount_months!r} as decimal(18, 2))
        else cast(0 as decimal(18, 2))
    end as discount_amount,
    case
        when contacted and assigned_on + 3 < event_on
            then cast({plan.contact_cost!r} as decimal(18, 2))
        else cast(0 as decimal(18, 2))
    end as contact_cost,
    currency,
    index_response_id as trigger_response_id
from (
    select
        *,
        is_treated and uniform(noise_key, 0, 30) < {plan.contact_rate!r} as contacted
    from customer_draws
)
where assigned_on < event_on and assigned_on is not null
order by assignment_id
"""


def erasure_requests(spec: WorldSpec) -> str:
    """privacy_erasure_requests: a header and no row."""
    del spec
    return """
select cast(null as varchar) as customer_id, cast(null as date) as requested_on
where false
"""
