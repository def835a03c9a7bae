{# How much each customer moves a segment's slopes, mean ratings, shares below the top and
   intercept, squared and added up: variances that hold whatever the correlation of a customer's answers and the
   spread of the residuals. #}
with

answers as (

    select
        *,
        count(*) over (partition by questionnaire_number, cluster_id) as answers_of_customer
    from {{ ref('int_driver_answers') }}

),

answers_by_segment as (

    {{ by_segment('answers', [
        'questionnaire_number', 'rated', 'cluster_id', 'answers_of_customer', 'contribution',
        'x_' ~ driver_terms() | join(',\n        x_'),
        'below_' ~ driver_terms() | join(',\n        below_'),
    ]) }}

),

residuals as (

    select
        coefficients.*,
        answers.cluster_id,
        answers.answers_of_customer,
        answers.contribution - coefficients.intercept
        {%- for term in driver_terms() %}
        - coefficients.slope_{{ term }} * coalesce(answers.x_{{ term }}, 0)
        {%- endfor %}
        as residual
        {%- for term in driver_terms() %},
        coalesce(answers.x_{{ term }} - coefficients.mean_{{ term }}, 0) as distance_{{ term }},
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

slope_moves as (

    select
        group_number,
        questionnaire_number,
        cluster_id,
        answers_of_customer,
        1 as own_responses,
        {{ safe_ratio('residual', 'responses') }} as mean_residual
        {%- for term in driver_terms() %},
        mean_{{ term }},
        {{ safe_ratio('distance_' ~ term, 'responses') }} as mean_move_{{ term }},
        below_{{ term }},
        residual * (
            {%- for other in driver_terms() %}
            {{ '+ ' if not loop.first }}{{ pair_column('inverse', term, other) }}
            * distance_{{ other }}
            {%- endfor %}
        ) as slope_move_{{ term }}
        {%- endfor %}
    from residuals

),

moves as (

    select
        *,
        mean_residual
        {%- for term in driver_terms() %}
        - mean_{{ term }} * slope_move_{{ term }}
        {%- endfor %}
        as intercept_move
    from slope_moves

),

{# Most have one answer: those are not added up. #}
influences as (

    select
        group_number,
        questionnaire_number,
        own_responses,
        intercept_move
        {%- for term in driver_terms() %},
        mean_move_{{ term }},
        below_{{ term }},
        slope_move_{{ term }}
        {%- endfor %}
    from moves
    where answers_of_customer = 1

    union all

    select
        group_number,
        questionnaire_number,
        sum(own_responses) as own_responses,
        sum(intercept_move) as intercept_move
        {%- for term in driver_terms() %},
        sum(mean_move_{{ term }}) as mean_move_{{ term }},
        sum(below_{{ term }}) as below_{{ term }},
        sum(slope_move_{{ term }}) as slope_move_{{ term }}
        {%- endfor %}
    from moves
    where answers_of_customer > 1
    group by group_number, questionnaire_number, cluster_id

),

questionnaires as (

    select
        group_number,
        questionnaire_number,
        count(*) as customers,
        sum(own_responses) as responses,
        sum(own_responses * own_responses) as squared_responses,
        sum(intercept_move * intercept_move) as intercept_variance
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
