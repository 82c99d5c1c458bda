"""The proof of the repairs: pasted into a real shell with the real AWS CLI, in emulated accounts."""
