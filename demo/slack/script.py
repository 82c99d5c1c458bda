"""Failures that a test wants to see, and the record of every call."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.slack.errors import SlackRefusal


@dataclass(frozen=True)
class AppCall:
    """One request of the app and its answer. `method` is a Web API method, `response_url` or `ack`.

    `channel` is the id of the channel it was about, where there was one.
    """

    method: str
    arguments: Mapping[str, Any]
    answer: Mapping[str, Any]
    status: int = 200
    channel: str | None = None

    @property
    def ok(self) -> bool:
        return bool(self.answer.get("ok"))

    @property
    def error(self) -> str | None:
        return self.answer.get("error")


@dataclass
class Trouble:
    """What goes wrong with the next calls of a method (`*` is all); `times` counts down, None is for ever.

    `after` so many calls that go well.
    `until` ends it at a moment of the workspace's time. `lost` performs the call and then drops the connection, so that
    the app cannot know that it worked; `dropped` drops it before. `page` answers HTML.
    """

    method: str
    error: str
    channel: str | None = None
    times: int | None = 1
    status: int = 200
    retry_after: int | None = None
    lost: bool = False
    dropped: bool = False
    page: str | None = None
    until: float | None = None
    after: int = 0

    def matches(self, method: str, channel: str | None, now: float) -> bool:
        meant = self.method in (method, "*") and self.channel in (None, channel)
        return meant and self.times != 0 and (self.until is None or now < self.until)


@dataclass
class Script:
    """The failures still to come."""

    failures: list[Trouble] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, failure: Trouble) -> None:
        with self._lock:
            self.failures.append(failure)

    def take(self, method: str, channel: str | None, now: float) -> bool:
        """Use up one failure. Raises SlackRefusal for it, or returns whether the answer shall be lost."""
        with self._lock:
            for failure in self.failures:
                if failure.matches(method, channel, now):
                    if failure.after:
                        failure.after -= 1
                        continue
                    if failure.times is not None:
                        failure.times -= 1
                    break
            else:
                return False
        if failure.lost:
            return True
        raise SlackRefusal(
            failure.error,
            status=failure.status,
            retry_after=failure.retry_after,
            page=failure.page,
            dropped=failure.dropped,
        )
