{# Invitations and their answers by period and by everything they are cut by. Of the answers
   with an NPS score, numbers (m) and contributions (y), and the sums over customers of their
   products: answers of one customer in the same standing are not independent. #}
with

by_period as (

    {% for grain in period_grains('sent_on') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        int_invitations_judged.*
    from {{ ref('int_invitations_judged') }} as int_invitations_judged
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

customers as (

    select
        period_grain,
        period_start,
        survey_kind,
        cell,
        stratum,
        count(*) as invitations,
        sum(is_answered) as answered_invitations,
        cast(count(contribution) as double) as m,
        cast(coalesce(sum(contribution), 0) as double) as y
    from by_period
    group by
        period_grain,
        period_start,
        survey_kind,
        customer_id,
        case when customer_id is null then invitation_id end,
        cell,
        stratum

)

select
    period_grain,
    period_start,
    survey_kind,
    cell,
    stratum,
    cast(sum(invitations) as bigint) as invitations,
    cast(sum(answered_invitations) as bigint) as answered_invitations,
    sum(m) as m,
    sum(y) as y,
    {{ sums_of_products(['m', 'y']) }}
from customers
group by
    period_grain,
    period_start,
    survey_kind,
    cell,
    stratum
