"""One table for each room of `diagnostics.faults.files` whose fault is its own."""
