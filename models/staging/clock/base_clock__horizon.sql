{# The last day by which things happen as densely as they use to. A few rows far after all others,
   such as a renewal that is invoiced half a year ahead or a slip of the pen, do not set the clock:
   every month between would be complete, and empty. Read from the landing as it is, by day as
   written, since the rows after the horizon are judged by it. #}
with

landed as (

    select
        'survey_responses' as dataset,
        substring(trim(responded_at), 1, 10) as day_text,
        count(*) as events
    from {{ source('landing', 'survey_responses') }}
    group by substring(trim(responded_at), 1, 10)

    union all

    select
        'billing_invoice_lines' as dataset,
        invoiced_on as day_text,
        count(*) as events
    from {{ source('landing', 'billing_invoice_lines') }}
    group by invoiced_on

),

dated as (

    select
        dataset,
        {{ parse_value('date', 'day_text') }} as event_day,
        events
    from landed

),

days as (

    select
        event_day,
        {{ days_between("cast('1970-01-01' as date)", 'event_day') }} as day_number,
        sum(events) as events,
        sum(case when dataset = 'survey_responses' then events else 0 end) as answers,
        sum(case when dataset = 'billing_invoice_lines' then events else 0 end) as lines
    from dated
    where
        event_day >= cast('{{ var("calendar_from") }}' as date)
        and event_day <= cast('{{ last_day_of_events() or var("calendar_to") }}' as date)
    group by event_day

),

surrounded as (

    select
        *,
        max(day_number) over () - day_number as days_after,
        sum(events) over (
            order by day_number range between 364 preceding and current row
        ) as events_of_the_year,
        sum(events) over (
            order by day_number range between 27 preceding and current row
        ) as events_of_the_month,
        sum(events) over () - sum(events) over (
            order by day_number rows between unbounded preceding and current row
        ) as events_after,
        sum(answers) over () - sum(answers) over (
            order by day_number rows between unbounded preceding and current row
        ) as answers_after,
        sum(lines) over () - sum(lines) over (
            order by day_number rows between unbounded preceding and current row
        ) as lines_after,
        sum(answers) over () as all_answers,
        sum(lines) over () as all_lines
    from days

),

{# The pace things use to have: of the fullest year so far. #}
paced as (

    select
        *,
        max(events_of_the_year) over (
            order by day_number rows between unbounded preceding and current row
        ) as usual_events_of_a_year
    from surrounded

),

{# Dense is what has a tenth of the usual pace. More than a month must have passed before a day can
   be called the last; and what is left out must be few of its own dataset. #}
last_dense_days as (

    select
        max(event_day) as dense_until,
        max(
            case
                when 50 * answers_after <= all_answers and 50 * lines_after <= all_lines
                    then event_day
            end
        ) as last_day
    from paced
    where
        days_after > 31
        and 10 * 365 * events_of_the_month >= 28 * usual_events_of_a_year
        and 10 * 365 * events_after < days_after * usual_events_of_a_year
        {%- if var('as_of_date') %}
        and false
        {%- endif %}

)

select
    {%- if last_day_of_events() %}
    coalesce(last_dense_days.last_day, cast('{{ last_day_of_events() }}' as date)) as last_day,
    {%- else %}
    last_dense_days.last_day,
    {%- endif %}
    last_dense_days.dense_until,
    max(days.event_day) as latest_day,
    cast(
        coalesce(
            sum(case when days.event_day > last_dense_days.dense_until then days.events else 0 end),
            0
        ) as bigint
    ) as events_after
from last_dense_days
left join days
    on true
group by last_dense_days.last_day, last_dense_days.dense_until
