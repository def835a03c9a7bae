{# What is known of a customer on a scoring day, as numbers: each is a column of int_risk_customer_days, 0 where
   there is nothing to know, and belongs to a reason. #}
{% macro risk_features() %}
    {{ return({
        'is_detractor': 'score',
        'is_passive': 'score',
        'fresh_detractor': 'score',
        'score_below_ten': 'score',
        'score_fall': 'fall',
        'never_answered': 'silence',
        'answer_age': 'silence',
        'is_silent': 'silence',
        'contacts': 'contacts',
        'complaints': 'contacts',
        'faults': 'contacts',
        'slow_resolutions': 'contacts',
        'revenue_level': 'size',
        'revenue_trend': 'change',
        'bill_increase': 'change',
        'bill_age': 'bills',
        'months_billed': 'bills',
        'tenure': 'tenure',
        'contracts': 'contracts',
        'anniversary_near': 'contracts',
        'plan_leaving': 'plan',
        'client_leaving': 'client',
        'treated_lately': 'action',
    }) }}
{% endmacro %}

{# Their names. #}
{% macro risk_feature_names() %}
    {{ return(risk_features().keys() | list) }}
{% endmacro %}

{# Where a reason cannot be said of everybody, of whom. #}
{% macro risk_reasons_hold_when() %}
    {{ return({
        'fall': 'days.score_fall > 0',
        'bills': 'days.days_since_bill > 35 or days.billed_months < 12',
    }) }}
{% endmacro %}

{# What a reason says of a customer, as an expression over int_risk_customer_days. #}
{% macro risk_reasons() %}
    {% set days = var('exposure_days') ~ ' days' %}
    {{ return({
        'score': "'last score ' || " ~ _whole('last_score') ~ " || ' of 10, ' || " ~ _whole('days_since_answer') ~ " || ' days ago'",
        'fall': "'score lower than the time before'",
        'silence': "case when never_answered = 1 and is_silent = 1 then 'asked, and has never answered' when never_answered = 1 then 'has never answered' when is_silent = 1 then 'asked again, and silent for ' || " ~ _whole('days_since_answer') ~ " || ' days' else 'last answer ' || " ~ _whole('days_since_answer') ~ " || ' days ago' end",
        'contacts': "case when contact_count = 0 then 'no contact in " ~ days ~ "' else " ~ _whole('contact_count') ~ " || ' contacts in " ~ days ~ ", of them ' || " ~ _whole('complaint_count') ~ " || ' complaints and ' || " ~ _whole('fault_count') ~ " || ' faults; ' || " ~ _whole('slow_count') ~ " || ' resolved slowly' end",
        'size': "'billed ' || " ~ _whole('revenue_of_year') ~ " || ' a year'",
        'change': "case when bill_increase = 1 then 'what recurs on the bill has risen' when revenue_trend < 0 then 'billed ' || " ~ _whole('100 * (1 - exp(revenue_trend))') ~ " || ' % less than three months before' else 'billed ' || " ~ _whole('100 * (exp(revenue_trend) - 1)') ~ " || ' % more than three months before' end",
        'bills': "'last billed ' || " ~ _whole('days_since_bill') ~ " || ' days ago, in ' || " ~ _whole('billed_months') ~ " || ' of 12 months'",
        'tenure': "'a customer for ' || " ~ _whole('tenure_days / 30.4') ~ " || ' months'",
        'contracts': "case when anniversary_near = 1 then 'the contract turns a year older within 60 days' else 'number of contracts: ' || " ~ _whole('contract_count') ~ " end",
        'plan': "'many leave the plan ' || coalesce(plan, 'it is on')",
        'client': "'customers of this client leave more often'",
        'action': "case when treated_lately = 1 then 'has been in an action lately' else 'not in an action lately' end",
    }) }}
{% endmacro %}

{% macro _whole(number) -%}
    coalesce(cast(cast(round({{ number }}) as bigint) as {{ dbt.type_string() }}), '?')
{%- endmacro %}

{# The scoring days lie a window apart: 0 is the clock’s day, on which customers are scored. #}
{% macro risk_windows() %}
    {{ return(range(0, var('risk_folds') + var('risk_training_windows') + 1)) }}
{% endmacro %}

{# Of so many customers in order the tenth a place is in, 1 the first. #}
{% macro decile_of(place, customers) -%}
    cast(floor(({{ place }} - 1) * 10.0 / {{ customers }}) as int) + 1
{%- endmacro %}

{# A figure in a sentence, with one place. #}
{% macro rounded_text(figure) -%}
    cast(cast(round({{ figure }}, 1) as decimal(18, 1)) as {{ dbt.type_string() }})
{%- endmacro %}
