{# One dataset of the landing, typed by the contract, every row with all the reasons to reject it
   (NULL = accepted). The relations a check needs are named by the model, so that the lineage shows them:
     customers   accepted customers, for unknown_customer
     responses   accepted answers, for unknown_response
     erasures    accepted erasure requests, for erased
     rates       accepted exchange rates, for unknown_code_currency
     scales      the seed score_scales, for the scale and the range of scores #}
{% macro check_landing(name, customers=none, responses=none, erasures=none, rates=none, scales=none) %}
{% set landing_table = source('landing', name) %}
{% if not execute %}{{ return('select 1 as placeholder') }}{% endif %}
{% set dataset = landing_dataset(name) %}
{% set column_names = dataset.columns | map(attribute='name') | list %}
{% set scored = dataset.columns | selectattr('scale') | list %}
{% set has_currency = rates is not none and 'currency' in column_names %}
{% set rate_day = dataset.time if dataset.time else ('month' if 'month' in column_names else 'as_of') %}
{% set reference = {'crm_customers': customers, 'survey_responses': responses} %}
with

typed as (

    select
        {%- for column in dataset.columns %}
        {{ typed_column(column) }} as {{ column.name }},
        {%- endfor %}
        source_file,
        source_row,
        nullif(
            concat_ws(
                ',',
                {%- for reason in value_reasons(dataset) %}
                {{ reason }}{{ ',' if not loop.last }}
                {%- endfor %}
            ),
            ''
        ) as value_reasons
    from {{ landing_table }}

),

{% if has_currency %}
rate_starts as (

    select
        currency,
        min(valid_from) as first_valid_from
    from {{ rates }}
    group by currency

),

{% endif %}
{% if erasures is not none %}
erased as (

    select customer_id
    from {{ erasures }}

),

{% endif %}
judged as (

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
        nullif(
            concat_ws(
                ',',
                typed.value_reasons
                {%- for column in scored %},
                case
                    when typed.{{ column.scale }} is not null and scales.scale is null
                        then 'unknown_code_{{ column.scale }}'
                    when typed.{{ column.name }} not between scales.minimum and scales.maximum
                        then 'score_out_of_range'
                    when
                        mod(typed.{{ column.name }} - scales.minimum, scales.step) <> 0
                        then 'score_not_on_scale'
                end
                {%- endfor %}
                {%- for column in dataset.columns if column.references and reference[column.references] is not none %},
                case
                    when
                        typed.{{ column.name }} is not null
                        and {{ column.references }}.{{ column.name }} is null
                        {%- if erasures is not none and column.name == 'customer_id' %}
                        and erased.customer_id is null
                        {%- endif %}
                        then 'unknown_{{ 'customer' if column.references == 'crm_customers' else 'response' }}'
                end
                {%- endfor %}
                {%- if has_currency %},
                case
                    when
                        typed.currency <> '{{ var("reporting_currency") }}'
                        and (
                            rate_starts.first_valid_from is null
                            or typed.{{ rate_day }} < rate_starts.first_valid_from
                        )
                        then 'unknown_code_currency'
                end
                {%- endif %}
                {%- if erasures is not none and dataset.on_erasure == 'reject' %},
                case when erased.customer_id is not null then 'erased' end
                {%- endif %}
            ),
            ''
        ) as row_reasons
    from typed
    {%- for column in scored %}
    left join {{ scales }} as scales
        on typed.{{ column.scale }} = scales.scale
    {%- endfor %}
    {%- for column in dataset.columns if column.references and reference[column.references] is not none %}
    left join {{ reference[column.references] }} as {{ column.references }}
        on typed.{{ column.name }} = {{ column.references }}.{{ column.name }}
    {%- endfor %}
    {%- if erasures is not none %}
    left join erased
        on typed.customer_id = erased.customer_id
    {%- endif %}
    {%- if has_currency %}
    left join rate_starts
        on typed.currency = rate_starts.currency
    {%- endif %}

),

repeated_keys as (

    select {{ landed_key(dataset) }}
    from {{ landing_table }}
    where
        {%- for column in dataset.columns if column.required and column.name in dataset.key %}
        {{ 'and ' if not loop.first }}trim({{ column.name }}) <> ''
        {%- endfor %}
    group by {{ landed_key(dataset, alias=false) }}
    having count(*) > 1

),

repeated_rows as (

    select
        landed.source_file,
        landed.source_row,
        {%- for column in dataset.key %}
        repeated_keys.{{ column }},
        {%- endfor %}
        md5(
            concat_ws(
                '|'
                {%- for column in column_names %},
                coalesce(landed.{{ column }}, '')
                {%- endfor %}
            )
        ) as content
    from {{ landing_table }} as landed
    inner join repeated_keys
        on
            {%- for column in dataset.key %}
            {{ 'and ' if not loop.first -}}
            coalesce(trim(landed.{{ column }}), '') = repeated_keys.{{ column }}
            {%- endfor %}

),

{# Of a repeated key the latest good row is kept; a bad one never displaces a good one. #}
versions as (

    select
        repeated_rows.source_file,
        repeated_rows.source_row,
        repeated_rows.content,
        row_number() over (
            partition by {% for column in dataset.key %}repeated_rows.{{ column }}, {% endfor %}1
            order by {{ version_order(dataset) }}
        ) as version,
        first_value(repeated_rows.content) over (
            partition by {% for column in dataset.key %}repeated_rows.{{ column }}, {% endfor %}1
            order by {{ version_order(dataset) }}
        ) as kept_content
    from repeated_rows
    inner join judged
        on
            repeated_rows.source_file = judged.source_file
            and repeated_rows.source_row = judged.source_row

)

select
    {%- for column in column_names %}
    judged.{{ column }},
    {%- endfor %}
    judged.source_file,
    judged.source_row,
    nullif(
        concat_ws(
            ',',
            judged.row_reasons,
            case
                when versions.version > 1 and versions.content = versions.kept_content
                    then 'exact_duplicate'
                when versions.version > 1
                    then 'duplicate_key'
            end
        ),
        ''
    ) as rejection_reasons
from judged
left join versions
    on
        judged.source_file = versions.source_file
        and judged.source_row = versions.source_row
{% endmacro %}


{# The order in which versions of one key are preferred. #}
{% macro version_order(dataset) -%}
case when judged.row_reasons is null then 0 else 1 end,
                {% if dataset.time %}judged.{{ dataset.time }} desc nulls last,
                {% endif %}repeated_rows.source_file desc,
                repeated_rows.source_row desc
{%- endmacro %}


{# The key of a landed row as text that is never NULL. #}
{% macro landed_key(dataset, alias=true) -%}
{%- for column in dataset.key -%}
coalesce(trim({{ column }}), ''){{ ' as ' ~ column if alias }}{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}


{# A column of the contract, typed, with its default where it is empty. #}
{% macro typed_column(column) -%}
{%- set value -%}
{%- if column.codes or column.scale or column.name == 'score_scale' -%}
    lower({{ parse_value('text', column.name) }})
{%- elif column.name == 'currency' -%}
    upper({{ parse_value('text', column.name) }})
{%- else -%}
    {{ parse_value(column.type, column.name) }}
{%- endif -%}
{%- endset -%}
{%- if column.scale -%}
    {{ parse_value(column.type, column.name) }}
{%- elif column.name == 'currency' and not column.required -%}
    coalesce({{ value }}, '{{ var("reporting_currency") }}')
{%- elif column.default -%}
    coalesce({{ value }}, '{{ column.default }}')
{%- else -%}
    {{ value }}
{%- endif -%}
{%- endmacro %}


{# The reasons that one row by itself gives, each an expression that is NULL where all is well. #}
{% macro value_reasons(dataset) %}
    {% set kinds = {
        'number': 'number', 'amount': 'number', 'rate': 'number', 'boolean': 'boolean',
        'date': 'date', 'month': 'date', 'timestamp': 'date',
    } %}
    {% set reasons = [] %}
    {% for column in dataset.columns %}
        {% set parsed = parse_value(column.type, column.name) %}
        {% if column.required %}
            {% do reasons.append(
                "case when nullif(trim(" ~ column.name ~ "), '') is null then 'missing_" ~ column.name ~ "' end"
            ) %}
        {% endif %}
        {% if column.type != 'text' %}
            {% do reasons.append(
                "case when nullif(trim(" ~ column.name ~ "), '') is not null and " ~ parsed
                ~ " is null then 'not_a_" ~ kinds[column.type] ~ '_' ~ column.name ~ "' end"
            ) %}
        {% endif %}
        {% if column.codes %}
            {% do reasons.append(
                "case when lower(" ~ parsed ~ ") not in ('" ~ column.codes | join("', '")
                ~ "') then 'unknown_code_" ~ column.name ~ "' end"
            ) %}
        {% endif %}
        {% if column.starts %}
            {% set start = dataset.columns | selectattr('name', 'equalto', column.starts) | first %}
            {% do reasons.append(
                'case when ' ~ parsed ~ ' < ' ~ parse_value(start.type, start.name)
                ~ " then 'ends_before_start' end"
            ) %}
        {% endif %}
        {% if var('as_of_date') and column.name == dataset.time %}
            {% do reasons.append(
                'case when cast(' ~ parsed ~ " as date) > cast('" ~ var('as_of_date')
                ~ "' as date) then 'in_the_future' end"
            ) %}
        {% endif %}
    {% endfor %}
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
