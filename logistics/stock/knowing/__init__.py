"""What stock tells: product pages, any date's stock, expiry, targets, traces, figures."""
