{# What changed since the build that the tables in the build file come from. A run that continues that
   build reads the landing's changed files, judges again only the rows that a change can reach, and
   notes which customers and months the change touched; models of invoice lines build those anew.

     landing.changed_files  dataset, source_file: new, changed or gone since then
     landing.touched        topic, value: keys the changes reached; a topic is dataset.column
     landing.rejudged_<dataset>  rows judged again in this run
     landing.build_state    the build they are relative to: one row, or none for a build from scratch

   All of it stays until a run has built and tested everything (settle_changes): a run that failed
   half-way is repeated, and repeating it changes nothing. #}


{# The values of a topic. #}
{% macro touched(topic) -%}
(select value from landing.touched where topic = '{{ topic }}')
{%- endmacro %}


{# In a model that continues a build: only the rows with such a value. #}
{% macro and_touched(column, topic) -%}
{% if is_incremental() %}and {{ column }} in {{ touched(topic) }}{% endif %}
{%- endmacro %}


{# Before a model that continues a build: its rows with such a value go, they will be built anew. #}
{% macro forget_touched(column, topic) %}
    {% if execute and is_incremental() -%}
        delete from {{ this }} where {{ column }} in {{ touched(topic) }}
    {%- endif %}
{% endmacro %}


{# For tests of tables that are continued: the rows that were built anew. What was there before was
   tested when it was built; a run whose tests fail does not settle, so it is tested again. In a build
   from scratch, and in `dbt test` by itself: all rows.
     rebuilt  how these rows are known, a mapping: `column` has a value of the `topic`, or of a row of
              the dataset `rejudged` (then it is the first column of its key) #}
{% macro rows_to_test(model, rebuilt=none) -%}
{%- if execute and rebuilt and flags.WHICH == 'build' and known_fingerprint() -%}
{%- set values = touched(rebuilt.topic) if rebuilt.topic
    else '(select trim(' ~ rebuilt.column ~ ') from landing.rejudged_' ~ rebuilt.rejudged ~ ')' -%}
(select * from {{ model }} where {{ rebuilt.column }} in {{ values }})
{%- else -%}
{{ model }}
{%- endif -%}
{%- endmacro %}


{# The topics under which a changed row of a dataset is noted, and the value noted. #}
{% macro topics_of(name) %}
    {{ return({
        'crm_customers': {
            'customer_id': 'customer_id',
            'customer_number': customer_number('customer_id', 'client_id'),
        },
        'survey_responses': {'response_id': 'response_id'},
        'support_interactions': {'customer_id': 'customer_id'},
        'privacy_erasure_requests': {'customer_number': customer_number('customer_id', 'client_id')},
        'billing_exchange_rates': {'currency': 'currency'},
        'billing_invoice_lines': {
            'customer_id': 'customer_id',
            'invoice_month': month_as_text(month_of('invoiced_on')),
        },
    }.get(name, {})) }}
{% endmacro %}


{# A month as a text that is never NULL. #}
{% macro month_as_text(month) -%}
coalesce(cast({{ month }} as {{ dbt.type_string() }}), '')
{%- endmacro %}


{# Conditions on landed rows that a change can reach; none when nothing has changed. #}
{% macro rows_reached(dataset) %}
    {% set conditions = [] %}
    {% set column_names = dataset.columns | map(attribute='name') | list %}
    {% set changed = "select source_file from landing.changed_files where dataset = '" ~ dataset.name ~ "'" %}
    {% if run_query(changed ~ ' limit 1').rows %}
        {% do conditions.append('source_file in (' ~ changed ~ ')') %}
    {% endif %}
    {% set related = [
        ('customer_id', 'trim(customer_id)', 'crm_customers.customer_number'),
        ('customer_id', 'trim(customer_id)', 'privacy_erasure_requests.customer_number'),
        ('referred_by_customer_id', 'trim(referred_by_customer_id)', 'privacy_erasure_requests.customer_number'),
        ('response_id', 'trim(response_id)', 'survey_responses.response_id'),
        ('currency', 'upper(trim(currency))', 'billing_exchange_rates.currency'),
    ] %}
    {% for column, value, topic in related if column in column_names %}
        {% if topic.split('.')[0] != dataset.name and is_touched(topic) %}
            {% do conditions.append(value ~ ' in ' ~ touched(topic)) %}
        {% endif %}
    {% endfor %}
    {% set condition = rows_of_another_clock(dataset) %}
    {% if condition %}
        {% do conditions.append(condition) %}
    {% endif %}
    {{ return(conditions) }}
{% endmacro %}


{% macro is_touched(topic) %}
    {{ return(run_query("select 1 from landing.touched where topic = '" ~ topic ~ "' limit 1").rows | length > 0) }}
{% endmacro %}


{# When the last day that counts is another one than before, rows after the earlier of the two come or
   go; none on most days. #}
{% macro rows_of_another_clock(dataset) %}
    {% if not dataset.time %}{{ return(none) }}{% endif %}
    {% set before = run_query(
        "select as_of_date, not_after, cast(last_day as varchar) from landing.build_state"
    ).rows | first %}
    {% if not before %}{{ return(none) }}{% endif %}
    {% if dataset.sets_clock %}
        {% set horizon = graph.nodes['model.pointworth.base_clock__horizon'] %}
        {% set days = [before[2], run_query(
            'select cast(last_day as varchar) from ' ~ horizon.schema ~ '.' ~ horizon.alias
        ).rows[0][0]] %}
    {% else %}
        {% set days = [last_day_of(dataset, before[0], before[1]), last_day_of(dataset)] %}
    {% endif %}
    {% set given = days | select | list %}
    {% if not given or days[0] == days[1] %}{{ return(none) }}{% endif %}
    {% set is_after = 'cast(' ~ dataset.time ~ " as date) > cast('" ~ (given | min) ~ "' as date)" %}
    {% if not run_query('select 1 from ' ~ this ~ ' where ' ~ is_after ~ ' limit 1').rows %}{{ return(none) }}{% endif %}
    {{ return(
        '(source_file, source_row) in (select (source_file, source_row) from ' ~ this ~ ' where ' ~ is_after ~ ')'
    ) }}
{% endmacro %}
