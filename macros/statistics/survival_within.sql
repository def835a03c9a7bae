{# Kaplan–Meier at one window for each group of a relation with the columns days_followed, has_churned
   and weight (1 where nothing is weighted). One row per group: risk of leaving, Greenwood's variance,
   and the effective number of customers, that which a plain share with the same variance would have:
   risk × (1 − risk) / variance. Where nobody is censored and nothing weighted it is their number. A
   group that nobody or everybody left has no variance; there it is the effective number of those
   followed through the window. A row may stand for several customers alike: `number` says how many. #}
{% macro survival_within(relation, keys, window_days, number='1') -%}
    {%- set group = keys | join(', ') -%}
    {%- set inside = 'day <= ' ~ window_days ~ ' and events > 0' -%}
    select
        {{ group }},
        customers,
        events,
        1 - survival as risk,
        survival * sqrt(log_variance) as standard_error,
        case
            when events > 0 and survival > 0 and log_variance > 0
                then (1 - survival) / (survival * log_variance)
            else {{ safe_ratio('known_weight * known_weight', 'known_weight_squared') }}
        end as effective_customers,
        censored,
        coalesce(longest_followed >= {{ window_days }} or survival = 0, false) as is_followed
    from (
        select
            {{ group }},
            cast(sum(customers) as bigint) as customers,
            cast(sum(case when {{ inside }} then events else 0 end) as bigint) as events,
            cast(sum(case when day < {{ window_days }} then customers - events else 0 end) as bigint)
                as censored,
            max(day) as longest_followed,
            case
                when max(case when {{ inside }} and {{ is_last_survivor('event_weight', 'at_risk_weight') }} then 1 else 0 end) = 1
                    then 0.0
                else exp(sum(case when {{ inside }} then {{ log_survival_step('event_weight', 'at_risk_weight') }} else 0.0 end))
            end as survival,
            sum(
                case
                    when {{ inside }}
                        then {{ greenwood_step(
                            'event_weight',
                            'at_risk_weight',
                            safe_ratio('at_risk_weight * at_risk_weight', 'at_risk_weight_squared')
                        ) }}
                    else 0.0
                end
            ) as log_variance,
            sum(case when day >= {{ window_days }} then weight else event_weight end) as known_weight,
            sum(case when day >= {{ window_days }} then weight_squared else event_weight_squared end)
                as known_weight_squared
        from (
            select
                by_day.*,
                sum(weight) over (
                    partition by {{ group }}
                    order by day
                    rows between current row and unbounded following
                ) as at_risk_weight,
                sum(weight_squared) over (
                    partition by {{ group }}
                    order by day
                    rows between current row and unbounded following
                ) as at_risk_weight_squared
            from (
                select
                    {{ group }},
                    days_followed as day,
                    sum({{ number }}) as customers,
                    sum(case when has_churned then {{ number }} else 0 end) as events,
                    sum({{ number }} * weight) as weight,
                    sum({{ number }} * weight * weight) as weight_squared,
                    sum(case when has_churned then {{ number }} * weight else 0.0 end) as event_weight,
                    sum(case when has_churned then {{ number }} * weight * weight else 0.0 end)
                        as event_weight_squared
                from {{ relation }}
                group by {{ group }}, days_followed
            ) as by_day
        ) as at_risk
        group by {{ group }}
    ) as within_the_window
{%- endmacro %}


{# Standardisation to the treated: a treated customer counts 1 where its cell has a control, a control
   counts treated over controls of its cell, so that both arms have the cells of the treated. NULL where
   a cell has one arm only: such customers have nobody to be compared with. #}
{% macro weight_to_treated(is_treated, partition_by) -%}
    {%- set cell = 'over (partition by ' ~ partition_by | join(', ') ~ ')' -%}
    {%- set treated = 'sum(case when ' ~ is_treated ~ ' then 1 else 0 end) ' ~ cell -%}
    {%- set control = 'sum(case when ' ~ is_treated ~ ' then 0 else 1 end) ' ~ cell -%}
    case
        when {{ treated }} = 0 or {{ control }} = 0 then null
        when {{ is_treated }} then cast(1 as double)
        else {{ safe_ratio(treated, control) }}
    end
{%- endmacro %}
