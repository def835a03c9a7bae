{# What became of the rows of months that changed since they were published, by class. A row that is
   gone was erased, where a request did it, or withdrawn, which corrects. One that says the same and
   counts otherwise is worth more or less by another rate or another definition; an answer may also
   have given way to a later one of the same voice. #}
with

periods as (

    select
        figure,
        period_start,
        part
    from {{ ref('int_figure_periods') }}
    where is_changed

),

{% for name, relation in {
    'now_rows': ref('int_figure_rows'), 'kept_rows': ref('stg_record__figure_rows')
}.items() -%}
{{ name }} as (

    select
        rows_behind.figure,
        rows_behind.period_start,
        rows_behind.part,
        rows_behind.row_key,
        rows_behind.content,
        rows_behind.value,
        coalesce(rows_behind.value_in_currency, 0) as value_in_currency,
        case when rows_behind.is_counted then 1 else 0 end as counted
    from {{ relation }} as rows_behind
    inner join periods
        on
            rows_behind.figure = periods.figure
            and rows_behind.period_start = periods.period_start
            and rows_behind.part = periods.part

),

{% endfor -%}

pairs as (

    select
        coalesce(now_rows.figure, kept_rows.figure) as figure,
        coalesce(now_rows.period_start, kept_rows.period_start) as period_start,
        coalesce(now_rows.part, kept_rows.part) as part,
        coalesce(now_rows.row_key, kept_rows.row_key) as row_key,
        now_rows.row_key is not null as is_there,
        kept_rows.row_key is not null as was_there,
        coalesce(now_rows.content = kept_rows.content, false) as says_the_same,
        coalesce(now_rows.content, kept_rows.content) as content,
        coalesce(now_rows.counted, 0) - coalesce(kept_rows.counted, 0) as counted,
        coalesce(now_rows.value, 0) - coalesce(kept_rows.value, 0) as value,
        coalesce(now_rows.value_in_currency, 0) - coalesce(kept_rows.value_in_currency, 0)
            as value_in_currency
    from now_rows
    full outer join kept_rows
        on
            now_rows.figure = kept_rows.figure
            and now_rows.period_start = kept_rows.period_start
            and now_rows.part = kept_rows.part
            and now_rows.row_key = kept_rows.row_key

),

differing as (

    select *
    from pairs
    where not (is_there and was_there and says_the_same and counted = 0 and value = 0)

),

{# Rows of another month then, or now: what they say decides whether they were moved or
   corrected. #}
elsewhere as (

    select distinct
        differing.figure,
        differing.row_key,
        rows_behind.content = differing.content as says_the_same
    from differing
    inner join {{ ref('stg_record__figure_rows') }} as rows_behind
        on
            differing.figure = rows_behind.figure
            and differing.row_key = rows_behind.row_key
    where not differing.was_there

    union

    select distinct
        differing.figure,
        differing.row_key,
        rows_behind.content = differing.content as says_the_same
    from differing
    inner join {{ ref('int_figure_rows') }} as rows_behind
        on
            differing.figure = rows_behind.figure
            and differing.row_key = rows_behind.row_key
    where not differing.is_there

),

known_elsewhere as (

    select
        figure,
        row_key,
        max(case when says_the_same then 1 else 0 end) = 1 as says_the_same
    from elsewhere
    group by figure, row_key

),

erased as (

    select distinct
        'nps' as figure,
        {{ row_hash(['response_id']) }} as row_key
    from {{ ref('base_survey__responses') }}
    where rejection_reasons like '%erased%'

),

currency as (

    select max(currency) <> {{ reporting_currency() }} as is_changed
    from {{ ref('stg_record__figures') }}
    where
        figure = 'recognised_revenue'
        and run = (
            select max(run)
            from {{ ref('stg_record__figures') }}
            where figure = 'recognised_revenue'
        )

),

classified as (

    select
        differing.figure,
        differing.period_start,
        differing.part,
        differing.counted,
        differing.value,
        case
            when not differing.is_there and erased.row_key is not null then 'erased_rows'
            when known_elsewhere.says_the_same then 'changed_definition'
            when not differing.is_there or known_elsewhere.row_key is not null
                then 'corrected_rows'
            when not differing.was_there then 'late_rows'
            when not differing.says_the_same then 'corrected_rows'
            when differing.figure = 'nps' and not coalesce(definitions.is_changed, false)
                then 'late_rows'
            when differing.figure = 'nps' then 'changed_definition'
            when
                differing.value_in_currency = 0
                and differing.counted = 0
                and not coalesce(currency.is_changed, false)
                then 'exchange'
            else 'changed_definition'
        end as class
    from differing
    left join erased
        on
            differing.figure = erased.figure
            and differing.row_key = erased.row_key
    left join known_elsewhere
        on
            differing.figure = known_elsewhere.figure
            and differing.row_key = known_elsewhere.row_key
            and not (differing.was_there and differing.is_there)
    left join {{ ref('int_figure_definitions') }} as definitions
        on differing.figure = definitions.figure
    cross join currency

)

select
    figure,
    period_start,
    part,
    class,
    count(*) as rows_changed,
    sum(counted) as counted,
    sum(value) as value
from classified
group by figure, period_start, part, class
