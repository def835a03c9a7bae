with

{# By the month of the invoice. #}
read as (

    select
        month,
        currency,
        lines_read,
        amount_read,
        credit_notes_read,
        sign_corrections,
        rejected_without_customer,
        no_revenue_without_customer,
        rejected_duplicates,
        rejected_without_rate,
        rejected_in_the_future,
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

{# What rounding each month of each customer to the cent took from the sum of all, or added: in the
   row of the reporting currency. #}
rounded_customer_months as (

    select
        revenue_month as month,
        {{ reporting_currency() }} as currency,
        sum(published) - sum(exact) as customer_month_rounding
    from (
        select
            revenue_month,
            net_revenue as published,
            0 as exact
        from {{ ref('fct_customer_revenue_monthly') }}

        union all

        select
            revenue_month,
            0 as published,
            reporting_amount as exact
        from {{ ref('int_revenue_recognised_summed') }}
    ) as amounts
    group by revenue_month
    having sum(published) <> sum(exact)

),

{# The same revenue at one rate for all months: what is left is exchange. #}
rates as (

    select
        currency,
        latest_rate_to_reporting
    from {{ ref('int_exchange_rates_ranged') }}
    where valid_to is null

),

ledger as (

    select
        month,
        currency,
        sum(amount) as ledger_amount
    from {{ ref('stg_finance__ledger_balances') }}
    group by month, currency

),

{# Revenue in currencies of which the ledger has no balance is in that of the reporting currency. #}
in_other_currencies as (

    select
        recognised.month,
        {{ reporting_currency() }} as currency,
        sum(recognised.recognised_in_reporting_currency) as ledger_other_currencies
    from recognised
    left join ledger
        on
            recognised.month = ledger.month
            and recognised.currency = ledger.currency
    where
        recognised.currency <> {{ reporting_currency() }}
        and ledger.month is null
    group by recognised.month

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
    from rounded_customer_months

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
        coalesce(read.sign_corrections, 0) as sign_corrections,
        coalesce(read.rejected_without_customer, 0) as rejected_without_customer,
        coalesce(read.no_revenue_without_customer, 0) as no_revenue_without_customer,
        coalesce(read.rejected_duplicates, 0) as rejected_duplicates,
        coalesce(read.rejected_without_rate, 0) as rejected_without_rate,
        coalesce(read.rejected_in_the_future, 0) as rejected_in_the_future,
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
        case
            when months.currency = {{ reporting_currency() }}
                then coalesce(recognised.recognised_in_reporting_currency, 0)
            else
                coalesce(
                    {{ converted(
                        'recognised.recognised_amount', 'rates.latest_rate_to_reporting'
                    ) }},
                    0
                )
        end as recognised_at_latest_rates,
        coalesce(rounded_customer_months.customer_month_rounding, 0) as customer_month_rounding,
        coalesce(in_other_currencies.ledger_other_currencies, 0) as ledger_other_currencies,
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
    left join rounded_customer_months
        on
            months.month = rounded_customer_months.month
            and months.currency = rounded_customer_months.currency
    left join rates
        on months.currency = rates.currency
    left join in_other_currencies
        on
            months.month = in_other_currencies.month
            and months.currency = in_other_currencies.currency
    left join ledger
        on
            months.month = ledger.month
            and months.currency = ledger.currency

),

{# Amounts keep six places up to here. What is left when each is rounded to the cent is put where it
   can be seen: on the accepted amount, so that what was read adds up, and in `rounding`. #}
rounded as (

    select
        month,
        currency,
        lines_read,
        {% for column in [
            'amount_read', 'credit_notes_read', 'sign_corrections', 'rejected_without_customer',
            'no_revenue_without_customer', 'rejected_duplicates', 'rejected_without_rate',
            'rejected_in_the_future', 'rejected_for_other_reasons', 'tax_amount', 'bad_debt_amount',
            'serviced_in_other_months', 'invoiced_in_other_months', 'recognised_amount',
            'credit_notes_recognised', 'recognised_in_reporting_currency',
            'recognised_at_latest_rates', 'customer_month_rounding', 'ledger_other_currencies',
            'ledger_amount',
        ] -%}
        {{ money(column) }} as {{ column }},
        {% endfor -%}
        amount_read + sign_corrections - rejected_without_customer - rejected_duplicates
        - rejected_without_rate - rejected_in_the_future - rejected_for_other_reasons - tax_amount
        - bad_debt_amount - serviced_in_other_months
        + invoiced_in_other_months - recognised_amount as exactly_unexplained
    from reconciled

),

{# What is unexplained is a cent at least, however little it is. #}
added_up as (

    select
        *,
        case
            when exactly_unexplained > 0 then greatest({{ money('exactly_unexplained') }}, 0.01)
            when exactly_unexplained < 0 then least({{ money('exactly_unexplained') }}, -0.01)
            else 0
        end as unexplained,
        amount_read + sign_corrections - rejected_without_customer - rejected_duplicates
        - rejected_without_rate - rejected_in_the_future - rejected_for_other_reasons
            as accepted_amount
    from rounded

),

{# What the ledger has and recognised revenue has not, each under its name, as the setting
   `ledger_holds` says; what is left has none. #}
{% set holds = var('ledger_holds') -%}
held_against_ledger as (

    select
        *,
        {% for name, amount in {
            'rows_without_customer': 'rejected_without_customer - no_revenue_without_customer',
            'duplicates': 'rejected_duplicates',
            'other_rejected_rows':
                'rejected_without_rate + rejected_in_the_future + rejected_for_other_reasons',
            'tax': 'tax_amount',
            'bad_debt': 'bad_debt_amount',
            'invoice_months': 'serviced_in_other_months - invoiced_in_other_months',
        }.items() -%}
        case when ledger_amount is not null then {{ amount if name in holds else 0 }} end
            as ledger_{{ name }},
        {% endfor -%}
        case when ledger_amount is not null then ledger_other_currencies end
            as ledger_of_other_currencies
    from added_up

)

select
    month,
    currency,
    lines_read,
    amount_read,
    credit_notes_read,
    sign_corrections,
    rejected_without_customer,
    no_revenue_without_customer,
    rejected_duplicates,
    rejected_without_rate,
    rejected_in_the_future,
    rejected_for_other_reasons,
    cast(accepted_amount as decimal(18, 2)) as accepted_amount,
    tax_amount,
    bad_debt_amount,
    serviced_in_other_months,
    invoiced_in_other_months,
    cast(
        recognised_amount + unexplained - accepted_amount + tax_amount + bad_debt_amount
        + serviced_in_other_months - invoiced_in_other_months as decimal(18, 2)
    ) as rounding,
    recognised_amount,
    credit_notes_recognised,
    recognised_in_reporting_currency,
    recognised_at_latest_rates,
    cast(
        recognised_in_reporting_currency - recognised_at_latest_rates as decimal(18, 2)
    ) as exchange_effect,
    customer_month_rounding,
    cast(unexplained as decimal(18, 2)) as unexplained,
    ledger_amount,
    cast(ledger_amount - recognised_amount as decimal(18, 2)) as ledger_difference,
    {% for name in [
        'rows_without_customer', 'duplicates', 'other_rejected_rows', 'tax', 'bad_debt',
        'invoice_months', 'of_other_currencies',
    ] -%}
    cast(ledger_{{ name }} as decimal(18, 2)) as ledger_{{ name }},
    {% endfor -%}
    cast(
        ledger_amount - recognised_amount - ledger_rows_without_customer - ledger_duplicates
        - ledger_other_rejected_rows - ledger_tax - ledger_bad_debt - ledger_invoice_months
        - ledger_of_other_currencies as decimal(18, 2)
    ) as ledger_unexplained,
    {{ reporting_currency() }} as reporting_currency
from held_against_ledger
