{# Answers with a text, the text as words, and the language whose patterns are looked for in it: its
   own, or all of them where it is not known or has no pattern. #}
{{ config(materialized='view') }}

with

languages as (

    select distinct language
    from {{ ref('int_verbatim_patterns') }}

),

texts as (

    select
        response_id,
        {{ language_code('language') }} as language,
        {{ words_of('redacted_verbatim') }} as words
    from {{ ref('int_answers_voiced') }}
    where redacted_verbatim is not null

)

select
    texts.response_id,
    coalesce(languages.language, 'all') as read_in,
    texts.words
from texts
left join languages
    on texts.language = languages.language
