{# The exposed of each segment and stratum beside those who were not: all less the exposed. #}
with

answers as (

    select * from {{ ref('int_journey_answers') }}

),

cells as (

    select
        answers.cell_number,
        exposures.journey_stage,
        exposures.exposure,
        count(*) as customers,
        sum(answers.contribution) as contribution,
        sum(answers.contribution * answers.contribution) as contribution_squared
    from {{ ref('int_journey_exposures') }} as exposures
    inner join answers
        on exposures.answer_number = answers.answer_number
    group by answers.cell_number, exposures.journey_stage, exposures.exposure

),

cell_attributes as (

    select distinct
        cell_number,
        survey_kind,
        score_scale,
        standing_cell,
        stratum
    from answers

),

described as (

    select
        cells.journey_stage,
        cells.exposure,
        cells.customers,
        cells.contribution,
        cells.contribution_squared,
        cell_attributes.*
    from cells
    inner join cell_attributes
        on cells.cell_number = cell_attributes.cell_number

),

by_segments as (

    {{ by_segment('described', [
        'survey_kind', 'score_scale', 'stratum', 'journey_stage', 'exposure', 'customers',
        'contribution', 'contribution_squared',
    ], of=['customer', 'standing']) }}

),

exposed as (

    select
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        stratum,
        journey_stage,
        exposure,
        cast(sum(customers) as bigint) as customers,
        sum(contribution) as contribution,
        sum(contribution_squared) as contribution_squared
    from by_segments
    group by
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        stratum,
        journey_stage,
        exposure

)

select
    exposed.survey_kind,
    exposed.score_scale,
    exposed.segment_dimension,
    exposed.segment_value,
    exposed.journey_stage,
    exposed.exposure,
    exposed.stratum,
    exposed.customers as exposed_customers,
    exposed.contribution as exposed_contribution,
    exposed.contribution_squared as exposed_contribution_squared,
    totals.customers - exposed.customers as unexposed_customers,
    totals.contribution - exposed.contribution as unexposed_contribution,
    totals.contribution_squared - exposed.contribution_squared as unexposed_contribution_squared,
    {# From one customer alone it is not known how much the unexposed differ. #}
    totals.customers - exposed.customers >= 2 as is_supported
from exposed
inner join {{ ref('int_journey_totals') }} as totals
    on
        exposed.survey_kind = totals.survey_kind
        and exposed.score_scale = totals.score_scale
        and exposed.segment_dimension = totals.segment_dimension
        and exposed.segment_value = totals.segment_value
        and exposed.stratum = totals.stratum
