{# A verbatim without what tells who wrote it: e-mail addresses (also spelled out), handles, IBANs, tax and
   social security numbers, and runs of seven and more digits (phone, card, account and tax numbers).
   Names are not found. Dates stay, and so do prices and order numbers of up to six digits. #}
{% macro redact(text) -%}
    {%- set steps = namespace(text=text) -%}
    {%- for step in redactions() -%}
        {%- set steps.text = replace_pattern(steps.text, step[0], step[1]) -%}
    {%- endfor -%}
    case
        when {{ matches_pattern(text, may_need_redaction()) }} then translate({{ steps.text }}, '∕․⁃', '/.-')
        else {{ text }}
    end
{%- endmacro %}


{# Most texts hold nothing that any pass could find: one look tells, and spares them the passes. #}
{% macro may_need_redaction() -%}
    (?i)[@＠0-9٠-٩０-９]|[(\[{] ?at ?[)\]}]|arroba|chiocciola|arobase| at [a-z-]{1,63} dot
{%- endmacro %}


{# The passes in their order, each a pattern and what stands instead. #}
{% macro redactions() %}
    {% set digit = '[0-9٠-٩０-９]' %}
    {% set gap = '[ _./()\\x00-\\x09\\x{00a0}\\x{00ad}\\x{00b7}\\x{2000}-\\x{2015}\\x{2022}\\x{202f}\\x{2060}-]' %}
    {% set outer = '[^\\s@＠<>()\\[\\],;:!?"\\x{00a0}]' %}
    {% set year = '(19[0-9]{2}|20[0-3][0-9])' %}
    {% set end = '([./-]{0,2}[^0-9./-]|[./-]{0,2}$)' %}
    {% set spelled_out = [
        '(?i:' ~ outer ~ '{1,64} {0,2}[(\\[{] ?(at|arroba|chiocciola|arobase) ?[)\\]}] {0,2}[[:alnum:].-]{1,255}'
        ~ '( {0,2}[(\\[{] ?(dot|punto|ponto|point|punkt) ?[)\\]}] {0,2}[[:alnum:]-]{2,63}){0,3})',
        '(?i:[[:alnum:]._%+-]{1,64} (arroba|chiocciola|arobase) [[:alnum:].-]{1,255}'
        ~ '( (punto|ponto|point|dot) [[:alnum:]-]{2,63}){0,3})',
        '(?i:[[:alnum:]._%+-]{1,64} at [[:alnum:]-]{1,63} dot [a-z]{2,24})',
    ] %}
    {% set ibans = [
        '[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}',
        '[A-Z]{2}[0-9]{2}([ .-][A-Z0-9]{4}){2,7}([ .-][A-Z0-9]{1,3})?',
        '(?i:[a-z]{2}[0-9]{2}[a-z0-9]{0,4}[0-9]{7}[a-z0-9]{0,20})',
        '(?i:[a-z]{2}[0-9]{2}[ .-][a-z0-9]{4}([ .-][0-9]{4}){2,6}([ .-][0-9]{1,3})?)',
    ] %}
    {# Italian codes (also with letters for digits), Brazilian companies, French social security of Corsica,
       German social security, Spanish residents and citizens. All others are plain digits. #}
    {% set tax_numbers = [
        '(?i:[a-z]{6}[0-9][0-9lmnpqrstuv][abcdehlmprst][0-9lmnpqrstuv]{2}[a-z][0-9lmnpqrstuv]{3}[a-z])',
        '(?i:[a-z]{3}[ -]?[a-z]{3}[ -]?[0-9]{2}[ -]?[abcdehlmprst][ -]?[0-9]{2}[ -]?[a-z][ -]?[0-9]{3}[ -]?[a-z])',
        '[0-9A-Z]{2}[.][0-9A-Z]{3}[.][0-9A-Z]{3}/[0-9A-Z]{4}-?[0-9]{2}',
        '[1-478][ .-]?[0-9]{2}[ .-]?[0-9]{2}[ .-]?2[ABab][ .-]?[0-9]{3}[ .-]?[0-9]{3}([ .-]?[0-9]{2})?',
        '[0-9]{2} ?[0-9]{6} ?[A-Za-z] ?[0-9]{3}',
        '(?i:[xyz][ -]?[0-9]{7}-?[a-z])',
        '(?i:[0-9]{2}[.]?[0-9]{3}[.]?[0-9]{3}-?[a-z])',
    ] %}
    {# Two letters, six digits and a letter also begin *nr 123456 di*: British numbers stand alone. #}
    {% set british = '([A-Z]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-D]|(?i:[a-z]{2}[0-9]{6}[a-d]))' %}
    {# Dates get marks that are no gaps of a number, until all is done. #}
    {{ return([
        [outer ~ '{1,64}[@＠]' ~ outer ~ '{0,254}[^\\s@＠<>()\\[\\],;:!?."\\x{00a0}]', '[e-mail]'],
        [outer ~ '{1,64}( {1,2}[@＠]|[@＠]) {1,2}[[:alnum:]-]{1,63}[.][A-Za-z]{2,24}', '[e-mail]'],
        [spelled_out | join('|'), '[e-mail]'],
        ['(^|[\\s(])@[A-Za-z][[:alnum:]._]{2,30}', '\\1[handle]'],
        [ibans | join('|'), '[iban]'],
        [tax_numbers | join('|'), '[tax number]'],
        ['(^|[^A-Za-z0-9])' ~ british ~ '([^A-Za-z0-9]|$)', '\\1[tax number]\\3'],
        ['([0-3]?[0-9])/([0-3]?[0-9])/' ~ year ~ end, '\\1∕\\2∕\\3\\4'],
        ['([0-3]?[0-9])[.]([0-3]?[0-9])[.]' ~ year ~ end, '\\1․\\2․\\3\\4'],
        ['([0-3]?[0-9])-([0-3]?[0-9])-' ~ year ~ end, '\\1⁃\\2⁃\\3\\4'],
        [year ~ '-([01]?[0-9])-([0-3]?[0-9])' ~ end, '\\1⁃\\2⁃\\3\\4'],
        [year ~ '/([01]?[0-9])/([0-3]?[0-9])' ~ end, '\\1∕\\2∕\\3\\4'],
        ['[+(]?' ~ digit ~ '(' ~ gap ~ '{0,3}' ~ digit ~ '){6,40}', '[number]'],
    ]) }}
{% endmacro %}
