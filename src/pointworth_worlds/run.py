"""One call from a specification to a landing folder with its truth."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa

from pointworth.database import connected

from . import datasets, lines
from .churn import expected_campaign_risk, expected_risk
from .clock import Clock, Ints
from .customers import NEVER
from .dirt import Dirt, write_dirty
from .draws import Drawn, draw_world
from .truth import exchange_rate, expected_slopes, point_value
from .worlds import WORLDS, SimulationError, WorldSpec
from .write import check_folder, copy_clean, write_settings, write_truth

Truth: TypeAlias = dict[str, Any]
Format: TypeAlias = Literal["parquet", "csv"]

_SHORTEST = 24
_CATEGORIES = ("detractor", "passive", "promoter")
_RISK_WINDOW = 120


@dataclass
class _Run:
    """What the steps of one run share."""

    spec: WorldSpec
    clock: Clock
    drawn: Drawn
    con: duckdb.DuckDBPyConnection
    stage: Path
    scale: float = 1.0


def simulate(
    world: str | WorldSpec,
    out: Path,
    *,
    customers: int | None = None,
    months: int | None = None,
    seed: int = 1,
    format: Literal["parquet", "csv"] = "parquet",
    dirt: float = 0.0,
) -> Truth:
    """Write a landing folder with a planted truth, and return the truth.

    ``world`` is a name in ``WORLDS`` or a specification; ``customers`` and ``months`` override its
    size; ``dirt`` is the share of additional bad rows per dataset (0 to 0.5). ``out`` must be new
    or empty. Written: one file per dataset, ``truth.json`` and ``pointworth.yml`` (the settings of
    the landing). The same arguments give the same content, whatever the number of threads.

    Raises SimulationError, one sentence with the remedy, for what the caller can mend.
    """
    spec = _specification(world)
    size = spec.customers if customers is None else customers
    length = spec.months if months is None else months
    _check(spec, size, length, seed, format, dirt)
    out = check_folder(Path(out))
    clock = Clock.of(spec.start, length)
    work = Path(tempfile.mkdtemp(prefix=".simulating-", dir=out))
    limits = {"memory_limit": "4GB", "temp_directory": str(work / "spill")}
    try:
        with connected(config=limits) as con:
            as_written = format == "parquet" and dirt == 0
            run = _Run(
                spec, clock, draw_world(spec, clock, size, seed), con, out if as_written else work
            )
            _register(run)
            staged = _write_datasets(run)
            truth = _truth(run, size, seed)
            truth["dirt"], truth["rows"] = {}, {}
            for name, path in staged.items():
                (count,) = con.execute(f"select count(*) from '{path}'").fetchall()[0]
                made = Dirt()
                if dirt > 0:
                    made = write_dirty(con, name, path, out, format, dirt, count)
                elif not as_written:
                    copy_clean(con, path, out / f"{name}.{format}", format)
                bad = sum(made.reasons.values())
                if bad:
                    truth["dirt"][name] = made.reasons
                truth["rows"][name] = {"read": count + bad, "accepted": count, "rejected": bad}
            write_truth(out, truth)
            write_settings(out, spec)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return truth


def _specification(world: str | WorldSpec) -> WorldSpec:
    if isinstance(world, WorldSpec):
        return world
    if world not in WORLDS:
        raise SimulationError(
            f"There is no world named '{world}'; the known ones are {', '.join(sorted(WORLDS))}."
        )
    return WORLDS[world]


def _check(spec: WorldSpec, size: int, months: int, seed: int, format: str, dirt: float) -> None:
    shortest = max(_SHORTEST, spec.first_invitation_month + 9)
    if size < 10 * spec.clients:
        raise SimulationError(
            f"{size} customers are too few for the world '{spec.name}';"
            f" ask for at least {10 * spec.clients}."
        )
    if months < shortest:
        raise SimulationError(
            f"{months} months are too few for the world '{spec.name}', whose first answers come"
            f" in month {spec.first_invitation_month + 1}; ask for at least {shortest}."
        )
    if seed < 0:
        raise SimulationError(f"The seed {seed} is negative; give a whole number from 0 on.")
    if format not in ("parquet", "csv"):
        raise SimulationError(f"The format '{format}' is not known; use parquet or csv.")
    if not 0 <= dirt <= 0.5:
        raise SimulationError(f"The dirt {dirt} is not a share; give a number from 0 to 0.5.")


def _dates(days: Ints) -> pa.Array:
    return pa.array(np.minimum(days, NEVER).astype(np.int32), pa.int32()).cast(pa.date32())


def _register(run: _Run) -> None:
    """Load the draws into DuckDB as ``customer_draws``, ``answer_draws``, ``invitation_draws``."""
    spec, clock, drawn, con = run.spec, run.clock, run.drawn, run.con
    customers, exposure = drawn.customers, drawn.exposure
    indexed = drawn.position >= 0
    at = np.where(indexed, drawn.position, 0)

    def of_index(values: np.ndarray[Any, Any], otherwise: float = 0) -> np.ndarray[Any, Any]:
        if not values.size:
            return np.full(customers.size, otherwise)
        return np.where(indexed, values[at], otherwise)

    gone = drawn.notice_month < NEVER
    last = np.where(gone, drawn.notice_month, clock.months - 1)
    migrates = (
        (customers.migration_month > customers.first_month)
        & (customers.migration_month < last)
        & ~customers.quarterly
    )
    rates = np.array([rate for _, _, rate in spec.currencies])
    assigned = of_index(exposure.assigned_day, NEVER)
    table = pa.table(
        {
            "i": np.arange(customers.size),
            "client": customers.client,
            "customer_type": customers.customer_type,
            "region": customers.region,
            "industry": customers.industry,
            "plan": customers.plan,
            "currency_code": customers.currency,
            "source": customers.source,
            "referrer": _referrers(drawn),
            "local_revenue": customers.revenue / rates[customers.currency],
            "acquired_on": _dates(customers.acquired_day),
            "first_month": customers.first_month,
            "last_month": last,
            "is_quarterly": customers.quarterly,
            "is_taxed": customers.taxed,
            "migration_month": np.where(migrates, customers.migration_month, NEVER),
            "noise_key": customers.noise_key,
            "has_left": gone,
            "is_unpaid": gone & drawn.no_notice,
            "notice_on": _dates(drawn.notice_day),
            "event_on": _dates(drawn.event_day),
            "index_month": pa.array(customers.index_month, mask=~indexed),
            "index_answer_on": pa.array(of_index(exposure.answer_day).astype(np.int32)).cast(
                pa.date32()
            ),
            "index_category": of_index(exposure.category),
            "index_round": customers.index_round,
            "drift": of_index(drawn.growth.drift),
            "gain": of_index(drawn.growth.gain),
            "assigned_day": _dates(assigned.astype(np.int64)),
            "is_assigned": assigned < NEVER,
            "is_treated": of_index(exposure.treated).astype(bool),
            "first_respondent": _first_respondent(drawn),
        }
    )
    con.register("customer_arrow", table)
    lines.prepare_calendar(con, spec, clock.months)
    width = max(6, len(str(customers.size)))
    currencies = ", ".join(f"'{name}'" for name, _, _ in spec.currencies)
    con.execute(
        f"""
        create temp table customer_draws as
        with numbered as (
            select *, lpad(cast(i + 1 as varchar), {width}, '0') as customer_number
            from customer_arrow
        )
        select
            * exclude (index_answer_on, assigned_day, referrer, currency_code, notice_on,
                first_month, last_month, migration_month),
            first_month::integer as first_month,
            last_month::integer as last_month,
            migration_month::integer as migration_month,
            'c' || customer_number as customer_id,
            's' || customer_number || '-' as subscription_stem,
            's' || customer_number || '-1' as first_contract,
            's' || customer_number || '-2' as second_contract,
            'l' || customer_number as line_stem,
            'v' || customer_number || '-' as invoice_stem,
            [{currencies}][1 + currency_code] as currency,
            acquired_on as started_on,
            case when has_left then notice_on end as notice_on,
            case when index_month is not null then index_answer_on end as index_answer_on,
            case when is_assigned then assigned_day end as assigned_on,
            case
                when index_month is not null
                    then 'r' || customer_number || '-' || index_round || first_respondent
            end as index_response_id,
            case
                when referrer >= 0 then 'c' || lpad(cast(referrer + 1 as varchar), {width}, '0')
            end as referred_by_customer_id,
            noise_key % 50 = 7 as bills_usage_plainly,
            date '{clock.as_of.isoformat()}' as as_of
        from numbered
        order by i
        """
    )
    answers = drawn.answers
    con.register(
        "answer_arrow",
        pa.table(
            {
                "i": answers.row,
                "respondent": answers.respondent,
                "round": answers.round,
                "answered_on": _dates(answers.day),
                "category": answers.category,
                "score": answers.score,
                "is_index": answers.is_index,
                "is_anonymous": answers.is_anonymous,
            }
        ),
    )
    con.register(
        "invitation_arrow",
        pa.table(
            {
                "i": drawn.invited_row,
                "respondent": drawn.invited_respondent,
                "round": drawn.invited_round,
                "sent_on": _dates(drawn.sent_day),
            }
        ),
    )
    persons = customers.invited.shape[1] > 1
    for name in ("answer", "invitation"):
        con.execute(
            f"""
            create temp table {name}_draws as
            select
                {name}_arrow.*,
                'n' || customer_number || '-' || round || respondent as invitation_id,
                {"'p' || customer_number || '-' || respondent" if persons else "null::varchar"}
                    as respondent_id
            from {name}_arrow
            inner join (select i, customer_number from customer_draws) using (i)
            """
        )
    years = sorted({clock.index_year(m) for m in range(clock.months)})
    for code, (name, _, _) in enumerate(spec.currencies):
        for at_year, year in enumerate(years):
            month = max(0, (year - spec.start.year) * 12 - spec.start.month + 1)
            rate = exchange_rate(spec, clock, code, month)
            begins = f"{year - (at_year == 0)}-01-01"
            values = (
                f"'{name}' as currency, {year} as year, date '{begins}' as valid_from,"
                f" cast({rate!r} as decimal(12, 6)) as rate_to_reporting,"
                f" {round(rate * 10_000)}::bigint as rate_scaled, {code == 0} as is_reporting"
            )
            first = code == 0 and at_year == 0
            con.execute(
                f"{'create temp table rates as' if first else 'insert into rates'} select {values}"
            )


def _referrers(drawn: Drawn) -> Ints:
    """Who referred: an earlier customer, mostly a promoter; −1 for other origins."""
    customers = drawn.customers
    rng = np.random.default_rng(customers.noise_key[:4])
    referred = (customers.source <= 1) & customers.in_window
    exposure = drawn.exposure
    promoters = exposure.row[(exposure.category == 2) & ~customers.in_window[exposure.row]]
    others = np.flatnonzero(~customers.in_window)
    choice = np.full(customers.size, -1, dtype=np.int64)
    if promoters.size and others.size:
        from_promoters = promoters[rng.integers(0, promoters.size, customers.size)]
        from_others = others[rng.integers(0, others.size, customers.size)]
        mostly = rng.random(customers.size) < 0.6
        choice = np.where(referred, np.where(mostly, from_promoters, from_others), -1)
    return choice


def _first_respondent(drawn: Drawn) -> Ints:
    customers = drawn.customers
    at = np.maximum(customers.index_round, 0)
    answered = customers.answered[np.arange(customers.size), :, at]
    first: Ints = answered.argmax(axis=1).astype(np.int64)
    return first


def _write_datasets(run: _Run) -> dict[str, Path]:
    """Stage every dataset of the world as Parquet; returns dataset → file in landing order."""
    spec, con = run.spec, run.con
    staged: dict[str, Path] = {}

    def stage(name: str, query: str) -> None:
        path = run.stage / f"{name}.parquet"
        con.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd)")
        staged[name] = path

    if spec.value_of_a_point is not None:
        run.scale = _scale(run)
    _cells(run)
    wanted = spec.datasets
    stage("crm_customers", datasets.customers(spec))
    if wanted & {"support_interactions"} or spec.transactional is not None:
        datasets.prepare_interactions(con, spec)
    datasets.prepare_responses(con, spec)
    stage("survey_responses", datasets.responses(spec))
    if "survey_invitations" in wanted:
        stage("survey_invitations", datasets.invitations(spec))
    if "survey_driver_ratings" in wanted and spec.drivers:
        stage("survey_driver_ratings", datasets.driver_ratings(spec))
    if "support_interactions" in wanted:
        stage("support_interactions", datasets.interactions(spec))
    if "support_follow_ups" in wanted:
        stage("support_follow_ups", datasets.follow_ups(spec))
    stage("billing_subscriptions", datasets.subscriptions(spec))
    stage("billing_invoice_lines", lines.lines_query(spec, run.scale))
    con.execute(f"create temp view invoice_lines as from '{staged['billing_invoice_lines']}'")
    if "billing_exchange_rates" in wanted:
        stage("billing_exchange_rates", datasets.exchange_rates(spec))
    if "finance_ledger_balances" in wanted:
        stage(
            "finance_ledger_balances",
            f"""
            select
                month,
                currency,
                cast(cast(sum(cents) as decimal(30, 2)) * 0.01 as decimal(18, 2)) as amount
            from ({lines.recognised_query("invoice_lines")})
            group by month, currency
            order by month, currency
            """,
        )
    if "finance_wallet_estimates" in wanted:
        stage("finance_wallet_estimates", datasets.wallet_estimates(spec, run.scale))
    if "finance_initiatives" in wanted:
        stage("finance_initiatives", datasets.initiatives(spec))
    if "campaign_assignments" in wanted and spec.campaign is not None:
        stage("campaign_assignments", datasets.campaign_assignments(spec, run.scale))
    if "nps_targets" in wanted and spec.targets:
        stage("nps_targets", datasets.targets(spec))
    if "privacy_erasure_requests" in wanted:
        stage("privacy_erasure_requests", datasets.erasure_requests(spec))
    return staged


def _active_revenue(run: _Run, source: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Monthly baseline revenue of active customers by client: all, and those who answered."""
    everyone, respondents = np.zeros(run.spec.clients), np.zeros(run.spec.clients)
    query = lines.active_revenue_query(source, run.clock.months)
    for client, answered, amount in run.con.execute(query).fetchall():
        everyone[client] += amount / 3e6
        respondents[client] += amount / 3e6 if answered else 0.0
    return everyone, respondents


def _scale(run: _Run) -> float:
    """The factor on all amounts that makes one point worth the planted value."""
    spec, drawn = run.spec, run.drawn
    months = run.clock.months
    run.con.execute(
        f"create temp table unscaled as {lines.lines_query(spec, 1.0, max(0, months - 6))}"
    )
    revenue = float(_active_revenue(run, "unscaled")[0].sum())
    run.con.execute("drop table unscaled")
    slopes = expected_slopes(
        spec,
        run.clock,
        drawn.customers,
        drawn.exposure,
        drawn.growth,
        np.zeros(drawn.exposure.row.size, dtype=np.int64),
        1,
    )
    planted = float(slopes.total[0]) * revenue
    if spec.effect_scale == 0 or not np.isfinite(planted) or planted <= 0:
        return 1.0
    return float(spec.value_of_a_point or planted) / planted


def _cells(run: _Run) -> None:
    """Probabilities of transactional answers by client, customer type and service line."""
    spec, plan = run.spec, run.spec.transactional
    if plan is None:
        return
    rows = []
    for client in range(spec.clients):
        shift = plan.client_spread * float(np.sin(1.0 + 2.3 * client))
        for kind, customer_type in enumerate(spec.customer_types):
            for code, service in enumerate(spec.service_lines):
                balance = (plan.nps[service][customer_type.name] + shift) / 100.0
                passives = 0.3 * (1 - abs(balance))
                promoter = (1 - passives + balance) / 2
                rows.append((client, kind, code + 1, promoter - balance, promoter))
    values = ", ".join(f"({c}, {k}, {s}, {d!r}::double, {p!r}::double)" for c, k, s, d, p in rows)
    run.con.execute(
        "create temp table transactional_cells as select * from (values "
        f"{values}) as t(client, customer_type, service_code, p_detractor, p_promoter)"
    )


def _truth(run: _Run, size: int, seed: int) -> Truth:
    spec, clock, drawn = run.spec, run.clock, run.drawn
    exposure = drawn.exposure
    everyone, respondents = _active_revenue(run, "invoice_lines")
    arguments = (spec, clock, drawn.customers, exposure, drawn.growth)
    together = expected_slopes(*arguments, np.zeros(exposure.row.size, dtype=np.int64), 1)
    by_client = expected_slopes(*arguments, drawn.customers.client[exposure.row], spec.clients)
    truth: Truth = {
        "world": spec.name,
        "seed": seed,
        "customers": size,
        "months": clock.months,
        "as_of": clock.as_of.isoformat(),
        "effect_scale": spec.effect_scale,
        "revenue_per_point": point_value(
            together, 0, float(everyone.sum()), float(respondents.sum())
        ),
        "clients": {
            datasets.client_name(spec, client) or "own": point_value(
                by_client, client, float(everyone[client]), float(respondents[client])
            )
            for client in range(spec.clients)
        },
        "churn_after_score": _churn_truth(run),
    }
    if spec.nps_rise is not None:
        names = [f"{day.year}Q{(day.month + 2) // 3}" for day in spec.nps_rise]
        path = dict(spec.nps_path)
        before, after = (
            [nps for begin, nps in sorted(path.items()) if begin <= day][-1]
            for day in spec.nps_rise
        )
        truth["nps_rise"] = {
            "from": before,
            "to": after,
            "points": after - before,
            "from_quarter": names[0],
            "to_quarter": names[1],
            "survey_kind": "relational",
        }
    if spec.campaign is not None and "campaign_assignments" in spec.datasets:
        control, treated = expected_campaign_risk(spec, clock, exposure, spec.campaign)
        truth["campaign"] = {
            "campaign_id": spec.campaign.campaign_id,
            "is_randomised": spec.campaign.is_randomised,
            "window_days": spec.campaign.window_days,
            "relative_reduction": spec.campaign_reduction,
            "expected_churn_control": control,
            "expected_churn_treated": treated,
        }
    if spec.transactional is not None:
        truth["nps"] = _transactional_truth(run)
    if spec.initiatives and "finance_initiatives" in spec.datasets:
        truth["initiatives"] = {item.initiative_id: item.lift for item in spec.initiatives}
    return truth


def _churn_truth(run: _Run) -> Truth:
    risk = expected_risk(run.spec, run.clock, run.drawn.exposure, _RISK_WINDOW)
    category = run.drawn.exposure.category
    means = {
        name: float(risk[category == code].mean()) if (category == code).any() else None
        for code, name in enumerate(_CATEGORIES)
    }
    low, high = means["detractor"], means["promoter"]
    return {
        "gap_days": 0,
        "window_days": _RISK_WINDOW,
        "survey_kind": "relational",
        "adjustment": "none",
        "at_risk": {name: int((category == code).sum()) for code, name in enumerate(_CATEGORIES)},
        "risk": means,
        "risk_ratio_detractor_promoter": low / high if low and high else None,
    }


def _transactional_truth(run: _Run) -> Truth:
    """Planted NPS of the answers after contacts on the 0–10 scale, by segment, over the cells of
    the answers that were given."""
    spec = run.spec
    types = ", ".join(f"'{t.name}'" for t in spec.customer_types)
    client = datasets._client(spec)
    segments = {
        "all": "'all'",
        "client_id": f"coalesce({client}, 'own')",
        "customer_type": f"[{types}][1 + customer_type]",
        "service_line": "service_line",
        "channel": "channel",
        "service_line × customer_type": f"service_line || ' × ' || [{types}][1 + customer_type]",
    }
    planted: Truth = {"survey_kind": "transactional", "score_scale": "nps_0_10", "segments": {}}
    for name, expression in segments.items():
        rows = run.con.execute(
            f"""
            select {expression} as segment, cast(avg(cast(expected as decimal(18, 9))) as double),
                count(*)
            from responses
            where survey_kind = 'transactional' and score_scale = 'nps_0_10'
            group by 1
            order by 1
            """
        ).fetchall()
        planted["segments"][name] = {
            value: {"nps": round(nps, 6), "responses": count} for value, nps, count in rows
        }
    return planted
