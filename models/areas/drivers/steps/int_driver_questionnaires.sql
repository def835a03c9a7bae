{# What is asked of whom: clients ask about different things, and of different kinds of customers,
   and change it over the years. The drivers of a questionnaire are numbered, the most often rated first,
   as many as a regression takes; a verdict on everything is no driver and gets no number. #}
with

ratings as (

    select
        period_grain,
        period_start,
        client_id,
        customer_type,
        driver,
        score_scale,
        count(*) as ratings
    from {{ ref('int_driver_ratings') }}
    group by period_grain, period_start, client_id, customer_type, driver, score_scale

),

{# Where a driver was asked on two scales, the numbers of the rarer one cannot stand beside the
   others. #}
ranked_scales as (

    select
        *,
        row_number() over (
            partition by period_grain, period_start, client_id, customer_type, driver
            order by ratings desc, score_scale asc
        ) as scale_rank
    from ratings

),

ranked_drivers as (

    select
        ranked_scales.*,
        coalesce(drivers.is_overall, false) as is_overall,
        row_number() over (
            partition by
                ranked_scales.period_grain,
                ranked_scales.period_start,
                ranked_scales.client_id,
                ranked_scales.customer_type
            order by
                case when drivers.is_overall then 1 else 0 end asc,
                ranked_scales.ratings desc,
                drivers.display_order asc nulls last,
                ranked_scales.driver asc
        ) as driver_rank
    from ranked_scales
    left join {{ ref('drivers') }} as drivers
        on ranked_scales.driver = drivers.driver
    where ranked_scales.scale_rank = 1

)

select
    dense_rank() over (order by period_grain, period_start, client_id, customer_type)
        as questionnaire_number,
    period_grain,
    period_start,
    client_id,
    customer_type,
    driver,
    score_scale,
    is_overall,
    case
        when not is_overall and driver_rank <= {{ maximum_drivers() }} then cast(driver_rank as int)
    end as driver_number,
    {# The driver's bit in the pattern of what an answer rated. #}
    case
        when not is_overall and driver_rank <= {{ maximum_drivers() }}
            then cast(power(2, driver_rank - 1) as int)
    end as driver_bit
from ranked_drivers
