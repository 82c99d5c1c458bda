"""The image: its reference, its repository, its tag or digest, what is stored there, and for which platforms."""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.image.named import digest, tag
from diagnostics.faults.image.platform import platform
from diagnostics.faults.image.reference import reference
from diagnostics.faults.image.repository import key, repository
from diagnostics.faults.image.stored import stored

CHECKS: tuple[Check, ...] = (reference, repository, key, tag, digest, stored, platform)

__all__ = ["CHECKS"]
