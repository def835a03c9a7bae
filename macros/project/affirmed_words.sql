{# Words without those that are denied, and without greetings that only look like praise: *não gostei*,
   *not very happy*, *ne recommande pas*, *bom dia*. By the language of the pattern that was found. A negation
   takes the next word with it, passing over the small ones between; in French and German also the one
   before. #}
{% macro affirmed_words(words, language) -%}
    case {{ language }}
        {%- for code, pattern in negations().items() %}
        when '{{ code }}' then {{ replace_pattern(words, pattern, ' ') }}
        {%- endfor %}
        else {{ words }}
    end
{%- endmacro %}


{% macro negations() %}
    {% set small = {
        'de': 'sehr|so|ganz|besonders|wirklich|mehr|immer|zu|der|die|das|den|ein|eine|einen|ich|es|mir|wir|sie',
        'en': 'is|was|are|were|be|been|very|so|really|that|all|at|it|the|a|an|have|had|has|would|can|to|any|much',
        'es': 'es|era|fue|son|esta|me|te|se|lo|la|le|los|las|nos|muy|tan|mas|ha|he|han|sido|puedo|un|una|nada',
        'fr': 'pas|plus|jamais|le|la|les|l|vous|me|m|est|ai|a|ont|ete|de|du|des|d|tres|si|trop|tout|un|une',
        'it': 'e|era|sono|sta|mi|ti|si|lo|la|li|le|ci|vi|ne|molto|cosi|piu|ho|ha|stato|stata|posso|un|una|per|niente',
        'pt': 'e|era|foi|foram|esta|estou|sou|fiquei|achei|me|te|se|o|a|lhe|tao|muito|mais|nada|posso|um|uma|do|da',
    } %}
    {% set after = {} %}
    {% for code, words in small.items() %}
        {% do after.update({code: '( (' ~ words ~ ')\\b){0,4}( [a-z0-9]{1,40}){0,1}'}) %}
    {% endfor %}
    {% set before = '( [a-z0-9]{1,40}){0,1}' %}
    {{ return({
        'de': ' guten (tag|morgen|abend)|' ~ before ~ '( (ich|es|das|den|die|sie|wir|leider)){0,2}'
            ~ ' (nicht|kein|keine|keinen|keiner|keinem|nie|niemals|ohne|weder)\\b' ~ after['de'],
        'en': ' good (morning|afternoon|evening|day)|( [a-z]{1,20}n t| (not|never|no|cannot|without|nothing|dont))\\b'
            ~ after['en'],
        'es': ' buen(os|as)? (dias?|tardes|noches)| (no|nunca|jamas|ni|sin|tampoco)\\b' ~ after['es'],
        'fr': ' (ne|n)\\b' ~ after['fr'] ~ '|' ~ before ~ ' (pas|jamais|aucun|aucune|sans|guere)\\b' ~ after['fr'],
        'it': ' buon(a|o)? (giorno|sera|giornata)| (non|mai|ne|nessun|nessuna|senza|per niente)\\b' ~ after['it'],
        'pt': ' (bom dia|boa tarde|boa noite)| (nao|nunca|jamais|nem|sem)\\b' ~ after['pt'],
    }) }}
{% endmacro %}
