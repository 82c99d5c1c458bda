"""Trigger ids: what comes with a command or a press, and opens one view within three seconds.

Slack: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses,
https://docs.slack.dev/reference/methods/views.open#errors
"""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.slack.errors import SlackRefusal
from demo.slack.workspace import Workspace

LIFETIME = 3.0
"""Seconds, by the workspace's time."""


@dataclass
class Triggers:
    """Gives trigger ids out, and takes each back once."""

    workspace: Workspace
    _made: dict[str, tuple[str, float]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def make(self, user: str) -> str:
        """A new trigger id of a person."""
        with self.workspace.changed:
            name = f"{self.workspace.serial()}.{self.workspace.team_id}"
            self._made[name] = (user, self.workspace.now())
        return name

    def use(self, name: str) -> str:
        """The person whose trigger it is. Raises SlackRefusal where it opens nothing (any more)."""
        with self.workspace.changed:
            if name not in self._made:
                raise SlackRefusal("invalid_trigger_id")
            user, made_at = self._made[name]
            if name in self._used:
                raise SlackRefusal("exchanged_trigger_id")
            if self.workspace.now() - made_at > LIFETIME:
                raise SlackRefusal("expired_trigger_id")
            self._used.add(name)
        return user
