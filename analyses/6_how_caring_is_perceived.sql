-- Question 6: how is caring perceived?
--
-- How to read it: customers who were called back, beside customers of the same category whom nobody called, who
-- had waited as long and belong to the same strata. `recovered_…` is the share that gave a better
-- category the next time: what those without a call did by themselves is not the call's merit.
-- `points_effect` is the difference in the change of their scores; churn and revenue are compared alike.
-- `perceived_nps` is what those called said about the contact itself, where they were asked.
--
-- Shown: category, contact_value, contacted (count), recovered_contacted (share), recovered_not_contacted (share),
-- recovered_difference (share), recovered_lower to recovered_upper (share), revenue_effect (money)
select
    category,
    contact_kind,
    contact_value,
    contacted,
    not_contacted,
    round(recovered_contacted, 4) as recovered_contacted,
    round(recovered_not_contacted, 4) as recovered_not_contacted,
    round(recovered_difference, 4) as recovered_difference,
    round(recovered_difference_lower, 4) as recovered_lower,
    round(recovered_difference_upper, 4) as recovered_upper,
    round(points_effect, 2) as points_effect,
    round(lower, 2) as points_lower,
    round(upper, 2) as points_upper,
    round(churn_difference, 4) as churn_difference,
    round(churn_difference_lower, 4) as churn_lower,
    round(churn_difference_upper, 4) as churn_upper,
    revenue_effect,
    round(perceived_nps, 1) as perceived_nps,
    evidence,
    currency
from caring_effects
where segment_dimension = 'all' and survey_kind = 'relational' and is_reportable
order by category, contact_kind, contact_value
