{# What a point won by moving customers from one band to another goes with, per unit of baseline
   revenue: the difference of the bands' mean revenue within strata, the strata weighted as they
   stand in the band that is left, over the distance of the bands' mean contributions, likewise.
   Bands of averaged answers are nearer to each other than the 100 points of single ones. For all
   customers and by client. #}
with

directions as (

    select
        'detractor_to_passive' as direction,
        'detractor' as from_band,
        'passive' as to_band

    union all

    select
        'passive_to_promoter' as direction,
        'passive' as from_band,
        'promoter' as to_band

    union all

    select
        'detractor_to_promoter' as direction,
        'detractor' as from_band,
        'promoter' as to_band

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
        {{ safe_ratio('sums.rx', 'sums.r') }} as mean_contribution,
        {{ safe_ratio('sums.y', 'sums.r') }} as mean_revenue,
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
        left_band.segment_dimension,
        left_band.segment_value,
        left_band.stratum_number,
        left_band.k,
        left_band.weight,
        left_band.n as from_customers,
        next_band.n as to_customers,
        left_band.r as from_r,
        next_band.r as to_r,
        left_band.mean_contribution as from_contribution,
        next_band.mean_contribution as to_contribution,
        left_band.mean_revenue as from_revenue,
        next_band.mean_revenue as to_revenue
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

months as (

    select
        direction,
        segment_dimension,
        segment_value,
        k,
        max(weight) as weight,
        sum(from_customers) as from_customers,
        sum(to_customers) as to_customers,
        sum(from_r) as moved_r,
        sum(from_r * (to_contribution - from_contribution)) as moved_contribution,
        {{ safe_ratio(
            'sum(from_r * (to_revenue - from_revenue))',
            'sum(from_r * (to_contribution - from_contribution))',
        ) }} as slope
    from contrasts
    group by direction, segment_dimension, segment_value, k

),

{# A customer is measured against the mean of its band and stratum, along the slope. #}
distances as (

    select
        contrasts.direction,
        contrasts.segment_dimension,
        contrasts.segment_value,
        panel.index_number,
        {{ safe_ratio('months.weight', 'months.moved_contribution') }} as factor,
        case
            when index_strata.band = contrasts.to_band
                then {{ safe_ratio('contrasts.from_r', 'contrasts.to_r') }}
            else -1.0
        end as band_factor,
        panel.revenue
        - months.slope * panel.monthly_baseline_revenue * panel.contribution
        - panel.monthly_baseline_revenue
        * case
            when index_strata.band = contrasts.to_band
                then contrasts.to_revenue - months.slope * contrasts.to_contribution
            else contrasts.from_revenue - months.slope * contrasts.from_contribution
        end as revenue_distance,
        {{ safe_ratio(
            'panel.monthly_baseline_revenue',
            'case when index_strata.band = contrasts.to_band'
            ~ ' then contrasts.to_r else contrasts.from_r end',
        ) }} as leverage,
        {# Who stands in the band that is left also weighs its stratum. #}
        case
            when index_strata.band = contrasts.from_band
                then panel.monthly_baseline_revenue
                    * (
                        contrasts.to_revenue
                        - contrasts.from_revenue
                        - months.slope
                        * (contrasts.to_contribution - contrasts.from_contribution)
                    )
            else 0.0
        end as stratum_distance
    from {{ ref('int_index_panel') }} as panel
    inner join {{ ref('int_point_strata') }} as index_strata
        on panel.cell_number = index_strata.cell_number
    inner join contrasts
        on
            index_strata.stratum_number = contrasts.stratum_number
            and panel.k = contrasts.k
            and index_strata.band in (contrasts.from_band, contrasts.to_band)
    inner join months
        on
            contrasts.direction = months.direction
            and contrasts.segment_dimension = months.segment_dimension
            and contrasts.segment_value = months.segment_value
            and contrasts.k = months.k

),

influences as (

    select
        direction,
        segment_dimension,
        segment_value,
        index_number,
        sum(
            factor
            * (
                stratum_distance
                + band_factor * {{ without_own_pull('revenue_distance', 'leverage') }}
            )
        ) as influence
    from distances
    group by direction, segment_dimension, segment_value, index_number

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

totals as (

    select
        direction,
        segment_dimension,
        segment_value,
        sum(weight * slope) as total,
        max(case when k = 1 then {{ safe_ratio('moved_contribution', 'moved_r') }} end)
            as contribution_distance,
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
