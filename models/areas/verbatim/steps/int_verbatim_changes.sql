{# The share of each theme against that of the period before. The difference of two shares is tested
   with one mention and one other text added to each (Agresti–Caffo): a theme that nobody mentioned
   before has no variance of its own. #}
with

shares as (

    select
        *,
        {{ safe_ratio('share * effective_texts + 1', 'effective_texts + 2') }} as adjusted_share,
        {{ previous_period('period_grain', 'period_start') }} as previous_start
    from {{ ref('int_verbatim_estimates') }}
    where is_share_reportable

),

compared as (

    select
        shares.period_grain,
        shares.period_start,
        shares.survey_kind,
        shares.score_scale,
        shares.segment_dimension,
        shares.segment_value,
        shares.theme,
        previous.share as previous_share,
        shares.share - previous.share as share_change,
        (shares.adjusted_share - previous.adjusted_share) / sqrt(
            shares.adjusted_share * (1 - shares.adjusted_share) / (shares.effective_texts + 2)
            + previous.adjusted_share * (1 - previous.adjusted_share)
            / (previous.effective_texts + 2)
        ) as z
    from shares
    inner join shares as previous
        on
            shares.period_grain = previous.period_grain
            and shares.previous_start = previous.period_start
            and shares.survey_kind = previous.survey_kind
            and shares.score_scale = previous.score_scale
            and shares.segment_dimension = previous.segment_dimension
            and shares.segment_value = previous.segment_value
            and shares.theme = previous.theme

),

p_values as (

    select
        *,
        {{ two_sided_p('z') }} as p_value
    from compared

),

{# The themes and segments of one dimension in one period are tested together. Both windows order
   equal p-values, as those of rare themes are, the same way. #}
stepped as (

    select
        *,
        {{ benjamini_hochberg_step('p_value', nps_family(), ['segment_value', 'theme']) }}
    from p_values

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    theme,
    previous_share,
    share_change,
    p_value,
    {{ benjamini_hochberg('p_value', nps_family(), ['segment_value', 'theme']) }} as q_value
from stepped
