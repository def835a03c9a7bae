{# Whether revenue was not already moving before the answer. Among very many customers a trifle is
   significant: what it is worth, as a share of the value, decides beside its z. Beside a value of
   nothing every placebo is large. #}
{% macro is_placebo_clean(z, share) -%}
    case
        when {{ z }} is not null
            then abs({{ z }}) <= {{ z95() }}
                or coalesce(abs({{ share }}) <= {{ var('placebo_tolerance') }}, false)
    end
{%- endmacro %}
