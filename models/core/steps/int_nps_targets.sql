{# Targets by segment. They are set by client; the client to whom all customers belong (all
   answers, where no customer is known) has set the target of all. A target is measured on the
   last quarter that has ended by its day; of two for one quarter the later day's counts. Without
   targets in the landing there are none. #}
with

segments as (

    select
        segment_dimension,
        segment_value,
        customers,
        answers
    from {{ ref('dim_segments') }}
    where segment_dimension in ('all', 'client_id')

),

only_clients as (

    select clients.segment_value as client_id
    from segments as clients
    inner join segments as everybody
        on
            clients.segment_dimension = 'client_id'
            and everybody.segment_dimension = 'all'
            and clients.customers = everybody.customers
            and (everybody.customers > 0 or clients.answers = everybody.answers)

),

landed as (

    select
        client_id,
        target_on as reached_on,
        target_nps
    from {{ ref('stg_nps__targets') }}
    where survey_kind = 'relational'

),

targets as (

    select
        'client_id' as segment_dimension,
        client_id as segment_value,
        reached_on,
        target_nps
    from landed

    union all

    select
        'all' as segment_dimension,
        'all' as segment_value,
        landed.reached_on,
        landed.target_nps
    from landed
    inner join only_clients
        on landed.client_id = only_clients.client_id

),

measured as (

    select
        *,
        {{ quarter_number(add_days('reached_on', 1)) }} - 1 as target_quarter
    from targets

),

last_of_the_quarter as (

    select
        *,
        row_number() over (
            partition by segment_dimension, segment_value, target_quarter order by reached_on desc
        ) as from_the_end
    from measured

)

select
    segment_dimension,
    segment_value,
    reached_on,
    cast(target_nps as double) as target_nps,
    target_quarter,
    lag(target_quarter) over (
        partition by segment_dimension, segment_value order by reached_on
    ) as previous_quarter,
    cast(
        lag(target_nps) over (partition by segment_dimension, segment_value order by reached_on)
        as double
    ) as previous_target_nps,
    lead(target_quarter) over (
        partition by segment_dimension, segment_value order by reached_on
    ) is null as is_last
from last_of_the_quarter
where from_the_end = 1
