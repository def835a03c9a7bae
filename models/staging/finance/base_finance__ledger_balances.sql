{{ check_landing('finance_ledger_balances') }}
