with

risks as (

    select * from {{ ref('int_churn_risk_by_window') }}

),

promoters as (

    select
        gap_days,
        window_days,
        adjustment,
        risk,
        standard_error,
        log_risk_variance,
        is_reportable
    from risks
    where score_group_kind = 'category' and score_group = 'promoter'

),

compared as (

    select
        risks.*,
        case
            when promoters.is_reportable and promoters.risk > 0 then risks.risk / promoters.risk
        end as risk_ratio,
        case
            when risks.score_group = 'promoter' then 0.0
            when promoters.is_reportable
                then sqrt(risks.log_risk_variance + promoters.log_risk_variance)
        end as log_ratio_error,
        case when promoters.is_reportable then risks.risk - promoters.risk end as risk_difference,
        case
            when risks.score_group = 'promoter' then 0.0
            when promoters.is_reportable
                then sqrt(
                    risks.standard_error * risks.standard_error
                    + promoters.standard_error * promoters.standard_error
                )
        end as difference_error
    from risks
    left join promoters
        on
            risks.gap_days = promoters.gap_days
            and risks.window_days = promoters.window_days
            and risks.adjustment = promoters.adjustment

)

select
    gap_days,
    window_days,
    adjustment,
    score_group_kind,
    score_group,
    customers,
    events,
    {{ when_reportable('risk') }} as risk,
    {{ when_reportable('standard_error') }} as standard_error,
    {{ when_reportable('lower') }} as lower,
    {{ when_reportable('upper') }} as upper,
    {{ when_reportable('risk_ratio') }} as risk_ratio,
    {{ when_reportable('risk_ratio * exp(-' ~ z95() ~ ' * log_ratio_error)') }} as risk_ratio_lower,
    {{ when_reportable('risk_ratio * exp(' ~ z95() ~ ' * log_ratio_error)') }} as risk_ratio_upper,
    {{ when_reportable('risk_difference') }} as risk_difference,
    {{ when_reportable('risk_difference - ' ~ z95() ~ ' * difference_error') }}
        as risk_difference_lower,
    {{ when_reportable('risk_difference + ' ~ z95() ~ ' * difference_error') }}
        as risk_difference_upper,
    {{ when_reportable(e_value('risk_ratio')) }} as e_value,
    standardised_share,
    case when adjustment = 'adjusted' then 'adjusted' else 'descriptive' end as evidence,
    is_reportable
from compared
