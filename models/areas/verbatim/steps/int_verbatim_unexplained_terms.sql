{# The words, and the pairs of neighbouring words, of the texts in which no theme was found; each
   once for a text. Small words are no terms: those of the text's language, or of all where it is not known. #}
{% set has_a_letter = 'length(translate(term, \'0123456789 \', \'\')) >= 3' %}
with

explained as (

    select distinct response_id
    from {{ ref('int_verbatim_mentions') }}

),

texts as (

    select
        words.response_id,
        words.words,
        coalesce(nullif({{ language_code('responses.language') }}, ''), 'unknown') as language,
        responses.contribution,
        coalesce(responses.customer_id, responses.response_id) as customer
    from {{ ref('int_verbatim_words') }} as words
    inner join {{ ref('int_answers_voiced') }} as responses
        on words.response_id = responses.response_id
    left join explained
        on words.response_id = explained.response_id
    where explained.response_id is null

),

clauses as (

    select
        response_id,
        language,
        contribution,
        customer,
        {{ each_part('words', '.') }} as clause
    from texts

),

phrases as (

    select
        response_id,
        language,
        contribution,
        customer,
        {{ each_phrase('clause', 2) }} as phrase
    from clauses

),

stop_words as (

    select
        language,
        word
    from {{ ref('verbatim_stop_words') }}

    union

    select
        'unknown' as language,
        word
    from {{ ref('verbatim_stop_words') }}

),

neighbours as (

    select
        phrases.response_id,
        phrases.language,
        phrases.contribution,
        phrases.customer,
        case when small_first.word is null then split_part(phrases.phrase, ' ', 1) end as word,
        case
            when
                small_first.word is null
                and small_second.word is null
                and phrases.phrase like '% %'
                then phrases.phrase
        end as pair
    from phrases
    left join stop_words as small_first
        on
            phrases.language = small_first.language
            and split_part(phrases.phrase, ' ', 1) = small_first.word
    left join stop_words as small_second
        on
            phrases.language = small_second.language
            and split_part(phrases.phrase, ' ', 2) = small_second.word

),

terms as (

    select
        response_id,
        language,
        contribution,
        customer,
        'word' as term_kind,
        word as term
    from neighbours

    union

    select
        response_id,
        language,
        contribution,
        customer,
        'pair' as term_kind,
        pair as term
    from neighbours

)

select
    response_id,
    language,
    contribution,
    customer,
    term_kind,
    term
from terms
where {{ has_a_letter }}

union all

{# Every text once without a word, so that texts are counted that have none. #}
select
    response_id,
    language,
    contribution,
    customer,
    'text' as term_kind,
    'text' as term
from texts
