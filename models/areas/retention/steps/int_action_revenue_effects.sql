{# Mean gain of revenue over baseline by arm, over as many of the months after the assignment as
   enough customers of both arms have lived; only customers followed so long count. Where the
   comparison is an adjusted one, the controls are made like the treated anew among them. #}
with

members as (

    select
        members.*,
        designs.evidence
    from {{ ref('int_action_members') }} as members
    inner join {{ ref('int_action_designs') }} as designs
        on {{ same_group('members', 'designs', action_group()) }}
    where
        members.is_at_risk
        and members.months_followed >= 1
        and (
            designs.evidence = 'randomised'
            or (designs.evidence = 'adjusted' and members.weight_to_treated is not null)
        )

),

lengths as (

    select
        {{ action_group() | join(',\n        ') }},
        months_followed,
        sum(case when is_treated then 1 else 0 end) as treated,
        sum(case when is_treated then 0 else 1 end) as control
    from members
    group by {{ action_group() | join(', ') }}, months_followed

),

followed_at_least as (

    select
        {{ action_group() | join(',\n        ') }},
        months_followed,
        sum(treated) over (
            partition by {{ action_group() | join(', ') }}
            order by months_followed desc
            rows between unbounded preceding and current row
        ) as treated,
        sum(control) over (
            partition by {{ action_group() | join(', ') }}
            order by months_followed desc
            rows between unbounded preceding and current row
        ) as control
    from lengths

),

horizons as (

    select
        {{ action_group() | join(',\n        ') }},
        max(months_followed) as revenue_months
    from followed_at_least
    where
        treated >= {{ var('minimum_responses') }}
        and control >= {{ var('minimum_responses') }}
    group by {{ action_group() | join(', ') }}

),

followed as (

    select
        members.*,
        horizons.revenue_months
    from members
    inner join horizons
        on
            {{ same_group('members', 'horizons', action_group()) }}
            and members.months_followed >= horizons.revenue_months

),

weighted as (

    select
        *,
        case
            when evidence = 'randomised' then cast(1 as double)
            else {{ weight_to_treated('is_treated', action_group() + ['cell']) }}
        end as weight
    from followed

),

sums as (

    select
        {% for column in action_group() -%}
        weighted.{{ column }},
        {% endfor -%}
        weighted.is_treated,
        weighted.revenue_months,
        count(*) as customers,
        sum(weighted.weight) as weight,
        sum(weighted.weight * gains.gain) as weighted_gain,
        sum(weighted.weight * weighted.weight) as weight_squared,
        sum(weighted.weight * weighted.weight * gains.gain) as squared_weight_gain,
        sum(weighted.weight * weighted.weight * gains.gain * gains.gain)
            as squared_weight_squared_gain
    from weighted
    inner join {{ ref('int_action_revenue_gains') }} as gains
        on
            weighted.campaign_id = gains.campaign_id
            and weighted.action_kind = gains.action_kind
            and weighted.customer_id = gains.customer_id
            and weighted.revenue_months = gains.months_since
    where weighted.weight is not null
    group by
        {% for column in action_group() -%}
        weighted.{{ column }},
        {% endfor -%}
        weighted.is_treated,
        weighted.revenue_months

),

means as (

    select
        *,
        {{ safe_ratio('weighted_gain', 'weight') }} as mean_gain
    from sums

)

select
    {{ action_group() | join(',\n    ') }},
    is_treated,
    cast(revenue_months as int) as revenue_months,
    customers,
    mean_gain,
    {{ weighted_mean_variance(
        'mean_gain',
        'customers',
        'weight',
        'weight_squared',
        'squared_weight_gain',
        'squared_weight_squared_gain'
    ) }} as variance
from means
