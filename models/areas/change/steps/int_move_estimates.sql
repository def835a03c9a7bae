{# The share that moves with an event, and the share expected without it: of those who started
   in the same category without the event, weighted to the waits of those with it. Moves after a
   wait that nobody without the event has are in the share, and not in the comparison. #}
{% set numbers = ['e', 'a', 'k', 'c'] %}

with

counts as (

    select
        *,
        {{ safe_ratio('c', 'k') }} as share_without,
        case when k > 0 then e else 0.0 end as compared
    from {{ ref('int_move_counts') }}

),

totals as (

    select
        segment_dimension,
        segment_value,
        event_kind,
        from_category,
        to_category,
        sum(e) as with_event,
        sum(a) as moves,
        sum(k) as without_event,
        sum(c) as moves_without,
        sum(compared) as compared,
        {{ safe_ratio('sum(case when k > 0 then a end)', 'sum(compared)') }} as compared_share,
        {{ safe_ratio('sum(compared * share_without)', 'sum(compared)') }} as expected_share
    from counts
    group by segment_dimension, segment_value, event_kind, from_category, to_category

),

{# What a move does to the difference: with the event (e), if it leads there (a), without it (k,
   c). #}
forms as (

    select
        counts.*,
        -(counts.share_without + totals.compared_share - totals.expected_share) / totals.compared
            as form_e,
        1 / totals.compared as form_a,
        counts.compared * counts.share_without / (counts.k * totals.compared) as form_k,
        -counts.compared / (counts.k * totals.compared) as form_c
    from counts
    inner join totals
        on
            counts.segment_dimension = totals.segment_dimension
            and counts.segment_value = totals.segment_value
            and counts.event_kind = totals.event_kind
            and counts.from_category = totals.from_category
            and counts.to_category = totals.to_category
    where counts.k > 0 and totals.compared > 0

),

variances as (

    select
        segment_dimension,
        segment_value,
        event_kind,
        from_category,
        to_category,
        sum({{ sum_of_squares(weights_in('form', numbers)) }}) as variance
    from forms
    group by segment_dimension, segment_value, event_kind, from_category, to_category

)

select
    totals.segment_dimension,
    totals.segment_value,
    totals.event_kind,
    totals.from_category,
    totals.to_category,
    cast(totals.with_event as bigint) as with_event,
    cast(totals.moves as bigint) as moves,
    cast(totals.without_event as bigint) as without_event,
    cast(totals.moves_without as bigint) as moves_without,
    cast(totals.compared as bigint) as compared,
    totals.expected_share,
    totals.compared_share - totals.expected_share as difference,
    greatest(0.0, variances.variance) as variance
from totals
left join variances
    on
        totals.segment_dimension = variances.segment_dimension
        and totals.segment_value = variances.segment_value
        and totals.event_kind = variances.event_kind
        and totals.from_category = variances.from_category
        and totals.to_category = variances.to_category
where totals.with_event > 0
