{# A landed row as text, `column=value` for every column that is filled, personal fields masked. #}
{% macro raw_text(name, relation) -%}
{%- if not execute -%}{{ return("''") }}{%- endif -%}
concat_ws(
                '; '
                {%- for column in landing_dataset(name).columns %},
                '{{ column.header }}=' || {{ "case when " ~ relation ~ "." ~ column.name ~ " is not null then '[masked]' end"
                    if column.personal else relation ~ '.' ~ column.name }}
                {%- endfor %}
            )
{%- endmacro %}
