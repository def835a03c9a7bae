{# Every accepted row behind revenue and the score, under hashes: nobody can be told from them. What
   a row says (`content`) is kept apart from what is made of it, so that another definition is not
   taken for another row; rows that do not count are there for the same reason. #}
with

revenue_lines as (

    select
        *,
        cast({{ row_hash([
            'invoice_line_id', 'currency', 'line_kind', 'amount', 'invoiced_on',
            "coalesce(cast(service_from as string), '')", "coalesce(cast(service_to as string), '')",
        ]) }} % 2147483647 as int) as content
    from {{ ref('int_revenue_lines') }}

),

revenue_months as (

    select
        invoice_line_id,
        content,
        first_month as period_start,
        currency as part,
        true as is_counted,
        reporting_amount as value,
        amount as value_in_currency
    from revenue_lines
    where not is_over_months

    union all

    select
        spread.invoice_line_id,
        lines.content,
        spread.revenue_month as period_start,
        spread.currency as part,
        true as is_counted,
        spread.reporting_amount as value,
        spread.amount as value_in_currency
    from {{ ref('int_revenue_lines_spread') }} as spread
    inner join revenue_lines as lines
        on
            spread.invoice_line_id = lines.invoice_line_id
            and lines.is_over_months

),

other_lines as (

    select
        invoice_line_id,
        cast({{ row_hash([
            'invoice_line_id', 'currency', 'line_kind', 'amount', 'invoiced_on',
            "coalesce(cast(case when service_to > service_from then service_from end as string), '')",
            "coalesce(cast(case when service_to > service_from then service_to end as string), '')",
        ]) }} % 2147483647 as int) as content,
        {{ month_of('invoiced_on') }} as period_start,
        currency as part
    from {{ ref('stg_billing__invoice_lines') }}
    where line_kind in ({{ non_revenue_line_kinds() }})

),

answers as (

    select
        answers.response_id,
        cast({{ row_hash([
            'answers.response_id', 'answers.survey_kind', 'answers.score_scale', 'answers.score',
            'answers.responded_at',
        ]) }} % 2147483647 as int) as content,
        {{ month_of('answers.responded_on') }} as period_start,
        answers.survey_kind || '/' || answers.score_scale as part,
        counted.response_id is not null as is_counted,
        counted.contribution
    from {{ ref('fct_survey_responses') }} as answers
    left join {{ ref('int_nps_counted_answers') }} as counted
        on
            answers.response_id = counted.response_id
            and counted.period_grain = 'month'

)

select
    'recognised_revenue' as figure,
    period_start,
    part,
    {{ row_hash(['invoice_line_id']) }} as row_key,
    content,
    is_counted,
    cast(value as decimal(28, 6)) as value,
    cast(value_in_currency as decimal(28, 6)) as value_in_currency
from revenue_months

union all

select
    'recognised_revenue' as figure,
    period_start,
    part,
    {{ row_hash(['invoice_line_id']) }} as row_key,
    content,
    false as is_counted,
    cast(0 as decimal(28, 6)) as value,
    cast(0 as decimal(28, 6)) as value_in_currency
from other_lines

union all

select
    'nps' as figure,
    period_start,
    part,
    {{ row_hash(['response_id']) }} as row_key,
    content,
    is_counted,
    cast(coalesce(contribution, 0) as decimal(28, 6)) as value,
    cast(null as decimal(28, 6)) as value_in_currency
from answers
