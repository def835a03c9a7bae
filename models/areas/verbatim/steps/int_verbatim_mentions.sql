{# What each text is about: a theme once, however often its patterns stand there. A pattern is
   looked for from each word on, within its clause and ten words: what is further apart is not said
   together. #}
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
        {{ each_phrase('clause', 10) }} as phrase
    from clauses

),

openings as (

    {%- for length in opening_lengths() %}
    {{ 'union all' if not loop.first }}

    select
        response_id,
        read_in,
        clause,
        phrase || ' ' as phrase,
        left(phrase || ' ', {{ length }}) as opening
    from phrases
    {% endfor %}
),

hits as (

    select
        openings.response_id,
        openings.clause,
        patterns.theme,
        patterns.language,
        patterns.beginning,
        patterns.unless_negated
    from openings
    inner join {{ ref('int_verbatim_patterns') }} as patterns
        on
            openings.read_in = patterns.read_in
            and openings.opening = patterns.opening
            and left(openings.phrase, length(patterns.beginning)) = patterns.beginning
    where patterns.gapped is null or openings.phrase like patterns.gapped

)

select distinct
    response_id,
    theme
from hits
where
    not unless_negated
    or contains({{ affirmed_words('clause', 'language') }}, ' ' || beginning)
