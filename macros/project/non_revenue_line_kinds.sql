{# Line kinds that are not revenue; bad debt is shown on a line of its own. #}
{% macro non_revenue_line_kinds() -%} 'tax', 'bad_debt' {%- endmacro %}
