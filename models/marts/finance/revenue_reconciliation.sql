with

{# By the month of the invoice. #}
read as (

    select
        month,
        currency,
        lines_read,
        amount_read,
        credit_notes_read,
        rejected_without_customer,
        rejected_duplicates,
        rejected_for_other_reasons,
        accepted_amount,
        tax_amount,
        bad_debt_amount
    from {{ ref('int_invoice_lines_summed') }}

),

serviced_elsewhere as (

    select
        invoice_month as month,
        currency,
        sum(amount) as shifted_out
    from {{ ref('int_revenue_recognised_summed') }}
    where invoice_month <> revenue_month
    group by invoice_month, currency

),

recognised as (

    select
        revenue_month as month,
        currency,
        sum(case when invoice_month <> revenue_month then amount else 0 end) as shifted_in,
        sum(amount) as recognised_amount,
        sum(credit_notes) as credit_notes_recognised,
        sum(reporting_amount) as recognised_in_reporting_currency
    from {{ ref('int_revenue_recognised_summed') }}
    group by revenue_month, currency

),

ledger as (

    select
        month,
        currency,
        sum(amount) as ledger_amount
    from {{ ref('stg_finance__ledger_balances') }}
    group by month, currency

),

months as (

    select
        month,
        currency
    from read

    union

    select
        month,
        currency
    from serviced_elsewhere

    union

    select
        month,
        currency
    from recognised

    union

    select
        month,
        currency
    from ledger

),

reconciled as (

    select
        months.month,
        months.currency,
        coalesce(read.lines_read, 0) as lines_read,
        coalesce(read.amount_read, 0) as amount_read,
        coalesce(read.credit_notes_read, 0) as credit_notes_read,
        coalesce(read.rejected_without_customer, 0) as rejected_without_customer,
        coalesce(read.rejected_duplicates, 0) as rejected_duplicates,
        coalesce(read.rejected_for_other_reasons, 0) as rejected_for_other_reasons,
        coalesce(read.accepted_amount, 0) as accepted_amount,
        coalesce(read.tax_amount, 0) as tax_amount,
        coalesce(read.bad_debt_amount, 0) as bad_debt_amount,
        coalesce(serviced_elsewhere.shifted_out, 0) as serviced_in_other_months,
        coalesce(recognised.shifted_in, 0) as invoiced_in_other_months,
        coalesce(recognised.recognised_amount, 0) as recognised_amount,
        coalesce(recognised.credit_notes_recognised, 0) as credit_notes_recognised,
        coalesce(recognised.recognised_in_reporting_currency, 0)
            as recognised_in_reporting_currency,
        ledger.ledger_amount
    from months
    left join read
        on
            months.month is not distinct from read.month
            and months.currency = read.currency
    left join serviced_elsewhere
        on
            months.month = serviced_elsewhere.month
            and months.currency = serviced_elsewhere.currency
    left join recognised
        on
            months.month = recognised.month
            and months.currency = recognised.currency
    left join ledger
        on
            months.month = ledger.month
            and months.currency = ledger.currency

)

select
    month,
    currency,
    lines_read,
    cast(amount_read as decimal(18, 2)) as amount_read,
    cast(credit_notes_read as decimal(18, 2)) as credit_notes_read,
    cast(rejected_without_customer as decimal(18, 2)) as rejected_without_customer,
    cast(rejected_duplicates as decimal(18, 2)) as rejected_duplicates,
    cast(rejected_for_other_reasons as decimal(18, 2)) as rejected_for_other_reasons,
    cast(accepted_amount as decimal(18, 2)) as accepted_amount,
    cast(tax_amount as decimal(18, 2)) as tax_amount,
    cast(bad_debt_amount as decimal(18, 2)) as bad_debt_amount,
    cast(serviced_in_other_months as decimal(18, 2)) as serviced_in_other_months,
    cast(invoiced_in_other_months as decimal(18, 2)) as invoiced_in_other_months,
    cast(recognised_amount as decimal(18, 2)) as recognised_amount,
    cast(credit_notes_recognised as decimal(18, 2)) as credit_notes_recognised,
    cast(recognised_in_reporting_currency as decimal(18, 2)) as recognised_in_reporting_currency,
    cast(
        amount_read - rejected_without_customer - rejected_duplicates - rejected_for_other_reasons
        - tax_amount - bad_debt_amount - serviced_in_other_months + invoiced_in_other_months
        - recognised_amount as decimal(18, 2)
    ) as unexplained,
    cast(ledger_amount as decimal(18, 2)) as ledger_amount,
    cast(ledger_amount - recognised_amount as decimal(18, 2)) as ledger_difference
from reconciled
