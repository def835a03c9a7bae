"""A dbt project of a few models with the real one's interface, for tests of the machinery.

Its vars break it on demand: `break_model`, `break_test`, `break_rule`, `break_reference`,
`spoil_interval` and `leak_email`.
"""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]

FILES = {
    "dbt_project.yml": """
name: pointworth
version: 0.1.0
config-version: 2
profile: pointworth
macro-paths: [macros]
test-paths: [tests]
target-path: "{{ env_var('POINTWORTH_TARGET', 'target') }}"
flags:
  send_anonymous_usage_stats: false
vars:
  landing: null
  landing_is_loaded: false
  as_of_date: null
  not_after: null
  minimum_responses: 30
  max_rejected_share: 0.05
  max_shrunk_share: 0.2
  reporting_currency: EUR
  customer_key: number
  churn_basis: subscription
  strata: [client_id]
  segments: []
  segment_values: 50
  left_out: []
  rules_at_the_end: false
  break_model: false
  break_test: false
  break_rule: false
  break_reference: false
  spoil_interval: false
  leak_email: false
on-run-end:
  - "{% do check_rules(results) %}"
models:
  pointworth:
    +materialized: table
    marts:
      +schema: marts
      +access: public
    intermediate:
      +schema: intermediate
""",
    "models/staging/_landing__sources.yml": """
version: 2
sources:
  - name: landing
    tables:
      - name: crm_customers
        config: {meta: {key: [customer_id]}}
        columns:
          - {name: customer_id, data_type: text, config: {meta: {required: true}}}
          - {name: email, data_type: text, config: {meta: {personal: true}}}
      - name: privacy_erasure_requests
        config: {meta: {key: [customer_id]}}
        columns:
          - {name: customer_id, data_type: text, config: {meta: {required: true}}}
      - name: survey_responses
        config: {meta: {key: [response_id], required: true}}
        columns:
          - {name: response_id, data_type: text, config: {meta: {required: true}}}
          - {name: customer_id, data_type: text}
          - {name: responded_at, data_type: timestamp, config: {meta: {required: true}}}
          - {name: score, data_type: number, config: {meta: {required: true}}}
""",
    "macros/generate_schema_name.sql": """
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
""",
    "macros/load_landing.sql": """
{% macro load_landing(from_scratch=false, careful_files=[]) %}
    {% do run_query('create schema if not exists landing') %}
    {% do run_query('create or replace table landing.build_state (fingerprint varchar)') %}
    {% do run_query('create or replace table landing.changed_files '
        ~ '(dataset varchar, source_file varchar)') %}
    {% do run_query('create or replace table landing.loaded_files '
        ~ '(dataset varchar, source_file varchar, file_format varchar, rows_read bigint)') %}
    {% do run_query('create or replace table landing.ignored_columns '
        ~ '(dataset varchar, source_file varchar, column_name varchar)') %}
    {% for source in graph.sources.values() %}
        {% set names = source.columns.keys() | list %}
        {% do run_query('create or replace table landing.' ~ source.name ~ ' ('
            ~ names | join(' varchar, ') ~ ' varchar, source_file varchar, source_row bigint, '
            ~ 'key_hash ubigint)') %}
        {% for format, reader in {'csv': 'read_csv', 'parquet': 'read_parquet'}.items() %}
            {% set path = var('landing') ~ '/' ~ source.name ~ '.' ~ format %}
            {% set options = ', all_varchar = true' if format == 'csv' else '' %}
            {% set files = run_query("select file from glob('" ~ path ~ "')").rows %}
            {% if files | length %}
                {% set relation = reader ~ "('" ~ path ~ "'" ~ options ~ ")" %}
                {% set described = run_query('describe select * from ' ~ relation) %}
                {% set found = described.columns[0].values() %}
                {% for column in source.columns.values() if column.name not in found %}
                    {% if column.config.meta.get('required') %}
                        {% do exceptions.raise_compiler_error('Landing: the required column '
                            ~ column.name ~ ' is not in ' ~ path ~ '; add it to the export.') %}
                    {% endif %}
                {% endfor %}
                {% for column in found if column not in names %}
                    {% do run_query("insert into landing.ignored_columns values ('" ~ source.name
                        ~ "', '" ~ source.name ~ '.' ~ format ~ "', '" ~ column ~ "')") %}
                {% endfor %}
                {% set taken = names | select('in', found) | join(', ') %}
                {% do run_query('insert into landing.' ~ source.name ~ ' (' ~ taken
                    ~ ", source_file, source_row) select " ~ taken ~ ", '" ~ source.name
                    ~ '.' ~ format
                    ~ "', row_number() over () + 1 from " ~ relation) %}
                {% do run_query("insert into landing.loaded_files select '" ~ source.name ~ "', '"
                    ~ source.name ~ '.' ~ format ~ "', '" ~ format
                    ~ "', count(*) from landing." ~ source.name) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
""",
    "macros/rows_to_test.sql": """
{% macro rows_to_test(model, rebuilt) %}{{ model }}{% endmacro %}
""",
    "macros/is_accepted.sql": """
{% macro is_in_time() -%}
coalesce(try_cast(responded_at as date) <= date '{{ var("not_after") or "9999-12-31" }}', true)
{%- endmacro %}
{% macro is_accepted() -%}
(coalesce(try_cast(score as double) between 0 and 10, false) and {{ is_in_time() }})
{%- endmacro %}
""",
    "models/intermediate/int_run_clock.sql": """
select coalesce(
    {% if var('as_of_date') %}cast('{{ var("as_of_date") }}' as date){% else %}null{% endif %},
    max(try_cast(responded_at as date))
) as as_of
from {{ source('landing', 'survey_responses') }}
""",
    "models/marts/core/dim_customers.sql": """
select customer_id, {{ "email" if var('leak_email') else "md5(email)" }} as email_hash,
    cast(100.0 as double) as monthly_baseline_revenue
from {{ source('landing', 'crm_customers') }}
{{ "where not_a_column" if var('break_model') }}
""",
    "models/marts/core/fct_survey_responses.sql": """
select response_id, customer_id, try_cast(score as double) as score,
    {{ "'to a.rossi@example.com'" if var('leak_email') else "'to [e-mail]'" }} as verbatim
from {{ source('landing', 'survey_responses') }}
where {{ is_accepted() }}
    and coalesce(customer_id, '') not in (
        select customer_id from {{ source('landing', 'privacy_erasure_requests') }}
    )
""",
    "models/marts/nps/nps_by_segment.sql": """
select
    'all_time' as period_grain,
    cast(null as date) as period_start,
    'relational' as survey_kind,
    'nps_0_10' as score_scale,
    'all' as segment_dimension,
    count(*) as responses,
    cast(
        100.0 * avg(case when score >= 9 then 1 when score <= 6 then -1 else 0 end) as double
    ) as nps,
    cast({{ 90.0 if var('spoil_interval') else -100.0 }} as double) as lower,
    cast(100.0 as double) as upper,
    true as is_reportable
from {{ ref('fct_survey_responses') }}
""",
    "models/marts/quality/landing_reconciliation.sql": """
select 'survey_responses' as dataset, count(*) as rows_read,
    count(*) filter (where {{ is_accepted() }}) as rows_accepted,
    count(*) filter (where not {{ is_accepted() }}) as rows_rejected,
    cast(0 as bigint) as difference
from {{ source('landing', 'survey_responses') }}
""",
    "models/marts/quality/rejected_rows.sql": """
select 'survey_responses' as dataset, source_file, source_row,
    case when {{ is_in_time() }} then 'score_out_of_range' else 'in_the_future' end as reasons
from {{ source('landing', 'survey_responses') }}
where not {{ is_accepted() }}
""",
    "models/marts/_marts.yml": """
version: 2
models:
  - name: nps_by_segment
    description: One row per segment.
    config: {contract: {enforced: true}}
    columns:
      - {name: period_grain, data_type: text}
      - {name: period_start, data_type: date}
      - {name: survey_kind, data_type: text}
      - {name: score_scale, data_type: text}
      - {name: segment_dimension, data_type: text}
      - {name: responses, data_type: bigint}
      - {name: nps, data_type: double}
      - {name: lower, data_type: double}
      - {name: upper, data_type: double}
      - {name: is_reportable, data_type: boolean}
  - name: dim_customers
    description: One row per customer.
    columns:
      - {name: customer_id, data_type: text}
      - {name: email_hash, data_type: text}
      - {name: monthly_baseline_revenue, data_type: double}
  - name: fct_survey_responses
    description: One row per accepted answer.
    data_tests:
      - keeps_its_rules:
          arguments:
            key: [response_id]
            rules:
              scores are known: "score is not null"
              texts are redacted: "verbatim <> '{{ 'to [e-mail]' if var('break_rule') }}'"
    columns:
      - {name: response_id, data_type: text, data_tests: [not_null]}
      - name: customer_id
        data_type: text
        data_tests:
          - relationships:
              name: fct_survey_responses_knows_its_customer_id
              arguments:
                to: ref('fct_survey_responses')
                field: "{{ 'verbatim' if var('break_reference') else 'customer_id' }}"
              config: {where: "score is not null"}
      - {name: score, data_type: double}
      - {name: verbatim, data_type: text}
  - name: landing_reconciliation
    description: One row per dataset.
    columns:
      - {name: dataset, data_type: text}
      - {name: rows_read, data_type: bigint}
      - {name: rows_accepted, data_type: bigint}
      - {name: rows_rejected, data_type: bigint}
      - {name: difference, data_type: bigint}
  - name: rejected_rows
    description: One row per rejected row.
    columns:
      - {name: dataset, data_type: text}
      - {name: source_file, data_type: text}
      - {name: source_row, data_type: bigint}
      - {name: reasons, data_type: text}
""",
    "tests/rejected_share_is_acceptable.sql": """
select * from {{ ref('landing_reconciliation') }}
where rows_rejected > {{ var('max_rejected_share') }} * rows_read
""",
    "tests/answers_have_a_key.sql": """
select * from {{ ref('fct_survey_responses') }}
where response_id is null {{ "or true" if var('break_test') }}
""",
}


REAL_FILES = (
    "tests/generic/keeps_its_rules.sql",
    "macros/project/check_rules.sql",
    "macros/project/row_rules.sql",
)


def write_toy_project(folder: Path, profiles: Path) -> None:
    """Write the project, with the real project's profile."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.lstrip(), encoding="utf-8")
    for name in REAL_FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "profiles.yml").write_text(profiles.read_text(encoding="utf-8"), encoding="utf-8")
