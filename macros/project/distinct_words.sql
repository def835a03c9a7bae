{# The classes of difference that stand in any of these texts, as one text in their own order. #}
{% macro distinct_words(texts) -%}
    concat_ws(
        ', '
        {%- for words in restatement_classes().values() | list + ['not known'] %},
        max(case when {{ texts }} like '%{{ words }}%' then '{{ words }}' end)
        {%- endfor %}
    )
{%- endmacro %}
