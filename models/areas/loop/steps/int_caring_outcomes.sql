{# What became of contacted customers and of not contacted ones like them: same cell and, where the
   next answer is looked at, same waiting time, because an answer far from a customer's usual one
   is followed by a more usual one whatever is done. The not contacted count as often as the
   contacted of their cell. One row per outcome: whether they recovered, the change in points, the
   gain of revenue. Everything rests on sums by cell: with one weight in a cell, the weighted sums
   are theirs. #}
with

outcomes as (

    {% for outcome, value, cell in (
        ('recovered', 'cast(has_recovered as double)', "cell || '|' || wait_band"),
        ('change', 'cast(change as double)', "cell || '|' || wait_band"),
        ('gain', 'gain', 'cell'),
    ) -%}
    select
        {{ caring_group() | join(',\n        ') }},
        is_contacted,
        '{{ outcome }}' as outcome,
        {{ cell }} as cell,
        {{ value }} as value
    from {{ ref('int_caring_members') }}
    where {{ 'gain' if outcome == 'gain' else 'change' }} is not null
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

cells as (

    select
        {{ caring_group() | join(',\n        ') }},
        is_contacted,
        outcome,
        cell,
        count(*) as customers,
        sum(value) as total,
        sum(value * value) as squares
    from outcomes
    group by {{ caring_group() | join(', ') }}, is_contacted, outcome, cell

),

compared as (

    select
        {% for column in caring_group() -%}
        contacted.{{ column }},
        {% endfor -%}
        contacted.outcome,
        contacted.customers,
        contacted.total,
        case when others.customers > 0 then contacted.customers else 0 end as compared,
        case when others.customers > 0 then contacted.total else 0.0 end as compared_total,
        case when others.customers > 0 then contacted.squares else 0.0 end as compared_squares,
        coalesce(others.customers, 0) as other_customers,
        {{ safe_ratio('contacted.customers', 'others.customers') }} as weight,
        others.total as other_total,
        others.squares as other_squares
    from cells as contacted
    left join cells as others
        on
            {{ same_group('contacted', 'others', caring_population()) }}
            and contacted.outcome = others.outcome
            and contacted.cell = others.cell
            and not others.is_contacted
    where contacted.is_contacted

),

sums as (

    select
        {{ caring_group() | join(',\n        ') }},
        outcome,
        sum(customers) as customers,
        {{ safe_ratio('sum(total)', 'sum(customers)') }} as mean_observed,
        sum(compared) as contacted,
        sum(compared_total) as contacted_total,
        sum(compared_squares) as contacted_squares,
        sum(other_customers) as other_customers,
        sum(weight * weight * other_customers) as weight_squared,
        sum(weight * other_total) as weighted_total,
        sum(weight * weight * other_total) as squared_weight_total,
        sum(weight * weight * other_squares) as squared_weight_squares
    from compared
    group by {{ caring_group() | join(', ') }}, outcome

),

means as (

    select
        *,
        {{ safe_ratio('contacted_total', 'contacted') }} as contacted_mean,
        {{ safe_ratio('weighted_total', 'contacted') }} as other_mean
    from sums

)

select
    {{ caring_group() | join(',\n    ') }},
    outcome,
    cast(customers as bigint) as customers,
    mean_observed,
    cast(contacted as bigint) as contacted,
    cast(other_customers as bigint) as not_contacted,
    contacted_mean,
    other_mean,
    {{ weighted_mean_variance(
        'contacted_mean',
        'contacted',
        'contacted',
        'contacted',
        'contacted_total',
        'contacted_squares'
    ) }} as contacted_variance,
    {{ weighted_mean_variance(
        'other_mean',
        'other_customers',
        'contacted',
        'weight_squared',
        'squared_weight_total',
        'squared_weight_squares'
    ) }} as other_variance,
    {{ safe_ratio('cast(contacted as double) * contacted', 'weight_squared') }} as other_effective
from means
where contacted > 0
