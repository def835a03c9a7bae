{# What `pointworth build` tells of the run (var this_run): name, facts, inputs, definitions, and where
   the record of what was published lies. With plain dbt none of it is known. #}
{% macro this_run() %}
    {{ return(var('this_run') or {}) }}
{% endmacro %}


{# The run's name, as a literal. #}
{% macro name_of_this_run() -%}
    {{ return(text_literal(this_run().get('name', 'not recorded'))) }}
{%- endmacro %}


{# What becomes part of a figure's definition beyond its version: the fingerprint of the code that defines
   it, and the settings that are not as they come. A row per figure. #}
{% macro figure_definitions() -%}
    {%- set rows = [] %}
    {%- for figure, of in this_run().get('definitions', {}).items() %}
        {%- do rows.append([figure, of.fingerprint, of.settings]) %}
    {%- endfor %}
    {{- rows_of_literals(rows, ['figure', 'fingerprint', 'settings']) }}
{%- endmacro %}


{# The facts of the run: of which kind, what, its value, and what else is to be said. #}
{% macro facts_of_this_run() -%}
    {{- rows_of_literals(
        this_run().get('facts', []), ['fact_kind', 'fact', 'fact_value', 'note']
    ) }}
{%- endmacro %}


{# The files of the landing with the hash of what they hold. #}
{% macro inputs_of_this_run() -%}
    {{- rows_of_literals(this_run().get('inputs', []), ['source_file', 'content_hash']) }}
{%- endmacro %}


{# Each class of difference with its words. #}
{% macro restatement_classes() %}
    {{ return({
        'late_rows': 'late rows',
        'corrected_rows': 'corrected rows',
        'erased_rows': 'erased rows',
        'exchange': 'exchange',
        'changed_definition': 'changed definition',
    }) }}
{% endmacro %}


{# What stands behind a difference, in words. A cent or two that no class has are rounding. #}
{% macro causes_of_difference(unknown_above) -%}
    coalesce(
        nullif(
            concat_ws(
                ', '
                {%- for name, words in restatement_classes().items() %},
                case when {{ name }} <> 0 then '{{ words }}' end
                {%- endfor %},
                case when abs(unclassified) > {{ unknown_above }} then 'not known' end
            ),
            ''
        ),
        case when difference = 0 then 'none' else 'rounding' end
    )
{%- endmacro %}


{# A figure against what was reported of it before: when it was first reported, and, where the month was
   closed, what was closed. Expects CTEs `figures` (rows of published_figures of one figure) and
   `closes` (rows of stg_record__closes of it). #}
{% macro restated_figures(classes) -%}
reported_before as (

    select
        'first_reported' as since,
        period_start,
        part,
        run,
        value,
        value_in_currency
    from figures
    where is_first

    union all

    select
        'close' as since,
        period_start,
        part,
        run,
        value,
        value_in_currency
    from (
        select
            *,
            row_number() over (partition by period_start, part order by closed_at, month)
                as close_number
        from closes
    ) as numbered
    where close_number = 1

),

latest as (

    select *
    from (
        select
            *,
            row_number() over (partition by period_start, part order by run desc) as from_the_end
        from figures
    ) as ranked
    where from_the_end = 1

),

changes_since as (

    select
        before.since,
        before.period_start,
        before.part,
        max(changes.run) as changed_run,
        {%- for name in classes %}
        sum(changes.{{ name }}) as {{ name }},
        {%- endfor %}
        count(*) as changes
    from reported_before as before
    inner join figures as changes
        on
            before.period_start = changes.period_start
            and before.part = changes.part
            and before.run < changes.run
    group by before.since, before.period_start, before.part

),

restated as (

    select
        before.since,
        before.period_start,
        before.part,
        before.run as first_run,
        before.value as first_reported,
        before.value_in_currency as first_reported_in_currency,
        coalesce(changes.changed_run, before.run) as latest_run,
        latest.value as now_reported,
        latest.value_in_currency as now_reported_in_currency,
        latest.value - before.value as difference,
        {%- for name in classes %}
        coalesce(changes.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        latest.definition,
        latest.currency
    from reported_before as before
    inner join latest
        on
            before.period_start = latest.period_start
            and before.part = latest.part
    left join changes_since as changes
        on
            before.since = changes.since
            and before.period_start = changes.period_start
            and before.part = changes.part

)
{%- endmacro %}
