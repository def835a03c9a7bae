with

clock as (

    select
        as_of,
        cast({{ add_days('as_of', 1) }} as timestamp) as until
    from {{ ref('int_run_clock') }}

),

latest_quarters as (

    select
        survey_kind,
        score_scale,
        max(period_start) as period_start
    from {{ ref('nps_by_segment') }}
    where period_grain = 'quarter'
    group by survey_kind, score_scale

),

score_falls as (

    select
        'score_fall' as alert_kind,
        scores.survey_kind || ' ' || scores.score_scale || ' ' || scores.segment_dimension || ' '
        || scores.segment_value as subject,
        case scores.segment_dimension when 'client_id' then scores.segment_value else 'all' end
            as client_id,
        'NPS of ' || scores.segment_value || ' has fallen by '
        || {{ rounded_text('-scores.nps_change') }} || ' points against the quarter before'
            as message,
        'points' as figure_unit,
        scores.nps as figure,
        scores.lower as figure_lower,
        scores.upper as figure_upper,
        scores.period_start as since
    from {{ ref('nps_by_segment') }} as scores
    inner join latest_quarters
        on
            scores.survey_kind = latest_quarters.survey_kind
            and scores.score_scale = latest_quarters.score_scale
            and scores.period_start = latest_quarters.period_start
    where
        scores.period_grain = 'quarter'
        and scores.is_significant
        and scores.nps_change < 0

),

promises as (

    select
        'promise' as alert_kind,
        'call back ' || due.client_id as subject,
        due.client_id,
        'calls promised: ' || cast(
            sum(case when due.due_by < clock.until then 1 else 0 end) as {{ dbt.type_string() }}
        ) || ' late, ' || cast(
            sum(case when due.due_by < clock.until then 0 else 1 end) as {{ dbt.type_string() }}
        ) || ' due within a day' as message,
        'customers' as figure_unit,
        cast(count(*) as double) as figure,
        cast(null as double) as figure_lower,
        cast(null as double) as figure_upper,
        cast(min(due.due_by) as date) as since
    from {{ ref('actions_due') }} as due
    cross join clock
    where due.work_kind = 'call_back' and due.due_by < {{ add_hours('clock.until', 24) }}
    group by due.client_id

),

at_risk as (

    select
        'revenue_at_risk' as alert_kind,
        'revenue at risk ' || client_id as subject,
        client_id,
        {{ rounded_text('100 * sum(revenue_at_risk) / nullif(sum(annual_revenue), 0)') }}
        || ' % of the yearly revenue is at risk within the window' as message,
        'money' as figure_unit,
        cast(sum(revenue_at_risk) as double) as figure,
        cast(sum(revenue_at_risk_lower) as double) as figure_lower,
        cast(sum(revenue_at_risk_upper) as double) as figure_upper,
        max(scored_on) as since
    from {{ ref('churn_risk_scores') }}
    group by client_id
    having
        cast(sum(revenue_at_risk) as double)
        > {{ var('risk_alert_share') }} * cast(sum(annual_revenue) as double)

),

harmful as (

    select
        'harmful_campaign' as alert_kind,
        effects.campaign_id || ' ' || effects.action_kind || ' ' || effects.target_category
            as subject,
        'all' as client_id,
        'customers treated in ' || effects.campaign_id || ' leave more than their controls'
            as message,
        'share' as figure_unit,
        effects.relative_reduction as figure,
        effects.relative_reduction_lower as figure_lower,
        effects.relative_reduction_upper as figure_upper,
        clock.as_of as since
    from {{ ref('retention_action_effects') }} as effects
    cross join clock
    where effects.segment_dimension = 'all' and effects.relative_reduction_upper < 0

),

latest_rows as (

    {% for dataset, relation, day in (
        ('survey_responses', ref('stg_survey__responses'), 'cast(responded_at as date)'),
        ('survey_invitations', ref('stg_survey__invitations'), 'cast(sent_at as date)'),
        ('support_interactions', ref('stg_support__interactions'), 'cast(opened_at as date)'),
        ('support_follow_ups', ref('stg_support__follow_ups'), 'cast(opened_at as date)'),
        ('billing_invoice_lines', ref('stg_billing__invoice_lines'), 'invoiced_on'),
    ) -%}
    select
        '{{ dataset }}' as dataset,
        max({{ day }}) as latest_day
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

silent_sources as (

    select
        'silent_source' as alert_kind,
        latest_rows.dataset as subject,
        'all' as client_id,
        'no row in ' || latest_rows.dataset || ' for so many days' as message,
        'days' as figure_unit,
        cast({{ days_between('latest_rows.latest_day', 'clock.as_of') }} as double) as figure,
        cast(null as double) as figure_lower,
        cast(null as double) as figure_upper,
        latest_rows.latest_day as since
    from latest_rows
    cross join clock
    where
        {{ days_between('latest_rows.latest_day', 'clock.as_of') }}
        > {{ var('silent_source_days') }}

),

alerts as (

    select * from score_falls

    union all

    select * from promises

    union all

    select * from at_risk

    union all

    select * from harmful

    union all

    select * from silent_sources

)

select
    alert_kind,
    subject,
    client_id,
    message,
    figure,
    figure_lower,
    figure_upper,
    figure_unit,
    since,
    {{ reporting_currency() }} as currency
from alerts
