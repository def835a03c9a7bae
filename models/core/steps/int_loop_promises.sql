{# Within how many hours each kind of answer was promised a contact: of the promises of the seed
   that fit it the most particular one. #}
with

kinds as (

    select distinct
        client_id,
        customer_type,
        survey_kind,
        category
    from {{ ref('fct_survey_responses') }}

),

fitting as (

    select
        kinds.client_id,
        kinds.customer_type,
        kinds.survey_kind,
        kinds.category,
        promises.hours_to_contact,
        row_number() over (
            partition by
                kinds.client_id, kinds.customer_type, kinds.survey_kind, kinds.category
            order by
                case when promises.client_id is null then 1 else 0 end,
                case when promises.customer_type is null then 1 else 0 end,
                case when promises.survey_kind is null then 1 else 0 end,
                case when promises.category is null then 1 else 0 end
        ) as preference
    from kinds
    inner join {{ ref('closed_loop_sla') }} as promises
        on
            coalesce(promises.client_id, kinds.client_id) = kinds.client_id
            and coalesce(promises.customer_type, kinds.customer_type, '')
            = coalesce(kinds.customer_type, '')
            and coalesce(promises.survey_kind, kinds.survey_kind) = kinds.survey_kind
            and coalesce(promises.category, kinds.category) = kinds.category

)

select
    client_id,
    customer_type,
    survey_kind,
    category,
    cast(hours_to_contact as int) as hours_to_contact
from fitting
where preference = 1
