"""Registries: the pull-through cache, outside registries and their credentials, limits and outages."""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.registry.cache import cache
from diagnostics.faults.registry.credentials import credentials
from diagnostics.faults.registry.first_pull import cache_internet, cache_permission
from diagnostics.faults.registry.limits import limits

CHECKS: tuple[Check, ...] = (cache, cache_permission, cache_internet, credentials, limits)

__all__ = ["CHECKS"]
