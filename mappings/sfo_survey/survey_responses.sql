-- One row per interview whose passenger said how likely they are to recommend the airport.
-- 11 stands for a question left blank and a few cells are empty: no answer, so no response.
select
    RESPNUM as response_id,
    RESPNUM as respondent_id, -- everyone is interviewed once; no customer: the survey is anonymous
    'relational' as survey_kind,
    'departure' as journey_stage, -- all were asked while waiting to board
    'boarding_area_' || lower(BAREA) as service_line,
    case METHOD
        when '1' then 'gate'
        when '2' then 'mail'
        when '3' then 'online'
    end as channel,
    -- The file holds a day of the month and no month: the fieldwork was in May 2017.
    cast(make_date(2017, 5, cast(INTDATE as integer)) as timestamp) as responded_at,
    cast(NETPRO as integer) as score,
    'nps_0_10' as score_scale,
from source_csv('2017_SFO_Customer_Survey*.csv')
where NETPRO <> '11'
