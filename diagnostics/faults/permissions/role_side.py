"""Names as other families import them until they follow the rooms."""

from collections.abc import Iterable

from diagnostics.faults.permissions.boundary_denies import widen
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Puller
from diagnostics.faults.permissions.role_explicit_deny import lift as _lift
from diagnostics.faults.permissions.role_permission_missing import grant
from diagnostics.finding import Fix
from diagnostics.policy import Denied, Document


def lift(puller: Puller, document: Document, denied: Denied, requests: list[tuple[str, str]]) -> Fix:
    return _lift(puller, denied, requests)


def pairs(steps: Iterable[Step]) -> list[tuple[str, str]]:
    return [step.asks for step in steps]


__all__ = ["grant", "lift", "pairs", "widen"]
