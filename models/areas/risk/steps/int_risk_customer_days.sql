{# What is known of each customer on each scoring day, nothing of it dated after that day, and
   whether the customer left within the window. Amounts are those invoiced by then, whatever month
   they belong to: the revenue of a month can still change. Of days gone by a part of the customers
   is looked at, drawn by their key. #}
{% set window = var('churn_window_days') %}
{% set is_by_inactivity = var('churn_basis') == 'inactivity' %}
{% set never = "cast('1900-01-01' as date)" %}
with

clock as (

    select as_of
    from {{ ref('int_run_clock') }}

),

first_days as (

    select min(invoiced_on) as first_day
    from {{ ref('stg_billing__invoice_lines') }}

    union all

    select cast(min(responded_at) as date) as first_day
    from {{ ref('stg_survey__responses') }}

),

history as (

    select min(first_day) as known_from
    from first_days

),

{# Without days behind it a scoring day has no features. #}
days as (

    select
        windows.number as windows_before,
        {{ add_days('clock.as_of', '-' ~ window ~ ' * windows.number') }} as scoring_day
    from clock
    cross join {{ number_spine(risk_windows() | length) }} as windows
    cross join history
    where
        windows.number = 0
        or {{ add_days('clock.as_of', '-' ~ window ~ ' * windows.number') }}
        >= {{ add_days('history.known_from', var('exposure_days')) }}

),

drawn as (

    select
        customer_id,
        client_id,
        customer_since,
        row_number() over (order by md5(customer_id), customer_id) as place,
        row_number() over (partition by client_id order by md5(customer_id), customer_id)
            as place_of_client
    from {{ ref('int_customer_profiles') }}

),

at_risk as (

    select
        days.windows_before,
        days.scoring_day,
        drawn.customer_id,
        drawn.client_id,
        case
            when drawn.customer_since <= days.scoring_day
                then least(drawn.customer_since, spells.started_on)
            else spells.started_on
        end as customer_since,
        case
            when days.windows_before > 0
                then coalesce(
                    spells.churned_on <= {{ add_days('days.scoring_day', window) }}, false
                )
        end as has_left,
        spells.churned_on
    from days
    inner join {{ ref('int_customer_spells') }} as spells
        on
            days.scoring_day >= spells.started_on
            and days.scoring_day < {{ open_ended('spells.churned_on') }}
    inner join drawn
        on
            spells.customer_id = drawn.customer_id
            and (
                days.windows_before = 0
                or drawn.place <= {{ var('risk_customers') }}
                or drawn.place_of_client <= {{ var('risk_customers_of_client') }}
            )

),

contracts as (

    select
        at_risk.customer_id,
        at_risk.windows_before,
        count(*) as contracts,
        max(contracts.started_on) as latest_started_on,
        max(contracts.plan) as plan
    from at_risk
    inner join {{ ref('fct_subscriptions') }} as contracts
        on
            at_risk.customer_id = contracts.customer_id
            and at_risk.scoring_day >= contracts.started_on
            and at_risk.scoring_day < {{ open_ended('contracts.ended_on') }}
            and at_risk.scoring_day < {{ open_ended('contracts.notice_on') }}
    group by at_risk.customer_id, at_risk.windows_before

),

{# Where customers leave with their contracts, one between two contracts has none to leave: only
   later is it known to have stayed. #}
customers as (

    select
        at_risk.*,
        coalesce(contracts.contracts, 0) as contracts,
        contracts.latest_started_on,
        contracts.plan
    from at_risk
    left join contracts
        on
            at_risk.customer_id = contracts.customer_id
            and at_risk.windows_before = contracts.windows_before
    where
        contracts.customer_id is not null
        or {{ is_by_inactivity }}

),

plans as (

    select
        days.windows_before,
        contracts.plan,
        count(*) as contracts,
        sum(case when contracts.ended_on <= days.scoring_day then 1 else 0 end) as ended
    from days
    inner join {{ ref('fct_subscriptions') }} as contracts
        on
            days.scoring_day >= contracts.started_on
            and {{ open_ended('contracts.ended_on') }} > {{ add_days('days.scoring_day', -365) }}
    group by days.windows_before, contracts.plan

),

plan_shares as (

    select
        windows_before,
        plan,
        ended,
        contracts,
        cast(sum(ended) over (partition by windows_before) as double)
        / sum(contracts) over (partition by windows_before) as share_of_all
    from plans

),

{# Contracts, or spells that end with nothing: what is known on the day, unlike a spell that a later
   contract continues. #}
stays as (

    select
        stays.customer_id,
        stays.started_on,
        stays.{{ 'churned_on as ended_on' if is_by_inactivity else 'ended_on' }}
    from {{ ref('int_customer_spells') if is_by_inactivity else ref('fct_subscriptions') }} as stays

),

clients as (

    select
        days.windows_before,
        profiles.client_id,
        count(*) as stays,
        sum(case when stays.ended_on <= days.scoring_day then 1 else 0 end) as ended
    from days
    inner join stays
        on
            days.scoring_day >= stays.started_on
            and {{ open_ended('stays.ended_on') }} > {{ add_days('days.scoring_day', -365) }}
    inner join {{ ref('int_customer_profiles') }} as profiles
        on stays.customer_id = profiles.customer_id
    group by days.windows_before, profiles.client_id

),

answers as (

    select
        answers.customer_id,
        answers.responded_on,
        answers.category,
        10 * cast(answers.score - scales.minimum as double)
        / cast(scales.maximum - scales.minimum as double) as score,
        lag(answers.score) over (
            partition by answers.customer_id, answers.score_scale
            order by answers.responded_at, answers.response_id
        ) - answers.score as score_fall,
        {{ open_ended(
            'lead(answers.responded_on) over (partition by answers.customer_id '
            ~ 'order by answers.responded_at, answers.response_id)'
        ) }} as next_responded_on
    from {{ ref('int_answers_voiced') }} as answers
    inner join {{ ref('score_scales') }} as scales
        on answers.score_scale = scales.scale
    where answers.customer_id is not null and answers.is_nps

),

{# The last answer by then: no other follows before the day is over. #}
last_answers as (

    select
        customers.customer_id,
        customers.windows_before,
        answers.responded_on,
        answers.category,
        answers.score,
        answers.score_fall
    from customers
    inner join answers
        on
            customers.customer_id = answers.customer_id
            and customers.scoring_day >= answers.responded_on
            and customers.scoring_day < answers.next_responded_on

),

{# Asked long enough before to know of silence. #}
invitations as (

    select
        customers.customer_id,
        customers.windows_before,
        min(cast(invitations.sent_at as date)) as first_asked_on,
        max(cast(invitations.sent_at as date)) as last_asked_on,
        max(
            case
                when
                    {{ add_days(
                        'cast(invitations.sent_at as date)', var('silent_after_days')
                    ) }} <= customers.scoring_day
                    then cast(invitations.sent_at as date)
            end
        ) as silent_since
    from customers
    inner join {{ ref('stg_survey__invitations') }} as invitations
        on
            customers.customer_id = invitations.customer_id
            and customers.scoring_day >= cast(invitations.sent_at as date)
    group by customers.customer_id, customers.windows_before

),

contacts as (

    select
        customers.customer_id,
        customers.windows_before,
        count(*) as contacts,
        sum(case when interactions.is_complaint then 1 else 0 end) as complaints,
        sum(case when interactions.is_fault then 1 else 0 end) as faults,
        sum(
            case
                when
                    {{ add_hours('interactions.opened_at', var('slow_after_hours')) }}
                    <= cast(customers.scoring_day as timestamp)
                    and not coalesce(
                        interactions.resolved_at
                        <= {{ add_hours('interactions.opened_at', var('slow_after_hours')) }},
                        false
                    )
                    then 1
                else 0
            end
        ) as slow_contacts
    from customers
    inner join {{ ref('fct_interactions') }} as interactions
        on
            customers.customer_id = interactions.customer_id
            and customers.scoring_day >= cast(interactions.opened_at as date)
            and {{ add_days('customers.scoring_day', '-' ~ var('exposure_days')) }}
            < cast(interactions.opened_at as date)
    group by customers.customer_id, customers.windows_before

),

{# Resolutions that nobody records are not slow. #}
recorded as (

    select cast(min(resolved_at) as date) as first_resolved_on
    from {{ ref('fct_interactions') }}

),

{# By day, of the lines a customer's days can see: of a long history they are a small part. #}
bills_by_then as (

    select
        customers.customer_id,
        customers.windows_before,
        lines.invoiced_on,
        {{ month_number('lines.invoiced_on') }} as invoice_month,
        {{ month_number('customers.scoring_day') }} - {{ month_number('lines.invoiced_on') }}
            as months_ago,
        cast(sum(lines.reporting_amount) as decimal(28, 6)) as amount,
        cast(
            sum(case when lines.line_kind = 'recurring' then lines.reporting_amount else 0 end)
            as decimal(28, 6)
        ) as recurring
    from customers
    inner join {{ ref('int_revenue_lines') }} as lines
        on
            customers.customer_id = lines.customer_id
            and customers.scoring_day >= lines.invoiced_on
            and {{ month_number('customers.scoring_day') }} - 12
            <= {{ month_number('lines.invoiced_on') }}
    group by
        customers.customer_id, customers.windows_before, customers.scoring_day, lines.invoiced_on

),

{# Months that are over by then; that of the day is not. Sums are exact, so that what is known does
   not hang on the order in which bills are read. #}
billed as (

    select
        customer_id,
        windows_before,
        {% for name, amount, first, last in (
            ('amount_lately', 'amount', 1, 3), ('amount_before', 'amount', 4, 6),
            ('amount_of_year', 'amount', 1, 12),
            ('recurring_lately', 'recurring', 1, 3), ('recurring_before', 'recurring', 4, 6),
        ) -%}
        cast(
            sum(
                case when months_ago between {{ first }} and {{ last }} then {{ amount }} else 0 end
            ) as double
        ) as {{ name }},
        {% endfor -%}
        count(distinct case when months_ago >= 1 and amount > 0 then invoice_month end)
            as billed_months,
        max(invoiced_on) as last_invoiced_on
    from bills_by_then
    group by customer_id, windows_before

),

treated as (

    select distinct
        customers.customer_id,
        customers.windows_before
    from customers
    inner join {{ ref('stg_campaigns__assignments') }} as assignments
        on
            customers.customer_id = assignments.customer_id
            and assignments.arm = 'treated'
            and customers.scoring_day >= assignments.assigned_on
            and {{ add_days('customers.scoring_day', '-' ~ window) }} < assignments.assigned_on

),

known as (

    select
        customers.windows_before,
        customers.scoring_day,
        customers.customer_id,
        customers.client_id,
        customers.has_left,
        last_answers.category as latest_category,
        last_answers.score as last_score,
        {{ days_between('last_answers.responded_on', 'customers.scoring_day') }}
            as days_since_answer,
        last_answers.score_fall,
        coalesce(
            invitations.silent_since > coalesce(last_answers.responded_on, {{ never }}), false
        ) as is_silent,
        invitations.last_asked_on,
        {{ days_between(
            'coalesce(last_answers.responded_on, invitations.first_asked_on)',
            'customers.scoring_day'
        ) }} as days_of_silence,
        coalesce(contacts.contacts, 0) as contact_count,
        coalesce(contacts.complaints, 0) as complaint_count,
        coalesce(contacts.faults, 0) as fault_count,
        case
            when customers.scoring_day >= recorded.first_resolved_on
                then coalesce(contacts.slow_contacts, 0)
            else 0
        end as slow_count,
        greatest(coalesce(billed.amount_lately, 0), 0.0) as amount_lately,
        greatest(coalesce(billed.amount_before, 0), 0.0) as amount_before,
        greatest(coalesce(billed.amount_of_year, 0), 0.0) as amount_of_year,
        coalesce(billed.recurring_lately, 0.0) as recurring_lately,
        coalesce(billed.recurring_before, 0.0) as recurring_before,
        greatest(
            least(
                {{ month_number('customers.scoring_day') }}
                - {{ month_number('greatest(customers.customer_since, history.known_from)') }},
                12
            ),
            1
        ) as months_known,
        coalesce(billed.billed_months, 0) as billed_months,
        {{ days_between('billed.last_invoiced_on', 'customers.scoring_day') }} as days_since_bill,
        {{ days_between('customers.customer_since', 'customers.scoring_day') }} as tenure_days,
        customers.contracts as contract_count,
        customers.plan,
        {{ days_between('customers.latest_started_on', 'customers.scoring_day') }} % 365
            as days_into_contract_year,
        {{ safe_ratio(
            'plan_shares.ended + 20 * plan_shares.share_of_all', 'plan_shares.contracts + 20'
        ) }}
            as plan_share,
        {{ safe_ratio('clients.ended', 'clients.stays') }} as client_share,
        treated.customer_id is not null as is_treated_lately
    from customers
    cross join recorded
    cross join history
    left join last_answers
        on
            customers.customer_id = last_answers.customer_id
            and customers.windows_before = last_answers.windows_before
    left join invitations
        on
            customers.customer_id = invitations.customer_id
            and customers.windows_before = invitations.windows_before
    left join contacts
        on
            customers.customer_id = contacts.customer_id
            and customers.windows_before = contacts.windows_before
    left join billed
        on
            customers.customer_id = billed.customer_id
            and customers.windows_before = billed.windows_before
    left join plan_shares
        on
            customers.plan = plan_shares.plan
            and customers.windows_before = plan_shares.windows_before
    left join clients
        on
            customers.client_id = clients.client_id
            and customers.windows_before = clients.windows_before
    left join treated
        on
            customers.customer_id = treated.customer_id
            and customers.windows_before = treated.windows_before

)

select
    windows_before,
    scoring_day,
    customer_id,
    client_id,
    has_left,
    latest_category,
    last_score,
    days_since_answer,
    last_asked_on,
    days_of_silence,
    is_treated_lately,
    contact_count,
    complaint_count,
    fault_count,
    slow_count,
    billed_months,
    days_since_bill,
    tenure_days,
    contract_count,
    plan,
    amount_of_year * 12.0 / months_known as revenue_of_year,
    case when latest_category = 'detractor' then 1.0 else 0.0 end as is_detractor,
    case when latest_category = 'passive' then 1.0 else 0.0 end as is_passive,
    case
        when latest_category = 'detractor' then exp(-days_since_answer / 90.0) else 0.0
    end as fresh_detractor,
    coalesce(10 - last_score, 0.0) as score_below_ten,
    coalesce(cast(score_fall as double), 0.0) as score_fall,
    case when latest_category is null then 1.0 else 0.0 end as never_answered,
    coalesce(ln(1 + days_since_answer / 30.0), 0.0) as answer_age,
    case when is_silent then 1.0 else 0.0 end as is_silent,
    ln(1.0 + contact_count) as contacts,
    ln(1.0 + complaint_count) as complaints,
    ln(1.0 + fault_count) as faults,
    ln(1.0 + slow_count) as slow_resolutions,
    ln(1 + amount_of_year / months_known) as revenue_level,
    case
        when months_known >= 4
            then greatest(least(ln((amount_lately + 1) / (amount_before + 1)), 2.0), -2.0)
        else 0.0
    end as revenue_trend,
    case
        when
            months_known >= 4
            and recurring_before > 0
            and recurring_lately > recurring_before * (1 + {{ var('bill_change_share') }})
            then 1.0
        else 0.0
    end as bill_increase,
    coalesce(ln(1 + days_since_bill / 30.0), 0.0) as bill_age,
    cast(billed_months as double) as months_billed,
    ln(1 + tenure_days / 365.0) as tenure,
    ln(1.0 + contract_count) as contracts,
    case when days_into_contract_year >= 365 - 60 then 1.0 else 0.0 end as anniversary_near,
    coalesce(
        ln(greatest(plan_share, 1e-6) / (1 - least(plan_share, 1 - 1e-6))), 0.0
    ) as plan_leaving,
    coalesce(
        ln(greatest(client_share, 1e-6) / (1 - least(client_share, 1 - 1e-6))), 0.0
    ) as client_leaving,
    case when is_treated_lately then 1.0 else 0.0 end as treated_lately
from known
