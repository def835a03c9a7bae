{# How much each customer moves a segment's slopes, mean ratings, shares below the top and
   intercept, squared and added up: variances that hold whatever the correlation of a customer's answers and the
   spread of the residuals. #}
with

answers as (

    select * from {{ ref('int_driver_answers') }}

),

answers_by_segment as (

    {{ by_segment('answers', [
        'questionnaire_number', 'rated', 'cluster_id', 'contribution',
        'x_' ~ driver_terms() | join(',\n        x_'),
        'below_' ~ driver_terms() | join(',\n        below_'),
    ]) }}

),

residuals as (

    select
        coefficients.coefficient_number,
        answers.cluster_id,
        answers.contribution - coefficients.intercept
        {%- for term in driver_terms() %}
        - coefficients.slope_{{ term }} * coalesce(answers.x_{{ term }}, 0)
        {%- endfor %}
        as residual
        {%- for term in driver_terms() %},
        answers.x_{{ term }},
        answers.below_{{ term }}
        {%- endfor %}
    from answers_by_segment as answers
    inner join {{ ref('int_driver_coefficients') }} as coefficients
        on
            answers.questionnaire_number = coefficients.questionnaire_number
            and answers.segment_dimension = coefficients.segment_dimension
            and answers.segment_value = coefficients.segment_value
            and (answers.rated & coefficients.needed) = coefficients.needed

),

customers as (

    select
        coefficient_number,
        cluster_id,
        count(*) as responses,
        sum(residual) as residual
        {%- for term in driver_terms() %},
        sum(x_{{ term }}) as x_{{ term }},
        sum(below_{{ term }}) as below_{{ term }},
        sum(x_{{ term }} * residual) as xe_{{ term }}
        {%- endfor %}
    from residuals
    group by coefficient_number, cluster_id

),

{# A customer's residuals, along each driver from its mean. #}
scores as (

    select
        coefficients.*,
        customers.responses as own_responses,
        {{ safe_ratio('customers.residual', 'coefficients.responses') }} as intercept_move
        {%- for term in driver_terms() %},
        coalesce(customers.xe_{{ term }} - coefficients.mean_{{ term }} * customers.residual, 0)
            as score_{{ term }},
        {{ safe_ratio(
            'customers.x_' ~ term
            ~ ' - coefficients.mean_' ~ term ~ ' * customers.responses',
            'coefficients.responses',
        ) }} as mean_move_{{ term }},
        customers.below_{{ term }}
        {%- endfor %}
    from customers
    inner join {{ ref('int_driver_coefficients') }} as coefficients
        on customers.coefficient_number = coefficients.coefficient_number

),

influences as (

    select
        coefficient_number,
        group_number,
        questionnaire_number,
        own_responses,
        intercept_move
        {%- for term in driver_terms() %},
        mean_{{ term }},
        mean_move_{{ term }},
        below_{{ term }},
        {%- for other in driver_terms() %}
        {{ '+ ' if not loop.first }}{{ pair_column('inverse', term, other) }} * score_{{ other }}
        {%- endfor %}
        as slope_move_{{ term }}
        {%- endfor %}
    from scores

),

questionnaires as (

    select
        group_number,
        questionnaire_number,
        count(*) as customers,
        sum(own_responses) as responses,
        sum(own_responses * own_responses) as squared_responses,
        sum(
            power(
                intercept_move
                {%- for term in driver_terms() %}
                - mean_{{ term }} * slope_move_{{ term }}
                {%- endfor %},
                2
            )
        ) as intercept_variance
        {%- for term in driver_terms() %},
        sum(slope_move_{{ term }} * slope_move_{{ term }}) as slope_variance_{{ term }},
        sum(mean_move_{{ term }} * mean_move_{{ term }}) as mean_variance_{{ term }},
        sum(slope_move_{{ term }} * mean_move_{{ term }}) as covariance_{{ term }},
        sum(below_{{ term }}) as below_{{ term }},
        sum(below_{{ term }} * below_{{ term }}) as squared_below_{{ term }},
        sum(below_{{ term }} * own_responses) as below_by_responses_{{ term }},
        sum(slope_move_{{ term }} * below_{{ term }}) as slope_by_below_{{ term }},
        sum(slope_move_{{ term }} * own_responses) as slope_by_responses_{{ term }}
        {%- endfor %}
    from influences
    group by group_number, questionnaire_number

),

segments as (

    select
        questionnaires.group_number,
        terms.segment_term,
        sum(questionnaires.customers) as customers,
        sum(questionnaires.responses) as responses,
        sum(questionnaires.squared_responses) as squared_responses,
        sum(
            case
                when terms.segment_term = 0 then questionnaires.intercept_variance
                else {{ value_of_driver(
                    'questionnaires.slope_variance', 'terms.questionnaire_term'
                ) }}
            end
        ) as slope_variance
        {%- for name in [
            'mean_variance', 'covariance', 'below', 'squared_below', 'below_by_responses',
            'slope_by_below', 'slope_by_responses',
        ] %},
        sum({{ value_of_driver('questionnaires.' ~ name, 'terms.questionnaire_term') }})
            as {{ name }}
        {%- endfor %}
    from questionnaires
    inner join {{ ref('int_driver_terms') }} as terms
        on
            questionnaires.group_number = terms.group_number
            and questionnaires.questionnaire_number = terms.questionnaire_number
    where terms.segment_term < {{ explained_term() }}
    group by questionnaires.group_number, terms.segment_term

),

shares as (

    select
        *,
        {{ safe_ratio('below', 'responses') }} as share_below_top
    from segments

)

select
    group_number,
    segment_term,
    customers,
    slope_variance,
    mean_variance,
    covariance,
    share_below_top,
    {# Each customer moves the share by what it has below the top less the share of its answers. #}
    {{ safe_ratio(
        'squared_below - 2 * share_below_top * below_by_responses'
        ~ ' + share_below_top * share_below_top * squared_responses',
        'responses * responses',
    ) }} as share_variance,
    {{ safe_ratio('slope_by_below - share_below_top * slope_by_responses', 'responses') }}
        as share_covariance
from shares
