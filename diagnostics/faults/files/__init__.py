"""The files in Amazon S3 that ECS reads before the pull: environment files, and a log router's own configuration.

Both are read with the execution role, and meet the same bucket, policies and endpoint (`s3_files`). A room for each.
"""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.files import environment_files, firelens_config

CHECKS: tuple[Check, ...] = (environment_files.CHECK, firelens_config.CHECK)

__all__ = ["CHECKS"]
