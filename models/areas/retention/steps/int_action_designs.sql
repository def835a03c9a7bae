{# How a comparison was made, and so what it may claim: drawn by lot with the ratio the design
   asked for (in the campaign as a whole and in the group), made alike within cells, or not
   compared at all. The ratio is judged on all who were assigned to one arm: who has left before that
   day, left before the lot too. #}
with

counts as (

    select
        {{ action_group() | join(',\n        ') }},
        sum(case when is_treated then 1 else 0 end) as assigned_treated,
        sum(case when is_treated or is_in_both_arms then 0 else 1 end) as assigned_control,
        sum(case when is_treated and is_at_risk then 1 else 0 end) as treated,
        sum(case when is_at_risk and not is_treated then 1 else 0 end) as control,
        sum(case when is_in_both_arms then 1 else 0 end) as customers_in_both_arms,
        sum(case when is_treated then weight_to_treated end) as comparable_treated,
        sum(case when is_treated and is_at_risk and has_accepted then 1 else 0 end)
            as accepted_treated,
        sum(case when is_at_risk and has_accepted and not is_treated then 1 else 0 end)
            as accepted_control,
        sum(case when is_treated and has_accepted then weight_to_treated end)
            as comparable_accepted,
        sum(case when has_accepted and not is_treated then weight_to_treated end)
            as weighted_accepted_control,
        sum(case when is_treated then cost else 0 end) as cost,
        sum(case when is_treated and is_at_risk then monthly_baseline_revenue end)
            as treated_monthly_baseline,
        min(case when is_drawn_by_lot then 1 else 0 end) = 1 as is_drawn_by_lot,
        max(share_drawn) as share_drawn
    from {{ ref('int_action_members') }}
    group by {{ action_group() | join(', ') }}

),

ratios as (

    select
        counts.*,
        coalesce(counts.share_drawn, {{ treated_share('counts.campaign_id') }}) as treated_share
    from counts

),

tested as (

    select
        ratios.*,
        {{ two_sided_p(safe_ratio(
            'assigned_treated - (assigned_treated + assigned_control) * treated_share',
            'sqrt((assigned_treated + assigned_control) * treated_share * (1 - treated_share))'
        )) }} as p_value
    from ratios

),

compared as (

    select
        *,
        case when assigned_treated > 0 and assigned_control > 0 then p_value end
            as sample_ratio_p_value,
        {# Least in the group and in the campaign's kind of action as a whole. #}
        least(
            p_value,
            min(case when segment_dimension = 'all' and target_category = 'all' then p_value end)
                over (partition by campaign_id, action_kind)
        ) as least_p_value
    from tested

),

judged as (

    select
        *,
        case
            when treated = 0 or control = 0 then 'descriptive'
            when is_drawn_by_lot and least_p_value >= {{ var('sample_ratio_threshold') }}
                then 'randomised'
            else 'adjusted'
        end as evidence
    from compared

)

select
    {{ action_group() | join(',\n    ') }},
    cast(assigned_treated as bigint) as assigned_treated,
    cast(assigned_control as bigint) as assigned_control,
    cast(treated as bigint) as treated,
    cast(control as bigint) as control,
    cast(customers_in_both_arms as bigint) as customers_in_both_arms,
    sample_ratio_p_value,
    case
        when evidence = 'randomised' then 1.0
        when evidence = 'adjusted'
            then {{ safe_ratio('coalesce(comparable_treated, 0)', 'treated') }}
    end as standardised_share,
    {{ safe_ratio('accepted_treated', 'treated') }} as acceptance,
    {# What separates the arms: controls who got the offer all the same are taken off. #}
    case evidence
        when 'randomised'
            then {{ safe_ratio('accepted_treated', 'treated') }}
                - {{ safe_ratio('accepted_control', 'control') }}
        when 'adjusted'
            then {{ safe_ratio(
                'coalesce(comparable_accepted, 0) - coalesce(weighted_accepted_control, 0)',
                'comparable_treated'
            ) }}
    end as acceptance_difference,
    {{ money('cost') }} as cost,
    treated_monthly_baseline,
    evidence
from judged
