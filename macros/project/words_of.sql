{# A text as words: lower case, accents folded, one blank between words and one at each end, so that
   ' word ' is found as a whole word. Where a clause ends stands a dot, so that no phrase reaches over it;
   what is neither a letter nor a digit is a blank, scripts other than Latin included. What redaction put in
   is left out, and what comes after the first 4,000 characters: nobody's second thought is that long, and
   one text must not take the time of a thousand. #}
{% macro words_of(text) -%}
    {%- set cut = 'substring(' ~ text ~ ', 1, 4000)' -%}
    {%- set unmarked = replace_pattern(cut, '\\[(e-mail|handle|iban|tax number|number)\\]', ' ') -%}
    {%- set clauses = replace_pattern(folded(unmarked), '[.,;:!?()\\n\\r\\x{2026}]{1,99}', ' . ') -%}
    ' ' || {{ replace_pattern(clauses, '[^a-z0-9.]{1,99}', ' ') }} || ' '
{%- endmacro %}


{# A pattern of the seed in the same spelling, with its `*`. #}
{% macro words_of_pattern(pattern) -%}
    trim({{ replace_pattern(folded(pattern), '[^a-z0-9*]{1,99}', ' ') }})
{%- endmacro %}


{# Lower case without accents, whether they are part of their letter or written after it. #}
{% macro folded(text) -%}
    {%- set lowered = replace_pattern('lower(' ~ text ~ ')', '\\p{M}{1,9}', '') -%}
    translate(
        replace(replace(replace({{ lowered }}, 'ß', 'ss'), 'œ', 'oe'), 'æ', 'ae'),
        'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ',
        'aaaaaaceeeeiiiinoooooouuuuyy'
    )
{%- endmacro %}
