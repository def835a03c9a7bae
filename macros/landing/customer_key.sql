{# How a customer is known. By default a number is one customer's, whoever's client it is. With the setting
   `customer_key: per_client` numbers are the client's own, and the key is `client/number` throughout: a
   row that names no client gets the only customer with its number, where there is only one. #}

{# The key of a customer, from a row of `landed`. #}
{% macro client_key(dataset, relations, number) -%}
    {%- set own = "coalesce(landed.client_id, 'own') || '/' || " ~ number -%}
    {%- if relations.crm_customers is none -%}
    {{ own }}
    {%- else -%}
    case
                when landed.client_id is not null then {{ own }}
                else coalesce(numbered.customer_id, {{ number }})
            end
    {%- endif -%}
{%- endmacro %}


{# A customer's number, from its key. #}
{% macro customer_number(customer_id, client_id) -%}
    {%- if var('customer_key') == 'per_client' -%}
    substring({{ customer_id }}, length(coalesce({{ client_id }}, 'own')) + 2)
    {%- else -%}
    {{ customer_id }}
    {%- endif -%}
{%- endmacro %}


{# The random key under which amounts of an erased customer stay: the same in every run of a warehouse,
   made with a secret that never leaves it. #}
{% macro pseudonym(customer_id, secret) -%}
    'erased-' || md5((select max(secret) from {{ secret }}) || {{ customer_id }})
{%- endmacro %}


{# One number for customers of two clients would count one of them under the wrong client. #}
{% macro refuse_shared_numbers() %}
    {% if var('customer_key') == 'per_client' %}{{ return('') }}{% endif %}
    {% set client = "coalesce(nullif(trim(client_id), ''), 'own')" %}
    {% set shared = run_query(
        'select trim(customer_id) as customer_id, min(' ~ client ~ ') as one, max(' ~ client ~ ') as other '
        ~ 'from landing.crm_customers where trim(customer_id) <> \'\' group by trim(customer_id) '
        ~ 'having min(' ~ client ~ ') <> max(' ~ client ~ ') order by customer_id limit 1'
    ).rows %}
    {% if shared %}
        {% do landing_error(
            'the customer ' ~ shared[0][0] ~ ' of crm_customers is a customer of ' ~ shared[0][1] ~ ' and of '
            ~ shared[0][2] ~ "; write customer_key: per_client into the landing's pointworth.yml if numbers are "
            ~ 'the client\'s own, or keep one row of each customer.'
        ) %}
    {% endif %}
{% endmacro %}
