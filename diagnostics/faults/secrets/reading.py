"""One request of the execution role about a secret, parameter or key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Puller
from diagnostics.faults.permissions.tag_repairs import Bearer
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.finding import Fix
from diagnostics.policy import Document, Missing, Request
from diagnostics.write.policies import Json


class ChangePolicy(Protocol):
    """The repair by another text for a policy of what is asked for; `None` takes it away."""

    def __call__(
        self, target: str, old: Json, new: Json | None, /, *, title: str, text: str, warning: str | None
    ) -> Fix: ...


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One request of the execution role about an item, and the policy of what it asks for.

    `bearer` is what it asks for, with its tags. `about` says in sentences what that is, and `concerns` are the ids of that among the resources of a cause. `verb` is
    the word for the request in the name of a new policy. `change` makes the repair of `policy` out of what is asked for, and the
    policy's old and new text. `lacks` is the sentence where that policy would have to allow and does not.
    """

    item: Item
    bearer: Bearer
    reader: Puller
    request: Request
    policy: Document | Missing | None
    about: str
    concerns: tuple[str, ...]
    verb: str
    change: ChangePolicy
    lacks: str | None = None

    @property
    def step(self) -> Step:
        """The request, at the stage of secrets."""
        return Step("secrets", self.request)
