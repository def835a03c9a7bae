{# How the change of a score is made of the people who answered: how far the score of those who
   answered both times has moved, and how far those who answered once stand from it, as many as
   they are. Too few stayers are no measure of others; then it is the mean of both periods'
   scores, and the stayers are a kind like the others. Either way nothing is left over. #}
with

customers as (

    select * from {{ ref('int_bridge_people_sums') }}

),

totals as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        person_kind
        {%- for number in ['m0', 'y0', 'm1', 'y1'] %},
        sum(customers * {{ number }}) as {{ number }},
        sum(customers * stayers_{{ number }}) as stayers_{{ number }},
        sum(customers * all_{{ number }}) as all_{{ number }}
        {%- endfor %}
    from customers
    group by
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        person_kind

),

scores as (

    select
        *,
        stayers_m0 >= {{ var('minimum_responses') }} as is_measured_by_stayers,
        all_y0 / all_m0 as whole_before,
        all_y1 / all_m1 as whole_now,
        {{ safe_ratio('stayers_y0', 'stayers_m0') }} as stayers_before,
        {{ safe_ratio('stayers_y1', 'stayers_m1') }} as stayers_now
    from totals
    {# Somebody must have answered in both periods. #}
    where all_m0 > 0 and all_m1 > 0

),

measures as (

    select
        *,
        case
            when is_measured_by_stayers then stayers_before else (whole_before + whole_now) / 2
        end as measure_before,
        case
            when is_measured_by_stayers then stayers_now else (whole_before + whole_now) / 2
        end as measure_now
    from scores

),

distances as (

    select
        *,
        (y0 - m0 * measure_before) / all_m0 as distance_before,
        (y1 - m1 * measure_now) / all_m1 as distance_now,
        case when person_kind = 'stayers' then 1.0 else 0.0 end as is_stayers
    from measures

),

{# What one customer moves the measures and the whole by. #}
moved_measures as (

    select
        distances.*,
        customers.customers,
        customers.y0 - customers.m0 * distances.measure_before as customer_distance_before,
        customers.y1 - customers.m1 * distances.measure_now as customer_distance_now,
        customers.all_m0 as customer_all_m0,
        customers.all_m1 as customer_all_m1,
        case
            when distances.is_measured_by_stayers
                then (customers.stayers_y0 - customers.stayers_m0 * distances.stayers_before)
                    / distances.stayers_m0
            else (customers.all_y0 - customers.all_m0 * distances.whole_before)
                / (2 * distances.all_m0)
                + (customers.all_y1 - customers.all_m1 * distances.whole_now)
                / (2 * distances.all_m1)
        end as moved_before,
        case
            when distances.is_measured_by_stayers
                then (customers.stayers_y1 - customers.stayers_m1 * distances.stayers_now)
                    / distances.stayers_m1
            else (customers.all_y0 - customers.all_m0 * distances.whole_before)
                / (2 * distances.all_m0)
                + (customers.all_y1 - customers.all_m1 * distances.whole_now)
                / (2 * distances.all_m1)
        end as moved_now
    from distances
    inner join customers
        on
            distances.period_grain = customers.period_grain
            and distances.period_start = customers.period_start
            and distances.previous_start = customers.previous_start
            and distances.survey_kind = customers.survey_kind
            and distances.score_scale = customers.score_scale
            and distances.segment_dimension = customers.segment_dimension
            and distances.segment_value = customers.segment_value
            and distances.person_kind = customers.person_kind

),

{# … and so the effect. #}
moved_effects as (

    select
        *,
        is_stayers * (moved_now - moved_before)
        + (customer_distance_now - distance_now * customer_all_m1 - m1 * moved_now) / all_m1
        - (customer_distance_before - distance_before * customer_all_m0 - m0 * moved_before)
        / all_m0 as moved_points
    from moved_measures

)

select
    period_grain,
    period_start,
    previous_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    person_kind,
    is_measured_by_stayers,
    cast(all_m0 as bigint) as whole_responses_before,
    cast(all_m1 as bigint) as whole_responses_now,
    whole_before,
    whole_now,
    cast(m0 as bigint) as responses_before,
    cast(m1 as bigint) as responses_now,
    m0 / all_m0 as share_before,
    m1 / all_m1 as share_now,
    {{ safe_ratio('y0', 'm0') }} as nps_before,
    {{ safe_ratio('y1', 'm1') }} as nps_now,
    is_stayers * (measure_now - measure_before) + distance_now - distance_before as points,
    sum(customers * moved_points * moved_points) as variance
from moved_effects
group by
    period_grain,
    period_start,
    previous_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    person_kind,
    is_measured_by_stayers,
    is_stayers,
    all_m0,
    all_m1,
    whole_before,
    whole_now,
    m0,
    m1,
    y0,
    y1,
    measure_before,
    measure_now,
    distance_before,
    distance_now
