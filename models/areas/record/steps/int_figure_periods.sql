{# The months behind a figure, then and now: whether any row of theirs is another one, and what they
   came to, so that only months that changed are looked at row by row. #}
with

{% for name, relation in {
    'now_rows': ref('int_figure_rows'), 'kept_rows': ref('stg_record__figure_rows')
}.items() -%}
{{ name }} as (

    select
        figure,
        period_start,
        part,
        count(*) as rows_there,
        sum(case when is_counted then 1 else 0 end) as rows_counted,
        sum(cast(content as bigint)) as content,
        sum(value) as value,
        sum(coalesce(value_in_currency, 0)) as value_in_currency
    from {{ relation }}
    group by figure, period_start, part

){{ ',' if not loop.last }}

{% endfor %}
select
    kept_rows.figure,
    kept_rows.period_start,
    kept_rows.part,
    kept_rows.rows_counted as kept_counted,
    kept_rows.value as kept_value,
    kept_rows.value_in_currency as kept_value_in_currency,
    not coalesce(
        kept_rows.rows_there = now_rows.rows_there
        and kept_rows.rows_counted = now_rows.rows_counted
        and kept_rows.content = now_rows.content
        and kept_rows.value = now_rows.value
        and kept_rows.value_in_currency = now_rows.value_in_currency,
        false
    ) as is_changed
from kept_rows
left join now_rows
    on
        kept_rows.figure = now_rows.figure
        and kept_rows.period_start = now_rows.period_start
        and kept_rows.part = now_rows.part
