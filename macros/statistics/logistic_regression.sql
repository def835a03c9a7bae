{# Logistic regression by Newton steps, ridge on the standardised coefficients, a regression for each group.
     relation  a row per case: the columns key, outcome (1.0 or 0.0) and the features, all doubles, never NULL
     key       the column of the groups
     ridge     the penalty on half the sum of squares of the standardised slopes; the intercept has none
     steps     so many; the last step says how far it still went

   One row per group that has both outcomes: cases, events; for each feature i from 1 on its mean_i and
   scale_i, whether it was left out as constant (is_constant_i) or as a combination of those before it
   (is_combined_i); slope_i and error_i in standard deviations of the feature, covariance_i with the intercept, slope_0
   and error_0 of the intercept at the means; largest_step, the last step’s longest way.

   A feature that is left out stands as 0 and its slope is 0: the ridge has nothing to weigh it with. #}
{% macro logistic_regression(relation, key, outcome, features, ridge, steps=7) -%}
{%- set size = features | length -%}
{%- set numbers = range(1, size + 1) | list -%}
{%- set eta = [] -%}
{%- do eta.append('models.slope_0') -%}
{%- for i in numbers -%}{%- do eta.append('models.slope_' ~ i ~ ' * standardised.z_' ~ i) -%}{%- endfor %}
with

moments as (

    select
        {{ key }} as group_key,
        count(*) as cases,
        sum({{ outcome }}) as events
        {%- for i in numbers %},
        avg({{ features[i - 1] }}) as mean_{{ i }},
        stddev_pop({{ features[i - 1] }}) as scale_{{ i }}
        {%- endfor %}
    from {{ relation }}
    group by {{ key }}

),

with_both_outcomes as (

    select
        group_key,
        cases,
        events
        {%- for i in numbers %},
        mean_{{ i }},
        coalesce(scale_{{ i }}, 0) <= 1e-9 * (1 + abs(mean_{{ i }})) as is_constant_{{ i }},
        case
            when coalesce(scale_{{ i }}, 0) <= 1e-9 * (1 + abs(mean_{{ i }})) then 0.0
            else 1 / scale_{{ i }}
        end as inverse_{{ i }}
        {%- endfor %}
    from moments
    where events > 0 and events < cases

),

raw_scores as (

    select
        models.group_key
        {%- for i in numbers %},
        (cases.{{ features[i - 1] }} - models.mean_{{ i }}) * models.inverse_{{ i }} as z_{{ i }}
        {%- endfor %}
    from {{ relation }} as cases
    inner join with_both_outcomes as models
        on cases.{{ key }} = models.group_key

),

correlations as (

    select
        group_key
        {%- for i in numbers %}{% for j in numbers if j >= i %},
        avg(z_{{ i }} * z_{{ j }}) as r_{{ i }}_{{ j }}
        {%- endfor %}{% endfor %}
    from raw_scores
    group by group_key

),

{# Swept on one feature after the other, a combination of those before has no pivot left. #}
swept as (

    select
        group_key,
        {{ fold_over_matrix(symmetric_cells('r', size), size, numbers, _swept_cell) }}
            as correlations
    from correlations

),

chosen as (

    select
        models.group_key,
        models.cases,
        models.events
        {%- for i in numbers %},
        models.mean_{{ i }},
        models.inverse_{{ i }},
        models.is_constant_{{ i }},
        not models.is_constant_{{ i }}
        and {{ element_of('swept.correlations', (i - 1) * size + i) }} > -0.5 as is_combined_{{ i }},
        case
            when
                {{ element_of('swept.correlations', (i - 1) * size + i) }} > -0.5 then 0.0
            else models.inverse_{{ i }}
        end as factor_{{ i }}
        {%- endfor %}
    from with_both_outcomes as models
    inner join swept
        on models.group_key = swept.group_key

),

standardised as (

    select
        models.group_key,
        cases.{{ outcome }} as outcome
        {%- for i in numbers %},
        (cases.{{ features[i - 1] }} - models.mean_{{ i }}) * models.factor_{{ i }} as z_{{ i }}
        {%- endfor %}
    from {{ relation }} as cases
    inner join chosen as models
        on cases.{{ key }} = models.group_key

),

step_0 as (

    select
        group_key,
        ln(events / (cases - events)) as slope_0
        {%- for i in numbers %},
        cast(0 as double) as slope_{{ i }}
        {%- endfor %}
    from chosen

),

{% for step in range(1, steps + 1) -%}
{#- The matrix is that of the second derivatives, its last row and column the first ones: swept on all others,
    the last column is the way to go. #}
predicted_{{ step }} as (

    select
        standardised.*,
        {%- for i in [0] + numbers %}
        models.slope_{{ i }},
        {%- endfor %}
        1 / (1 + exp(-greatest(least({{ eta | join(' + ') }}, 35.0), -35.0))) as chance
    from standardised
    inner join step_{{ step - 1 }} as models
        on standardised.group_key = models.group_key

),

summed_{{ step }} as (

    select
        group_key,
        {%- for i in [0] + numbers %}
        any_value(slope_{{ i }}) as slope_{{ i }},
        {%- endfor %}
        sum(chance * (1 - chance)) as h_1_1
        {%- for i in numbers %},
        sum(chance * (1 - chance) * z_{{ i }}) as h_1_{{ i + 1 }}
        {%- for j in numbers if j >= i %},
        sum(chance * (1 - chance) * z_{{ i }} * z_{{ j }})
        {{- ' + ' ~ ridge if i == j }} as h_{{ i + 1 }}_{{ j + 1 }}
        {%- endfor %}
        {%- endfor %},
        sum(outcome - chance) as h_1_{{ size + 2 }}
        {%- for i in numbers %},
        sum((outcome - chance) * z_{{ i }}) - {{ ridge }} * any_value(slope_{{ i }})
            as h_{{ i + 1 }}_{{ size + 2 }}
        {%- endfor %},
        cast(0 as double) as h_{{ size + 2 }}_{{ size + 2 }}
    from predicted_{{ step }}
    group by group_key

),

solved_{{ step }} as (

    select
        group_key,
        {%- for i in [0] + numbers %}
        slope_{{ i }},
        {%- endfor %}
        {{ fold_over_matrix(
            symmetric_cells('h', size + 2), size + 2, range(1, size + 2) | list, _swept_cell
        ) }} as solution
    from summed_{{ step }}

),

step_{{ step }} as (

    select
        group_key
        {%- for i in [0] + numbers %},
        slope_{{ i }} + {{ element_of('solution', (i + 1) * (size + 2)) }} as slope_{{ i }}
        {%- if step == steps %},
        {{ element_of('solution', i * (size + 2) + i + 1) }} as minus_variance_{{ i }},
        {{ element_of('solution', i + 1) }} as minus_covariance_{{ i }},
        abs({{ element_of('solution', (i + 1) * (size + 2)) }}) as way_{{ i }}
        {%- endif %}
        {%- endfor %}
    from solved_{{ step }}

),

{% endfor -%}

estimates as (

    select
        chosen.group_key,
        chosen.cases,
        chosen.events,
        models.slope_0,
        sqrt(-models.minus_variance_0) as error_0,
        {%- for i in numbers %}
        chosen.mean_{{ i }},
        {{ safe_ratio('1', 'chosen.inverse_' ~ i) }} as scale_{{ i }},
        chosen.is_constant_{{ i }},
        chosen.is_combined_{{ i }},
        models.slope_{{ i }},
        case
            when chosen.factor_{{ i }} > 0 then sqrt(-models.minus_variance_{{ i }})
        end as error_{{ i }},
        -models.minus_covariance_{{ i }} as covariance_{{ i }},
        {%- endfor %}
        greatest(models.way_0{% for i in numbers %}, models.way_{{ i }}{% endfor %}) as largest_step
    from chosen
    inner join step_{{ steps }} as models
        on chosen.group_key = models.group_key

)

select *
from estimates
{%- endmacro %}

{# The cells, row after row, of a symmetric matrix that has columns `{prefix}_{i}_{j}` with i <= j. #}
{% macro symmetric_cells(prefix, size) %}
    {% set cells = [] %}
    {% for i in range(1, size + 1) %}
        {% for j in range(1, size + 1) %}
            {% do cells.append(prefix ~ '_' ~ [i, j] | min ~ '_' ~ [i, j] | max) %}
        {% endfor %}
    {% endfor %}
    {{ return(cells) }}
{% endmacro %}
