{# What moving customers from one band to the next is worth, per unit of baseline revenue: the
   difference of the bands' mean revenue within strata, the strata weighted as they stand in the
   band that is left. For all customers and by client. #}
with

directions as (

    select
        'detractor_to_passive' as direction,
        'detractor' as from_band,
        'passive' as to_band,
        0.01 as share_per_point

    union all

    select
        'passive_to_promoter' as direction,
        'passive' as from_band,
        'promoter' as to_band,
        0.01 as share_per_point

    union all

    select
        'detractor_to_promoter' as direction,
        'detractor' as from_band,
        'promoter' as to_band,
        0.005 as share_per_point

),

strata as (

    select
        sums.segment_dimension,
        sums.segment_value,
        sums.stratum_number,
        sums.band,
        sums.k,
        sums.n,
        sums.r,
        sums.y / sums.r as mean_revenue,
        slopes.weight
    from {{ ref('int_point_stratum_sums') }} as sums
    inner join {{ ref('int_point_slopes') }} as slopes
        on
            sums.segment_dimension = slopes.segment_dimension
            and sums.segment_value = slopes.segment_value
            and sums.adjustment = slopes.adjustment
            and sums.k = slopes.k
    where
        sums.adjustment = 'adjusted'
        and sums.segment_dimension in ('all', 'client_id')
        and slopes.is_in_horizon

),

{# Strata in which both bands stand in that month. #}
contrasts as (

    select
        directions.direction,
        directions.from_band,
        directions.to_band,
        directions.share_per_point,
        left_band.segment_dimension,
        left_band.segment_value,
        left_band.stratum_number,
        left_band.k,
        left_band.weight,
        left_band.n as from_customers,
        next_band.n as to_customers,
        left_band.r as from_r,
        next_band.r as to_r,
        left_band.mean_revenue as from_mean,
        next_band.mean_revenue as to_mean,
        sum(left_band.r) over (
            partition by
                directions.direction,
                left_band.segment_dimension,
                left_band.segment_value,
                left_band.k
        ) as total_from_r
    from directions
    inner join strata as left_band
        on directions.from_band = left_band.band
    inner join strata as next_band
        on
            directions.to_band = next_band.band
            and left_band.segment_dimension = next_band.segment_dimension
            and left_band.segment_value = next_band.segment_value
            and left_band.stratum_number = next_band.stratum_number
            and left_band.k = next_band.k

),

differences as (

    select
        *,
        sum(from_r * (to_mean - from_mean)) over (
            partition by direction, segment_dimension, segment_value, k
        ) / total_from_r as difference
    from contrasts

),

{# Each customer's influence on the difference, of both bands and of the weights of the strata. #}
influences as (

    select
        differences.direction,
        differences.segment_dimension,
        differences.segment_value,
        panel.index_number,
        sum(
            differences.weight / differences.total_from_r
            * case
                when index_strata.band = differences.to_band
                    then differences.from_r / differences.to_r
                        * (panel.revenue - differences.to_mean * panel.monthly_baseline_revenue)
                else panel.monthly_baseline_revenue
                    * (differences.to_mean - differences.from_mean - differences.difference)
                    - (panel.revenue - differences.from_mean * panel.monthly_baseline_revenue)
            end
        ) as influence
    from {{ ref('int_index_panel') }} as panel
    inner join {{ ref('int_point_strata') }} as index_strata
        on panel.cell_number = index_strata.cell_number
    inner join differences
        on
            index_strata.stratum_number = differences.stratum_number
            and panel.k = differences.k
            and index_strata.band in (differences.from_band, differences.to_band)
    group by
        differences.direction,
        differences.segment_dimension,
        differences.segment_value,
        panel.index_number

),

variances as (

    select
        direction,
        segment_dimension,
        segment_value,
        sum(influence * influence) as variance
    from influences
    group by direction, segment_dimension, segment_value

),

months as (

    select
        direction,
        segment_dimension,
        segment_value,
        k,
        max(weight) as weight,
        max(share_per_point) as share_per_point,
        max(difference) as difference,
        sum(from_customers) as from_customers,
        sum(to_customers) as to_customers
    from differences
    group by direction, segment_dimension, segment_value, k

),

totals as (

    select
        direction,
        segment_dimension,
        segment_value,
        max(share_per_point) as share_per_point,
        sum(weight * difference) as difference,
        max(case when k = 1 then from_customers end) as from_customers,
        max(case when k = 1 then to_customers end) as to_customers,
        count(*) as months
    from months
    group by direction, segment_dimension, segment_value

)

select
    totals.*,
    sqrt(variances.variance) as standard_error
from totals
inner join variances
    on
        totals.direction = variances.direction
        and totals.segment_dimension = variances.segment_dimension
        and totals.segment_value = variances.segment_value
