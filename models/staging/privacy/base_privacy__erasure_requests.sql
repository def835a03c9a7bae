{{ check_landing('privacy_erasure_requests') }}
