{# Every match of a regular expression replaced; `\1` in the replacement is the first group. Patterns keep
   to what RE2 and Java read alike: no looking around, no reference back, every repetition bounded, so
   that no text, however long, makes Java search for ever or deeper than its stack. POSIX classes are
   written out for Java's dialect. #}
{% macro replace_pattern(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_pattern', 'pointworth')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) -%}
    regexp_replace(
        {{ text }},
        r'{{ pattern | replace("[:alnum:]", "\\p{Alnum}") }}',
        '{{ replacement | replace("\\", "$") }}'
    )
{%- endmacro %}

{% macro duckdb__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}
