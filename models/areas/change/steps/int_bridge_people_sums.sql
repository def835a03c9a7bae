{# What customers are to each kind of people: how many answers (m) and contributions (y) they
   gave as such before (0) and now (1), as stayers, and in all. Customers who are alike in this
   do the same to every figure, so they are only counted. #}
{% set numbers = ['m0', 'y0', 'm1', 'y1'] %}
{% set sums = bridge_people_sums() %}

with

clusters as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        client_id,
        cluster_id
        {%- for kind in bridge_people() %}
        {%- for side in [0, 1] %},
        cast(
            sum(case when person_kind = '{{ kind }}' and is_now = {{ side }} then 1 else 0 end)
            as double
        ) as {{ kind }}_m{{ side }},
        sum(
            case
                when person_kind = '{{ kind }}' and is_now = {{ side }} then contribution else 0.0
            end
        ) as {{ kind }}_y{{ side }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('int_bridge_answers') }}
    where survey_kind = 'relational'
    group by
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        client_id,
        cluster_id

),

by_clients as (

    {{ by_client('clusters', [
        'period_grain', 'period_start', 'previous_start', 'survey_kind', 'score_scale',
    ] + sums) }}

),

signatures as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        {{ sums | join(',\n        ') }},
        cast(count(*) as double) as customers
    from by_clients
    group by
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        {{ sums | join(',\n        ') }}

)

{% for kind in bridge_people() %}
select
    period_grain,
    period_start,
    previous_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    '{{ kind }}' as person_kind,
    customers
    {%- for number in numbers %},
    {{ kind }}_{{ number }} as {{ number }},
    stayers_{{ number }},
    {% for other in bridge_people() %}
    {{ '+ ' if not loop.first }}{{ other }}_{{ number }}
    {%- endfor %} as all_{{ number }}
    {%- endfor %}
from signatures
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
