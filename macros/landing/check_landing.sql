{# One dataset of the landing, typed by the contract, every row with all the reasons to reject it
   (NULL = accepted). The relations a check needs are named by the model, so that the lineage shows them:
     customers   accepted customers, for unknown_customer
     responses   accepted answers, for unknown_response
     erasures    accepted erasure requests, for erased
     rates       accepted exchange rates, for unknown_code_currency
     scales      the seed score_scales, for the scale and the range of scores
   Rows whose key stands once, which is nearly all of them, are judged in one pass; only repeated keys
   are compared with each other. A run that continues a build judges only what a change can reach (see
   landing_changes). #}
{% macro check_landing(name, customers=none, responses=none, erasures=none, rates=none, scales=none) %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ begin_rejudging('" ~ name ~ "') }}",
    post_hook="{{ end_rejudging('" ~ name ~ "') }}"
) }}
{% set landing_table = source('landing', name) %}
{% if not execute %}{{ return('select 1 as placeholder') }}{% endif %}
{% if is_incremental() %}
    {% set landing_table = 'landing.rejudged_' ~ name %}
{% endif %}
{% set dataset = landing_dataset(name) %}
{% set relations = {
    'crm_customers': customers, 'survey_responses': responses, 'erasures': erasures, 'rates': rates,
    'scales': scales,
} %}
with

judged as (

    {{ judged_rows(dataset, landing_table, relations) }}

),

repeated_keys as (

    select {{ row_hash(dataset.key) }} as key_hash
    from {{ landing_table }}
    where
        {%- for column in dataset.columns if column.required and column.name in dataset.key %}
        {{ 'and ' if not loop.first }}trim({{ column.name }}) <> ''
        {%- endfor %}
    group by {{ row_hash(dataset.key) }}
    having count(*) > 1

),

repeated_rows as (

    select landed.*
    from {{ landing_table }} as landed
    inner join repeated_keys
        on {{ row_hash(dataset.key, 'landed') }} = repeated_keys.key_hash

),

judged_repeats as (

    {{ judged_rows(dataset, 'repeated_rows', relations) }}

),

contents as (

    select
        source_file,
        source_row,
        concat_ws('|'{% for column in dataset.key %}, coalesce(trim({{ column }}), ''){% endfor %}) as row_key,
        md5(
            concat_ws(
                '|'
                {%- for column in dataset.columns %},
                coalesce({{ column.name }}, '')
                {%- endfor %}
            )
        ) as content
    from repeated_rows

),

{# Of a repeated key the latest good row is kept; a bad one never displaces a good one. #}
versions as (

    select
        contents.source_file,
        contents.source_row,
        contents.content,
        row_number() over (
            partition by contents.row_key
            order by {{ version_order(dataset) }}
        ) as version,
        first_value(contents.content) over (
            partition by contents.row_key
            order by {{ version_order(dataset) }}
        ) as kept_content
    from contents
    inner join judged_repeats as judged
        on
            contents.source_row = judged.source_row
            and contents.source_file = judged.source_file

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
        {%- for column in column_names %}
        {% if column == 'customer_id' and erasures is not none and dataset.on_erasure == 'pseudonym' -%}
        case
            when erased.customer_id is null then typed.customer_id
            else 'erased-' || md5('{{ var("erasure_salt", invocation_id) }}' || typed.customer_id)
        end as customer_id,
        {%- else -%}
        typed.{{ column }},
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
    from (
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
    ) as typed
    {%- for column in scored %}
    left join {{ relations.scales }} as scales
        on typed.{{ column.scale }} = scales.scale
    {%- endfor %}
    {%- for column in references %}
    left join {{ relations[column.references] }} as {{ column.references }}
        on typed.{{ column.name }} = {{ column.references }}.{{ column.name }}
    {%- endfor %}
    {%- if erasures is not none %}
    left join {{ erasures }} as erased
        on typed.customer_id = erased.customer_id
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


{# The order in which versions of one key are preferred. #}
{% macro version_order(dataset) -%}
case when judged.row_reasons is null then 0 else 1 end,
                {% if dataset.time %}judged.{{ dataset.time }} desc nulls last,
                {% endif %}contents.source_file desc,
                contents.source_row desc
{%- endmacro %}


{# A column of the contract, typed, with its default where it is empty. #}
{% macro typed_column(column) -%}
{%- set value -%}
{%- if column.codes or column.name == 'score_scale' -%}
    lower({{ parse_value('text', column.name) }})
{%- elif column.name == 'currency' -%}
    upper({{ parse_value('text', column.name) }})
{%- else -%}
    {{ parse_value(column.type, column.name) }}
{%- endif -%}
{%- endset -%}
{%- if column.name == 'currency' and not column.required -%}
    coalesce({{ value }}, '{{ var("reporting_currency") }}')
{%- elif column.default -%}
    coalesce({{ value }}, '{{ column.default }}')
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
                'code': 'case when trim(typed.landed_' ~ column.name ~ ") <> '' then 'not_a_"
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
        {% if var('as_of_date') and column.name == dataset.time %}
            {% do reasons.append({
                'suspected': 'cast(' ~ value ~ " as date) > cast('" ~ var('as_of_date') ~ "' as date)",
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
    {% set column_names = dataset.columns | map(attribute='name') | list %}
    {% if relations.rates is not none and 'currency' in column_names %}
        {% set day = dataset.time if dataset.time else ('month' if 'month' in column_names else 'as_of') %}
        {% do reasons.append({
            'suspected': "typed.currency <> '" ~ var('reporting_currency')
                ~ "' and (rate_starts.first_valid_from is null or typed." ~ day
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
