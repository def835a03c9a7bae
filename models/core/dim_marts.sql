with

definitions as (

    {{ mart_definitions() }}

)

select
    mart,
    cast(question as string) as question,
    cast(description as string) as description,
    cast(key_columns as string) as key_columns,
    cast(headline as string) as headline,
    cast(reading as string) as reading,
    cast(reading_order as string) as reading_order
from definitions
