{# Days between the two answers of a move, in the middle: half of the moves took longer. #}
with

moves as (

    {{ by_segment(
        ref('int_answer_moves'),
        ['from_category', 'to_category', 'days_between'] + move_flags(),
        of=['customer', 'standing']
    ) }}

),

medians as (

    select
        segment_dimension,
        segment_value,
        from_category,
        to_category,
        percentile_cont(0.5) within group (order by days_between) as all_days,
        percentile_cont(0.5) within group (order by days_between) filter (where contact = 0)
            as no_contact_days
        {%- for flag in move_flags() %},
        percentile_cont(0.5) within group (order by days_between) filter (where {{ flag }} = 1)
            as {{ flag }}_days
        {%- endfor %}
    from moves
    group by segment_dimension, segment_value, from_category, to_category

)

{% for event in ['all', 'no_contact'] + move_flags() %}
select
    segment_dimension,
    segment_value,
    '{{ event }}' as event_kind,
    from_category,
    to_category,
    {{ event }}_days as median_days_between
from medians
where {{ event }}_days is not null
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
