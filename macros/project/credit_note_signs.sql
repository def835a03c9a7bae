{# The signs of credit notes by file, of all rows whose amount could be read. #}
{% macro credit_note_signs() %}
select
    source_file,
    count(*) as credit_notes,
    cast(sum(case when amount > 0 then 1 else 0 end) as bigint) as positive,
    cast(sum(case when amount < 0 then 1 else 0 end) as bigint) as negative,
    sum(case when amount > 0 then 1 else 0 end) > 0
    and sum(case when amount < 0 then 1 else 0 end) = 0 as is_turned
from {{ ref('base_billing__invoice_lines') }}
where line_kind = 'credit_note' and amount is not null
group by source_file
{% endmacro %}


{# A line of a credit note without a sign, to be joined to the file that it stands in. A join condition;
   other lines have nothing to compare and cost nothing. #}
{% macro is_turned_line(lines, signs) -%}
    case when {{ lines }}.line_kind = 'credit_note' and {{ lines }}.amount > 0 then {{ lines }}.source_file end
    = {{ signs }}.source_file
    and {{ signs }}.is_turned
{%- endmacro %}


{# Before base_billing__credit_note_signs is continued: a file that got its first signed credit note, or
   lost its last one, changes lines of customers and months that did not change themselves. #}
{% macro touch_lines_of_turned_files() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
insert into landing.touched
with

turned as (

    select before.source_file
    from {{ this }} as before
    inner join (
        {{ credit_note_signs() }}
    ) as now
        on before.source_file = now.source_file
    where before.is_turned <> now.is_turned

)

    {% for column, value in topics_of('billing_invoice_lines').items() %}
select distinct 'billing_invoice_lines.{{ column }}', {{ value }}
from {{ ref('base_billing__invoice_lines') }}
where line_kind = 'credit_note' and source_file in (select source_file from turned)
{{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}
