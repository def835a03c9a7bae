-- One row per facility rated in an interview that has a response (see survey_responses.sql).
with interviews as (
    select
        RESPNUM as response_id,
        Q7ART as artwork,
        Q7FOOD as restaurants,
        Q7STORE as shops,
        Q7SIGN as signs_inside,
        Q7WALKWAYS as walkways,
        Q7SCREENS as information_screens,
        Q7INFODOWN as information_arrivals,
        Q7INFOUP as information_departures,
        Q7WIFI as wifi,
        Q7ROADS as signs_on_roads,
        Q7PARK as parking,
        Q7AIRTRAIN as airtrain,
        Q7LTPARKING as parking_shuttle,
        Q7RENTAL as car_rental,
        Q7ALL as airport_overall,
        Q9BOARDING as cleanliness_boarding_areas,
        Q9AIRTRAIN as cleanliness_airtrain,
        Q9RENTAL as cleanliness_car_rental,
        Q9FOOD as cleanliness_restaurants,
        Q9RESTROOM as cleanliness_restrooms,
        Q9ALL as cleanliness_overall,
        Q10SAFE as safety,
    from source_csv('2017_SFO_Customer_Survey*.csv')
    where NETPRO <> '11'
),

answers as (
    unpivot interviews on columns(* exclude (response_id)) into name driver value answer
)

select
    response_id,
    driver,
    cast(answer as integer) as rating,
    'stars_1_5' as score_scale,
from answers
-- 6 = never used, 0 = left blank, and Q7ALL writes the word Blank: none of them is a rating.
where answer in ('1', '2', '3', '4', '5')
