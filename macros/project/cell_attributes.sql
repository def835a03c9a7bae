{# The attributes of a cell of answers besides its customer's, of a relation that knows some of them, or
   NULL. #}
{% macro cell_attributes(known) -%}
    {%- for attribute in segment_attributes(['standing', 'answer']) %}
    {{ attribute if attribute in known else 'cast(null as ' ~ dbt.type_string() ~ ') as ' ~ attribute }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# Whether a row stands in a cell of answers; NULL is a value like others. Of the attributes not `known`
   the row has none. #}
{% macro is_in_cell(relation, cells, known) -%}
    {{ relation }}.customer_cell = {{ cells }}.customer_cell
    {%- for attribute in segment_attributes(['standing', 'answer']) %}
    {%- if attribute in known %}
        and {{ relation }}.{{ attribute }} is not distinct from {{ cells }}.{{ attribute }}
    {%- else %}
        and {{ cells }}.{{ attribute }} is null
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
