{{ check_landing('verbatim_patterns') }}
