{# The seed's patterns in the spelling of `words_of`, each for texts of its language and for those
   whose language is not known. Looking for the fixed beginning of a pattern is twenty times as quick as
   a regular expression that differs from row to row and is compiled for each; `like` judges the few
   patterns that have a gap. #}
with

spelled as (

    select
        theme,
        language,
        pattern,
        unless_negated,
        {{ words_of_pattern('pattern') }} as words
    from {{ ref('verbatim_patterns') }}

),

beginnings as (

    select
        *,
        ' ' || split_part(words, '*', 1) || case when words like '%*%' then '' else ' ' end
            as beginning,
        case
            when words like '%*_%' then '% ' || replace(words, '*', '%') || ' %'
        end as gapped
    from spelled

)

select
    theme,
    language,
    pattern,
    language as read_in,
    beginning,
    gapped,
    unless_negated
from beginnings

union all

select
    theme,
    language,
    pattern,
    'all' as read_in,
    beginning,
    gapped,
    unless_negated
from beginnings
