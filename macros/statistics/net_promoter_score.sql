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

{# The variance of the score, in squared points, when the answers of one customer are not independent;
   NULL where no customer answered twice. The sums over customers of int_nps_segment_totals are in
   scope, and `nps`. #}
{% macro nps_clustered_variance() -%}
    case
        when customers > 1 and customers < responses
            then {{ safe_ratio('customers', 'customers - 1') }}
                * (
                    contribution_squared
                    - 2 * nps * contribution_by_responses
                    + nps * nps * responses_squared
                ) / (cast(responses as double) * responses)
    end
{%- endmacro %}

{# A bound of the 95 % interval, in points; `side` is '-' for the lower and '+' for the upper. #}
{% macro nps_bound(adjusted_nps, standard_error, side) -%}
    {%- if side == '-' -%}
    greatest(-100, {{ adjusted_nps }} - {{ z95() }} * {{ standard_error }})
    {%- else -%}
    least(100, {{ adjusted_nps }} + {{ z95() }} * {{ standard_error }})
    {%- endif -%}
{%- endmacro %}

{# Points that do not leave the scale; NULL stays NULL, which greatest and least would pass over. #}
{% macro on_the_scale(points) -%}
    case
        when {{ points }} < -100 then -100.0
        when {{ points }} > 100 then 100.0
        else {{ points }}
    end
{%- endmacro %}
