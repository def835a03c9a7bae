{# How good an answer was, finer than its category: a customer who gave 0 is not like one who gave 6. The
   detractors of a scale are cut in the middle of their band (0–3 and 4–6 of 0–10). #}
{% macro score_band(score, scale) -%}
    case
        when {{ score_category(score, scale) }} <> 'detractor' then {{ score_category(score, scale) }}
        when 2 * {{ score }} <= {{ scale }}.minimum + {{ scale }}.detractor_maximum
            then 'detractor, lower half'
        when {{ score }} is not null then 'detractor, upper half'
    end
{%- endmacro %}
