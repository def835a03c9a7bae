-- Every driver that is included has its part, and the other way round, with the same slope.
select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    driver,
    slope
from {{ ref('nps_drivers') }}
where is_included

except

select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    driver,
    slope
from {{ ref('nps_driver_contributions') }}
where term = 'driver' and is_reportable

union all

(
    select
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        driver,
        slope
    from {{ ref('nps_driver_contributions') }}
    where term = 'driver' and is_reportable

    except

    select
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        driver,
        slope
    from {{ ref('nps_drivers') }}
    where is_included
)
