{# Sums of products of the answers that rated every driver of their segment, in the segment's
   numbers. #}
with

pairs as (

    {{ terms_in_pairs() }}

),

questionnaires as (

    select
        patterns.group_number,
        patterns.questionnaire_number
        {%- for i, j in pairs_of_terms() %},
        sum(patterns.p_{{ i }}_{{ j }}) as p_{{ i }}_{{ j }}
        {%- endfor %}
    from {{ ref('int_driver_patterns') }} as patterns
    inner join {{ ref('int_driver_terms') }} as terms
        on
            patterns.group_number = terms.group_number
            and patterns.questionnaire_number = terms.questionnaire_number
            and terms.segment_term = 0
            and (patterns.rated & terms.needed) = terms.needed
    group by patterns.group_number, patterns.questionnaire_number

),

products as (

    select
        questionnaires.group_number,
        questionnaires.questionnaire_number,
        pairs.first_term,
        pairs.second_term,
        {{ value_of_pair('p') }} as product
    from questionnaires
    cross join pairs

)

select
    products.group_number,
    {{ pairs_as_columns(
        'p', 'first_terms.segment_term', 'second_terms.segment_term', 'products.product'
    ) }}
from products
inner join {{ ref('int_driver_terms') }} as first_terms
    on
        products.group_number = first_terms.group_number
        and products.questionnaire_number = first_terms.questionnaire_number
        and products.first_term = first_terms.questionnaire_term
inner join {{ ref('int_driver_terms') }} as second_terms
    on
        products.group_number = second_terms.group_number
        and products.questionnaire_number = second_terms.questionnaire_number
        and products.second_term = second_terms.questionnaire_term
group by products.group_number
