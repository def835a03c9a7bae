{# Customers who answered, by survey kind and segment: of whose NPS a moved customer is one part.
   #}
with

respondents as (

    select distinct
        survey_kind,
        customer_id,
        client_id,
        customer_type,
        region,
        plan_tier
    from {{ ref('fct_survey_responses') }}
    where customer_id is not null and is_nps

)

select
    survey_kind,
    segment_dimension,
    segment_value,
    count(*) as respondents
from (
    {{ by_segment('respondents', ['survey_kind'], of=['customer']) }}
) as by_segments
group by survey_kind, segment_dimension, segment_value
