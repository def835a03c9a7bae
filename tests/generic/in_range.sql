{# Fails for every row on which one of the columns lies outside [minimum, maximum], by more than the
   rounding of a double. NULL fails too, unless allow_null.
     columns     the columns to look at, in one scan
     minimum     the least value allowed, if there is one
     maximum     the greatest value allowed, if there is one
     allow_null  whether a column may be NULL #}
{% test in_range(model, columns, minimum=none, maximum=none, allow_null=false) %}
select {{ columns | join(', ') }}
from {{ model }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}not coalesce(
        true
        {%- if minimum is not none %} and {{ column }} >= {{ minimum }} - 1e-9{% endif %}
        {%- if maximum is not none %} and {{ column }} <= {{ maximum }} + 1e-9{% endif %},
        {{ allow_null }}
    )
    {%- endfor %}
{% endtest %}
