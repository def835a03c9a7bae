{# Customers who answered, by survey kind and segment: of whose NPS a moved customer is one part.
   #}
with

respondents as (

    select distinct
        answers.survey_kind,
        answers.customer_id,
        profiles.customer_cell
    from {{ ref('fct_survey_responses') }} as answers
    inner join {{ ref('int_customer_profiles') }} as profiles
        on answers.customer_id = profiles.customer_id
    where answers.is_nps

),

cells as (

    select
        survey_kind,
        customer_cell,
        count(*) as respondents
    from respondents
    group by survey_kind, customer_cell

)

select
    survey_kind,
    segment_dimension,
    segment_value,
    cast(sum(respondents) as bigint) as respondents
from (
    {{ by_segment('cells', ['survey_kind', 'respondents'], of=['customer']) }}
) as by_segments
group by survey_kind, segment_dimension, segment_value
