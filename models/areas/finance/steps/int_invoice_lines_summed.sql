{# Every line that was read, whatever became of it, by the month of its invoice. A month of NULL
   holds lines whose day or amount could not be read; lines that could not be taken apart have no
   amount at all (see rejected_rows). #}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched(month_as_text('month'), 'billing_invoice_lines.invoice_month') }}"
) }}

with

lines as (

    select
        {{ month_of('lines.invoiced_on') }} as month,
        lines.currency,
        lines.line_kind,
        coalesce(lines.amount, 0) as amount,
        case
            when lines.rejection_reasons is null and signs.source_file is not null
                then -2 * cast(lines.amount as decimal(28, 6))
            else 0
        end as sign_correction,
        case
            when lines.rejection_reasons is null then 'accepted'
            when lines.rejection_reasons like '%missing_customer_id%' then 'without_customer'
            when lines.rejection_reasons like '%unknown_customer%' then 'without_customer'
            when lines.rejection_reasons like '%duplicate%' then 'duplicate'
            when lines.rejection_reasons like '%unknown_code_currency%' then 'without_rate'
            when lines.rejection_reasons like '%in_the_future%' then 'in_the_future'
            else 'other'
        end as fate
    from {{ ref('base_billing__invoice_lines') }} as lines
    left join {{ ref('base_billing__credit_note_signs') }} as signs
        on {{ is_turned_line('lines', 'signs') }}
    {% if is_incremental() -%}
        where
            {{ month_as_text(month_of('lines.invoiced_on')) }}
            in {{ touched('billing_invoice_lines.invoice_month') }}
    {%- endif %}

)

select
    month,
    currency,
    count(*) as lines_read,
    sum(amount) as amount_read,
    sum(case when line_kind = 'credit_note' then amount else 0 end) as credit_notes_read,
    sum(case when fate = 'without_customer' then amount else 0 end) as rejected_without_customer,
    sum(
        case
            when fate = 'without_customer' and line_kind in ({{ non_revenue_line_kinds() }})
                then amount
            else 0
        end
    ) as no_revenue_without_customer,
    sum(case when fate = 'duplicate' then amount else 0 end) as rejected_duplicates,
    sum(case when fate = 'without_rate' then amount else 0 end) as rejected_without_rate,
    sum(case when fate = 'in_the_future' then amount else 0 end) as rejected_in_the_future,
    sum(case when fate = 'other' then amount else 0 end) as rejected_for_other_reasons,
    sum(sign_correction) as sign_corrections,
    sum(case when fate = 'accepted' then amount + sign_correction else 0 end) as accepted_amount,
    sum(case when fate = 'accepted' and line_kind = 'tax' then amount else 0 end) as tax_amount,
    sum(case when fate = 'accepted' and line_kind = 'bad_debt' then amount else 0 end)
        as bad_debt_amount
from lines
group by month, currency
