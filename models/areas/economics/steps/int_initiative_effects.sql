{# What an initiative moved: the change of what it works on, from the year before it began to the
   year after it ended, less the change of what no initiative works on. A driver is measured by
   its rating, as a share of the scale; a stage by the NPS of answers about its contacts. Errors
   by customer, since the same people answer before and after, and rate all drivers at once. #}
with

initiatives as (

    select
        initiatives.initiative_id,
        initiatives.journey_stage,
        initiatives.driver,
        {{ add_months('initiatives.started_on', -var('initiative_months')) }} as before_from,
        initiatives.started_on as before_until,
        coalesce(initiatives.ended_on, initiatives.started_on) as after_from,
        {{ add_months(
            'coalesce(initiatives.ended_on, initiatives.started_on)', var('initiative_months')
        ) }} as after_until
    from {{ ref('stg_finance__initiatives') }} as initiatives

),

answers as (

    select
        response_id,
        {{ cluster_of('answers') }} as cluster_id,
        survey_kind,
        score_scale,
        is_nps,
        journey_stage,
        responded_on,
        cast(contribution as double) as contribution
    from {{ ref('fct_survey_responses') }} as answers
    where not is_repeated

),

measured as (

    select
        'driver' as measured_by,
        ratings.driver as measured,
        answers.cluster_id,
        answers.responded_on,
        {{ safe_ratio('ratings.rating - scales.minimum', 'scales.maximum - scales.minimum') }}
            as value,
        cast(scales.maximum - scales.minimum as double) as scale_range
    from {{ ref('stg_survey__driver_ratings') }} as ratings
    inner join answers
        on ratings.response_id = answers.response_id
    inner join {{ ref('score_scales') }} as scales
        on ratings.score_scale = scales.scale
    left join {{ ref('drivers') }} as labels
        on ratings.driver = labels.driver
    where
        answers.survey_kind = 'relational'
        and answers.is_nps
        and not coalesce(labels.is_overall, false)

    union all

    select
        'journey_stage' as measured_by,
        journey_stage as measured,
        cluster_id,
        responded_on,
        contribution as value,
        cast(null as double) as scale_range
    from answers
    where survey_kind = 'transactional' and is_nps and journey_stage is not null

),

worked_on as (

    select distinct
        'driver' as measured_by,
        driver as measured
    from initiatives
    where driver is not null

    union all

    select distinct
        'journey_stage' as measured_by,
        journey_stage as measured
    from initiatives
    where journey_stage is not null

),

aims as (

    select
        initiatives.*,
        'driver' as measured_by,
        driver as measured
    from initiatives
    where driver is not null

    union all

    select
        initiatives.*,
        'journey_stage' as measured_by,
        journey_stage as measured
    from initiatives
    where journey_stage is not null

),

compared as (

    select
        aims.initiative_id,
        aims.measured_by,
        measured.cluster_id,
        measured.value,
        measured.scale_range,
        measured.measured = aims.measured as is_own,
        measured.responded_on >= aims.after_from as is_after
    from aims
    inner join measured
        on
            aims.measured_by = measured.measured_by
            and measured.responded_on >= aims.before_from
            and measured.responded_on < aims.after_until
    left join worked_on
        on
            measured.measured_by = worked_on.measured_by
            and measured.measured = worked_on.measured
    where
        (measured.responded_on < aims.before_until or measured.responded_on >= aims.after_from)
        and (measured.measured = aims.measured or worked_on.measured is null)

),

by_cluster as (

    select
        initiative_id,
        measured_by,
        cluster_id,
        is_own,
        is_after,
        count(*) as n,
        sum(value) as total,
        max(scale_range) as scale_range
    from compared
    group by initiative_id, measured_by, cluster_id, is_own, is_after

),

means as (

    select
        initiative_id,
        measured_by,
        is_own,
        is_after,
        sum(n) as answers,
        max(scale_range) as scale_range,
        {{ safe_ratio('sum(total)', 'sum(n)') }} as mean
    from by_cluster
    group by initiative_id, measured_by, is_own, is_after

),

influences as (

    select
        by_cluster.initiative_id,
        by_cluster.measured_by,
        by_cluster.cluster_id,
        sum(
            case when by_cluster.is_own = by_cluster.is_after then 1 else -1 end
            * (by_cluster.total - by_cluster.n * means.mean) / means.answers
        ) as influence
    from by_cluster
    inner join means
        on
            by_cluster.initiative_id = means.initiative_id
            and by_cluster.measured_by = means.measured_by
            and by_cluster.is_own = means.is_own
            and by_cluster.is_after = means.is_after
    group by by_cluster.initiative_id, by_cluster.measured_by, by_cluster.cluster_id

),

variances as (

    select
        initiative_id,
        measured_by,
        count(*) as customers,
        {{ safe_ratio('count(*)', 'count(*) - 1') }} * sum(influence * influence) as variance
    from influences
    group by initiative_id, measured_by

),

sides as (

    select
        initiative_id,
        measured_by,
        sum(case when is_own and not is_after then answers else 0 end) as answers_before,
        sum(case when is_own and is_after then answers else 0 end) as answers_after,
        sum(case when not is_own and not is_after then answers else 0 end) as others_before,
        sum(case when not is_own and is_after then answers else 0 end) as others_after,
        max(case when is_own then scale_range end) as scale_range,
        max(case when is_own and not is_after then mean end) as mean_before,
        max(case when is_own and is_after then mean end) as mean_after,
        max(case when not is_own and not is_after then mean end) as others_mean_before,
        max(case when not is_own and is_after then mean end) as others_mean_after
    from means
    group by initiative_id, measured_by

)

select
    aims.initiative_id,
    aims.measured_by,
    aims.measured,
    coalesce(variances.customers, 0) as customers,
    coalesce(sides.answers_before, 0) as answers_before,
    coalesce(sides.answers_after, 0) as answers_after,
    coalesce(sides.others_before, 0) > 0 and coalesce(sides.others_after, 0) > 0 as has_others,
    sides.scale_range,
    sides.mean_before,
    sides.mean_after,
    sides.others_mean_before,
    sides.others_mean_after,
    sides.mean_after - sides.mean_before
    - coalesce(sides.others_mean_after - sides.others_mean_before, 0.0) as change,
    sqrt(variances.variance) as standard_error
from aims
left join sides
    on
        aims.initiative_id = sides.initiative_id
        and aims.measured_by = sides.measured_by
left join variances
    on
        aims.initiative_id = variances.initiative_id
        and aims.measured_by = variances.measured_by
