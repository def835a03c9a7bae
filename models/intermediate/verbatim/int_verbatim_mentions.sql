{# What each text is about: a theme once, however often its patterns stand there. A pattern is looked for
   from each word on, within its clause and ten words: what is further apart is not said together. #}
with

clauses as (

    select
        response_id,
        read_in,
        {{ each_part('words', '.') }} as clause
    from {{ ref('int_verbatim_words') }}

),

phrases as (

    select
        response_id,
        read_in,
        clause,
        {{ each_phrase('clause', 10) }} || ' ' as phrase
    from clauses

),

hits as (

    select
        phrases.response_id,
        phrases.clause,
        patterns.theme,
        patterns.language,
        patterns.beginning,
        patterns.unless_negated
    from phrases
    inner join {{ ref('int_verbatim_patterns') }} as patterns
        on
            phrases.read_in = patterns.read_in
            and substring(split_part(phrases.phrase, ' ', 1), 1, 3) = patterns.opening
            and left(phrases.phrase, length(patterns.beginning)) = patterns.beginning
    where patterns.gapped is null or phrases.phrase like patterns.gapped

)

select distinct
    response_id,
    theme
from hits
where
    not unless_negated
    or contains({{ affirmed_words('clause', 'language') }}, ' ' || beginning)
