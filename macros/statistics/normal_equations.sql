{# The sums of products behind a regression, one column for each pair of terms: `{prefix}_{i}_{j}` with
   i <= j. Term 0 is the constant 1, terms 1 … 10 are drivers by number, term 11 is what is explained. A
   driver that is not there is NULL. #}

{# How many drivers a regression takes: twice as many subsets for each (importance looks at all). #}
{% macro maximum_drivers() %}{{ return(10) }}{% endmacro %}

{# The numbers of the drivers. #}
{% macro driver_terms() %}{{ return(range(1, maximum_drivers() + 1)) }}{% endmacro %}

{# The number of the term that is explained. #}
{% macro explained_term() %}{{ return(maximum_drivers() + 1) }}{% endmacro %}

{# Every pair of terms i <= j from a first term on. #}
{% macro pairs_of_terms(first=0) %}
    {%- set pairs = [] -%}
    {%- for i in range(first, explained_term() + 1) -%}
        {%- for j in range(i, explained_term() + 1) -%}
            {%- do pairs.append([i, j]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{% endmacro %}

{# The column of a pair, whichever term is named first. #}
{% macro pair_column(prefix, i, j) -%}
    {{ prefix }}_{{ [i, j] | min }}_{{ [i, j] | max }}
{%- endmacro %}

{# Every pair's column, to be listed. #}
{% macro pair_columns(prefix, first=0) -%}
    {%- for i, j in pairs_of_terms(first) -%}
    {{ pair_column(prefix, i, j) }}{{ ',\n    ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# A relation of every pair: first_term <= second_term. #}
{% macro terms_in_pairs() -%}
    select
        first_terms.number as first_term,
        second_terms.number as second_term
    from {{ number_spine(explained_term() + 1) }} as first_terms
    inner join {{ number_spine(explained_term() + 1) }} as second_terms
        on first_terms.number <= second_terms.number
{%- endmacro %}

{# Columns to rows: the value of the pair first_term, second_term. #}
{% macro value_of_pair(prefix) -%}
    case first_term * {{ explained_term() + 1 }} + second_term
        {%- for i, j in pairs_of_terms() %}
        when {{ i * (explained_term() + 1) + j }} then {{ pair_column(prefix, i, j) }}
        {%- endfor %}
    end
{%- endmacro %}

{# Rows to columns, an aggregate per pair: the terms as they are named on this side. #}
{% macro pairs_as_columns(prefix, one_term, other_term, value) -%}
    {%- for i, j in pairs_of_terms() -%}
    sum(
        case
            when least({{ one_term }}, {{ other_term }}) = {{ i }}
                and greatest({{ one_term }}, {{ other_term }}) = {{ j }}
                then {{ value }}
        end
    ) as {{ pair_column(prefix, i, j) }}{{ ',\n    ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The value of a driver's column, `{prefix}_{number}`, by the driver's number. #}
{% macro value_of_driver(prefix, number) -%}
    case {{ number }}
        {%- for term in driver_terms() %}
        when {{ term }} then {{ prefix }}_{{ term }}
        {%- endfor %}
    end
{%- endmacro %}
