{# Which cell of customers belongs to which stratum of which segment: adjusted, like is compared
   with like within the strata of the methods; unadjusted, everybody of the segment is one
   stratum. Beside these stand what casts doubt on the adjusted: without the ten largest customers
   of the segment; within customers, where second answers are compared among those whose first was
   of the same band; and, of everybody and each client, the strata with one of their variables
   left out. A stratum that a segment holds whole is the same one in every such segment: only what
   a segment cuts in two gets a number of its own. So sums of a stratum are made once, not for
   each segment. #}
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

whole_strata as (

    select
        stratum,
        count(*) as cells
    from cells
    where previous_band is null
    group by stratum

),

segment_strata as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        stratum,
        count(*) as cells
    from by_adjustment
    group by segment_dimension, segment_value, adjustment, stratum

),

{# What a segment cuts out of a stratum is named after the segment; and what is left of it without
   the ten largest is another one. #}
parts as (

    select
        segment_strata.segment_dimension,
        segment_strata.segment_value,
        segment_strata.adjustment,
        segment_strata.stratum,
        case
            when segment_strata.adjustment = 'without_top_ten' then 'adjusted'
            else segment_strata.adjustment
        end as kind,
        coalesce(segment_strata.cells < whole_strata.cells, true) as is_cut,
        segment_strata.adjustment = 'without_top_ten'
        and segment_strata.cells < of_all.cells as is_without_some
    from segment_strata
    left join whole_strata
        on
            segment_strata.stratum = whole_strata.stratum
            and segment_strata.adjustment in ('adjusted', 'without_top_ten')
    left join segment_strata as of_all
        on
            segment_strata.segment_dimension = of_all.segment_dimension
            and segment_strata.segment_value = of_all.segment_value
            and segment_strata.stratum = of_all.stratum
            and of_all.adjustment = 'adjusted'

),

numbers as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        stratum,
        dense_rank() over (order by segment_dimension, segment_value, adjustment)
            as segment_number,
        dense_rank() over (
            order by
                kind,
                stratum,
                case when is_cut then segment_dimension end nulls first,
                case when is_cut then segment_value end nulls first,
                is_without_some
        ) as stratum_number
    from parts

)

select
    by_adjustment.segment_dimension,
    by_adjustment.segment_value,
    by_adjustment.adjustment,
    by_adjustment.stratum,
    by_adjustment.cell_number,
    by_adjustment.band,
    numbers.segment_number,
    numbers.stratum_number
from by_adjustment
inner join numbers
    on
        by_adjustment.segment_dimension = numbers.segment_dimension
        and by_adjustment.segment_value = numbers.segment_value
        and by_adjustment.adjustment = numbers.adjustment
        and by_adjustment.stratum = numbers.stratum
