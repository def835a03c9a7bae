with

terms as (

    select distinct
        group_number,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        complete_answers,
        0 as segment_term,
        'intercept' as term,
        'intercept' as driver
    from {{ ref('int_driver_choices') }}
    where segment_term is not null

    union all

    select
        group_number,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        complete_answers,
        segment_term,
        'driver' as term,
        driver
    from {{ ref('int_driver_choices') }}
    where segment_term is not null

),

contributions as (

    select
        terms.period_grain,
        terms.period_start,
        terms.segment_dimension,
        terms.segment_value,
        terms.term,
        terms.driver,
        case
            when terms.term = 'intercept' then 'Intercept'
            else coalesce(labels.label, replace(terms.driver, '_', ' '))
        end as label,
        terms.complete_answers as responses,
        estimates.customers,
        coalesce(estimates.is_reportable, false) as is_reportable,
        estimates.nps,
        estimates.mean_rating,
        estimates.slope,
        estimates.slope * estimates.mean_rating as contribution,
        {{ slope_times_mean_standard_error('estimates.slope', 'estimates.mean_rating', '+') }}
            as standard_error
    from terms
    left join {{ ref('int_driver_estimates') }} as estimates
        on
            terms.group_number = estimates.group_number
            and terms.segment_term = estimates.segment_term
    left join {{ ref('drivers') }} as labels
        on terms.driver = labels.driver
    {# A driver that is a combination of others has no part of its own. #}
    where estimates.slope is not null or not coalesce(estimates.is_reportable, false)

),

published as (

    select
        *,
        {{ previous_period('period_grain', 'period_start') }} as previous_start,
        count(*) over (
            partition by period_grain, period_start, segment_dimension, segment_value
        ) as terms
    from contributions

),

{# A change of a part means something when both regressions have the same parts. #}
compared as (

    select
        published.*,
        previous.slope as previous_slope,
        previous.mean_rating as previous_mean_rating,
        previous.contribution as previous_contribution,
        published.is_reportable
        and coalesce(previous.is_reportable, false)
        and previous.terms = published.terms
        and count(previous.driver) over (
            partition by
                published.period_grain,
                published.period_start,
                published.segment_dimension,
                published.segment_value
        ) = published.terms as is_comparable
    from published
    left join published as previous
        on
            published.period_grain = previous.period_grain
            and published.previous_start = previous.period_start
            and published.segment_dimension = previous.segment_dimension
            and published.segment_value = previous.segment_value
            and published.term = previous.term
            and published.driver = previous.driver

)

select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    term,
    driver,
    label,
    responses,
    customers,
    {{ when_reportable('nps') }} as nps_of_responses,
    {{ when_reportable('slope') }} as slope,
    {{ when_reportable('mean_rating') }} as mean_rating,
    {{ when_reportable('contribution') }} as contribution,
    {{ when_reportable('standard_error') }} as standard_error,
    {{ when_reportable('contribution - ' ~ z95() ~ ' * standard_error') }} as lower,
    {{ when_reportable('contribution + ' ~ z95() ~ ' * standard_error') }} as upper,
    case when is_comparable then previous_contribution end as previous_contribution,
    case when is_comparable then contribution - previous_contribution end as change,
    {# Each at the mean of the other, so that the two make the change. #}
    case
        when is_comparable and term = 'intercept' then 0.0
        when is_comparable
            then (slope + previous_slope) / 2 * (mean_rating - previous_mean_rating)
    end as change_through_rating,
    case
        when is_comparable
            then (slope - previous_slope) * (mean_rating + previous_mean_rating) / 2
    end as change_through_slope,
    'descriptive' as evidence,
    is_reportable
from compared
