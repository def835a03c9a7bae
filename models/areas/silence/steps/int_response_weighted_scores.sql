{# The score of those who answered an invitation, and the same with every stratum counted as
   often as it was invited. A stratum without an answer cannot be heard at all:
   `represented_share` says how much of the invited the others are. #}
{% set numbers = ['m', 'y'] %}

with

strata as (

    select
        period_grain,
        period_start,
        survey_kind,
        segment_dimension,
        segment_value,
        stratum,
        sum(invitations) as invitations,
        sum(m) as m,
        sum(y) as y
        {%- for product in names_of_products(numbers) %},
        sum({{ product }}) as {{ product }}
        {%- endfor %}
    from (
        {{ by_segment(
            ref('int_invitation_sums'),
            ['period_grain', 'period_start', 'survey_kind', 'stratum', 'invitations']
            + numbers + names_of_products(numbers)
        ) }}
    ) as by_segments
    group by
        period_grain, period_start, survey_kind, segment_dimension, segment_value, stratum

),

totals as (

    select
        period_grain,
        period_start,
        survey_kind,
        segment_dimension,
        segment_value,
        sum(m) as answers,
        sum(case when m > 0 then invitations else 0 end) as represented,
        {{ safe_ratio('sum(case when m > 0 then invitations else 0 end)', 'sum(invitations)') }}
            as represented_share,
        {{ safe_ratio('sum(y)', 'sum(m)') }} as nps,
        {{ safe_ratio(
            'sum(invitations * ' ~ safe_ratio('y', 'm') ~ ')',
            'sum(case when m > 0 then invitations else 0 end)'
        ) }} as adjusted_nps
    from strata
    group by period_grain, period_start, survey_kind, segment_dimension, segment_value

),

{# What each answer of a stratum counts for. #}
weights as (

    select
        strata.*,
        totals.answers,
        totals.represented_share,
        totals.nps,
        totals.adjusted_nps,
        {{ safe_ratio('strata.invitations', 'strata.m * totals.represented') }} as weight
    from strata
    inner join totals
        on
            strata.period_grain = totals.period_grain
            and strata.period_start = totals.period_start
            and strata.survey_kind = totals.survey_kind
            and strata.segment_dimension = totals.segment_dimension
            and strata.segment_value = totals.segment_value
    where strata.m > 0

),

{# What it and its contribution do to the adjusted score, and to how far that lies from the plain
   one. #}
forms as (

    select
        *,
        weight as adjusted_y,
        -adjusted_nps * weight as adjusted_m,
        weight - 1 / answers as shift_y,
        nps / answers - adjusted_nps * weight as shift_m
    from weights

)

select
    period_grain,
    period_start,
    survey_kind,
    segment_dimension,
    segment_value,
    cast(answers as bigint) as answers,
    represented_share,
    nps,
    adjusted_nps,
    greatest(0.0, sum({{ sum_of_squares(weights_in('adjusted', numbers)) }})) as adjusted_variance,
    greatest(0.0, sum({{ sum_of_squares(weights_in('shift', numbers)) }})) as shift_variance
from forms
group by
    period_grain,
    period_start,
    survey_kind,
    segment_dimension,
    segment_value,
    answers,
    represented_share,
    nps,
    adjusted_nps
