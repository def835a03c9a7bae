{# Before fct_interactions is continued: when the clock has moved, customers of contacts that were resolved
   between the two days are built anew, although nothing of theirs has changed. #}
{% macro touch_customers_of_resolved_contacts() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
insert into landing.touched
select distinct 'support_interactions.customer_id', interactions.customer_id
from {{ ref('stg_support__interactions') }} as interactions
cross join landing.build_state as before
cross join {{ ref('int_run_clock') }} as clock
where
    cast(interactions.resolved_at as date) > least(before.as_of, clock.as_of)
    and cast(interactions.resolved_at as date) <= greatest(before.as_of, clock.as_of)
{% endmacro %}
