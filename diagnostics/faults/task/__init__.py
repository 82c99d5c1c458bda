"""The task as a whole: did it get as far as a pull? A room for each fault, listed in `diagnostics.faults`."""
