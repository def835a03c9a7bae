{# The seed's patterns in the spelling of `words_of`, each for texts of its language and for those
   whose language is not known. A pattern is tried only where a word of the text opens like it, and by
   its fixed beginning; `like` judges the few that have a gap. A regular expression that differs from
   row to row would be compiled for each text: two hundred times as slow. #}
with

spelled as (

    select
        *,
        {{ words_of_pattern('pattern') }} as words
    from {{ ref('verbatim_patterns') }}

),

beginnings as (

    select
        theme,
        language,
        pattern,
        nullif(substring(split_part(words, ' ', 1), 1, 3), '') as opening,
        ' ' || split_part(words, '*', 1) || case when words like '%*%' then '' else ' ' end
            as beginning,
        case
            when words like '%*_%' then '% ' || replace(words, '*', '%') || ' %'
        end as gapped,
        unless_negated
    from spelled

)

select
    theme,
    language,
    pattern,
    opening,
    beginning,
    gapped,
    unless_negated,
    language as read_in
from beginnings

union all

select
    theme,
    language,
    pattern,
    opening,
    beginning,
    gapped,
    unless_negated,
    'all' as read_in
from beginnings
