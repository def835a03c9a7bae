{{ check_landing(
    'survey_responses',
    customers=ref('stg_crm__customers'),
    erasures=ref('stg_privacy__erasure_requests'),
    scales=ref('score_scales'),
    horizon=ref('base_clock__horizon')
) }}
