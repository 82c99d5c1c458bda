"""Registries: the pull-through cache, outside registries and their credentials, limits and outages."""

from __future__ import annotations

from diagnostics.checks.base import Check
from diagnostics.checks.registry.cache import cache
from diagnostics.checks.registry.credentials import credentials
from diagnostics.checks.registry.first_pull import cache_internet, cache_permission
from diagnostics.checks.registry.limits import limits

CHECKS: tuple[Check, ...] = (cache, cache_permission, cache_internet, credentials, limits)

__all__ = ["CHECKS"]
