{# Moves from a category by event, wait and where they lead to: with the event (e), of them
   moved there (a), without it (k), of them moved there (c); and the sums over customers of the
   products of the four. All moves have nothing to be compared with; to have had no contact is
   an event like others. #}
{% set sides = [
    {'event_kind': 'event_kind', 'where': 'true', 'with': 'with', 'without': 'without'},
    {
        'event_kind': "'no_contact'", 'where': "event_kind = 'contact'",
        'with': 'without', 'without': 'with',
    },
] %}

with

signatures as (

    select
        *,
        with_detractor + with_passive + with_promoter as with_any,
        without_detractor + without_passive + without_promoter as without_any
    from {{ ref('int_move_signatures') }}

),

by_destination as (

    {% for category in categories() %}
    {% for side in sides %}
    select
        segment_dimension,
        segment_value,
        {{ side.event_kind }} as event_kind,
        from_category,
        '{{ category }}' as to_category,
        wait_band,
        customers,
        cast({{ side.with }}_any as double) as e,
        cast({{ side.with }}_{{ category }} as double) as a,
        cast({{ side.without }}_any as double) as k,
        cast({{ side.without }}_{{ category }} as double) as c
    from signatures
    where {{ side.where }}

    union all
    {% endfor %}

    select
        segment_dimension,
        segment_value,
        'all' as event_kind,
        from_category,
        '{{ category }}' as to_category,
        wait_band,
        customers,
        cast(with_any + without_any as double) as e,
        cast(with_{{ category }} + without_{{ category }} as double) as a,
        cast(0 as double) as k,
        cast(0 as double) as c
    from signatures
    where event_kind = 'contact'
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
    to_category,
    wait_band
    {%- for number in ['e', 'a', 'k', 'c'] %},
    sum(customers * {{ number }}) as {{ number }}
    {%- endfor %},
    {{ sums_of_products(['e', 'a', 'k', 'c'], clusters='customers') }}
from by_destination
group by
    segment_dimension,
    segment_value,
    event_kind,
    from_category,
    to_category,
    wait_band
