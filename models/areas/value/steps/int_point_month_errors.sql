{# The variance of each month's slope: the squared influence of every customer, without what it
   draws the slope to itself, added up (HC3). #}
with

strata as (

    select distinct
        stratum_number,
        cell_number
    from {{ ref('int_point_strata') }}
    where adjustment = 'adjusted'

),

segments as (

    select distinct
        segment_number,
        stratum_number
    from {{ ref('int_point_strata') }}
    where adjustment = 'adjusted'

),

{{ stratum_means() }},

{# Once for all segments of the same number. #}
slopes as (

    select distinct
        segment_number,
        k,
        slope,
        1 / spread as per_spread
    from {{ ref('int_point_slopes') }}
    where adjustment = 'adjusted' and slope is not null and is_in_horizon

),

distances as (

    select
        panel.k,
        strata.stratum_number,
        {{ distances_from('panel', 'means') }}
    from {{ ref('int_index_panel') }} as panel
    inner join strata
        on panel.cell_number = strata.cell_number
    inner join stratum_means as means
        on
            strata.stratum_number = means.stratum_number
            and panel.k = means.k

),

influences as (

    select
        slopes.segment_number,
        slopes.k,
        slopes.per_spread * {{ without_own_pull(
            'distances.revenue_product - slopes.slope * distances.spread',
            'distances.share + distances.spread * slopes.per_spread',
        ) }} as influence
    from distances
    inner join segments
        on distances.stratum_number = segments.stratum_number
    inner join slopes
        on
            segments.segment_number = slopes.segment_number
            and distances.k = slopes.k

),

variances as (

    select
        segment_number,
        k,
        sum(influence * influence) as variance
    from influences
    group by segment_number, k

),

names as (

    select distinct
        segment_number,
        segment_dimension,
        segment_value
    from {{ ref('int_point_strata') }}
    where adjustment = 'adjusted'

)

select
    names.segment_dimension,
    names.segment_value,
    variances.k,
    variances.variance
from variances
inner join names
    on variances.segment_number = names.segment_number
