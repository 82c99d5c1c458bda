"""How much Slack takes, to the letter: what is above it is answered 429 with Retry-After.

Slack: https://docs.slack.dev/apis/web-api/rate-limits. Slack itself lets short bursts pass, but promises none.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from demo.slack.errors import SlackRefusal

_MINUTE = 60.0
_A_MINUTE = {
    "chat.update": 50,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "functions.completeError": 50,
    "functions.completeSuccess": 50,
    "usergroups.users.list": 20,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
    "views.push": 100,
    "views.update": 100,
}
_POST_SECONDS = 1.0
# A caller that waited for a second by its own clock has waited long enough, whatever the last digit says.
_NEARLY = 1e-6


@dataclass
class Limits:
    """Counts what was taken. Messages for everybody: one a second in a channel, whichever way they come."""

    _posted: dict[str, float] = field(default_factory=dict)
    _called: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, method: str, channel: str | None, now: float) -> None:
        """Count a call. Raises SlackRefusal `ratelimited` where it is one too many, and then does not count it."""
        if method == "chat.postMessage" and channel is not None:
            left = self._posted.get(channel, -math.inf) + _POST_SECONDS - now
            if left > _NEARLY:
                raise _limited(left)
            self._posted[channel] = now
        elif method in _A_MINUTE:
            called = self._called.setdefault(method, deque())
            while called and called[0] <= now - _MINUTE + _NEARLY:
                called.popleft()
            if len(called) >= _A_MINUTE[method]:
                raise _limited(called[0] + _MINUTE - now)
            called.append(now)


def _limited(seconds: float) -> SlackRefusal:
    return SlackRefusal("ratelimited", status=429, retry_after=max(1, math.ceil(seconds)))
