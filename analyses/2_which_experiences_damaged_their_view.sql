-- Question 2: which experiences and processes damaged their view?
--
-- How to read it: what customers went through (in the days before their answer), what they wrote about, and what
-- they rated, each with the points of NPS to be gained and the revenue behind these points: if the trouble no
-- longer happened, if those who wrote of it scored like others, if everybody below the best rating gave one step
-- more than now (`mean_rating` of `top_rating`). Lines overlap (a slow repair is a fault too): never add them.
-- `points_lower` above 0 means that the gain is there beyond chance; experiences are adjusted for who went
-- through them, themes and ratings are not.
--
-- Shown: lever_kind, lever, points (points), points_lower to points_upper (points), revenue (money),
-- revenue_lower to revenue_upper (money)
select
    lever_kind,
    lever,
    customers,
    round(mean_rating, 2) as mean_rating,
    top_rating,
    round(points, 2) as points,
    round(lower, 2) as points_lower,
    round(upper, 2) as points_upper,
    revenue,
    revenue_lower,
    revenue_upper,
    evidence,
    currency
from improvement_levers
where
    segment_dimension = 'all'
    and is_reportable
    and lower > 0
order by lower desc, lever_kind, lever
