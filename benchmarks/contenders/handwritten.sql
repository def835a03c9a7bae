-- The floor: what somebody who knows DuckDB would write for these three marts and nothing else.
-- Parquet is read typed, as it lies there; no row is checked, nothing is rejected, no dataset but the
-- ones below is read, nothing is kept for a next day. One statement per step.

-- The customers, with a short key for the large joins.
create temp table customers as
select
    cast(row_number() over () as integer) as n,
    customer_id,
    coalesce(client_id, 'own') as client_id,
    coalesce(customer_type, 'unknown') as customer_type,
    region,
    plan_tier,
    acquired_on
from read_parquet(getvariable('landing') || '/crm_customers.parquet');

create temp table clock as
select
    as_of,
    year(as_of) * 12 + month(as_of) - (if(as_of = last_day(as_of), 0, 1)) as last_month
from (
    select greatest(
        (
            select max(responded_at)
            from read_parquet(getvariable('landing') || '/survey_responses.parquet')
        )::date,
        (
            select max(invoiced_on)
            from read_parquet(getvariable('landing') || '/billing_invoice_lines.parquet')
        )
    ) as as_of
);

create temp macro month_number(day) as cast(year(day) * 12 + month(day) as integer);
create temp macro month_start(m) as make_date((m - 1) // 12, (m - 1) % 12 + 1, 1);
create temp macro tenure_band(since, day) as case
    when since is null then 'unknown'
    when day < since + interval 12 months then 'under_1_year'
    when day < since + interval 36 months then '1_to_3_years'
    when day < since + interval 84 months then '3_to_7_years'
    else '7_years_and_more'
end;
create temp macro revenue_band(revenue, low, middle) as case
    when revenue is null or low is null then 'unknown'
    when round(revenue, 6) <= low then 'low'
    when round(revenue, 6) <= middle then 'middle'
    else 'high'
end;

-- A rate for every day of a foreign currency.
create temp table daily_rates as
select
    currency,
    rate_to_reporting,
    unnest(generate_series(
        valid_from,
        coalesce(
            lead(valid_from) over (partition by currency order by valid_from),
            (select as_of + 1 from clock)
        ) - interval 1 day,
        interval 1 day
    ))::date as day
from read_parquet(getvariable('landing') || '/billing_exchange_rates.parquet')
where currency <> 'EUR';

-- Net recognised revenue by customer and month, rounded to the cent once; a line over several months
-- by day, whole cents in whole cents and parts of one to the sixth place, what is left on its last month.
create temp table revenue as
with lines as (
    select
        customer_id,
        case
            when coalesce(lines.currency, 'EUR') = 'EUR' then amount
            else round(
                amount::decimal(19, 6) * cast(rate_to_reporting as decimal(18, 8)), 6
            )::decimal(18, 6)
        end as amount,
        if(service_to > service_from, service_from, invoiced_on) as starts,
        if(service_to > service_from, service_to, invoiced_on + 1) as ends
    from read_parquet(getvariable('landing') || '/billing_invoice_lines.parquet') as lines
    left join daily_rates on lines.currency = daily_rates.currency and invoiced_on = day
    where line_kind is null or line_kind not in ('tax', 'bad_debt')
),
long_lines as (
    select
        *,
        row_number() over () as line,
        unnest(range(month_number(starts), month_number(ends - 1) + 1))::integer as m
    from lines
    where month_number(starts) < month_number(ends - 1)
),
shares as (
    select
        *,
        m = month_number(ends - 1) as is_last,
        if(amount = round(amount, 2), 100, 1000000) as units,
        round(
            cast(amount::decimal(28, 6) * units as double)
            * (least(ends, month_start(m + 1)) - greatest(starts, month_start(m)))
            / (ends - starts)
        ) / units as share
    from long_lines
),
parts as (
    select customer_id, month_number(starts) as m, amount
    from lines
    where month_number(starts) = month_number(ends - 1)
    union all by name
    select
        customer_id,
        m,
        case
            when is_last
                then amount - sum(if(is_last, 0, share::decimal(18, 6))) over (partition by line)
            else share
        end::decimal(18, 6) as amount
    from shares
)
select
    customers.n,
    parts.m,
    round(sum(parts.amount), 2)::decimal(18, 2) as amount
from parts
inner join customers using (customer_id)
group by all;

-- From when to when somebody was a customer.
create temp table spells as
with contracts as (
    select
        customers.n,
        subscription_id,
        started_on,
        notice_on,
        ended_on,
        coalesce(ended_on, date '9999-12-31') as until
    from read_parquet(getvariable('landing') || '/billing_subscriptions.parquet')
    inner join customers using (customer_id)
    where started_on <= (select as_of from clock)
),
covered as (
    select
        *,
        max(until) over (
            partition by n
            order by started_on, subscription_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from contracts
),
numbered as (
    select
        *,
        sum(if(
            covered_until is null
            or (covered_until < date '9999-12-31' and started_on > covered_until + 30), 1, 0
        )) over (partition by n order by started_on, subscription_id) as spell
    from covered
),
ends as (
    select n, spell, min(started_on) over (partition by n, spell) as started_on, notice_on, ended_on
    from numbered
    qualify row_number() over (
        partition by n, spell order by until desc, notice_on is not null, subscription_id
    ) = 1
)
select
    n,
    spell,
    started_on,
    case
        when left_on <= (select as_of from clock) then left_on
    end as churned_on,
    coalesce(if(left_on <= (select as_of from clock), left_on, null), date '9999-12-31') as until
from (
    select
        * exclude (notice_on, ended_on),
        if(
            notice_on >= started_on and notice_on <= coalesce(ended_on, date '9999-12-31'),
            notice_on,
            ended_on
        ) as left_on
    from ends
);

create temp table profiles as
select
    customers.*,
    coalesce(acquired_on, first_started_on, month_start(first_month)) as since,
    first_month
from customers
left join (select n, min(started_on) as first_started_on from spells group by n) using (n)
left join (select n, min(m) as first_month from revenue where amount > 0 group by n) using (n);

-- What a customer was worth when it was asked or answered, and in which third that is.
create temp table baselines as
with asked as (
    select customer_id, month_number(responded_at) as m
    from read_parquet(getvariable('landing') || '/survey_responses.parquet')
    union
    select customer_id, month_number(sent_at)
    from read_parquet(getvariable('landing') || '/survey_invitations.parquet')
),
history as (
    select n, asked.m, asked.m - first_month as months
    from asked
    inner join profiles using (customer_id)
),
sums as (
    select history.n, history.m, sum(amount) as amount
    from (select n, m, unnest([m - 3, m - 2, m - 1]) as before from history) as history
    inner join revenue on history.n = revenue.n and history.before = revenue.m
    group by all
)
select
    n,
    m,
    if(months >= 1, coalesce(cast(amount as double), 0) / least(3, months), null) as baseline
from history
left join sums using (n, m);

create temp table limits as
with first_asked as (
    select n, arg_min(baseline, m) as baseline
    from baselines
    where baseline > 0
    group by n
)
select
    client_id,
    customer_type,
    round(quantile_cont(baseline, 1e0 / 3), 6) as low,
    round(quantile_cont(baseline, 2e0 / 3), 6) as middle
from first_asked
inner join profiles using (n)
group by all;

create temp table answers as
with scales (score_scale, detractor_maximum, promoter_minimum, is_nps) as (
    values
        ('nps_0_10', 6, 9, true),
        ('scale_1_10', 6, 9, false),
        ('stars_1_5', 3, 5, false),
        ('effort_1_7', 4, 6, false)
),
responses as (
    select
        * replace (
            coalesce(score_scale, 'nps_0_10') as score_scale,
            coalesce(survey_kind, 'relational') as survey_kind
        ),
        coalesce(respondent_id, customer_id) as respondent,
        responded_at::date as day
    from read_parquet(getvariable('landing') || '/survey_responses.parquet')
)
select
    row_number() over (order by responded_at, response_id) as position,
    response_id,
    profiles.n,
    coalesce(cast(profiles.n as varchar), response_id) as cluster,
    case
        when survey_kind = 'transactional' then coalesce(interaction_id, response_id)
        when respondent is null then response_id
        else coalesce(customer_id, '') || '/' || respondent
    end as counted_as,
    survey_kind,
    score_scale,
    is_nps,
    day,
    case when score >= promoter_minimum then 100 when score <= detractor_maximum then -100 else 0 end
        as x,
    coalesce(profiles.client_id, responses.client_id, 'own') as client_id,
    profiles.customer_type,
    profiles.region,
    profiles.plan_tier,
    if(customer_id is not null, tenure_band(profiles.since, day), null) as tenure_band,
    if(customer_id is not null, revenue_band(baseline, low, middle), null) as revenue_band,
    responses.service_line,
    responses.journey_stage,
    responses.channel,
    baseline
from responses
inner join scales using (score_scale)
left join profiles using (customer_id)
left join baselines on profiles.n = baselines.n and baselines.m = month_number(day)
left join limits
    on profiles.client_id = limits.client_id and profiles.customer_type = limits.customer_type;

-- nps_by_segment: the last answer of each voice and period; of a customer with one of them, its share
-- in the sums is known at once, others are added up by customer first.
create temp table counted as
with periods as (
    select
        *,
        unnest([
            {'grain': 'month', 'start': date_trunc('month', day)::date},
            {'grain': 'quarter', 'start': date_trunc('quarter', day)::date},
            {'grain': 'year', 'start': date_trunc('year', day)::date},
            {'grain': 'all_time', 'start': date '1900-01-01'}
        ]) as period
    from answers
),
last_answers as (
    select period, survey_kind, score_scale, counted_as, max(position) as position
    from periods
    group by all
)
select
    last_answers.period,
    answers.*,
    count(*) over (
        partition by last_answers.period, answers.survey_kind, answers.score_scale, cluster
    ) = 1 as is_alone
from last_answers
inner join answers using (position);

create temp table nps_by_segment as
with cells as (
    select
        period, survey_kind, score_scale, client_id, customer_type, region, plan_tier, tenure_band,
        revenue_band, service_line, journey_stage, channel,
        if(is_alone, null, cluster) as cluster,
        count(*) as responses,
        count(*) filter (x = 100) as promoters,
        count(*) filter (x = -100) as detractors
    from counted
    group by all
),
segments as (
    select
        period, survey_kind, score_scale, cluster,
        unnest([
            {'dimension': 'all', 'value': 'all'},
            {'dimension': 'client_id', 'value': client_id},
            {'dimension': 'customer_type', 'value': customer_type},
            {'dimension': 'region', 'value': region},
            {'dimension': 'plan_tier', 'value': plan_tier},
            {'dimension': 'tenure_band', 'value': tenure_band},
            {'dimension': 'revenue_band', 'value': revenue_band},
            {'dimension': 'service_line', 'value': service_line},
            {'dimension': 'journey_stage', 'value': journey_stage},
            {'dimension': 'channel', 'value': channel},
            {
                'dimension': 'service_line × customer_type',
                'value': service_line || ' × ' || customer_type
            }
        ]) as segment,
        responses, promoters, detractors
    from cells
),
clusters as (
    select
        period, survey_kind, score_scale, segment, cluster,
        sum(responses) as n,
        sum(promoters) as p,
        sum(detractors) as d
    from segments
    where segment.value is not null
    group by all
),
totals as (
    select
        period, survey_kind, score_scale, segment,
        sum(n)::bigint as responses,
        sum(if(cluster is null, n, 1))::bigint as customers,
        sum(p)::bigint as promoters,
        sum(d)::bigint as detractors,
        1e4 * sum(if(cluster is null, p + d, (p - d) ** 2)) as xx,
        1e2 * sum(if(cluster is null, p - d, (p - d) * n)) as xn,
        sum(if(cluster is null, n, n * n))::double as nn
    from clusters
    group by all
),
scores as (
    select
        *,
        100.0 * (promoters - detractors) / responses as nps,
        100.0 * (promoters - detractors) / (responses + 3) as adjusted
    from totals
),
errors as (
    select
        *,
        sqrt(greatest(
            (1e4 * (promoters + detractors + 1.5) / (responses + 3) - adjusted ** 2)
            / (responses + 3),
            case
                when customers > 1 and customers < responses
                    then customers / (customers - 1) * (xx - 2 * nps * xn + nps ** 2 * nn)
                        / responses ** 2
                else 0
            end
        )) as error
    from scores
)
select
    period.grain as period_grain,
    period.start as period_start,
    survey_kind,
    score_scale,
    segment.dimension as segment_dimension,
    segment.value as segment_value,
    responses,
    customers,
    promoters,
    responses - promoters - detractors as passives,
    detractors,
    if(responses >= 30, nps, null) as nps,
    if(responses >= 30, error, null) as standard_error,
    if(responses >= 30, greatest(-100, adjusted - 1.959963984540054 * error), null) as lower,
    if(responses >= 30, least(100, adjusted + 1.959963984540054 * error), null) as upper,
    responses >= 30 as is_reportable
from errors;

-- churn_after_score: who leaves after an answer, by category.
create temp table at_risk as
with landmarks as (
    select
        gap,
        answers.n,
        position,
        x,
        answers.client_id || '|' || answers.customer_type || '|' || answers.tenure_band || '|'
        || answers.revenue_band as stratum,
        day + gap::integer as landmark
    from answers
    cross join (values (0), (7)) as gaps (gap)
    where answers.n is not null and is_nps
)
select
    gap,
    case x when 100 then 'promoter' when 0 then 'passive' else 'detractor' end as category,
    stratum,
    coalesce(churned_on, as_of) - landmark as followed,
    churned_on is not null as has_churned
from landmarks
cross join clock
inner join spells
    on landmarks.n = spells.n and landmark >= spells.started_on and landmark < spells.until
where landmark <= as_of
qualify row_number() over (partition by gap, landmarks.n order by position) = 1;

create temp table churn_after_score as
with strata as (
    select
        gap, category, stratum,
        sum(count(*)) over (partition by gap, stratum) / count(*) as weight
    from at_risk
    group by gap, category, stratum
),
days as (
    select gap, 'unadjusted' as adjustment, category, followed, 1e0 as weight, has_churned
    from at_risk
    union all
    select gap, 'adjusted', category, followed, strata.weight, has_churned
    from at_risk
    inner join strata using (gap, category, stratum)
),
by_day as (
    select
        gap, adjustment, category, followed,
        count(*) as customers,
        sum(weight) as w,
        sum(weight * weight) as ww,
        sum(if(has_churned, weight, 0)) as event_w,
        count(*) filter (has_churned) as events
    from days
    group by all
),
with_risk as (
    select
        *,
        sum(w) over later as risk_w,
        sum(ww) over later as risk_ww
    from by_day
    window later as (
        partition by gap, adjustment, category
        order by followed
        rows between current row and unbounded following
    )
),
steps as (
    select
        *,
        event_w >= risk_w * (1 - 1e-12) as ends,
        if(event_w >= risk_w * (1 - 1e-12), 0, ln(1 - event_w / risk_w)) as log_step,
        if(
            event_w >= risk_w * (1 - 1e-12), 0,
            event_w / risk_w / (risk_w * risk_w / risk_ww * (1 - event_w / risk_w))
        ) as variance_step
    from with_risk
),
windows as (
    select
        gap, windows.days as window_days, adjustment, category,
        sum(customers)::bigint as customers,
        sum(w) ** 2 / sum(ww) as effective,
        sum(if(followed <= windows.days, events, 0))::bigint as events,
        coalesce(bool_or(ends) filter (followed <= windows.days), false) as has_ended,
        max(followed) as longest,
        exp(coalesce(sum(log_step) filter (followed <= windows.days), 0)) as raw_survival,
        coalesce(sum(variance_step) filter (followed <= windows.days), 0) as variance
    from steps
    cross join (values (30), (60), (90), (120), (180), (365)) as windows (days)
    group by gap, windows.days, adjustment, category
),
bounded as (
    select
        *,
        if(has_ended, 0, raw_survival) as survival,
        customers >= 30 and (longest >= window_days or has_ended) as is_reportable,
        1.959963984540054 * sqrt(variance) / abs(ln(nullif(nullif(survival, 0), 1))) as width
    from windows
)
select
    gap as gap_days,
    window_days,
    adjustment,
    category as score_group,
    customers,
    events,
    if(is_reportable, 1 - survival, null) as risk,
    if(is_reportable, survival * sqrt(variance), null) as standard_error,
    if(is_reportable, case
        when events = 0 then 0
        when survival = 0 then 0.025 ** (1 / effective)
        else 1 - survival ** exp(-width)
    end, null) as lower,
    if(is_reportable, case
        when events = 0 then 1 - 0.025 ** (1 / effective)
        when survival = 0 then 1
        else 1 - survival ** exp(width)
    end, null) as upper,
    is_reportable
from bounded;

-- revenue_per_point: each customer from its first relational answer while active on.
create temp table followed as
with firsts as (
    select answers.*, month_number(day) as m
    from answers
    inner join spells
        on answers.n = spells.n and day >= spells.started_on and day < spells.until
    where survey_kind = 'relational' and is_nps and baseline > 0
    qualify row_number() over (partition by answers.n order by position) = 1
),
contributions as (
    select n, month_number(day) as m, avg(x) as x
    from answers
    where survey_kind = 'relational' and is_nps and n is not null
    group by all
)
select
    firsts.n,
    firsts.m,
    contributions.x,
    firsts.baseline as r,
    dense_rank() over (
        order by client_id, customer_type, tenure_band, revenue_band, region, plan_tier
    )::integer as cell,
    client_id, customer_type, region, plan_tier, tenure_band, revenue_band
from firsts
inner join contributions using (n, m);

create temp table panel as
select
    followed.n,
    followed.cell,
    followed.x,
    followed.r,
    k::integer as k,
    coalesce(amount, 0)::double as y,
    if(spells.n is null, 0e0, 1e0) as a
from (
    select *, unnest(range(1, 1 + least(36, (select last_month from clock) - m))) as k
    from followed
) as followed
left join revenue on followed.n = revenue.n and followed.m + k = revenue.m
left join spells
    on followed.n = spells.n
    and month_start(followed.m + k) >= spells.started_on
    and month_start(followed.m + k) < spells.until;

create temp table strata as
with cells as (
    select distinct cell, client_id, customer_type, region, plan_tier, tenure_band, revenue_band
    from followed
),
segments as (
    select
        cell,
        unnest([
            {'dimension': 'all', 'value': 'all'},
            {'dimension': 'client_id', 'value': client_id},
            {'dimension': 'customer_type', 'value': customer_type},
            {'dimension': 'region', 'value': region},
            {'dimension': 'plan_tier', 'value': plan_tier},
            {'dimension': 'tenure_band', 'value': tenure_band},
            {'dimension': 'revenue_band', 'value': revenue_band}
        ]) as segment,
        {'a': client_id, 'b': customer_type, 'c': tenure_band, 'd': revenue_band} as stratum
    from cells
)
select
    cell,
    dense_rank() over (order by segment)::integer as segment_number,
    dense_rank() over (order by segment, stratum)::integer as stratum_number,
    segment
from segments
where segment.value is not null;

create temp table slopes as
with cell_sums as (
    select
        cell, k,
        count(*) as n, sum(r) as r, sum(r * x) as rx, sum(r * x * x) as rxx, sum(y) as y,
        sum(x * y) as xy, sum(r * a) as ra, sum(r * x * a) as rxa, sum(y * a) as ya
    from panel
    group by all
),
stratum_sums as (
    select
        segment_number, stratum_number, k,
        sum(n) as n, sum(r) as r, sum(rx) as rx, sum(rxx) as rxx, sum(y) as y, sum(xy) as xy,
        sum(ra) as ra, sum(rxa) as rxa, sum(ya) as ya
    from cell_sums
    inner join strata using (cell)
    group by all
),
months as (
    select
        *,
        sum(n) over month as customers,
        sum(rxx - rx * rx / r) over month as spread,
        sum(ra) over month as retained,
        sum(ya) over month / nullif(sum(ra) over month, 0) as revenue_of_retained,
        sum(xy - rx * y / r) over month as covariation,
        sum(rxa - rx * ra / r) over month as retention_covariation
    from stratum_sums
    window month as (partition by segment_number, k)
),
defined as (
    select
        *,
        if(spread > 1e-6 * retained, covariation / spread, null) as b,
        if(spread > 1e-6 * retained, retention_covariation / spread, null) as c,
        coalesce(
            max(if(customers >= 30, k, null)) over (partition by segment_number), 0
        ) as observed
    from months
)
select
    segment_number, stratum_number, k, customers, observed, b, c, spread, retained,
    revenue_of_retained,
    r as stratum_r,
    rx / r as mean_x,
    y / r - b * (rx / r) as intercept,
    ra / r - c * (rx / r) as retention_intercept,
    if(k > observed - 3, 1 + (36 - observed)::double / least(3, observed), 1e0) as weight
from defined
where k <= observed or k = 1;

create temp table variances as
with influences as (
    select
        stratum_number,
        n,
        sum(weight / spread * (x - mean_x) * (y - r * (intercept + b * x)) * pull) as total,
        sum(
            weight * revenue_of_retained / spread * r * (x - mean_x)
            * (a - retention_intercept - c * x) * pull
            + weight * c / retained * a * (y - revenue_of_retained * r)
            * if(1 - a * r / retained > 1e-9, 1 / (1 - a * r / retained), 0)
        ) as churn
    from (
        select
            *,
            -- a residual without what its own customer draws the fit to itself
            r / stratum_r + r * (x - mean_x) * (x - mean_x) / spread as leverage,
            if(1 - leverage > 1e-9, 1 / (1 - leverage), 0) as pull
        from panel
        inner join strata using (cell)
        inner join slopes using (stratum_number, k)
        where b is not null and k <= observed
    )
    group by all
)
select segment_number, sum(total * total) as total, sum(churn * churn) as churn
from influences
inner join (select distinct stratum_number, segment_number from strata) using (stratum_number)
group by all;

create temp table bases as
with latest as (
    select n, sum(amount) as amount
    from revenue
    cross join clock
    where m <= last_month and m > last_month - 3
    group by all
),
active as (
    select
        profiles.*,
        tenure_band(since, as_of) as tenure_band,
        case
            when first_month <= last_month
                then coalesce(amount::double, 0) / least(3, last_month - first_month + 1)
        end as baseline,
        followed.n is not null as has_answered
    from profiles
    cross join clock
    inner join (
        select n, arg_max(until, spell) as until
        from spells
        group by n
    ) as last_spells on profiles.n = last_spells.n and last_spells.until = date '9999-12-31'
    left join latest on profiles.n = latest.n
    left join followed on profiles.n = followed.n
),
banded as (
    select
        active.*,
        revenue_band(baseline, low, middle) as revenue_band,
        coalesce(round(baseline, 2), 0) as revenue
    from active
    left join limits using (client_id, customer_type)
)
select
    unnest([
        {'dimension': 'all', 'value': 'all'},
        {'dimension': 'client_id', 'value': client_id},
        {'dimension': 'customer_type', 'value': customer_type},
        {'dimension': 'region', 'value': region},
        {'dimension': 'plan_tier', 'value': plan_tier},
        {'dimension': 'tenure_band', 'value': tenure_band},
        {'dimension': 'revenue_band', 'value': revenue_band}
    ]) as segment,
    sum(revenue) as active_customers,
    sum(if(has_answered, revenue, 0)) as respondents
from banded
group by client_id, customer_type, region, plan_tier, tenure_band, revenue_band;

create temp table revenue_per_point as
with sums as (
    select
        segment_number,
        max(if(k = 1, customers, null))::bigint as customers,
        max(observed) as observed,
        sum(weight * b) filter (k <= observed) as total,
        sum(weight * c * revenue_of_retained) filter (k <= observed) as churn,
        coalesce(bool_and(b is not null) filter (k <= observed), true) as is_defined
    from (select distinct on (segment_number, k) * from slopes)
    group by all
),
estimates as (
    select
        bases.segment.dimension as segment_dimension,
        bases.segment.value as segment_value,
        unnest(['active_customers', 'respondents']) as base,
        unnest([sum(active_customers), sum(respondents)]) as revenue
    from bases
    where bases.segment.value is not null
    group by bases.segment
)
select
    segment_dimension,
    segment_value,
    base,
    customers,
    observed as observed_months,
    round(revenue, 2) as monthly_baseline_revenue,
    if(is_reportable, total * revenue, null) as revenue_per_point,
    if(is_reportable, error * revenue, null) as standard_error,
    if(is_reportable, (total - 1.959963984540054 * error) * revenue, null) as lower,
    if(is_reportable, (total + 1.959963984540054 * error) * revenue, null) as upper,
    if(is_reportable, churn * revenue, null) as churn_component,
    if(is_reportable, (churn - 1.959963984540054 * churn_error) * revenue, null)
        as churn_component_lower,
    if(is_reportable, (churn + 1.959963984540054 * churn_error) * revenue, null)
        as churn_component_upper,
    if(is_reportable, (total - churn) * revenue, null) as wallet_component,
    is_reportable
from estimates
inner join (select distinct segment_number, segment from strata) as numbers
    on
        segment_dimension = numbers.segment.dimension
        and segment_value = numbers.segment.value
inner join (
    select
        sums.*,
        sqrt(variances.total) as error,
        sqrt(variances.churn) as churn_error,
        is_defined and observed >= 3 and customers >= 30 as is_reportable
    from sums
    left join variances using (segment_number)
) as sums using (segment_number);

copy nps_by_segment to (getvariable('out') || '/nps_by_segment.parquet');
copy churn_after_score to (getvariable('out') || '/churn_after_score.parquet');
copy revenue_per_point to (getvariable('out') || '/revenue_per_point.parquet');
