{# The sweep operator on a symmetric matrix of pairs (Dempster's SWP): swept on the terms S, the block of S
   is minus its inverse, the column of what is explained holds the slopes, its own cell what is left
   unexplained. #}

{# A pivot is what a driver does not share with those swept before it, as a share of its variance: below
   this it is rounding, and the driver a combination of the others. #}
{% macro pivot_tolerance() -%} 1e-8 {%- endmacro %}

{# Cell i, j after sweeping on a term; as it was, where the pivot is no more than rounding. #}
{% macro swept_cell(prefix, i, j, on) -%}
    {%- set pivot = pair_column(prefix, on, on) -%}
    case
        when {{ pivot }} > {{ pivot_tolerance() }}
            then
                {%- if i == on and j == on %} -1 / {{ pivot }}
                {%- elif i == on or j == on %} {{ pair_column(prefix, i, j) }} / {{ pivot }}
                {%- else %} {{ pair_column(prefix, i, j) }}
                - {{ pair_column(prefix, i, on) }} * {{ pair_column(prefix, j, on) }} / {{ pivot }}
                {%- endif %}
        else {{ pair_column(prefix, i, j) }}
    end
{%- endmacro %}

{# Whether a driver was swept on: its cell is then -1 or less. #}
{% macro was_swept(prefix, term) -%}
    ({{ pair_column(prefix, term, term) }} < -0.5)
{%- endmacro %}
