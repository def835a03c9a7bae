with

rates as (

    select
        currency,
        valid_from,
        rate_to_reporting
    from {{ ref('stg_billing__exchange_rates') }}
    where currency <> {{ reporting_currency() }}

    union all

    select
        {{ reporting_currency() }} as currency,
        cast('0001-01-01' as date) as valid_from,
        cast(1 as decimal(18, 8)) as rate_to_reporting

)

select
    currency,
    valid_from,
    lead(valid_from) over (partition by currency order by valid_from) as valid_to,
    rate_to_reporting,
    last_value(rate_to_reporting) over (
        partition by currency
        order by valid_from
        rows between unbounded preceding and unbounded following
    ) as latest_rate_to_reporting
from rates
