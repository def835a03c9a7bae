{% set methods = {
    'model': 'probability',
    'base_rate': 'base_rate',
    'detractors_first': 'detractors_first',
    'silent_and_falling_first': 'silent_and_falling_first',
} %}
{% set tenth = 0.1 %}
with

judged as (

    select
        windows_before,
        scoring_day,
        client_id,
        case when has_left then 1.0 else 0.0 end as outcome,
        case when has_left then revenue_of_year else 0.0 end as revenue_lost,
        probability,
        base_rate,
        detractors_first,
        silent_and_falling_first
    from {{ ref('int_risk_probabilities') }}
    where windows_before > 0

),

by_client as (

    {{ each_client_and_all('judged', 'judged_client_id') }}

),

ranked as (

    {% for method, value in methods.items() %}
    select
        judged_client_id,
        windows_before,
        scoring_day,
        '{{ method }}' as method,
        {#- Rates differ by client; who is ranked by nothing is ranked alike. #}
        {{ 'cast(0 as double)' if method == 'base_rate' else value }} as ranked_by,
        cast(count(*) as double) as customers,
        sum(outcome) as events,
        sum(revenue_lost) as revenue_lost,
        sum(revenue_lost * revenue_lost) as revenue_lost_squared,
        {% if method in ('model', 'base_rate') -%}
        sum(({{ value }} - outcome) * ({{ value }} - outcome)) as squared_errors,
        sum(
            -outcome * ln({{ value }}) - (1 - outcome) * ln(1 - {{ value }})
        ) as log_losses,
        sum({{ value }}) as expected,
        sum(
            outcome * ln({{ value }} / base_rate)
            + (1 - outcome) * ln((1 - {{ value }}) / (1 - base_rate))
        ) as gains,
        sum(
            power(
                outcome * ln({{ value }} / base_rate)
                + (1 - outcome) * ln((1 - {{ value }}) / (1 - base_rate)),
                2
            )
        ) as gains_squared
        {%- else -%}
        cast(null as double) as squared_errors,
        cast(null as double) as log_losses,
        cast(null as double) as expected,
        cast(null as double) as gains,
        cast(null as double) as gains_squared
        {%- endif %}
    from by_client
    group by
        judged_client_id,
        windows_before,
        scoring_day
        {{- ',\n        ' ~ value if method != 'base_rate' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

placed as (

    select
        *,
        sum(customers) over fold as fold_customers,
        sum(events) over fold as fold_events,
        sum(customers) over (
            partition by judged_client_id, windows_before, method
            order by ranked_by desc
            rows between unbounded preceding and current row
        ) - customers as customers_above,
        sum(events) over (
            partition by judged_client_id, windows_before, method
            order by ranked_by desc
            rows between unbounded preceding and current row
        ) - events as events_above
    from ranked
    window fold as (partition by judged_client_id, windows_before, method)

),

{# Of customers who rank alike any may come first: of those at the limit of the first
   tenth a share is in it. #}
compared as (

    select
        *,
        customers - events as others,
        fold_customers - fold_events as fold_others,
        greatest(
            least(({{ tenth }} * fold_customers - customers_above) / customers, 1.0), 0.0
        ) as share_in_tenth,
        {{ safe_ratio(
            '(fold_customers - fold_events) - (customers_above - events_above) '
            ~ '- (customers - events) / 2', 'fold_customers - fold_events'
        ) }} as others_below,
        {{ safe_ratio('events_above + events / 2', 'fold_events') }} as leavers_above
    from placed

),

areas as (

    select
        judged_client_id,
        windows_before,
        method,
        {{ safe_ratio('sum(events * others_below)', 'max(fold_events)') }} as auc
    from compared
    group by judged_client_id, windows_before, method

),

{# Variance of the area after DeLong: how much each customer's place moves it. #}
folds as (

    select
        compared.judged_client_id,
        compared.method,
        compared.windows_before,
        min(compared.scoring_day) as scoring_day,
        min(areas.auc) as auc,
        {{ safe_ratio(
            'sum(compared.events * power(compared.others_below - areas.auc, 2))',
            'max(compared.fold_events) * (max(compared.fold_events) - 1)'
        ) }} + {{ safe_ratio(
            'sum(compared.others * power(compared.leavers_above - areas.auc, 2))',
            'max(compared.fold_others) * (max(compared.fold_others) - 1)'
        ) }} as auc_variance,
        sum(compared.customers) as customers,
        sum(compared.events) as events,
        sum(compared.squared_errors) as squared_errors,
        sum(compared.log_losses) as log_losses,
        sum(compared.expected) as expected,
        sum(compared.gains) as gains,
        sum(compared.gains_squared) as gains_squared,
        sum(compared.share_in_tenth * compared.customers) as tenth_customers,
        sum(compared.share_in_tenth * compared.events) as tenth_events,
        sum(compared.revenue_lost) as revenue_lost,
        sum(compared.share_in_tenth * compared.revenue_lost) as revenue_caught,
        sum(compared.revenue_lost_squared) as revenue_lost_squared,
        sum(compared.share_in_tenth * compared.revenue_lost_squared) as revenue_caught_squared
    from compared
    inner join areas
        on
            compared.judged_client_id = areas.judged_client_id
            and compared.windows_before = areas.windows_before
            and compared.method = areas.method
    group by compared.judged_client_id, compared.method, compared.windows_before

),

{# A fold counts as much as it has leavers: without one there is no area. #}
summed as (

    select
        judged_client_id,
        method,
        coalesce(cast(windows_before as {{ dbt.type_string() }}), 'all') as fold,
        min(scoring_day) as judged_from,
        max(scoring_day) as judged_to,
        sum(customers) as customers,
        sum(events) as events,
        {{ safe_ratio('sum(events * auc)', 'sum(events)') }} as auc,
        sqrt({{ safe_ratio(
            'sum(events * events * auc_variance)', 'sum(events) * sum(events)'
        ) }}) as auc_standard_error,
        {% for name in (
            'squared_errors', 'log_losses', 'expected', 'gains', 'gains_squared',
            'tenth_customers', 'tenth_events', 'revenue_lost', 'revenue_caught',
            'revenue_lost_squared', 'revenue_caught_squared',
        ) -%}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from folds
    group by judged_client_id, method, grouping sets ((windows_before), ()) -- noqa: PRS

),

measured as (

    select
        summed.*,
        summed.events >= {{ var('minimum_responses') }}
        and summed.customers - summed.events >= {{ var('minimum_responses') }} as is_reportable,
        {{ safe_ratio('summed.events', 'summed.customers') }} as rate,
        {{ safe_ratio('summed.tenth_events', 'summed.tenth_customers') }} as tenth_rate,
        {{ wilson_bound('summed.tenth_events', 'summed.tenth_customers', '-') }}
            as tenth_rate_lower,
        {{ wilson_bound('summed.tenth_events', 'summed.tenth_customers', '+') }}
            as tenth_rate_upper,
        {{ safe_ratio('summed.revenue_caught', 'summed.revenue_lost') }} as caught,
        {{ safe_ratio('summed.gains', 'summed.customers') }} as gain,
        sqrt(
            greatest(
                summed.gains_squared - summed.gains * summed.gains / summed.customers, 0.0
            )
        ) / summed.customers as gain_error,
        calibrations.calibration_slope,
        calibrations.calibration_slope_error,
        calibrations.calibration_intercept,
        calibrations.calibration_intercept_error
    from summed
    left join {{ ref('int_risk_calibrations') }} as calibrations
        on
            summed.method = 'model'
            and summed.judged_client_id || '|' || summed.fold = calibrations.fold_key

),

with_errors as (

    select
        *,
        {# Σ r² (a − R)² over leavers, a being 1 for those in the first tenth. #}
        {{ safe_ratio(
            'sqrt(revenue_caught_squared * (1 - 2 * caught) + caught * caught * revenue_lost_squared)',
            'revenue_lost'
        ) }} as caught_error
    from measured

)

select
    judged_client_id as client_id,
    fold,
    method,
    judged_from,
    judged_to,
    cast(customers as bigint) as customers,
    cast(events as bigint) as events,
    rate as base_rate,
    {{ when_reportable('auc') }} as auc,
    {{ when_reportable('auc_standard_error') }} as auc_standard_error,
    {{ when_reportable(as_share('auc - ' ~ z95() ~ ' * auc_standard_error')) }} as auc_lower,
    {{ when_reportable(as_share('auc + ' ~ z95() ~ ' * auc_standard_error')) }} as auc_upper,
    {{ when_reportable(safe_ratio('squared_errors', 'customers')) }} as brier,
    {{ when_reportable(safe_ratio('log_losses', 'customers')) }} as log_loss,
    {{ when_reportable('gain') }} as log_loss_gain,
    {{ when_reportable('gain - ' ~ z95() ~ ' * gain_error') }} as log_loss_gain_lower,
    {{ when_reportable('gain + ' ~ z95() ~ ' * gain_error') }} as log_loss_gain_upper,
    {{ when_reportable('calibration_slope') }} as calibration_slope,
    {{ when_reportable('calibration_slope - ' ~ z95() ~ ' * calibration_slope_error') }}
        as calibration_slope_lower,
    {{ when_reportable('calibration_slope + ' ~ z95() ~ ' * calibration_slope_error') }}
        as calibration_slope_upper,
    {{ when_reportable('calibration_intercept') }} as calibration_intercept,
    {{ when_reportable('calibration_intercept - ' ~ z95() ~ ' * calibration_intercept_error') }}
        as calibration_intercept_lower,
    {{ when_reportable('calibration_intercept + ' ~ z95() ~ ' * calibration_intercept_error') }}
        as calibration_intercept_upper,
    {{ when_reportable(safe_ratio('events', 'expected')) }} as observed_to_expected,
    {{ when_reportable('tenth_rate') }} as first_tenth_rate,
    {{ when_reportable(safe_ratio('tenth_rate', 'rate')) }} as first_tenth_lift,
    {{ when_reportable(safe_ratio('tenth_rate_lower', 'rate')) }} as first_tenth_lift_lower,
    {{ when_reportable(safe_ratio('tenth_rate_upper', 'rate')) }} as first_tenth_lift_upper,
    {{ when_reportable('caught') }} as revenue_caught,
    {{ when_reportable(as_share('caught - ' ~ z95() ~ ' * caught_error')) }}
        as revenue_caught_lower,
    {{ when_reportable(as_share('caught + ' ~ z95() ~ ' * caught_error')) }}
        as revenue_caught_upper,
    {{ money('revenue_lost') }} as revenue_lost,
    method <> 'base_rate'
    and is_reportable
    and coalesce(auc - {{ z95() }} * auc_standard_error > 0.5, false)
    and (method <> 'model' or coalesce(gain > 0, false)) as is_useful,
    'descriptive' as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from with_errors
