{# A stage, channel or service in a mart that also has the row of all of them: a missing name is
   `unknown`, and so is the name `all`, which would be taken for the sum. #}
{% macro named_or_unknown(name) -%}
    coalesce(nullif({{ name }}, 'all'), 'unknown')
{%- endmacro %}


{# What can have come before an answer, with the condition on the sums of the contacts of one stage. #}
{% macro journey_exposures() %}
    {{ return([
        {'name': 'any_contact', 'condition': 'contacts > 0'},
        {'name': 'complaint', 'condition': 'complaints > 0'},
        {'name': 'fault', 'condition': 'faults > 0'},
        {'name': 'slow_resolution', 'condition': 'slow > 0'},
        {'name': 'repeat_contact', 'condition': 'repeats > 0'},
        {'name': 'too_many_contacts', 'condition': 'contacts >= ' ~ var('too_many_contacts')},
    ]) }}
{% endmacro %}


{# All stages and exposures of one dimension are looked at together, so they are tested together. #}
{% macro journey_family() %}
    {{ return(['survey_kind', 'score_scale', 'segment_dimension']) }}
{% endmacro %}

{% macro journey_member() %}
    {{ return(['segment_value', 'journey_stage', 'exposure']) }}
{% endmacro %}

{# What a touchpoint is looked at within, as a list of columns. #}
{% macro touchpoint_segment() -%}
    period_grain, period_start, score_scale, segment_dimension, segment_value
{%- endmacro %}


{# The touchpoints and segments of one dimension in one period. #}
{% macro touchpoint_family() %}
    {{ return(['period_grain', 'period_start', 'score_scale', 'segment_dimension']) }}
{% endmacro %}

{% macro touchpoint_member() %}
    {{ return(['segment_value', 'journey_stage', 'channel', 'service_line']) }}
{% endmacro %}


{# How contacts are rolled up: over stages, over channels, over both. #}
{% macro contact_rollups() %}
    {{ return([
        {'stage': "'all'", 'channel': "'all'", 'by': [], 'too_many': 'is_too_many'},
        {'stage': "'all'", 'channel': 'channel', 'by': ['channel'], 'too_many': 'is_too_many'},
        {
            'stage': 'journey_stage',
            'channel': "'all'",
            'by': ['journey_stage'],
            'too_many': 'is_too_many_of_the_stage',
        },
        {
            'stage': 'journey_stage',
            'channel': 'channel',
            'by': ['journey_stage', 'channel'],
            'too_many': 'is_too_many_of_the_stage',
        },
    ]) }}
{% endmacro %}
