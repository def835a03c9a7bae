{% set measures = [
    'customers_opening', 'customers_closing', 'opening', 'new', 'expansion', 'contraction', 'churn',
    'reactivation', 'closing', 'recurring_before', 'recurring_now', 'recurring_kept',
] -%}
{% set dimensions = segment_dimensions(['customer'])
    | map(attribute='name') | reject('equalto', 'all') | list -%}
with

cells as (

    select * from {{ ref('int_movement_cells') }}

),

segments as (

    {{ by_segment(
        'cells', ['revenue_month'] + measures, of=['customer'], missing='unknown',
        dimensions=dimensions
    ) }}

    union all

    select
        'all' as segment_dimension,
        'all' as segment_value,
        revenue_month,
        {{ measures | join(',\n        ') }}
    from cells

),

sums as (

    select
        revenue_month,
        segment_dimension,
        segment_value,
        {% for measure in measures -%}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from segments
    group by revenue_month, segment_dimension, segment_value

)

select
    revenue_month as month,
    segment_dimension,
    segment_value,
    cast(customers_opening as bigint) as customers_opening,
    cast(opening as decimal(18, 2)) as opening,
    cast(new as decimal(18, 2)) as new,
    cast(expansion as decimal(18, 2)) as expansion,
    cast(contraction as decimal(18, 2)) as contraction,
    cast(churn as decimal(18, 2)) as churn,
    cast(reactivation as decimal(18, 2)) as reactivation,
    cast(closing as decimal(18, 2)) as closing,
    cast(customers_closing as bigint) as customers_closing,
    {{ safe_ratio('opening + expansion + contraction + churn', 'opening') }} as net_retention,
    {{ safe_ratio('opening + contraction + churn', 'opening') }} as gross_retention,
    cast(recurring_before as decimal(18, 2)) as recurring_a_year_before,
    cast(recurring_now as decimal(18, 2)) as recurring_of_these_customers,
    cast(recurring_kept as decimal(18, 2)) as recurring_kept_of_it,
    {{ safe_ratio('recurring_now', 'recurring_before') }} as net_retention_over_a_year,
    {{ safe_ratio('recurring_kept', 'recurring_before') }} as gross_retention_over_a_year,
    {{ reporting_currency() }} as currency
from sums
