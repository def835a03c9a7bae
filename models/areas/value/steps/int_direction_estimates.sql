{# What a point won by moving customers from one band to another goes with, per unit of baseline
   revenue: the difference of the bands' mean revenue within strata, the strata weighted as they
   stand in the band that is left, over the distance of the bands' mean contributions, likewise.
   Bands of averaged answers are nearer to each other than the 100 points of single ones. For all
   customers and by client. #}
with

directions as (

    select
        1 as direction_number,
        'detractor_to_passive' as direction,
        'detractor' as from_band,
        'passive' as to_band

    union all

    select
        2 as direction_number,
        'passive_to_promoter' as direction,
        'passive' as from_band,
        'promoter' as to_band

    union all

    select
        3 as direction_number,
        'detractor_to_promoter' as direction,
        'detractor' as from_band,
        'promoter' as to_band

),

cells as (

    select distinct
        stratum_number,
        cell_number,
        band
    from {{ ref('int_point_strata') }}
    where adjustment = 'adjusted' and segment_dimension in ('all', 'client_id')

),

segments as (

    select distinct
        segment_number,
        stratum_number
    from {{ ref('int_point_strata') }}
    where adjustment = 'adjusted' and segment_dimension in ('all', 'client_id')

),

bands as (

    select
        cells.stratum_number,
        cells.band,
        cell_sums.k,
        sum(cell_sums.n) as n,
        sum(cell_sums.r) as r,
        {{ safe_ratio('sum(cell_sums.rx)', 'sum(cell_sums.r)') }} as mean_contribution,
        {{ safe_ratio('sum(cell_sums.y)', 'sum(cell_sums.r)') }} as mean_revenue
    from {{ ref('int_point_cell_sums') }} as cell_sums
    inner join cells
        on cell_sums.cell_number = cells.cell_number
    where cell_sums.k > 0
    group by cells.stratum_number, cells.band, cell_sums.k

),

{# Strata in which both bands stand in that month. #}
contrasts as (

    select
        directions.direction_number,
        directions.from_band,
        directions.to_band,
        left_band.stratum_number,
        left_band.k,
        left_band.n as from_customers,
        next_band.n as to_customers,
        left_band.r as from_r,
        next_band.r as to_r,
        left_band.mean_contribution as from_contribution,
        next_band.mean_contribution as to_contribution,
        left_band.mean_revenue as from_revenue,
        next_band.mean_revenue as to_revenue
    from bands as left_band
    inner join directions
        on left_band.band = directions.from_band
    inner join bands as next_band
        on
            directions.to_band = next_band.band
            and left_band.stratum_number = next_band.stratum_number
            and left_band.k = next_band.k

),

weights as (

    select distinct
        segment_number,
        k,
        weight
    from {{ ref('int_point_slopes') }}
    where is_in_horizon

),

months as (

    select
        contrasts.direction_number,
        segments.segment_number,
        contrasts.k,
        max(weights.weight) as weight,
        sum(contrasts.from_customers) as from_customers,
        sum(contrasts.to_customers) as to_customers,
        sum(contrasts.from_r) as moved_r,
        sum(contrasts.from_r * (contrasts.to_contribution - contrasts.from_contribution))
            as moved_contribution,
        sum(contrasts.from_r * (contrasts.to_revenue - contrasts.from_revenue)) as moved_revenue
    from contrasts
    inner join segments
        on contrasts.stratum_number = segments.stratum_number
    inner join weights
        on
            segments.segment_number = weights.segment_number
            and contrasts.k = weights.k
    group by contrasts.direction_number, segments.segment_number, contrasts.k

),

monthly_slopes as (

    select
        *,
        {{ safe_ratio('moved_revenue', 'moved_contribution') }} as slope,
        {{ safe_ratio('weight', 'moved_contribution') }} as factor
    from months

),

{# A customer is measured against the mean of its own band and stratum. Who stands in the band that
   is left also weighs its stratum. #}
sides as (

    select
        direction_number,
        stratum_number,
        from_band as band,
        k,
        from_r as r,
        from_contribution as mean_contribution,
        from_revenue as mean_revenue,
        -1.0 as band_factor,
        to_contribution - from_contribution as contribution_gap,
        to_revenue - from_revenue as revenue_gap
    from contrasts

    union all

    select
        direction_number,
        stratum_number,
        to_band as band,
        k,
        to_r as r,
        to_contribution as mean_contribution,
        to_revenue as mean_revenue,
        {{ safe_ratio('from_r', 'to_r') }} as band_factor,
        0.0 as contribution_gap,
        0.0 as revenue_gap
    from contrasts

),

distances as (

    select
        panel.index_number,
        panel.k,
        sides.direction_number,
        sides.stratum_number,
        sides.band_factor,
        panel.revenue - panel.monthly_baseline_revenue * sides.mean_revenue as revenue_distance,
        panel.monthly_baseline_revenue * (panel.contribution - sides.mean_contribution)
            as contribution_distance,
        {{ safe_ratio('panel.monthly_baseline_revenue', 'sides.r') }} as leverage,
        panel.monthly_baseline_revenue * sides.revenue_gap as revenue_gap,
        panel.monthly_baseline_revenue * sides.contribution_gap as contribution_gap
    from {{ ref('int_index_panel') }} as panel
    inner join cells
        on panel.cell_number = cells.cell_number
    inner join sides
        on
            cells.stratum_number = sides.stratum_number
            and cells.band = sides.band
            and panel.k = sides.k

),

{# Along the slope. #}
influences as (

    select
        monthly_slopes.direction_number,
        monthly_slopes.segment_number,
        distances.index_number,
        sum(
            monthly_slopes.factor
            * (
                distances.revenue_gap
                - monthly_slopes.slope * distances.contribution_gap
                + distances.band_factor
                * {{ without_own_pull(
                    'distances.revenue_distance'
                    ~ ' - monthly_slopes.slope * distances.contribution_distance',
                    'distances.leverage',
                ) }}
            )
        ) as influence
    from distances
    inner join segments
        on distances.stratum_number = segments.stratum_number
    inner join monthly_slopes
        on
            distances.direction_number = monthly_slopes.direction_number
            and segments.segment_number = monthly_slopes.segment_number
            and distances.k = monthly_slopes.k
    group by
        monthly_slopes.direction_number, monthly_slopes.segment_number, distances.index_number

),

variances as (

    select
        direction_number,
        segment_number,
        sum(influence * influence) as variance
    from influences
    group by direction_number, segment_number

),

totals as (

    select
        direction_number,
        segment_number,
        sum(weight * slope) as total,
        max(case when k = 1 then {{ safe_ratio('moved_contribution', 'moved_r') }} end)
            as contribution_distance,
        max(case when k = 1 then from_customers end) as from_customers,
        max(case when k = 1 then to_customers end) as to_customers,
        count(*) as months
    from monthly_slopes
    group by direction_number, segment_number

),

names as (

    select distinct
        segment_number,
        segment_dimension,
        segment_value
    from {{ ref('int_point_strata') }}
    where adjustment = 'adjusted' and segment_dimension in ('all', 'client_id')

)

select
    directions.direction,
    names.segment_dimension,
    names.segment_value,
    totals.total,
    totals.contribution_distance,
    totals.from_customers,
    totals.to_customers,
    totals.months,
    sqrt(variances.variance) as standard_error
from totals
inner join variances
    on
        totals.direction_number = variances.direction_number
        and totals.segment_number = variances.segment_number
inner join directions
    on totals.direction_number = directions.direction_number
inner join names
    on totals.segment_number = names.segment_number
