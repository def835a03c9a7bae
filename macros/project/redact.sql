{# A verbatim without e-mail addresses, IBANs and runs of seven and more digits (phone, card and tax
   numbers, also written with spaces, dots or dashes). #}
{% macro redact(text) -%}
    {%- set without_emails = replace_pattern(text, '[[:alnum:]._%+-]+@[[:alnum:].-]+', '[e-mail]') -%}
    {%- set without_ibans = replace_pattern(
        without_emails, '[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?', '[iban]'
    ) -%}
    {{ replace_pattern(without_ibans, '[+(]?[0-9]([ ./()-]*[0-9]){6,}', '[number]') }}
{%- endmacro %}
