{# Shares, scores and points with their errors, before comparisons in time. Influences, customer by
   customer, with m, x of the customer's mentions and n, y of all its texts:
     share        (m − share n) / texts
     score        (x − score m) / mentions
     difference   the score's influence less that of the others, (y − x − other score (n − m)) / others
     points       (y − score of all n) / texts less that of the others
   Few customers who agree show too small an error; the adjusted Wald variances, of independent answers, are
   what an error is at least. #}
with

scores as (

    select
        *,
        {{ safe_ratio('mentions', 'texts') }} as share,
        {{ nps_points('promoters', 'detractors', 'mentions') }} as nps,
        {{ nps_points('other_promoters', 'other_detractors', 'others') }} as other_nps,
        {{ nps_points('text_promoters', 'text_detractors', 'texts') }} as text_nps,
        100 * {{ nps_adjusted_mean('promoters', 'detractors', 'mentions') }} as adjusted_nps,
        10000 * {{ nps_adjusted_variance('promoters', 'detractors', 'mentions') }}
            as wald_variance,
        10000 * {{ nps_adjusted_variance('other_promoters', 'other_detractors', 'others') }}
            as other_wald_variance
    from {{ ref('int_verbatim_counts') }}

),

variances as (

    select
        *,
        {{ safe_ratio('share * (1 - share)', 'texts') }} as binomial_variance,
        {{ clustered_variance(
            {'mentions': safe_ratio('1', 'texts'), 'texts': safe_ratio('-share', 'texts')},
            customers='text_customers'
        ) }} as share_variance,
        case
            when customers < mentions
                then {{ clustered_variance(
                    {
                        'mentions': safe_ratio('-nps', 'mentions'),
                        'mention_contribution': safe_ratio('1', 'mentions'),
                    },
                    customers='customers'
                ) }}
        end as nps_variance,
        {{ clustered_variance(
            {
                'mentions': safe_ratio('-nps', 'mentions') ~ ' - ' ~ safe_ratio('other_nps', 'others'),
                'mention_contribution': safe_ratio('1', 'mentions') ~ ' + ' ~ safe_ratio('1', 'others'),
                'texts': safe_ratio('other_nps', 'others'),
                'contribution': safe_ratio('-1', 'others'),
            },
            customers='text_customers'
        ) }} as difference_variance,
        {{ clustered_variance(
            {
                'mentions': safe_ratio('-other_nps', 'others'),
                'mention_contribution': safe_ratio('1', 'others'),
                'texts': safe_ratio('other_nps', 'others') ~ ' - ' ~ safe_ratio('text_nps', 'texts'),
                'contribution': safe_ratio('1', 'texts') ~ ' - ' ~ safe_ratio('1', 'others'),
            },
            customers='text_customers'
        ) }} as points_variance
    from scores

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    theme,
    texts,
    mentions,
    others,
    customers,
    promoters,
    detractors,
    revenue,
    share,
    {# Of how many independent texts the share is as sure. #}
    case
        when text_customers < texts and share_variance > binomial_variance
            then {{ safe_ratio('share * (1 - share)', 'share_variance') }}
        else cast(texts as double)
    end as effective_texts,
    nps,
    adjusted_nps,
    sqrt(greatest(wald_variance, coalesce(nps_variance, 0))) as standard_error,
    nps - other_nps as difference,
    sqrt(greatest(wald_variance + other_wald_variance, coalesce(difference_variance, 0)))
        as difference_standard_error,
    share * (nps - other_nps) as points,
    sqrt(greatest(
        share * share * (wald_variance + other_wald_variance)
        + (nps - other_nps) * (nps - other_nps) * binomial_variance,
        coalesce(points_variance, 0)
    )) as points_standard_error,
    mentions >= {{ var('minimum_responses') }} as is_reportable,
    least(mentions, others) >= {{ var('minimum_responses') }} as is_comparable,
    texts >= {{ var('minimum_responses') }} as is_share_reportable
from variances
