{{ check_landing(
    'support_follow_ups',
    responses=ref('stg_survey__responses')
) }}
