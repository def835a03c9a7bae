{# A word as lists of spellings hold it: small letters, one `_` for blanks, hyphens and the like. #}
{% macro spelling(text) -%}
    {{ replace_pattern('lower(trim(' ~ text ~ '))', '[ ./_-]{1,20}', '_') }}
{%- endmacro %}
