"""One table for each room of `diagnostics.faults.host`."""
