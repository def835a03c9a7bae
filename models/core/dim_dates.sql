with

first_dates as (

    select cast(min(responded_at) as date) as first_date
    from {{ ref('stg_survey__responses') }}

    union all

    select min(revenue_month) as first_date
    from {{ ref('fct_customer_revenue_monthly') }}

),

bounds as (

    select
        {{ year_of('min(first_dates.first_date)') }} as first_day,
        last_day(max(clock.as_of)) as last_day_of_data
    from first_dates
    cross join {{ ref('int_run_clock') }} as clock

),

numbers as (

    select
        first_day,
        {{ each_number(days_between('first_day', 'last_day_of_data')) }} as number
    from bounds

),

days as (

    select {{ add_days('first_day', 'number') }} as date_day
    from numbers

)

select
    days.date_day,
    {{ month_of('days.date_day') }} as month_start,
    {{ quarter_of('days.date_day') }} as quarter_start,
    {{ year_of('days.date_day') }} as year_start,
    days.date_day = last_day(days.date_day) as is_month_end,
    {{ month_of('days.date_day') }} <= clock.last_complete_month as is_in_complete_month
from days
cross join {{ ref('int_run_clock') }} as clock
