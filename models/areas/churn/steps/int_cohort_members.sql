{# Customers in the cohorts in which they are followed: the month they were won, when the billing
   data reach back that far (else only those who stayed would be seen), and the category and month
   of their first NPS answer. Opening revenue: of the first full month after being won; at an answer
   the baseline, in whole cents, so that sums do not depend on the order of rows. #}
with

first_spells as (

    select
        customer_id,
        started_on,
        churned_on
    from {{ ref('int_customer_spells') }}
    where spell_number = 1

),

first_billed as (

    select min(revenue_month) as first_month
    from {{ ref('fct_customer_revenue_monthly') }}

),

first_answers as (

    select
        customer_id,
        category,
        responded_month,
        monthly_baseline_revenue,
        row_number() over (partition by customer_id order by responded_at, response_id) as answer
    from {{ ref('fct_survey_responses') }}
    where customer_id is not null and is_nps

)

select
    'acquisition_month' as cohort_kind,
    cast({{ month_of('first_spells.started_on') }} as {{ dbt.type_string() }}) as cohort,
    first_spells.customer_id,
    {{ month_of('first_spells.started_on') }} as cohort_month,
    cast(greatest(0, coalesce(opening.net_revenue, 0)) as decimal(18, 2)) as opening_revenue
from first_spells
cross join first_billed
left join {{ ref('fct_customer_revenue_monthly') }} as opening
    on
        first_spells.customer_id = opening.customer_id
        and {{ add_months(month_of('first_spells.started_on'), 1) }} = opening.revenue_month
where {{ month_of('first_spells.started_on') }} >= first_billed.first_month

union all

select
    'first_category' as cohort_kind,
    first_answers.category as cohort,
    first_answers.customer_id,
    first_answers.responded_month as cohort_month,
    cast(
        round(greatest(0, coalesce(first_answers.monthly_baseline_revenue, 0)), 2) as decimal(18, 2)
    ) as opening_revenue
from first_answers
inner join {{ ref('int_customer_spells') }} as spells
    on
        first_answers.customer_id = spells.customer_id
        and spells.started_on <= {{ add_days(add_months('first_answers.responded_month', 1), -1) }}
        and {{ open_ended('spells.churned_on') }} >= first_answers.responded_month
where first_answers.answer = 1
