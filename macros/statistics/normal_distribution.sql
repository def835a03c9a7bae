{# z of a two-sided 95 % interval. #}
{% macro z95() -%} 1.959963984540054 {%- endmacro %}


{# Two-sided p-value of a z statistic, to 15 digits: the rational approximation of Hart (1968), with a
   continued fraction in the far tail. Neither engine has the normal distribution built in. #}
{% macro two_sided_p(z) -%}
    {%- set a = 'abs(' ~ z ~ ')' -%}
    (
        case
            when {{ z }} is null then null
            when {{ a }} > 37 then 0.0
            when {{ a }} < 7.07106781186547
                then 2 * exp(-{{ a }} * {{ a }} / 2)
                    * ((((((3.52624965998911e-02 * {{ a }} + 0.700383064443688) * {{ a }}
                    + 6.37396220353165) * {{ a }} + 33.912866078383) * {{ a }}
                    + 112.079291497871) * {{ a }} + 221.213596169931) * {{ a }}
                    + 220.206867912376)
                    / (((((((8.83883476483184e-02 * {{ a }} + 1.75566716318264) * {{ a }}
                    + 16.064177579207) * {{ a }} + 86.7807322029461) * {{ a }}
                    + 296.564248779674) * {{ a }} + 637.333633378831) * {{ a }}
                    + 793.826512519948) * {{ a }} + 440.413735824752)
            else 2 * exp(-{{ a }} * {{ a }} / 2) / 2.506628274631
                / ({{ a }} + 1 / ({{ a }} + 2 / ({{ a }} + 3 / ({{ a }} + 4 / ({{ a }} + 0.65)))))
        end
    )
{%- endmacro %}
