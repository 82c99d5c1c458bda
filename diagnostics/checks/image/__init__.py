"""The image: its reference, its repository, its tag or digest, what is stored there, and for which platforms."""

from __future__ import annotations

from diagnostics.checks.base import Check
from diagnostics.checks.image.named import digest, tag
from diagnostics.checks.image.platform import platform
from diagnostics.checks.image.reference import reference
from diagnostics.checks.image.repository import key, repository
from diagnostics.checks.image.stored import stored

CHECKS: tuple[Check, ...] = (reference, repository, key, tag, digest, stored, platform)

__all__ = ["CHECKS"]
