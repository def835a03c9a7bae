-- What an invoice in another currency was booked with: Xero gives foreign money per unit of the
-- organisation's own, which is the reporting currency here.
select
    currency_code as currency,
    day_of(date) as valid_from,
    1 / median(try_cast(currency_rate as double)) as rate_to_reporting,
from invoice
where
    coalesce(type, 'ACCREC') = 'ACCREC'
    and try_cast(currency_rate as double) > 0
    and try_cast(currency_rate as double) <> 1
group by 1, 2
order by 1, 2
