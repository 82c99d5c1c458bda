"""One table for each room of `diagnostics.faults.registry`."""
