{# What each text is about: a theme once, however often its patterns stand there. #}
with

hits as (

    select
        texts.response_id,
        texts.words,
        patterns.theme,
        patterns.language,
        patterns.beginning,
        patterns.unless_negated
    from {{ ref('int_verbatim_words') }} as texts
    inner join {{ ref('int_verbatim_patterns') }} as patterns
        on texts.read_in = patterns.read_in and contains(texts.words, patterns.beginning)
    where
        length(trim(patterns.beginning)) > 0
        and (patterns.gapped is null or texts.words like patterns.gapped)

)

select distinct
    response_id,
    theme
from hits
where
    not unless_negated
    or contains({{ affirmed_words('words', 'language') }}, beginning)
