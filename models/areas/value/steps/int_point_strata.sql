{# Which cell of customers belongs to which stratum of which segment: adjusted, like is compared
   with like within the strata of the methods; unadjusted, everybody of the segment is one stratum.
   #}
with

cells as (

    select distinct
        cell_number,
        client_id,
        customer_type,
        region,
        plan_tier,
        tenure_band,
        revenue_band,
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

)

select
    *,
    dense_rank() over (order by segment_dimension, segment_value, adjustment, stratum)
        as stratum_number
from by_adjustment
