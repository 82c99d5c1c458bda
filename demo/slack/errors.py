"""A refusal of the Web API, spelled as Slack spells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SlackRefusal(Exception):
    """A call that Slack refuses: `error` is Slack's code, `messages` the reasons it adds for blocks.

    `status` is the HTTP status (200 for almost all refusals, 429 for `ratelimited`), `retry_after` the
    seconds of the Retry-After header. `page` is an HTML page that comes in place of JSON, as from a proxy on the
    way; `dropped` breaks the connection without an answer. `fields` are further fields of the answer, such as `needed`.
    """

    def __init__(
        self,
        error: str,
        *,
        messages: Sequence[str] = (),
        status: int = 200,
        retry_after: int | None = None,
        page: str | None = None,
        dropped: bool = False,
        **fields: Any,
    ) -> None:
        super().__init__(": ".join((error, "; ".join(messages))) if messages else error)
        self.error = error
        self.messages = tuple(messages)
        self.status = status
        self.retry_after = retry_after
        self.page = page
        self.dropped = dropped
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        answer: dict[str, Any] = {"ok": False, "error": self.error, **self.fields}
        if self.messages:
            answer["response_metadata"] = {"messages": list(self.messages)}
        return answer
