"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.roles import named_role

__all__ = ["named_role"]
