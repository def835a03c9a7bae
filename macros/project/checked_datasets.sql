{# Landing datasets and the model in which their rows are judged. #}
{% macro checked_datasets() %}
    {{ return({
        'crm_customers': 'base_crm__customers',
        'survey_responses': 'base_survey__responses',
        'survey_invitations': 'base_survey__invitations',
        'survey_driver_ratings': 'base_survey__driver_ratings',
        'verbatim_patterns': 'base_survey__verbatim_patterns',
        'support_interactions': 'base_support__interactions',
        'support_follow_ups': 'base_support__follow_ups',
        'billing_subscriptions': 'base_billing__subscriptions',
        'billing_invoice_lines': 'base_billing__invoice_lines',
        'billing_exchange_rates': 'base_billing__exchange_rates',
        'finance_ledger_balances': 'base_finance__ledger_balances',
        'finance_wallet_estimates': 'base_finance__wallet_estimates',
        'finance_initiatives': 'base_finance__initiatives',
        'campaign_assignments': 'base_campaigns__assignments',
        'nps_targets': 'base_nps__targets',
        'privacy_erasure_requests': 'base_privacy__erasure_requests',
    }) }}
{% endmacro %}
