{# How a checked dataset is continued: before it, the rows that a change can reach are put aside to be
   judged again and what was known of them goes; after it, what is not as it was is noted. An engine
   that does not continue builds has nothing to do here. #}
{% macro begin_rejudging(name) %}
    {% if execute and is_incremental() %}
        {{ return(adapter.dispatch('begin_rejudging', 'pointworth')(name)) }}
    {% endif %}
{% endmacro %}

{% macro end_rejudging(name) %}
    {% if execute and is_incremental() %}
        {{ return(adapter.dispatch('end_rejudging', 'pointworth')(name)) }}
    {% endif %}
{% endmacro %}

{# Of a dataset that is not checked in this run, no row is. #}
{% macro rejudge_none(name) %}
    {{ return(adapter.dispatch('rejudge_none', 'pointworth')(name)) }}
{% endmacro %}

{% macro default__begin_rejudging(name) %}
{% endmacro %}

{% macro default__rejudge_none(name) %}
{% endmacro %}

{% macro duckdb__rejudge_none(name) %}
    {% do run_command(
        'create or replace table landing.rejudged_' ~ name ~ ' as select * from ' ~ landed_rows(name) ~ ' where false'
    ) %}
{% endmacro %}

{% macro default__end_rejudging(name) %}
{% endmacro %}


{# Judged again are all rows of each key that has a row in a changed file, or one that another dataset's
   change can reach: whether a row is a duplicate depends on the rows of its own key and no others. #}
{% macro duckdb__begin_rejudging(name) %}
    {% set reached = rows_reached(landing_dataset(name)) %}
    {% do run_query(
        'create or replace table landing.rejudged_' ~ name ~ ' as select * from ' ~ landed_rows(name) ~ ' where '
        ~ (
            'key_hash in (select cast(value as ubigint) from ' ~ touched(name ~ '.key')
            ~ (' union select key_hash from ' ~ landed_rows(name) ~ ' where ' ~ reached | join(' or ') if reached else '')
            ~ ')'
            if reached or is_touched(name ~ '.key') else 'false'
        )
    ) %}
create or replace table landing.replaced_{{ name }} as
    select judged.*
    from {{ this }} as judged
    where
        {{ in_rejudged_files('judged', name) }}
        and (
            judged.source_file in (select source_file from landing.changed_files where dataset = '{{ name }}')
            or (judged.source_file, judged.source_row) in (
                select (source_file, source_row) from landing.rejudged_{{ name }}
            )
        );

delete from {{ this }} as judged
using landing.replaced_{{ name }} as replaced
where
    {{ in_rejudged_files('judged', name) }}
    and judged.source_row = replaced.source_row
    and judged.source_file = replaced.source_file
{% endmacro %}


{# Only files that hold a row judged again, or did. Written out as a list, so that of the rows of all
   others no other column is read. #}
{% macro in_rejudged_files(relation, name) %}
    {% set files = [] %}
    {% for file in run_query(
        'select source_file from landing.rejudged_' ~ name
        ~ ' union select source_file from landing.changed_files where dataset = ' ~ text_literal(name)
    ).columns[0].values() %}
        {% do files.append(text_literal(file)) %}
    {% endfor %}
    {{ return(relation ~ '.source_file in (' ~ files | join(', ') ~ ')' if files else 'false') }}
{% endmacro %}


{% macro duckdb__end_rejudging(name) %}
    {% set dataset = landing_dataset(name) %}
    {% set columns = dataset.columns | map(attribute='name') | join(', ') ~ ', rejection_reasons' %}
    {% for column, value in topics_of(name).items() %}
insert into landing.touched
with

before as (

    select {{ columns }}
    from landing.replaced_{{ name }}

),

after as (

    select {{ columns }}
    from {{ this }} as judged
    where
        {{ in_rejudged_files('judged', name) }}
        and (judged.source_file, judged.source_row) in (
            select (source_file, source_row) from landing.rejudged_{{ name }}
        )

),

differing as (

    (select * from before except all select * from after)
    union all
    (select * from after except all select * from before)
    {%- if 'currency' in dataset.columns | map(attribute='name') and name != 'billing_exchange_rates' %}
    union all
    select * from after where currency in {{ touched('billing_exchange_rates.currency') }}
    {%- endif %}

)

select distinct '{{ name }}.{{ column }}', {{ value }}
from differing
where {{ value }} is not null;
    {% endfor %}
drop table landing.replaced_{{ name }}
{% endmacro %}
