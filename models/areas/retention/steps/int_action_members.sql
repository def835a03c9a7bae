{# Participants in every group they are shown in (targets together and each, segments), with the
   weight that makes the controls like the treated: see weight_to_treated. NULL for customers who
   are not at risk or have nobody to be compared with. #}
with

by_target as (

    select
        'all' as target_category,
        participants.*
    from {{ ref('int_action_participants') }} as participants

    union all

    select
        participants.category as target_category,
        participants.*
    from {{ ref('int_action_participants') }} as participants

),

members as (

    {{ by_segment(
        'by_target',
        [
            'campaign_id', 'action_kind', 'target_category', 'customer_id', 'is_treated', 'cell',
            'is_at_risk', 'days_followed', 'has_churned', 'months_followed', 'has_accepted',
            'cost', 'is_in_both_arms', 'is_drawn_by_lot', 'share_drawn', 'monthly_baseline_revenue',
        ],
        of=['customer']
    ) }}

)

select
    members.*,
    case
        when is_at_risk
            then {{ weight_to_treated('is_treated', action_group() + ['is_at_risk', 'cell']) }}
    end as weight_to_treated
from members
