{# What each text is about: a theme once, however often its patterns stand there. #}
with

words as (

    select
        response_id,
        read_in,
        words,
        {{ each_word('words') }} as word
    from {{ ref('int_verbatim_words') }}

),

hits as (

    select
        words.response_id,
        words.words,
        patterns.theme,
        patterns.language,
        patterns.beginning,
        patterns.unless_negated
    from words
    inner join {{ ref('int_verbatim_patterns') }} as patterns
        on
            words.read_in = patterns.read_in
            and substring(words.word, 1, 3) = patterns.opening
            and contains(words.words, patterns.beginning)
    where patterns.gapped is null or words.words like patterns.gapped

)

select distinct
    response_id,
    theme
from hits
where
    not unless_negated
    or contains({{ affirmed_words('words', 'language') }}, beginning)
