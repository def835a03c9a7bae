{# Episodes in every group they are shown in. The contacted are shown by what kind of contact it
   was; the not contacted once, beside all of them. Kinds of contact are shown for all customers
   and by client. #}
with

episodes as (

    select
        episodes.*,
        gains.gain
    from {{ ref('int_caring_episodes') }} as episodes
    left join {{ ref('int_caring_revenue_gains') }} as gains
        on episodes.response_id = gains.response_id

),

by_contact as (

    select
        'none' as contact_kind,
        'none' as contact_value,
        episodes.*
    from episodes
    where not is_contacted

    union all

    select
        'all' as contact_kind,
        'all' as contact_value,
        episodes.*
    from episodes
    where is_contacted

    {% for kind in caring_contact_kinds() %}
    union all

    select
        '{{ kind }}' as contact_kind,
        coalesce({{ kind }}, 'unknown') as contact_value,
        episodes.*
    from episodes
    where is_contacted
    {% endfor %}

),

members as (

    {{ by_segment(
        'by_contact',
        [
            'response_id', 'survey_kind', 'category', 'contact_kind', 'contact_value',
            'is_contacted', 'cell', 'wait_band', 'change', 'has_recovered', 'days_followed',
            'has_churned', 'gain', 'perceived_contribution',
        ],
        of=['customer']
    ) }}

)

select *
from members
where contact_kind in ('all', 'none') or segment_dimension in ('all', 'client_id')
