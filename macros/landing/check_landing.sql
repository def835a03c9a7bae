{# One dataset of the landing, typed by the contract, every row with all the reasons to reject it
   (NULL = accepted). The relations a check needs are named by the model, so that the lineage shows them:
     customers   accepted customers, for unknown_customer
     responses   accepted answers, for unknown_response
     erasures    accepted erasure requests, for erased
     rates       accepted exchange rates, for unknown_code_currency
     scales      the seed score_scales, for the scale and the range of scores
     horizon     the last day that counts, for in_the_future, in the datasets that set the clock
     secret      what the random key of an erased customer is made with
   Rows whose key stands once, which is nearly all of them, are judged in one pass; only repeated keys
   are compared with each other. A run that continues a build judges only what a change can reach (see
   landing_changes). #}
{% macro check_landing(
    name, customers=none, responses=none, erasures=none, rates=none, scales=none, horizon=none,
    secret=none
) %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ begin_rejudging('" ~ name ~ "') }}",
    post_hook="{{ end_rejudging('" ~ name ~ "') }}"
) }}
{# The rows a unit test gives are a relation of its own; all others are where they were landed. #}
{% set landing_table = source('landing', name) %}
{% if not execute %}{{ return('select 1 as placeholder') }}{% endif %}
{% if landing_table.identifier == name %}
    {% set landing_table = landed_rows(name) %}
{% endif %}
{% if is_incremental() %}
    {% set landing_table = 'landing.rejudged_' ~ name %}
{% endif %}
{% set dataset = landing_dataset(name) %}
{% set relations = {
    'crm_customers': customers, 'survey_responses': responses, 'erasures': erasures, 'rates': rates,
    'scales': scales, 'horizon': horizon, 'secret': secret,
} %}
with

judged as (

    {{ judged_rows(dataset, landing_table, relations) }}

),

repeated_keys as (

    select {{ row_hash(key_values(dataset)) }} as key_hash
    from {{ landing_table }}
    where
        {%- for column in dataset.columns if column.required and column.name in dataset.key %}
        {{ 'and ' if not loop.first }}trim({{ as_text(column.name) }}) <> ''
        {%- endfor %}
    group by {{ row_hash(key_values(dataset)) }}
    having count(*) > 1

),

repeated_rows as (

    select landed.*
    from {{ landing_table }} as landed
    inner join repeated_keys
        on {{ row_hash(key_values(dataset, 'landed')) }} = repeated_keys.key_hash

),

judged_repeats as (

    {{ judged_rows(dataset, 'repeated_rows', relations) }}

),

{# Keys and contents are compared as typed, however they were written. #}
contents as (

    select
        *,
        concat_ws(
            '|'
            {%- for column in dataset.key %},
            cast({{ column }} as {{ dbt.type_string() }})
            {%- endfor %}
        ) as row_key,
        md5(
            concat_ws(
                '|'
                {%- for column in dataset.columns %},
                coalesce(cast({{ column.name }} as {{ dbt.type_string() }}), '')
                {%- endfor %}
            )
        ) as content
    from judged_repeats
    where
        {%- for column in dataset.key %}
        {{ 'and ' if not loop.first }}{{ column }} is not null
        {%- endfor %}

),

{# Of a repeated key the latest good row is kept; a bad one never displaces a good one. #}
versions as (

    select
        source_file,
        source_row,
        content,
        row_number() over (
            partition by row_key
            order by {{ version_order(dataset) }}
        ) as version,
        first_value(content) over (
            partition by row_key
            order by {{ version_order(dataset) }}
        ) as kept_content
    from contents

)

select
    {%- for column in dataset.columns %}
    judged.{{ column.name }},
    {%- endfor %}
    judged.source_file,
    judged.source_row,
    case
        when versions.version > 1
            then concat_ws(
                ',',
                judged.row_reasons,
                case
                    when versions.content = versions.kept_content then 'exact_duplicate'
                    else 'duplicate_key'
                end
            )
        else judged.row_reasons
    end as rejection_reasons
from judged
left join versions
    on
        judged.source_row = versions.source_row
        and judged.source_file = versions.source_file
{% endmacro %}


{# No row, in the columns and types of the rows of a dataset when they are judged. #}
{% macro no_judged_rows(name) %}
select
    {%- for column in landing_dataset(name).columns %}
    {{ typed_column(column) }} as {{ column.name }},
    {%- endfor %}
    source_file,
    source_row,
    cast(null as {{ dbt.type_string() }}) as rejection_reasons
from {{ landed_rows(name) }}
where false
{% endmacro %}


{# Rows of the landing typed and judged, each by itself and against other datasets, but not yet against
   other rows of its own dataset. Each value is parsed once: the reasons read what was parsed. #}
{% macro judged_rows(dataset, relation, relations) %}
{% set column_names = dataset.columns | map(attribute='name') | list %}
{% set references = dataset.columns | selectattr('references') | list %}
{% set scored = dataset.columns | selectattr('scale') | list %}
{% set erasures = relations.erasures %}
{% set has_currency = relations.rates is not none and 'currency' in column_names %}
{% set reasons = value_reasons(dataset) + relation_reasons(dataset, relations) %}
    select
        {%- for column in dataset.columns %}
        {% if column.name == 'customer_id' and erasures is not none and dataset.on_erasure == 'pseudonym' -%}
        case
            when erased.customer_id is null then typed.customer_id
            else {{ pseudonym('typed.customer_id', relations.secret) }}
        end as customer_id,
        {%- elif column.is_customer and erasures is not none -%}
        case when erased_{{ column.name }}.customer_id is null then typed.{{ column.name }} end as {{ column.name }},
        {%- else -%}
        {{ in_sight(column) }} as {{ column.name }},
        {%- endif -%}
        {%- endfor %}
        typed.source_file,
        typed.source_row,
        {# Nearly every row is good: its reasons are only put into words where one is suspected. #}
        case
            when
                {%- for reason in reasons %}
                {{ 'or ' if not loop.first }}{{ reason.suspected }}
                {%- endfor %}
                then nullif(
                    concat_ws(
                        ','
                        {%- for reason in reasons %},
                        case when {{ reason.suspected }} then {{ reason.code }} end
                        {%- endfor %}
                    ),
                    ''
                )
        end as row_reasons
    from {{ keyed_rows(dataset, relation, relations) }} as typed
    {%- for column in scored %}
    left join {{ relations.scales }} as scales
        on typed.{{ column.scale }} = scales.scale
    {%- endfor %}
    {%- for column in references %}
    left join {{ relations[column.references] }} as {{ column.references }}
        on typed.{{ column.name }} = {{ column.references }}.{{ column.name }}
    {%- endfor %}
    {%- if relations.horizon is not none %}
    cross join {{ relations.horizon }} as horizon
    {%- endif %}
    {%- if erasures is not none %}
    left join {{ erasures }} as erased
        on typed.customer_id = erased.customer_id
    {%- for column in dataset.columns if column.is_customer %}
    left join {{ erasures }} as erased_{{ column.name }}
        on typed.{{ column.name }} = erased_{{ column.name }}.customer_id
    {%- endfor %}
    {%- endif %}
    {%- if has_currency %}
    left join (
        select
            currency,
            min(valid_from) as first_valid_from
        from {{ relations.rates }}
        group by currency
    ) as rate_starts
        on typed.currency = rate_starts.currency
    {%- endif %}
{% endmacro %}


{# Landed rows typed, what was landed beside it (landed_<column>), with the customer's key. #}
{% macro keyed_rows(dataset, relation, relations) -%}
{%- set column_names = dataset.columns | map(attribute='name') | list -%}
{%- set typed -%}
(
        select
            {%- for column in dataset.columns %}
            {{ typed_column(column) }} as {{ column.name }},
            {%- if column.type != 'text' %}
            {{ column.name }} as landed_{{ column.name }},
            {%- endif %}
            {%- endfor %}
            source_file,
            source_row
        from {{ relation }}
    )
{%- endset -%}
{%- if var('customer_key') != 'per_client' or 'customer_id' not in column_names -%}
{{ typed }}
{%- else -%}
(
        select
            {%- for column in dataset.columns %}
            {% if column.name == 'customer_id' or column.is_customer -%}
            {{ client_key(dataset, relations, 'landed.' ~ column.name) }} as {{ column.name }},
            {%- else -%}
            landed.{{ column.name }},
            {%- endif -%}
            {%- if column.type != 'text' %}
            landed.landed_{{ column.name }},
            {%- endif -%}
            {%- endfor %}
            landed.source_file,
            landed.source_row
        from {{ typed }} as landed
        {%- if relations.crm_customers is not none %}
        left join (
            select
                {{ customer_number('customer_id', 'client_id') }} as customer_number,
                max(customer_id) as customer_id
            from {{ relations.crm_customers }}
            group by {{ customer_number('customer_id', 'client_id') }}
            having count(*) = 1
        ) as numbered
            on landed.client_id is null and landed.customer_id = numbered.customer_number
        {%- endif %}
    )
{%- endif -%}
{%- endmacro %}


{# The order in which versions of one key are preferred: good rows; changed last (`updated_at`, where it is
   given); with the latest time of the entity; with the latest of its other days, one that is known
   before one that is not: an end, once there, was learned later. Only then the place in the files. #}
{% macro version_order(dataset) -%}
    {%- set days = ['updated_at', dataset.time] -%}
    {%- for column in dataset.columns if column.type in ('date', 'month', 'timestamp') -%}
        {%- do days.append(column.name) -%}
    {%- endfor -%}
    {%- set column_names = dataset.columns | map(attribute='name') | list -%}
case when row_reasons is null then 0 else 1 end
                {%- for day in days | unique if day in column_names and day not in dataset.key %},
                {{ day }} desc nulls last
                {%- endfor %},
                source_file desc,
                source_row desc
{%- endmacro %}


{# A column of the contract, typed, with its default where it is empty. #}
{% macro typed_column(column, landed=none) -%}
{%- set landed = landed or column.name -%}
{%- set value -%}
{%- if column.codes or column.name == 'score_scale' -%}
    lower({{ parse_value('text', landed) }})
{%- elif column.name == 'currency' -%}
    upper({{ parse_value('text', landed) }})
{%- else -%}
    {{ parse_value(column.type, landed) }}
{%- endif -%}
{%- endset -%}
{%- if column.name == 'currency' and not column.required -%}
    coalesce({{ value }}, {{ reporting_currency() }})
{%- elif column.default -%}
    coalesce({{ value }}, {{ text_literal(column.default) }})
{%- else -%}
    {{ value }}
{%- endif -%}
{%- endmacro %}


{# The reasons that a row by itself gives: when each is suspected, and its code (NULL where the suspicion
   was empty, as with a blank). #}
{% macro value_reasons(dataset) %}
    {% set kinds = {
        'number': 'number', 'amount': 'number', 'rate': 'number', 'boolean': 'boolean',
        'date': 'date', 'month': 'date', 'timestamp': 'date',
    } %}
    {% set reasons = [] %}
    {% for column in dataset.columns %}
        {% set value = 'typed.' ~ column.name %}
        {% if column.type != 'text' %}
            {% do reasons.append({
                'suspected': value ~ ' is null'
                    ~ (' and typed.landed_' ~ column.name ~ ' is not null' if not column.required else ''),
                'code': 'case when trim(' ~ as_text('typed.landed_' ~ column.name) ~ ") <> '' then 'not_a_"
                    ~ kinds[column.type] ~ '_' ~ column.name ~ "'"
                    ~ (" else 'missing_" ~ column.name ~ "'" if column.required else '') ~ ' end',
            }) %}
        {% elif column.required %}
            {% do reasons.append({
                'suspected': value ~ ' is null', 'code': "'missing_" ~ column.name ~ "'",
            }) %}
        {% endif %}
        {% if column.codes %}
            {% do reasons.append({
                'suspected': value ~ " not in ('" ~ column.codes | join("', '") ~ "')",
                'code': "'unknown_code_" ~ column.name ~ "'",
            }) %}
        {% endif %}
        {% if column.positive %}
            {% do reasons.append({
                'suspected': value ~ ' <= 0', 'code': "'not_positive_" ~ column.name ~ "'",
            }) %}
        {% endif %}
        {% if column.between %}
            {% do reasons.append({
                'suspected': 'not ' ~ value ~ ' between ' ~ column.between | join(' and '),
                'code': "'score_out_of_range'",
            }) %}
        {% endif %}
        {% if column.form %}
            {% do reasons.append({
                'suspected': 'not ' ~ matches_pattern(value, column.form),
                'code': "'wrong_form_" ~ column.name ~ "'",
            }) %}
        {% endif %}
        {% if column.reserved %}
            {% do reasons.append({
                'suspected': 'lower(' ~ value ~ ") in ('" ~ column.reserved | join("', '") ~ "')",
                'code': "'reserved_" ~ column.name ~ "'",
            }) %}
        {% endif %}
        {% if column.starts %}
            {% do reasons.append({
                'suspected': value ~ ' < typed.' ~ column.starts, 'code': "'ends_before_start'",
            }) %}
        {% endif %}
        {% set beyond = beyond_the_calendar(column) %}
        {% if beyond %}
            {% do reasons.append({'suspected': beyond, 'code': "'too_far_" ~ column.name ~ "'"}) %}
        {% endif %}
        {% if column.name == dataset.time and not dataset.sets_clock and last_day_of(dataset) %}
            {% do reasons.append({
                'suspected': 'cast(' ~ value ~ " as date) > cast('" ~ last_day_of(dataset) ~ "' as date)",
                'code': "'in_the_future'",
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(reasons) }}
{% endmacro %}


{# The reasons that other relations give: scales, customers and answers, exchange rates, erasures. #}
{% macro relation_reasons(dataset, relations) %}
    {% set reasons = [] %}
    {% for column in dataset.columns if column.scale %}
        {% set value = 'typed.' ~ column.name %}
        {% do reasons.append({
            'suspected': '(scales.scale is null or not ' ~ value
                ~ ' between scales.minimum and scales.maximum or mod(' ~ value
                ~ ' - scales.minimum, scales.step) <> 0)',
            'code': "case when scales.scale is null then 'unknown_code_" ~ column.scale ~ "' when "
                ~ value ~ " not between scales.minimum and scales.maximum then 'score_out_of_range'"
                ~ " when mod(" ~ value ~ " - scales.minimum, scales.step) <> 0"
                ~ " then 'score_not_on_scale' end",
        }) %}
    {% endfor %}
    {% for column in dataset.columns if column.references %}
        {% do reasons.append({
            'suspected': column.references ~ '.' ~ column.name ~ ' is null and typed.' ~ column.name
                ~ ' is not null'
                ~ (' and erased.customer_id is null'
                    if relations.erasures is not none and column.name == 'customer_id' else ''),
            'code': "'unknown_customer'" if column.references == 'crm_customers' else "'unknown_response'",
        }) %}
    {% endfor %}
    {% if relations.horizon is not none %}
        {% do reasons.append({
            'suspected': 'cast(typed.' ~ dataset.time ~ ' as date) > horizon.last_day',
            'code': "'in_the_future'",
        }) %}
    {% endif %}
    {% set column_names = dataset.columns | map(attribute='name') | list %}
    {% if relations.crm_customers is not none and 'client_id' in column_names %}
        {% do reasons.append({
            'suspected': 'typed.client_id <> crm_customers.client_id', 'code': "'other_client'",
        }) %}
    {% endif %}
    {% if relations.rates is not none and 'currency' in column_names %}
        {% set day = dataset.time if dataset.time else ('month' if 'month' in column_names else 'as_of') %}
        {% do reasons.append({
            'suspected': 'typed.currency <> ' ~ reporting_currency()
                ~ ' and (rate_starts.first_valid_from is null or typed.' ~ day
                ~ ' < rate_starts.first_valid_from)',
            'code': "'unknown_code_currency'",
        }) %}
    {% endif %}
    {% if relations.erasures is not none and dataset.on_erasure == 'reject' %}
        {% do reasons.append({'suspected': 'erased.customer_id is not null', 'code': "'erased'"}) %}
    {% endif %}
    {{ return(reasons) }}
{% endmacro %}


{# The accepted rows of a checked dataset: what every model behind staging reads. #}
{% macro accepted_rows(name, checked) %}
{% if not execute %}{{ return('select 1 as placeholder') }}{% endif %}
select
    {%- for column in landing_dataset(name).columns %}
    {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ checked }}
where rejection_reasons is null
{% endmacro %}
