{# Whether a text holds a word, apart from its other words: what separates the fields of a raw row, in
   whatever form it was written, separates words. #}
{% macro holds_word(text, word) -%}
    {%- set separators = ',;"=|\'\t\r\n ' -%}
    {%- set spaces = ' ' * separators | length -%}
    instr(
        ' ' || translate({{ text }}, {{ text_literal(separators) }}, '{{ spaces }}') || ' ',
        ' ' || translate({{ word }}, {{ text_literal(separators) }}, '{{ spaces }}') || ' '
    ) > 0
{%- endmacro %}
