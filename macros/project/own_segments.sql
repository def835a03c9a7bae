{# Segments of the user's own: the columns of crm_customers or survey_responses that the setting
   `segments` names. Each is a dimension of customers and one of answers, whichever of the two has it;
   where both do, the customers' counts (see int_answer_segments). #}
{% macro own_segments() %}
    {% set dimensions = [] %}
    {% for name in var('segments') if execute %}
        {% for dataset, of in datasets_with_segments().items() %}
            {% do dimensions.append({
                'name': name, 'of': of, 'value': own_column(dataset, name), 'is_own': true,
            }) %}
        {% endfor %}
    {% endfor %}
    {{ return(dimensions) }}
{% endmacro %}


{# The datasets that such a column may stand in, and what it is then an attribute of. #}
{% macro datasets_with_segments() %}
    {{ return({'crm_customers': 'customer', 'survey_responses': 'answer'}) }}
{% endmacro %}


{# Where the value of a user's segment stands in a dataset: in the column of the contract, or in one of
   its own, which no other name can meet. #}
{% macro own_column(dataset, name) %}
    {% set known = landing_dataset(dataset).columns | map(attribute='header') | list %}
    {% set place = known.index(name) %}
    {{ return(landing_dataset(dataset).columns[place].name) }}
{% endmacro %}
