{# Who speaks in an answer: a key with its kind, so that customer 17, person 17 and answer 17 never meet.
   A person is one of its customer, or of the client where there is no customer; without a person's id,
   or with the customer's own, the customer speaks for itself; without either the answer is a voice of
   its own. Lengths stand before what may hold any character, so that `a/b` + `c` is not `a` + `b/c`. #}
{% macro voice(answers, client_id) -%}
    case
        when coalesce({{ answers }}.respondent_id, {{ answers }}.customer_id) = {{ answers }}.customer_id
            then {{ voice_of_customer(answers) }}
        when {{ answers }}.respondent_id is null then {{ voice_of_answer(answers) }}
        else {{ key_of_somebody('person', answers ~ '.respondent_id', answers, client_id) }}
    end
{%- endmacro %}

{% macro voice_of_customer(answers) -%}
    'customer/' || {{ answers }}.customer_id
{%- endmacro %}

{% macro voice_of_answer(answers) -%}
    'answer/' || {{ answers }}.response_id
{%- endmacro %}

{# The contact an answer is about. #}
{% macro key_of_interaction(answers, client_id) -%}
    {{ key_of_somebody('contact', answers ~ '.interaction_id', answers, client_id) }}
{%- endmacro %}

{% macro key_of_somebody(kind, id, answers, client_id) -%}
    case
        when {{ answers }}.customer_id is not null
            then '{{ kind }} of customer/' || cast(length({{ answers }}.customer_id) as {{ dbt.type_string() }})
                || '/' || {{ answers }}.customer_id || '/' || {{ id }}
        else '{{ kind }} of client/' || cast(length({{ client_id }}) as {{ dbt.type_string() }})
            || '/' || {{ client_id }} || '/' || {{ id }}
    end
{%- endmacro %}


{# Whose answers vary together: those of a customer, else those of a voice. #}
{% macro cluster_of(answers) -%}
    case
        when {{ answers }}.customer_id is not null then {{ voice_of_customer(answers) }}
        else {{ answers }}.voice
    end
{%- endmacro %}


{# The day of the next answer that counts for the same. An answer counts as long as there is none: it is
   the latest of each period, or window, that ends before that day. Repeated answers do not count: they are
   left out before, or `repeated` is the column that keeps them apart. #}
{% macro next_responded_on(repeated=none) -%}
    lead(responded_on) over (
        partition by survey_kind, score_scale, counted_as{{ ', ' ~ repeated if repeated }}
        order by responded_at, response_id
    )
{%- endmacro %}
