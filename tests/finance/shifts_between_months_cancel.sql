-- What leaves the month of the invoice arrives in a month of service: over all months nothing is
-- won or lost, but for the half cent by which each of them is rounded.
select
    currency,
    sum(serviced_in_other_months) as shifted_out,
    sum(invoiced_in_other_months) as shifted_in
from {{ ref('revenue_reconciliation') }}
group by currency
having abs(sum(serviced_in_other_months) - sum(invoiced_in_other_months)) > 0.01 * count(*)
