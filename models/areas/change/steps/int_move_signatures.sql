{# Moves with and without each event, by where they lead to, added up by customer: the moves of
   one customer from the same category after about the same wait are not independent. Customers
   who are alike in this are only counted. #}
{% set alike = ['from_category', 'wait_band', 'standing_cell'] %}
{% set numbers = move_numbers() %}

with

customers as (

    select
        customer_id,
        {{ alike | join(',\n        ') }}
        {%- for flag in move_flags() %}
        {%- for category in categories() %},
        sum(case when to_category = '{{ category }}' and {{ flag }} = 1 then 1 else 0 end)
            as {{ flag }}_with_{{ category }},
        sum(case when to_category = '{{ category }}' and {{ flag }} = 0 then 1 else 0 end)
            as {{ flag }}_without_{{ category }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('int_answer_moves') }}
    group by
        customer_id,
        {{ alike | join(',\n        ') }}

),

events as (

    {% for flag in move_flags() %}
    select
        '{{ flag }}' as event_kind,
        {{ alike | join(',\n        ') }}
        {%- for number in numbers %},
        {{ flag }}_{{ number }} as {{ number }}
        {%- endfor %},
        count(*) as customers
    from customers
    group by
        {{ alike | join(',\n        ') }}
        {%- for number in numbers %},
        {{ flag }}_{{ number }}
        {%- endfor %}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

)

select
    segment_dimension,
    segment_value,
    event_kind,
    from_category,
    wait_band,
    {{ numbers | join(',\n    ') }},
    cast(sum(customers) as double) as customers
from (
    {{ by_segment(
        'events',
        ['event_kind', 'from_category', 'wait_band', 'customers'] + numbers,
        of=['customer', 'standing']
    ) }}
) as by_segments
group by
    segment_dimension,
    segment_value,
    event_kind,
    from_category,
    wait_band,
    {{ numbers | join(',\n    ') }}
