{# Fails where all touchpoints of a segment of customers together are not the transactional answers
   that nps_by_segment counts, or where one of the two has a segment that the other has not. #}
{% set touchpoints %}(
    select *
    from {{ ref('touchpoint_nps') }}
    where journey_stage = 'all' and channel = 'all' and service_line = 'all'
) as touchpoints{% endset %}
{% set of_customers %}
    survey_kind = 'transactional'
    and segment_dimension in (select segment_dimension from {{ ref('int_customer_segments') }})
{% endset %}
{{ test_same_rows(
    touchpoints, ref('nps_by_segment'), [
        'period_grain', 'period_start', 'score_scale', 'segment_dimension', 'segment_value',
        'responses', 'promoters', 'detractors',
    ], compare_where=of_customers
) }}
