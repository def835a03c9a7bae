{# Every answer as the cells know it: the cell of its customer, its customer's standing at that
   time, and its own attributes. #}
{% set responses = ref('stg_survey__responses') %}
{% set own = segment_dimensions(['answer'])
    | selectattr('is_own') | map(attribute='value') | list %}
select
    answers.response_id,
    coalesce(profiles.customer_cell, anonymous.customer_cell) as customer_cell
    {%- for attribute in segment_attributes(['standing', 'answer']) %},
    {{ 'responses' if attribute in own else 'answers' }}.{{ attribute }}
    {%- endfor %}
from {{ ref('fct_survey_responses') }} as answers
{% if own -%}
inner join {{ responses }} as responses
    on answers.response_id = responses.response_id
{% endif -%}
left join {{ ref('int_customer_profiles') }} as profiles
    on answers.customer_id = profiles.customer_id
left join {{ ref('int_customer_cells') }} as anonymous
    on
        answers.customer_id is null
        and answers.client_id = anonymous.client_id
        and anonymous.customer_type is null
