{# Customers at risk in every group they are shown in, with the weight that makes the groups alike:
   1 when not adjusted; adjusted, the size of the customer's stratum among all who answered over its
   size in the group, so that each group has the strata of all. #}
with

landmarks as (

    select * from {{ ref('int_churn_landmarks') }}

),

groups as (

    select
        gap_days,
        'category' as score_group_kind,
        category as score_group,
        customer_id,
        stratum,
        days_followed,
        has_churned
    from landmarks
    where landmark_kind = 'answered'

    union all

    select
        gap_days,
        'score' as score_group_kind,
        cast(cast(score as int) as {{ dbt.type_string() }}) as score_group,
        customer_id,
        stratum,
        days_followed,
        has_churned
    from landmarks
    where landmark_kind = 'answered'

    union all

    select
        gap_days,
        'silent' as score_group_kind,
        'silent' as score_group,
        customer_id,
        stratum,
        days_followed,
        has_churned
    from landmarks
    where landmark_kind = 'silent'

),

standard as (

    select
        gap_days,
        stratum,
        count(*) as customers
    from landmarks
    where landmark_kind = 'answered'
    group by gap_days, stratum

),

group_strata as (

    select
        gap_days,
        score_group_kind,
        score_group,
        stratum,
        count(*) as customers
    from groups
    group by gap_days, score_group_kind, score_group, stratum

)

select
    groups.gap_days,
    'unadjusted' as adjustment,
    groups.score_group_kind,
    groups.score_group,
    groups.stratum,
    groups.customer_id,
    groups.days_followed,
    groups.has_churned,
    cast(1 as double) as weight
from groups

union all

select
    groups.gap_days,
    'adjusted' as adjustment,
    groups.score_group_kind,
    groups.score_group,
    groups.stratum,
    groups.customer_id,
    groups.days_followed,
    groups.has_churned,
    {{ safe_ratio('standard.customers', 'group_strata.customers') }} as weight
from groups
inner join standard
    on
        groups.gap_days = standard.gap_days
        and groups.stratum = standard.stratum
inner join group_strata
    on
        groups.gap_days = group_strata.gap_days
        and groups.score_group_kind = group_strata.score_group_kind
        and groups.score_group = group_strata.score_group
        and groups.stratum = group_strata.stratum
