with

definitions as (

    {{ measure_definitions() }}

)

select
    mart,
    column_name,
    cast(column_position as int) as column_position,
    data_type,
    cast(unit as string) as unit,
    cast(estimate as string) as estimate,
    summed_over is not null as may_be_summed,
    cast(summed_over as string) as summed_over,
    case cast(unit as string)
        when 'share' then '0.0%'
        when 'percent' then '0.0" %"'
        when 'points' then '+0.0;-0.0;0.0'
        when 'money' then '#,##0.00'
        when 'ratio' then '0.00" ×"'
        when 'probability' then '0.000'
        when 'count' then '#,##0'
        when 'rank' then '0'
        when 'number' then '0.####'
        when 'days' then '#,##0.0'
        when 'hours' then '#,##0.0'
        when 'months' then '0'
        when 'quarters' then '0'
        when 'years' then '0.0'
    end as shown_as,
    description
from definitions
