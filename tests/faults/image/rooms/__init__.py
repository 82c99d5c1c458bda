"""One table for each room of `diagnostics.faults.image`."""
