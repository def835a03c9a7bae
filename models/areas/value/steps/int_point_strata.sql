{# Which cell of customers belongs to which stratum of which segment: adjusted, like is compared
   with like within the strata of the methods; unadjusted, everybody of the segment is one
   stratum. Beside these stand what casts doubt on the adjusted: without the ten largest customers
   of the segment; within customers, where second answers are compared among those whose first was
   of the same band; and, of everybody and each client, the strata with one of their variables
   left out. Strata of the same cells have the same number, and so have segments of the same strata:
   what is made of them is made once. #}
{% set known = ['cell_number', 'stratum', 'band', 'previous_band', 'largest_baseline'] %}
{% for column in var('strata') %}{% do known.append('stratum_without_' ~ column) %}{% endfor %}
with

cells as (

    select distinct
        standing_cell,
        {{ known | join(',\n        ') }}
    from {{ ref('int_index_answers') }}

),

by_segments as (

    {{ by_segment('cells', known, of=['customer', 'standing']) }}

),

first_answers as (

    select
        *,
        case
            when largest_baseline is not null
                then row_number() over (
                    partition by segment_dimension, segment_value
                    order by largest_baseline desc nulls last, cell_number asc
                )
        end as place,
        count(largest_baseline) over (partition by segment_dimension, segment_value) as largest
    from by_segments
    where previous_band is null

),

by_adjustment as (

    select
        segment_dimension,
        segment_value,
        'adjusted' as adjustment,
        stratum,
        cell_number,
        band
    from first_answers

    union all

    select
        segment_dimension,
        segment_value,
        'unadjusted' as adjustment,
        'all' as stratum,
        cell_number,
        band
    from first_answers

    union all

    select
        segment_dimension,
        segment_value,
        'without_top_ten' as adjustment,
        stratum,
        cell_number,
        band
    from first_answers
    where largest > 0 and coalesce(place > 10, true)
    {% for column in var('strata') %}

    union all

    select
        segment_dimension,
        segment_value,
        'without_{{ column }}' as adjustment,
        stratum_without_{{ column }} as stratum,
        cell_number,
        band
    from first_answers
    where
        segment_dimension in ('all', 'client_id')
        and stratum_without_{{ column }} is not null
    {% endfor %}

    union all

    select
        segment_dimension,
        segment_value,
        'within_customer' as adjustment,
        stratum || '|' || previous_band as stratum,
        cell_number,
        band
    from by_segments
    where previous_band is not null

),

strata as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        stratum,
        {{ sorted_list('cell_number') }} as cells
    from by_adjustment
    group by segment_dimension, segment_value, adjustment, stratum

),

numbered_strata as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        stratum,
        dense_rank() over (order by cells) as stratum_number
    from strata

),

segments as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        {{ sorted_list('stratum_number') }} as strata
    from numbered_strata
    group by segment_dimension, segment_value, adjustment

),

numbered_segments as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        dense_rank() over (order by strata) as segment_number
    from segments

)

select
    by_adjustment.segment_dimension,
    by_adjustment.segment_value,
    by_adjustment.adjustment,
    by_adjustment.stratum,
    by_adjustment.cell_number,
    by_adjustment.band,
    numbered_segments.segment_number,
    numbered_strata.stratum_number
from by_adjustment
inner join numbered_strata
    on
        by_adjustment.segment_dimension = numbered_strata.segment_dimension
        and by_adjustment.segment_value = numbered_strata.segment_value
        and by_adjustment.adjustment = numbered_strata.adjustment
        and by_adjustment.stratum = numbered_strata.stratum
inner join numbered_segments
    on
        by_adjustment.segment_dimension = numbered_segments.segment_dimension
        and by_adjustment.segment_value = numbered_segments.segment_value
        and by_adjustment.adjustment = numbered_segments.adjustment
