{# The packs of themes a landing chooses, as a list of SQL; a name that is no pack stops the build. #}
{% macro verbatim_packs() -%}
    {%- set known = ['general', 'telecom', 'utility', 'collections', 'marketplace'] -%}
    {%- set chosen = var('verbatim_packs') -%}
    {%- for pack in chosen if pack not in known -%}
        {{ exceptions.raise_compiler_error(
            'verbatim_packs names ' ~ pack ~ ', which is no pack: give some of ' ~ known | join(', ') ~ '.'
        ) }}
    {%- endfor -%}
    {{ "'" ~ chosen | join("', '") ~ "'" }}
{%- endmacro %}
