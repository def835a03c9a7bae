{# The difference between the exposed and those who were not, standardised: strata weigh as they do
   among the exposed. Its variance is the sum of the squared influences of all customers, the
   weights of the strata included; with one stratum it is Welch's. #}
with

segments as (

    select
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        cast(sum(customers) as bigint) as customers,
        sum(contribution) as contribution
    from {{ ref('int_journey_totals') }}
    group by survey_kind, score_scale, segment_dimension, segment_value

),

strata as (

    select
        *,
        case when is_supported then exposed_customers else 0 end as supported_customers,
        case when is_supported then unexposed_contribution / unexposed_customers end
            as unexposed_mean
    from {{ ref('int_journey_strata') }}

),

differences as (

    select
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        journey_stage,
        exposure,
        cast(sum(exposed_customers) as bigint) as exposed_customers,
        sum(exposed_contribution) as exposed_contribution,
        cast(sum(supported_customers) as bigint) as supported_customers,
        cast(sum(case when is_supported then unexposed_customers else 0 end) as bigint)
            as supported_unexposed_customers,
        {{ safe_ratio(
            'sum(case when is_supported then exposed_contribution end)', 'sum(supported_customers)'
        ) }} as exposed_nps,
        {{ safe_ratio('sum(supported_customers * unexposed_mean)', 'sum(supported_customers)') }}
            as unexposed_nps
    from strata
    group by
        survey_kind, score_scale, segment_dimension, segment_value, journey_stage, exposure

),

{# Squared influences, before they are divided by the squared number of exposed. #}
influences as (

    select
        strata.survey_kind,
        strata.score_scale,
        strata.segment_dimension,
        strata.segment_value,
        strata.journey_stage,
        strata.exposure,
        sum(
            strata.exposed_contribution_squared
            - 2 * strata.exposed_contribution
            * (strata.unexposed_mean + differences.exposed_nps - differences.unexposed_nps)
            + strata.exposed_customers
            * power(strata.unexposed_mean + differences.exposed_nps - differences.unexposed_nps, 2)
        ) as of_exposed,
        sum(
            {{ safe_ratio(
                'power(strata.exposed_customers, 2)',
                'cast(strata.unexposed_customers as double) * (strata.unexposed_customers - 1)'
            ) }}
            * (
                strata.unexposed_contribution_squared
                - strata.unexposed_contribution * strata.unexposed_mean
            )
        ) as of_unexposed
    from strata
    inner join differences
        on
            strata.survey_kind = differences.survey_kind
            and strata.score_scale = differences.score_scale
            and strata.segment_dimension = differences.segment_dimension
            and strata.segment_value = differences.segment_value
            and strata.journey_stage = differences.journey_stage
            and strata.exposure = differences.exposure
    where strata.is_supported
    group by
        strata.survey_kind,
        strata.score_scale,
        strata.segment_dimension,
        strata.segment_value,
        strata.journey_stage,
        strata.exposure

)

select
    differences.survey_kind,
    differences.score_scale,
    differences.segment_dimension,
    differences.segment_value,
    differences.journey_stage,
    differences.exposure,
    segments.customers,
    differences.exposed_customers,
    {{ safe_ratio('differences.exposed_customers', 'segments.customers') }} as exposed_share,
    differences.supported_customers,
    differences.supported_unexposed_customers,
    differences.exposed_nps,
    differences.unexposed_nps,
    differences.exposed_nps - differences.unexposed_nps as difference,
    {{ safe_ratio('differences.exposed_contribution', 'differences.exposed_customers') }}
    - {{ safe_ratio(
        'segments.contribution - differences.exposed_contribution',
        'segments.customers - differences.exposed_customers'
    ) }} as unadjusted_difference,
    {{ safe_ratio(
        safe_ratio('differences.supported_customers', 'differences.supported_customers - 1')
        ~ ' * influences.of_exposed + influences.of_unexposed',
        'cast(differences.supported_customers as double) * differences.supported_customers'
    ) }} as variance
from differences
inner join segments
    on
        differences.survey_kind = segments.survey_kind
        and differences.score_scale = segments.score_scale
        and differences.segment_dimension = segments.segment_dimension
        and differences.segment_value = segments.segment_value
left join influences
    on
        differences.survey_kind = influences.survey_kind
        and differences.score_scale = influences.score_scale
        and differences.segment_dimension = influences.segment_dimension
        and differences.segment_value = influences.segment_value
        and differences.journey_stage = influences.journey_stage
        and differences.exposure = influences.exposure
