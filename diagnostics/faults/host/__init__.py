"""The machine that pulls: its disk and its agent. A room for each fault, listed in `diagnostics.faults`."""
