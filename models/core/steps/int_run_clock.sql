with

latest_dates as (

    select cast(max(responded_at) as date) as latest_date
    from {{ ref('stg_survey__responses') }}

    union all

    select max(invoiced_on) as latest_date
    from {{ ref('stg_billing__invoice_lines') }}

),

clock as (

    select
        {%- if var('as_of_date') %}
        coalesce(cast('{{ var("as_of_date") }}' as date), max(latest_date)) as as_of
        {%- else %}
        max(latest_date) as as_of
        {%- endif %}
    from latest_dates

)

select
    clock.as_of,
    case
        when clock.as_of = last_day(clock.as_of) then {{ month_of('clock.as_of') }}
        else {{ add_months(month_of('clock.as_of'), -1) }}
    end as last_complete_month,
    horizon.last_day,
    horizon.dense_until,
    horizon.latest_day,
    horizon.events_after
from clock
cross join {{ ref('base_clock__horizon') }} as horizon
