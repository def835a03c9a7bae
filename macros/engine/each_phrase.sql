{# One row for each word of a text: the word with those that follow it, `length` words at most; in a select
   without other such columns. #}
{% macro each_phrase(text, length) -%}
    {{ return(adapter.dispatch('each_phrase', 'pointworth')(text, length)) }}
{%- endmacro %}

{% macro default__each_phrase(text, length) -%}
    {%- set words = "split(trim(" ~ text ~ "), ' ')" -%}
    explode(transform(
        sequence(1, size({{ words }})),
        place -> array_join(slice({{ words }}, place, {{ length }}), ' ')
    ))
{%- endmacro %}

{% macro duckdb__each_phrase(text, length) -%}
    {%- set words = "string_split(trim(" ~ text ~ "), ' ')" -%}
    unnest(list_transform(
        range(1, len({{ words }}) + 1),
        lambda place: array_to_string(({{ words }})[place:place + {{ length - 1 }}], ' ')
    ))
{%- endmacro %}
