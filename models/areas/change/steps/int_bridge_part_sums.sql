{# The parts of each period pair, for everybody and for each client, with what their shares,
   scores and errors are made of: sums over clusters of the numbers of answers (m) and
   contributions (y) before (0) and now (1), and of their products. A cluster is one customer
   with the same attributes, so it stands in one part of each dimension, and sums of the
   products of clusters add up over parts. #}
{% set sums = ['m0', 'y0', 'm1', 'y1'] %}
{% set products = names_of_products(sums) %}

with

clusters as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        cluster_id,
        client_id,
        cell,
        cast(sum(1 - is_now) as double) as m0,
        sum((1 - is_now) * contribution) as y0,
        cast(sum(is_now) as double) as m1,
        sum(is_now * contribution) as y1
    from {{ ref('int_bridge_answers') }}
    group by
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        cluster_id,
        client_id,
        cell

),

combinations as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        client_id,
        cell
        {%- for sum in sums %},
        sum({{ sum }}) as {{ sum }}
        {%- endfor %},
        {{ sums_of_products(sums) }}
    from clusters
    group by
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        client_id,
        cell

),

by_part as (

    {{ by_segment(
        'combinations',
        ['period_grain', 'period_start', 'previous_start', 'survey_kind', 'score_scale', 'client_id']
        + sums + products,
        missing='(none)'
    ) }}

),

parts_of_clients as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        client_id,
        segment_dimension as part_dimension,
        segment_value as part_value
        {%- for column in sums + products %},
        sum({{ column }}) as {{ column }}
        {%- endfor %}
    from by_part
    group by
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        client_id,
        segment_dimension,
        segment_value

),

{# A client is not cut by client again. #}
parts_of_scopes as (

    {{ by_client('parts_of_clients', [
        'period_grain', 'period_start', 'previous_start', 'survey_kind', 'score_scale',
        'part_dimension', 'part_value',
    ] + sums + products) }}

)

select
    period_grain,
    period_start,
    previous_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    part_dimension,
    part_value
    {%- for column in sums + products %},
    sum({{ column }}) as {{ column }}
    {%- endfor %}
from parts_of_scopes
where segment_dimension = 'all' or part_dimension <> 'client_id'
group by
    period_grain,
    period_start,
    previous_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    part_dimension,
    part_value
