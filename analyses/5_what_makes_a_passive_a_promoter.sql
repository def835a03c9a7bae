-- Question 5: what makes a passive a promoter?
--
-- How to read it: passives who answered again. `share` of those to whom the event happened between their two
-- answers became promoters; `expected_share` did so of those to whom it did not happen. `difference` with its
-- interval is what the event goes with, `points` what that means for the NPS, `revenue` what these points
-- are worth. A difference is not an effect: those whom a thing happens to may differ from the others.
--
-- Shown: event_kind, to_category, answers (count), share (share), expected_share (share), difference (share),
-- difference_lower to difference_upper (share), points (points)
select
    event_kind,
    to_category,
    answers,
    moves,
    round(share, 4) as share,
    round(expected_share, 4) as expected_share,
    round(difference, 4) as difference,
    round(difference_lower, 4) as difference_lower,
    round(difference_upper, 4) as difference_upper,
    round(q_value, 4) as q_value,
    is_significant,
    round(median_days_between) as median_days_between,
    round(points, 3) as points,
    revenue,
    currency
from nps_moves
where
    segment_dimension = 'all'
    and from_category = 'passive'
    and to_category in ('promoter', 'detractor')
    and is_reportable
order by to_category desc, difference desc nulls last, event_kind
