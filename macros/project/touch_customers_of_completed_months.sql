{# Before fct_customer_revenue_monthly is continued: when further months are complete, customers whose
   recurring revenue ends in one of them get the month in which it is lost, although no line of theirs
   has changed; so do those of whom only now it is known that a last month was a correction. When the clock goes back, every customer is built anew. #}
{% macro touch_customers_of_completed_months() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
insert into landing.touched
select distinct 'billing_invoice_lines.customer_id', months.customer_id
from {{ this }} as months
cross join landing.build_state as before
cross join {{ ref('int_run_clock') }} as clock
where
    clock.last_complete_month < before.last_complete_month
    or (
        clock.last_complete_month > before.last_complete_month
        and months.revenue_month >= before.last_complete_month
        and months.revenue_month < clock.last_complete_month
        and months.recurring <> 0
        and not exists (
            select 1
            from {{ this }} as later
            where
                later.customer_id = months.customer_id
                and later.revenue_month = {{ add_months('months.revenue_month', 1) }}
                and later.recurring <> 0
        )
    )
{% endmacro %}
