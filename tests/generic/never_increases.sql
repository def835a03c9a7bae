{# Fails for every row whose value is above the least before it, by more than the rounding of a double.
   Rows without a value are passed over.
     expression    the value
     partition_by  the columns within which it must not rise
     order_by      the column in whose order it must not rise #}
{% test never_increases(model, expression, partition_by, order_by) %}
with

ordered as (

    select
        {{ partition_by | join(', ') }},
        {{ order_by }},
        {{ expression }} as present,
        min({{ expression }}) over (
            partition by {{ partition_by | join(', ') }}
            order by {{ order_by }}
            rows between unbounded preceding and 1 preceding
        ) as least_before
    from {{ model }}

)

select *
from ordered
where present > least_before + 1e-9
{% endtest %}
