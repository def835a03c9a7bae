{# In what the arms of a campaign are compared before the action. A quantity has one row, its mean; a
   kind has one row per level, its share. Regions and plans are in no cell: they show what an adjustment
   did not ask for. #}
{% macro balance_covariates() %}
    {{ return([
        {'name': 'monthly_baseline_revenue', 'is_quantity': true},
        {'name': 'tenure_days', 'is_quantity': true},
        {'name': 'score', 'is_quantity': true},
        {'name': 'client_id', 'is_quantity': false},
        {'name': 'customer_type', 'is_quantity': false},
        {'name': 'tenure_band', 'is_quantity': false},
        {'name': 'revenue_band', 'is_quantity': false},
        {'name': 'score_band', 'is_quantity': false},
        {'name': 'region', 'is_quantity': false},
        {'name': 'plan_tier', 'is_quantity': false},
    ]) }}
{% endmacro %}
