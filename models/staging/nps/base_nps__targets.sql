{{ check_landing('nps_targets') }}
