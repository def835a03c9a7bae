{# A segment's regression in the numbers of each of its questionnaires, so that an answer finds its
   coefficients without being turned round. As pairs: 0, 0 the intercept; 0, j the mean; j, k the inverse;
   j, {{ explained_term() }} the slope. #}
{%- set y = explained_term() %}
with

pairs as (

    {{ terms_in_pairs() }}

),

regressions as (

    select
        group_number,
        responses,
        intercept as r_0_0,
        cast(null as double) as r_0_{{ y }},
        cast(null as double) as r_{{ y }}_{{ y }}
        {%- for term in driver_terms() %},
        mean_{{ term }} as r_0_{{ term }},
        slope_{{ term }} as r_{{ term }}_{{ y }}
        {%- endfor %}
        {%- for i, j in pairs_of_terms(1) if j < y %},
        inverse_{{ i }}_{{ j }} as r_{{ i }}_{{ j }}
        {%- endfor %}
    from {{ ref('int_driver_regressions') }}

),

coefficients as (

    select
        regressions.group_number,
        regressions.responses,
        pairs.first_term,
        pairs.second_term,
        {{ value_of_pair('r') }} as coefficient
    from regressions
    cross join pairs

),

turned as (

    select
        coefficients.group_number,
        coefficients.responses,
        first_terms.segment_dimension,
        first_terms.segment_value,
        first_terms.questionnaire_number,
        first_terms.needed,
        {{ pairs_as_columns(
            'r', 'first_terms.questionnaire_term', 'second_terms.questionnaire_term',
            'coefficients.coefficient'
        ) }}
    from coefficients
    inner join {{ ref('int_driver_terms') }} as first_terms
        on
            coefficients.group_number = first_terms.group_number
            and coefficients.first_term = first_terms.segment_term
    inner join {{ ref('int_driver_terms') }} as second_terms
        on
            coefficients.group_number = second_terms.group_number
            and coefficients.second_term = second_terms.segment_term
            and first_terms.questionnaire_number = second_terms.questionnaire_number
    group by
        coefficients.group_number,
        coefficients.responses,
        first_terms.segment_dimension,
        first_terms.segment_value,
        first_terms.questionnaire_number,
        first_terms.needed

)

select
    row_number() over (order by group_number, questionnaire_number) as coefficient_number,
    group_number,
    segment_dimension,
    segment_value,
    questionnaire_number,
    needed,
    responses,
    r_0_0 as intercept
    {%- for term in driver_terms() %},
    coalesce(r_0_{{ term }}, 0.0) as mean_{{ term }},
    coalesce(r_{{ term }}_{{ y }}, 0.0) as slope_{{ term }}
    {%- endfor %}
    {%- for i, j in pairs_of_terms(1) if j < y %},
    coalesce(r_{{ i }}_{{ j }}, 0.0) as inverse_{{ i }}_{{ j }}
    {%- endfor %}
from turned
