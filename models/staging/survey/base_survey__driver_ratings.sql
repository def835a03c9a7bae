{{ check_landing(
    'survey_driver_ratings',
    responses=ref('stg_survey__responses'),
    scales=ref('score_scales')
) }}
