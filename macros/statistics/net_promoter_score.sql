{# NPS and its adjusted Wald interval (Rocks 2016) from counts of promoters, detractors and answers:
   three quarters of an answer are added to each end and one and a half to the middle. #}

{# NPS in points, −100 … 100. #}
{% macro nps_points(promoters, detractors, responses) -%}
    (100 * {{ safe_ratio(promoters ~ ' - ' ~ detractors, responses) }})
{%- endmacro %}

{# The adjusted mean m, on the scale −1 … 1. #}
{% macro nps_adjusted_mean(promoters, detractors, responses) -%}
    (cast({{ promoters }} - {{ detractors }} as double) / ({{ responses }} + 3))
{%- endmacro %}

{# The adjusted variance of the mean, on the scale −1 … 1. #}
{% macro nps_adjusted_variance(promoters, detractors, responses) -%}
    (
        (
            cast({{ promoters }} + {{ detractors }} + 1.5 as double) / ({{ responses }} + 3)
            - {{ nps_adjusted_mean(promoters, detractors, responses) }}
            * {{ nps_adjusted_mean(promoters, detractors, responses) }}
        ) / ({{ responses }} + 3)
    )
{%- endmacro %}

{# Points that do not leave the scale; NULL stays NULL, which greatest and least would pass over. #}
{% macro on_the_scale(points) -%}
    case
        when {{ points }} < -100 then -100.0
        when {{ points }} > 100 then 100.0
        else {{ points }}
    end
{%- endmacro %}
