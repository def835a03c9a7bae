with

clock as (

    select
        as_of,
        last_complete_month
    from {{ ref('int_run_clock') }}

),

figures_now as (

    select
        'recognised_revenue' as figure,
        reconciliation.month as period_start,
        reconciliation.currency as part,
        'money' as unit,
        cast(reconciliation.recognised_in_reporting_currency as decimal(28, 6)) as value,
        cast(reconciliation.recognised_amount as decimal(28, 6)) as value_in_currency
    from {{ ref('revenue_reconciliation') }} as reconciliation
    cross join clock
    where
        reconciliation.month <= clock.last_complete_month
        and (
            reconciliation.recognised_amount <> 0
            or reconciliation.recognised_in_reporting_currency <> 0
        )

    union all

    select
        'nps' as figure,
        scores.period_start,
        scores.survey_kind || '/' || scores.score_scale as part,
        'points' as unit,
        cast(round(scores.nps, 6) as decimal(28, 6)) as value,
        cast(null as decimal(28, 6)) as value_in_currency
    from {{ ref('nps_by_segment') }} as scores
    cross join clock
    where
        scores.period_grain = 'month'
        and scores.segment_dimension = 'all'
        and scores.is_reportable
        and scores.period_start <= clock.last_complete_month

    union all

    select
        'revenue_per_point' as figure,
        clock.as_of as period_start,
        'active_customers' as part,
        'money' as unit,
        cast(point.revenue_per_point as decimal(28, 6)) as value,
        cast(null as decimal(28, 6)) as value_in_currency
    from {{ ref('revenue_per_point') }} as point
    cross join clock
    where
        point.segment_dimension = 'all'
        and point.adjustment = 'adjusted'
        and point.base = 'active_customers'
        and point.revenue_per_point is not null

),

figures_before as (

    select *
    from (
        select
            *,
            row_number() over (partition by figure, period_start, part order by run desc)
                as from_the_end
        from {{ ref('stg_record__figures') }}
    ) as ranked
    where from_the_end = 1

),

{# A month without a euro any more is 0; a score without enough answers any more is none. #}
compared as (

    select
        coalesce(now_there.figure, before.figure) as figure,
        coalesce(now_there.period_start, before.period_start) as period_start,
        coalesce(now_there.part, before.part) as part,
        coalesce(now_there.unit, before.unit) as unit,
        before.figure is null as is_first,
        coalesce(
            now_there.value,
            case when before.figure = 'recognised_revenue' then cast(0 as decimal(28, 6)) end
        ) as value,
        coalesce(
            now_there.value_in_currency,
            case when before.figure = 'recognised_revenue' then cast(0 as decimal(28, 6)) end
        ) as value_in_currency,
        before.value as value_before,
        before.value_in_currency as value_in_currency_before
    from figures_now as now_there
    full outer join figures_before as before
        on
            now_there.figure = before.figure
            and now_there.period_start = before.period_start
            and now_there.part = before.part

),

changed as (

    select compared.*
    from compared
    cross join clock
    where
        (
            compared.is_first
            or compared.value is distinct from compared.value_before
            or compared.value_in_currency is distinct from compared.value_in_currency_before
        )
        and case
            when compared.figure = 'revenue_per_point' then compared.period_start = clock.as_of
            else compared.period_start <= clock.last_complete_month
        end

),

classes as (

    select
        figure,
        period_start,
        part
        {%- for name in restatement_classes() %},
        sum(case when class = '{{ name }}' then value else 0 end) as {{ name }},
        sum(case when class = '{{ name }}' then counted else 0 end) as {{ name }}_counted
        {%- endfor %}
    from {{ ref('int_figure_changes') }}
    group by figure, period_start, part

),

{# The rows kept are those the last figure was made of, or nothing can be said by them. #}
explained as (

    select
        changed.*,
        periods.kept_counted,
        periods.kept_value,
        case changed.figure
            when 'recognised_revenue'
                then
                    periods.figure is not null
                    and {{ money('periods.kept_value') }} = changed.value_before
                    and {{ money('periods.kept_value_in_currency') }}
                    = changed.value_in_currency_before
            when 'nps'
                then
                    abs(
                        cast(periods.kept_value as double) / nullif(periods.kept_counted, 0)
                        - cast(changed.value_before as double)
                    ) < 0.000001
            else false
        end as is_known
        {%- for name in restatement_classes() %},
        coalesce(classes.{{ name }}, 0) as {{ name }},
        coalesce(classes.{{ name }}_counted, 0) as {{ name }}_counted
        {%- endfor %}
    from changed
    left join {{ ref('int_figure_periods') }} as periods
        on
            changed.figure = periods.figure
            and changed.period_start = periods.period_start
            and changed.part = periods.part
    left join classes
        on
            changed.figure = classes.figure
            and changed.period_start = classes.period_start
            and changed.part = classes.part

),

{# A score is no sum: the rows of each class are taken out or put in one class after the other, and
   the score goes from one to the next. #}
{% set before = namespace(counted='kept_counted', value='kept_value', score='value_before') -%}
{% for name in ['erased_rows', 'corrected_rows', 'changed_definition', 'late_rows'] -%}
score_after_{{ name }} as (

    select
        *,
        {{ before.counted }} + {{ name }}_counted as counted_after_{{ name }},
        {{ before.value }} + {{ name }} as value_after_{{ name }},
        case
            when {{ before.counted }} + {{ name }}_counted > 0
                then cast(
                    round(
                        cast({{ before.value }} + {{ name }} as double)
                        / ({{ before.counted }} + {{ name }}_counted),
                        6
                    ) as decimal(28, 6)
                )
            else {{ before.score }}
        end as score_after_{{ name }}
    from {{ 'explained' if loop.first else 'score_after_' ~ before.name }}

),

{% set before.counted = 'counted_after_' ~ name -%}
{% set before.value = 'value_after_' ~ name -%}
{% set before.score = 'score_after_' ~ name -%}
{% set before.name = name -%}
{% endfor -%}

taken_apart as (

    select
        figure,
        period_start,
        part,
        unit,
        is_first,
        value,
        value_in_currency,
        coalesce(value - value_before, 0) as difference,
        {% for name, before_it in {
            'erased_rows': 'value_before', 'corrected_rows': 'score_after_erased_rows',
            'changed_definition': 'score_after_corrected_rows',
            'late_rows': 'score_after_changed_definition',
        }.items() -%}
        case
            when not coalesce(is_known, false) then 0
            when figure = 'nps' then score_after_{{ name }} - {{ before_it }}
            else {{ money(name) }}
        end as {{ name }},
        {% endfor -%}
        case when is_known and figure <> 'nps' then {{ money('exchange') }} else 0 end as exchange
    from score_after_late_rows

),

{# The value of a point is no sum of rows at all: which classes there were is told, and
   not how much. #}
classes_of_the_run as (

    select
        concat_ws(
            ', '
            {%- for name, words in restatement_classes().items() if name != 'changed_definition' %},
            max(case when class = '{{ name }}' then '{{ words }}' end)
            {%- endfor %}
        ) as words
    from {{ ref('int_figure_changes') }}

),

figures_of_this_run as (

    select
        taken_apart.*,
        taken_apart.difference
        {%- for name in restatement_classes() %}
        - taken_apart.{{ name }}
        {%- endfor %}
            as unclassified,
        coalesce(definitions.definition, 'not recorded') as definition,
        coalesce(definitions.is_changed, false) as is_redefined
    from taken_apart
    left join {{ ref('int_figure_definitions') }} as definitions
        on taken_apart.figure = definitions.figure

)

select
    {{ name_of_this_run() }} as run,
    clock.as_of,
    figures.figure,
    figures.period_start,
    figures.part,
    figures.is_first,
    cast(figures.value as decimal(28, 6)) as value,
    cast(figures.value_in_currency as decimal(28, 6)) as value_in_currency,
    cast(figures.difference as decimal(28, 6)) as difference,
    {% for name in restatement_classes() -%}
    cast(figures.{{ name }} as decimal(28, 6)) as {{ name }},
    {% endfor -%}
    cast(figures.unclassified as decimal(28, 6)) as unclassified,
    case
        when figures.is_first then 'first reported'
        when figures.figure = 'revenue_per_point'
            then coalesce(
                nullif(
                    concat_ws(
                        ', ',
                        nullif(classes_of_the_run.words, ''),
                        case when figures.is_redefined then 'changed definition' end
                    ),
                    ''
                ),
                'not known'
            )
        else {{ causes_of_difference("case figures.unit when 'money' then 0.05 else 0.0001 end") }}
    end as causes,
    figures.definition,
    figures.unit,
    case when figures.unit = 'money' then {{ reporting_currency() }} end as currency
from figures_of_this_run as figures
cross join clock
cross join classes_of_the_run

union all

select
    run,
    as_of,
    figure,
    period_start,
    part,
    is_first,
    value,
    value_in_currency,
    difference,
    {% for name in restatement_classes() -%}
    {{ name }},
    {% endfor -%}
    unclassified,
    causes,
    definition,
    unit,
    currency
from {{ ref('stg_record__figures') }}
