{# Risk of leaving within the churn window after the landmark, of the contacted and of not
   contacted customers weighted to their cells. Customers of a cell who left, or were last seen, on
   the same day are one row; all who stayed through the window are one as well. #}
with

days as (

    select
        {{ caring_group() | join(',\n        ') }},
        is_contacted,
        cell,
        least(days_followed, {{ var('churn_window_days') }} + 1) as days_followed,
        has_churned and days_followed <= {{ var('churn_window_days') }} as has_churned,
        count(*) as customers
    from {{ ref('int_caring_members') }}
    group by
        {{ caring_group() | join(', ') }},
        is_contacted,
        cell,
        least(days_followed, {{ var('churn_window_days') }} + 1),
        has_churned and days_followed <= {{ var('churn_window_days') }}

),

sizes as (

    select
        {{ caring_group() | join(',\n        ') }},
        is_contacted,
        cell,
        sum(customers) as customers
    from days
    group by {{ caring_group() | join(', ') }}, is_contacted, cell

),

cells as (

    select
        {% for column in caring_group() -%}
        contacted.{{ column }},
        {% endfor -%}
        contacted.cell,
        {{ safe_ratio('contacted.customers', 'others.customers') }} as weight
    from sizes as contacted
    inner join sizes as others
        on
            {{ same_group('contacted', 'others', caring_population()) }}
            and contacted.cell = others.cell
            and not others.is_contacted
    where contacted.is_contacted

),

weighted as (

    select
        {% for column in caring_group() -%}
        cells.{{ column }},
        {% endfor -%}
        days.is_contacted,
        days.days_followed,
        days.has_churned,
        days.customers,
        case when days.is_contacted then cast(1 as double) else cells.weight end as weight
    from cells
    inner join days
        on
            {{ same_group('cells', 'days', caring_population()) }}
            and cells.cell = days.cell
            and (
                not days.is_contacted
                or (
                    cells.contact_kind = days.contact_kind
                    and cells.contact_value = days.contact_value
                )
            )

)

{{ survival_within(
    'weighted', caring_group() + ['is_contacted'], var('churn_window_days'), number='customers'
) }}
