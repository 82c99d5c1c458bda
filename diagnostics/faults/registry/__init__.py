"""Registries: the pull-through cache, outside registries and their credentials, limits and outages.

A room for each fault, or for twins, listed in `diagnostics.faults`.
"""
