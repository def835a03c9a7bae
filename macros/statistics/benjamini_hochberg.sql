{# p-values corrected for the number of tests in a family, in two steps because the rank must stand
   before the running minimum is taken. The columns of `family` name the family, those of `member` a
   test within it. #}

{# Step one: p × tests / rank, as the column <p>_stepped. #}
{% macro benjamini_hochberg_step(p_value, family, member=['segment_value']) -%}
    {{ p_value }} * count({{ p_value }}) over (partition by {{ family | join(', ') }})
    / row_number() over (
        partition by {{ family | join(', ') }}
        order by {{ p_value }} nulls last, {{ member | join(', ') }}
    ) as {{ p_value }}_stepped
{%- endmacro %}

{# Step two: the least of the steps from here on, at most 1. #}
{% macro benjamini_hochberg(p_value, family, member=['segment_value']) -%}
    case
        when {{ p_value }} is not null
            then least(
                1.0,
                min({{ p_value }}_stepped) over (
                    partition by {{ family | join(', ') }}
                    order by {{ p_value }} nulls last, {{ member | join(', ') }}
                    rows between current row and unbounded following
                )
            )
    end
{%- endmacro %}

{# The segments of one dimension in one period are tested together. #}
{% macro nps_family() %}
    {{ return(['period_grain', 'period_start', 'survey_kind', 'score_scale', 'segment_dimension']) }}
{% endmacro %}
