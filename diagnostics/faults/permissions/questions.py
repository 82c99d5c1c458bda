"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Puller, Ruling
from diagnostics.faults.permissions.refusal_words import not_told

__all__ = ["Puller", "Ruling", "Step", "not_told"]
