{# Landing datasets with a personal field, as a list of literals. #}
{% macro personal_datasets() -%}
    {%- if not execute -%}{{ return("''") }}{%- endif -%}
    {%- set names = [] -%}
    {%- for name in checked_datasets() -%}
        {%- if landing_dataset(name).columns | selectattr('personal') | list -%}
            {%- do names.append("'" ~ name ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ names | join(', ') }}
{%- endmacro %}
