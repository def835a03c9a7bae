{# Per customer, by the band of the answer it is followed from: what it brought, how long it stayed,
   what serving it took, and whom it brought along. #}
{% set lengths = [12, 36] %}
with

answers as (

    select
        index_number,
        customer_id,
        index_month,
        standing_cell,
        band,
        monthly_baseline_revenue
    from {{ ref('int_index_answers') }}
    where answer_number = 1

),

followed as (

    select
        index_number,
        max(k) as months_known,
        {% for length in lengths -%}
        sum(case when k between 1 and {{ length }} then revenue else 0 end) as revenue_{{ length }},
        cast(sum(case when k between 1 and {{ length }} then is_retained else 0 end) as double)
            as months_{{ length }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_index_panel') }}
    group by index_number

),

{# Contacts of the twelve months after that of the answer, and whether contacts are known that
   long. #}
contacts as (

    select
        answers.index_number,
        cast(sum(coalesce(interactions.handling_cost, 0)) as double) as cost_12
    from answers
    inner join {{ ref('fct_interactions') }} as interactions
        on
            answers.customer_id = interactions.customer_id
            and cast(interactions.opened_at as date) >= {{ add_months('answers.index_month', 1) }}
            and cast(interactions.opened_at as date) < {{ add_months('answers.index_month', 13) }}
    group by answers.index_number

),

known_contacts as (

    select {{ month_of('cast(min(opened_at) as date)') }} as since
    from {{ ref('fct_interactions') }}
    where handling_cost is not null

),

{# Customers who came through one of ours in the twelve months after its answer, and what they
   brought in the first twelve complete months of their own. #}
referred as (

    select
        answers.index_number,
        profiles.customer_id,
        {{ month_of('profiles.customer_since') }} as joined_in
    from {{ ref('int_customer_profiles') }} as profiles
    inner join answers
        on
            profiles.referred_by_customer_id = answers.customer_id
            and profiles.customer_since >= {{ add_months('answers.index_month', 1) }}
            and profiles.customer_since < {{ add_months('answers.index_month', 13) }}

),

referrals as (

    select
        referred.index_number,
        cast(count(distinct referred.customer_id) as double) as referrals_12,
        cast(coalesce(sum(revenue.net_revenue), 0) as double) as referral_revenue_12
    from referred
    left join {{ ref('fct_customer_revenue_monthly') }} as revenue
        on
            referred.customer_id = revenue.customer_id
            and referred.joined_in <= revenue.revenue_month
            and {{ add_months('referred.joined_in', 12) }} > revenue.revenue_month
    group by referred.index_number

),

customers as (

    select
        answers.standing_cell,
        answers.band,
        answers.monthly_baseline_revenue,
        coalesce(followed.months_known, 0) >= 12 as is_known_12,
        coalesce(followed.months_known, 0) >= 36 as is_known_36,
        coalesce(followed.months_known, 0) >= 12
        and coalesce(known_contacts.since <= answers.index_month, false) as is_cost_known,
        followed.revenue_12,
        followed.revenue_36,
        followed.months_12,
        followed.months_36,
        coalesce(contacts.cost_12, 0.0) as cost_12,
        coalesce(referrals.referrals_12, 0.0) as referrals_12,
        coalesce(referrals.referral_revenue_12, 0.0) as referral_revenue_12
    from answers
    cross join known_contacts
    left join followed
        on answers.index_number = followed.index_number
    left join contacts
        on answers.index_number = contacts.index_number
    left join referrals
        on answers.index_number = referrals.index_number

),

{% set figures = [
    ('revenue_12', 'is_known_12'),
    ('revenue_36', 'is_known_36'),
    ('months_36', 'is_known_36'),
    ('cost_12', 'is_cost_known'),
    ('margin_12', 'is_cost_known'),
    ('referrals_12', 'is_known_12'),
    ('referral_revenue_12', 'is_known_12'),
] %}
margins as (

    select
        *,
        revenue_12 - cost_12 as margin_12
    from customers

),

cells as (

    select
        standing_cell,
        band,
        count(*) as customers,
        sum(monthly_baseline_revenue) as baseline_revenue,
        count(case when is_known_12 then 1 end) as known_12,
        count(case when is_known_36 then 1 end) as known_36,
        count(case when is_cost_known then 1 end) as cost_known,
        {% for name, condition in figures -%}
        sum(case when {{ condition }} then {{ name }} else 0 end) as {{ name }},
        sum(case when {{ condition }} then {{ name }} * {{ name }} else 0 end)
            as squared_{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from margins
    group by standing_cell, band

),

{% set sums = ['customers', 'baseline_revenue', 'known_12', 'known_36', 'cost_known'] %}
{% for name, condition in figures %}{% do sums.extend([name, 'squared_' ~ name]) %}{% endfor %}
by_segments as (

    {{ by_segment('cells', ['band'] + sums, of=['customer', 'standing']) }}

),

totals as (

    select
        segment_dimension,
        segment_value,
        band,
        {% for name in sums -%}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from by_segments
    group by segment_dimension, segment_value, band

),

{% set known = {
    'is_known_12': 'known_12', 'is_known_36': 'known_36', 'is_cost_known': 'cost_known',
} %}
means as (

    select
        segment_dimension,
        segment_value,
        band,
        customers,
        baseline_revenue,
        known_12,
        known_36,
        cost_known,
        {% for name, condition in figures -%}
        case
            when {{ known[condition] }} >= {{ var('minimum_responses') }}
                then {{ safe_ratio(name, known[condition]) }}
        end as {{ name }},
        case
            when {{ known[condition] }} >= {{ var('minimum_responses') }}
                then {{ z95() }} * sqrt(
                    {{ variance_of_mean(known[condition], name, 'squared_' ~ name) }}
                )
        end as {{ name }}_margin,
        {% endfor -%}
        customers >= {{ var('minimum_responses') }} as is_reportable
    from totals

)

select
    segment_dimension,
    segment_value,
    band as category,
    cast(customers as bigint) as customers,
    case when is_reportable then {{ money(safe_ratio('baseline_revenue', 'customers')) }} end
        as monthly_baseline_revenue_per_customer,
    cast(known_12 as bigint) as customers_followed_12_months,
    {% for name, shown in [
        ('revenue_12', 'revenue_12_months'),
        ('revenue_36', 'revenue_36_months'),
    ] -%}
    {% if name == 'revenue_36' -%}
    cast(known_36 as bigint) as customers_followed_36_months,
    {% endif -%}
    {{ money(name) }} as {{ shown }},
    {{ money(name ~ ' - ' ~ name ~ '_margin') }} as {{ shown }}_lower,
    {{ money(name ~ ' + ' ~ name ~ '_margin') }} as {{ shown }}_upper,
    {% endfor -%}
    months_36 as expected_months,
    greatest(0.0, months_36 - months_36_margin) as expected_months_lower,
    least(36.0, months_36 + months_36_margin) as expected_months_upper,
    cast(cost_known as bigint) as customers_with_known_cost,
    {% for name, shown in [
        ('cost_12', 'cost_to_serve_12_months'),
        ('margin_12', 'margin_12_months'),
    ] -%}
    {{ money(name) }} as {{ shown }},
    {{ money(name ~ ' - ' ~ name ~ '_margin') }} as {{ shown }}_lower,
    {{ money(name ~ ' + ' ~ name ~ '_margin') }} as {{ shown }}_upper,
    {% endfor -%}
    referrals_12 as referrals_12_months,
    greatest(0.0, referrals_12 - referrals_12_margin) as referrals_12_months_lower,
    referrals_12 + referrals_12_margin as referrals_12_months_upper,
    {{ money('referral_revenue_12') }} as referral_revenue,
    {{ money('referral_revenue_12 - referral_revenue_12_margin') }} as referral_revenue_lower,
    {{ money('referral_revenue_12 + referral_revenue_12_margin') }} as referral_revenue_upper,
    'descriptive' as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from means
