{# How far back the contacts of a client's customers are known: before its first contact nobody can
   say who had none. The extract ends for all clients at once, with the last contact of any. #}
with

contacts as (

    select
        profiles.client_id,
        interactions.opened_at,
        interactions.resolved_at
    from {{ ref('fct_interactions') }} as interactions
    inner join {{ ref('int_customer_profiles') }} as profiles
        on interactions.customer_id = profiles.customer_id

),

latest as (

    select max(opened_at) as known_until
    from contacts

),

clients as (

    select
        client_id,
        min(opened_at) as known_from,
        count(resolved_at) > 0 as are_resolutions_recorded
    from contacts
    group by client_id

)

select
    clients.client_id,
    clients.known_from,
    latest.known_until,
    clients.are_resolutions_recorded
from clients
cross join latest
