"""Moves to diagnostics/write."""
