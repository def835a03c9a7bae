{# Customers asked in a period, silent or not after the first invitation of it, with what they
   were worth, how long they had been there, and how many had left a churn window after silence
   was known. #}
with

invitations as (

    select
        *,
        lag(sent_on) over (
            partition by survey_kind, customer_id
            order by sent_at, invitation_id
        ) as previous_sent_on
    from {{ ref('int_invitations_judged') }}
    where is_silent is not null

),

first_of_period as (

    {% for grain in period_grains('sent_on') %}
    {% set previous_start = period_grains('previous_sent_on')[loop.index0].start %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        invitations.*
    from invitations
    where previous_sent_on is null or {{ previous_start }} < {{ grain.start }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

combinations as (

    select
        period_grain,
        period_start,
        survey_kind,
        is_silent,
        cell,
        count(*) as customers,
        count(monthly_baseline_revenue) as with_revenue,
        sum(monthly_baseline_revenue) as revenue,
        sum(monthly_baseline_revenue * monthly_baseline_revenue) as revenue_squared,
        count(tenure_years) as with_tenure,
        sum(tenure_years) as tenure,
        sum(tenure_years * tenure_years) as tenure_squared,
        count(has_left) as followed,
        sum(has_left) as left_in_window
    from first_of_period
    group by
        period_grain,
        period_start,
        survey_kind,
        is_silent,
        cell

)

select
    period_grain,
    period_start,
    survey_kind,
    segment_dimension,
    segment_value
    {%- for group, code in [('silent', 1), ('answering', 0)] %}
    {%- for sum in [
        'customers', 'with_revenue', 'revenue', 'revenue_squared', 'with_tenure', 'tenure',
        'tenure_squared', 'followed', 'left_in_window',
    ] %},
    cast(coalesce(sum(case when is_silent = {{ code }} then {{ sum }} end), 0) as double)
        as {{ group }}_{{ sum }}
    {%- endfor %}
    {%- endfor %}
from (
    {{ by_segment('combinations', [
        'period_grain', 'period_start', 'survey_kind', 'is_silent', 'customers', 'with_revenue',
        'revenue', 'revenue_squared', 'with_tenure', 'tenure', 'tenure_squared', 'followed',
        'left_in_window',
    ]) }}
) as by_segments
group by period_grain, period_start, survey_kind, segment_dimension, segment_value
