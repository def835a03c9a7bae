{# Fails for every half-open interval [starts, ends) that begins before the one before it has ended, and
   for every interval without a start or that ends before it starts. An end of NULL is open.
     starts        the column the interval starts with
     ends          the column with the first day that is no longer inside
     partition_by  the columns within which intervals must not overlap #}
{% test no_overlap(model, starts, ends, partition_by) %}
with

intervals as (

    select
        {{ partition_by | join(', ') }},
        {{ starts }} as starts_on,
        coalesce({{ ends }}, cast('9999-12-31' as date)) as ends_on,
        max(coalesce({{ ends }}, cast('9999-12-31' as date))) over (
            partition by {{ partition_by | join(', ') }}
            order by {{ starts }}, coalesce({{ ends }}, cast('9999-12-31' as date))
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from {{ model }}

)

select *
from intervals
where starts_on is null or ends_on < starts_on or covered_until > starts_on
{% endtest %}
