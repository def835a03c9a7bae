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

days as (

    select {{ add_days('bounds.first_day', 'spine.number') }} as date_day
    from bounds
    inner join {{ number_spine(36525) }} as spine
        on spine.number <= {{ days_between('bounds.first_day', 'bounds.last_day_of_data') }}

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
