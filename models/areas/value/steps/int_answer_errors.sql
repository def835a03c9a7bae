{# How much of an answer is chance: of people who were asked twice within days, with nothing between
   that could have changed their mind, half the squared difference of their two answers. A segment
   has that of its own people. #}
with

answers as (

    select
        response_id,
        customer_id,
        contribution,
        responded_at,
        lag(contribution) over (partition by voice order by responded_at, response_id)
            as contribution_before,
        lag(responded_at) over (partition by voice order by responded_at, response_id)
            as responded_before
    from {{ ref('fct_survey_responses') }}
    where
        survey_kind = 'relational'
        and is_nps
        and not is_repeated
        and customer_id is not null

),

pairs as (

    select
        response_id,
        customer_id,
        responded_before,
        responded_at,
        0.5 * power(cast(contribution as double) - contribution_before, 2) as error
    from answers
    where
        {{ days_between('cast(responded_before as date)', 'cast(responded_at as date)') }}
        <= {{ var('retest_days') }}

),

disturbed as (

    select distinct pairs.response_id
    from pairs
    inner join {{ ref('fct_interactions') }} as interactions
        on
            pairs.customer_id = interactions.customer_id
            and pairs.responded_before < interactions.opened_at
            and pairs.responded_at > interactions.opened_at

),

cells as (

    select
        in_cells.standing_cell,
        count(*) as pairs,
        sum(pairs.error) as error,
        sum(pairs.error * pairs.error) as squared_error
    from pairs
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on pairs.response_id = in_cells.response_id
    left join disturbed
        on pairs.response_id = disturbed.response_id
    where disturbed.response_id is null
    group by in_cells.standing_cell

),

by_segments as (

    {{ by_segment('cells', ['pairs', 'error', 'squared_error'], of=['customer', 'standing']) }}

)

select
    segment_dimension,
    segment_value,
    cast(sum(pairs) as bigint) as pairs,
    {{ safe_ratio('sum(error)', 'sum(pairs)') }} as error_variance,
    sqrt({{ variance_of_mean('sum(pairs)', 'sum(error)', 'sum(squared_error)') }})
        as standard_error
from by_segments
group by segment_dimension, segment_value
