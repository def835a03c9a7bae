{% set classes = restatement_classes().keys() | list + ['unclassified'] -%}
with

figures as (

    select *
    from {{ ref('published_figures') }}
    where figure = 'recognised_revenue'

),

closes as (

    select *
    from {{ ref('stg_record__closes') }}
    where figure = 'recognised_revenue'

),

{{ restated_figures(classes) }}

select
    period_start as month,
    part as invoice_currency,
    since,
    first_run,
    cast(first_reported as decimal(18, 2)) as first_reported,
    latest_run,
    cast(now_reported as decimal(18, 2)) as now_reported,
    cast(difference as decimal(18, 2)) as difference,
    {% for name in classes -%}
    cast({{ name }} as decimal(18, 2)) as {{ name }},
    {% endfor -%}
    {{ causes_of_difference('0.05') }} as causes,
    cast(first_reported_in_currency as decimal(18, 2)) as first_reported_in_invoice_currency,
    cast(now_reported_in_currency as decimal(18, 2)) as now_reported_in_invoice_currency,
    definition,
    currency
from restated
