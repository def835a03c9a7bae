{# What a residual would be had its own observation not drawn the fit to itself: it is divided by one
   less its leverage (HC3, MacKinnon & White 1985). A fit of weights r on x within strata draws to itself
   as much as the observation weighs in its stratum and in the spread of the contributions. #}

{# The leverage of one observation: `weight` r in a stratum of Σ r = `stratum_weight`, `distance` from the
   stratum's mean, `spread` Σ r × distance² over all strata. #}
{% macro leverage(weight, distance, stratum_weight, spread) -%}
    (
        {{ safe_ratio(weight, stratum_weight) }}
        + {{ safe_ratio(weight ~ ' * (' ~ distance ~ ') * (' ~ distance ~ ')', spread) }}
    )
{%- endmacro %}


{# The residual without that pull. A fit that passes through an observation whatever it is (alone in its
   stratum) leaves no residual, only rounding: it says nothing about the error, and counts for none. #}
{% macro without_own_pull(residual, leverage) -%}
    case
        when 1 - {{ leverage }} > 1e-9 then ({{ residual }}) / (1 - {{ leverage }})
        else 0.0
    end
{%- endmacro %}
