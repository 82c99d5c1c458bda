"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.policy_edits import added, as_json, replaced, sparing, statements_of

__all__ = ["added", "as_json", "replaced", "sparing", "statements_of"]
