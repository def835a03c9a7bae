-- One row per ticket that was rated good or bad: a touchpoint on a scale of its own, no NPS.
-- `offered` and `unoffered` are no answers.
select
    'csat-' || rating.id as response_id,
    coalesce(
        customers.external_id, ticket.organization_id, people.external_id,
        rating.requester_id, ticket.requester_id
    ) as customer_id,
    coalesce(rating.requester_id, ticket.requester_id) as respondent_id,
    'transactional' as survey_kind,
    'fault' as journey_stage,
    'email' as channel,
    rating.ticket_id as interaction_id,
    utc(coalesce(rating.updated_at, rating.created_at)) as responded_at,
    case when rating.score like 'good%' then '1' else '0' end as score,
    'good_bad_0_1' as score_scale,
    rating.comment as verbatim,
from satisfaction_rating as rating
left join ticket on rating.ticket_id = ticket.id
left join organization as customers on ticket.organization_id = customers.id
left join "user" as people on coalesce(rating.requester_id, ticket.requester_id) = people.id
where rating.score like 'good%' or rating.score like 'bad%'
order by response_id
