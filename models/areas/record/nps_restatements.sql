{% set classes = restatement_classes().keys() | list + ['unclassified'] -%}
with

figures as (

    select *
    from {{ ref('published_figures') }}
    where figure = 'nps'

),

closes as (

    select *
    from {{ ref('stg_record__closes') }}
    where figure = 'nps'

),

{{ restated_figures(classes) }}

select
    period_start as month,
    split_part(part, '/', 1) as survey_kind,
    split_part(part, '/', 2) as score_scale,
    since,
    first_run,
    cast(first_reported as double) as first_reported,
    latest_run,
    cast(now_reported as double) as now_reported,
    cast(difference as double) as difference,
    {% for name in classes if name != 'exchange' -%}
    cast({{ name }} as double) as {{ name }},
    {% endfor -%}
    {{ causes_of_difference('0.0001') }} as causes,
    definition
from restated
