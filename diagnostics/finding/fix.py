"""The change that repairs a fault, ready to paste."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import field_validator

from diagnostics.finding.value import Value
from diagnostics.write import bound


class Fix(Value):
    """The smallest safe change, ready to paste, with the real ids filled in.

    `text` says in a sentence what changes; `cli` changes it, `verify` shows that it worked and `undo` takes it back
    (all AWS CLI). `terraform` and `cloudformation` are the same change as code.
    """

    text: str
    cli: str | None = None
    terraform: str | None = None
    cloudformation: str | None = None
    verify: str | None = None
    undo: str | None = None

    @field_validator("cli", "verify", "undo")
    @classmethod
    def _no_value_is_an_option(cls, commands: str | None) -> str | None:
        return commands and bound(commands)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other members, which are held against the same rules: pydantic's own takes them as they are."""
        return type(self).model_validate({**dict(self), **(update or {})})
