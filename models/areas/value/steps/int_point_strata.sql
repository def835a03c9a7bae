{# Which cell of customers belongs to which stratum of which segment: adjusted, like is compared
   with like within the strata of the methods; unadjusted, everybody of the segment is one stratum.
   A stratum that a segment holds whole is the same one in every such segment: only what a segment
   cuts in two gets a number of its own. So sums of a stratum are made once, not for each segment. #}
with

cells as (

    select distinct
        cell_number,
        standing_cell,
        stratum,
        band
    from {{ ref('int_index_answers') }}

),

by_segments as (

    {{ by_segment('cells', ['cell_number', 'stratum', 'band'], of=['customer', 'standing']) }}

),

by_adjustment as (

    select
        segment_dimension,
        segment_value,
        'adjusted' as adjustment,
        stratum,
        cell_number,
        band
    from by_segments

    union all

    select
        segment_dimension,
        segment_value,
        'unadjusted' as adjustment,
        'all' as stratum,
        cell_number,
        band
    from by_segments

),

whole_strata as (

    select
        stratum,
        count(*) as cells
    from cells
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

{# What a segment cuts out of a stratum is named after the segment. #}
parts as (

    select
        segment_strata.segment_dimension,
        segment_strata.segment_value,
        segment_strata.adjustment,
        segment_strata.stratum,
        coalesce(segment_strata.cells < whole_strata.cells, true) as is_cut
    from segment_strata
    left join whole_strata
        on
            segment_strata.stratum = whole_strata.stratum
            and segment_strata.adjustment = 'adjusted'

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
                adjustment,
                stratum,
                case when is_cut then segment_dimension end nulls first,
                case when is_cut then segment_value end nulls first
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
