"""The builders by their old name, for the tables of `tests/faults`; they are in `tests.build`."""

from __future__ import annotations

from tests.build import *  # noqa: F403
from tests.build import policy_text as policy

__all__ = ["policy"]
