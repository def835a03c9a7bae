-- Revenue per month out of the journals: every posting to a revenue account, whatever made it.
-- Journals credit revenue with a minus; they are in the organisation's own currency.
select
    strftime(date_trunc('month', try_cast(day_of(journal.journal_date) as date)), '%Y-%m-01') as month,
    -sum(try_cast(journal_line.net_amount as decimal(18, 2))) as amount,
from journal_line
inner join journal on journal_line.journal_id = journal.journal_id
where journal_line.account_type in ('REVENUE', 'SALES')
group by 1
order by month
