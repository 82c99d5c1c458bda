"""The image: its reference, its repository, its tag or digest, what is stored there, and for which platforms.

A room for each fault, or for twins, listed in `diagnostics.faults`.
"""
