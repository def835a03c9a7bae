{# The patterns that are looked for, those of the chosen packs and the landing's own, in the
   spelling of `words_of`, each for texts of its language and for those whose language is not known. A pattern is
   tried only where a text opens like it, by the longest of three lengths, then by its fixed beginning;
   `like` judges those that have a gap. A regular expression that differs from row to row would be
   compiled for each text: two hundred times as slow. #}
with

chosen as (

    select
        theme,
        language,
        pattern,
        unless_negated
    from {{ ref('verbatim_patterns') }}
    where pack in ({{ verbatim_packs() }})

    union all

    select
        theme,
        language,
        pattern,
        coalesce(unless_negated, false) as unless_negated
    from {{ ref('stg_survey__verbatim_patterns') }}

),

{# One set of alternatives after the other. #}
{%- set sets_of_alternatives = 4 %}
{%- for place in range(sets_of_alternatives) %}
alternatives_{{ loop.index }} as (

    select
        theme,
        language,
        pattern,
        {{ each_part("split_part(split_part(pattern, '{', 2), '}', 1)", '|') }} as alternative,
        unless_negated
    from {{ 'chosen' if loop.first else 'spelled_out_' ~ (loop.index - 1) }}

),

spelled_out_{{ loop.index }} as (

    select
        theme,
        language,
        case
            when contains(pattern, '{')
                then
                    split_part(pattern, '{', 1)
                    || alternative
                    || substring(pattern, instr(pattern, '}') + 1)
            else pattern
        end as pattern,
        unless_negated
    from alternatives_{{ loop.index }}

),
{% endfor %}
spelled as (

    select
        replace(lower(theme), ' ', '_') as theme,
        {{ language_code('language') }} as language,
        {{ words_of_pattern('pattern') }} as pattern,
        unless_negated
    from spelled_out_{{ sets_of_alternatives }}

),

{# What is said twice is looked for once; denied or not, if one of the two says so. #}
patterns as (

    select
        theme,
        language,
        pattern,
        min(case when unless_negated then 1 else 0 end) = 1 as unless_negated
    from spelled
    group by theme, language, pattern

),

beginnings as (

    select
        theme,
        language,
        pattern,
        split_part(pattern, '*', 1) || case when pattern like '%*%' then '' else ' ' end
            as beginning,
        case
            when pattern like '%*_%' then replace(replace(pattern, ' *', '%'), '*', '%') || ' %'
        end as gapped,
        unless_negated
    from patterns

),

opened as (

    select
        theme,
        language,
        pattern,
        left(
            beginning,
            case
                {%- for length in opening_lengths() | reverse %}
                when length(beginning) >= {{ length }} then {{ length }}
                {%- endfor %}
            end
        ) as opening,
        beginning,
        gapped,
        unless_negated
    from beginnings

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
from opened

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
from opened
