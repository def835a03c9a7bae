{{ check_landing('billing_exchange_rates') }}
