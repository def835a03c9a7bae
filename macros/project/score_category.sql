{# promoter, passive or detractor: the one place where the bands of a scale are applied. #}
{% macro score_category(score, scale) -%}
    case
        when {{ score }} >= {{ scale }}.promoter_minimum then 'promoter'
        when {{ score }} <= {{ scale }}.detractor_maximum then 'detractor'
        when {{ score }} is not null then 'passive'
    end
{%- endmacro %}

{# −100, 0 or +100, so that NPS is a mean and a slope is per NPS point. #}
{% macro score_contribution(category) -%}
    case {{ category }} when 'promoter' then 100 when 'passive' then 0 when 'detractor' then -100 end
{%- endmacro %}
