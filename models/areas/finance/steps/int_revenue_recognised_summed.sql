{# Recognised revenue by the month of its invoice and the month of its service. #}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{
        forget_touched(month_as_text('invoice_month'), 'billing_invoice_lines.invoice_month')
    }}"
) }}

with

recognised as (

    select
        {{ month_of('invoiced_on') }} as invoice_month,
        revenue_month,
        currency,
        line_kind,
        amount,
        reporting_amount
    from {{ ref('int_revenue_recognised') }}
    {% if is_incremental() -%}
        where
            {{ month_as_text(month_of('invoiced_on')) }}
            in {{ touched('billing_invoice_lines.invoice_month') }}
    {%- endif %}

)

select
    invoice_month,
    revenue_month,
    currency,
    sum(amount) as amount,
    sum(case when line_kind = 'credit_note' then amount else 0 end) as credit_notes,
    sum(reporting_amount) as reporting_amount
from recognised
group by invoice_month, revenue_month, currency
