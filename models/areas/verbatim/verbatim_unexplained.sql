with

terms as (

    select * from {{ ref('int_verbatim_unexplained_terms') }}

),

by_language as (

    select
        language,
        count(*) as unexplained_texts
    from terms
    where term_kind = 'text'
    group by language

),

counted as (

    select
        language,
        term_kind,
        term,
        count(*) as texts,
        count(distinct customer) as customers,
        sum(case when contribution > 0 then 1 else 0 end) as promoters,
        sum(case when contribution < 0 then 1 else 0 end) as detractors
    from terms
    where term_kind <> 'text'
    group by language, term_kind, term

),

{# What few say could be a name. #}
ranked as (

    select
        *,
        row_number() over (
            partition by language, term_kind
            order by texts desc, term asc
        ) as term_rank
    from counted
    where customers >= {{ var('unexplained_minimum_customers') }}

)

select
    ranked.language,
    ranked.term_kind,
    ranked.term,
    cast(ranked.term_rank as bigint) as term_rank,
    by_language.unexplained_texts,
    cast(ranked.texts as bigint) as texts,
    {{ safe_ratio('ranked.texts', 'by_language.unexplained_texts') }} as share,
    cast(ranked.customers as bigint) as customers,
    cast(ranked.promoters as bigint) as promoters,
    cast(ranked.texts - ranked.promoters - ranked.detractors as bigint) as passives,
    cast(ranked.detractors as bigint) as detractors
from ranked
inner join by_language
    on ranked.language = by_language.language
where ranked.term_rank <= {{ var('unexplained_terms') }}
