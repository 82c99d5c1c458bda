"""Whether a workspace takes containers and tables: they are sent until Slack refuses them there, and then no more for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from handlers.ports import RunsStore
from handlers.slack_errors import CallFailedError
from handlers.views.flat import flattened, has_folds

log = logging.getLogger(__name__)

REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})
"""Slack's codes for a block that it does not take: https://docs.slack.dev/reference/methods/chat.postMessage#errors"""
_HOLDER = "blocks"
_SECONDS = 1.0

T = TypeVar("T")
Sendable = dict[str, Any]


class NewerBlocks:
    """What is known of one workspace. The note goes with the store's retention; then the newer blocks are tried once more.

    Args:
        runs: where it is kept; `None` keeps nothing.
        team: the workspace.
    """

    def __init__(self, runs: RunsStore | None = None, team: str | None = None) -> None:
        self._runs = runs
        self._key = f"older blocks {team or '-'}"
        self._refused: bool | None = None if runs is not None else False

    @property
    def refused(self) -> bool:
        """True where the workspace is known not to take them."""
        if self._refused is None:
            assert self._runs is not None
            try:
                self._refused = bool(self._runs.noted(self._key))
            except Exception:
                log.exception("what a workspace does not take could not be read")
                self._refused = False
        return self._refused

    def fitting(self, message: Sendable) -> Sendable:
        """The message in blocks that the workspace takes, as far as is known."""
        return flattened(message) if has_folds(message) and self.refused else message

    def send(self, message: Sendable, call: Callable[[Sendable], T]) -> T:
        """Send a message; in older blocks where the workspace does not take the newer ones, which is remembered.

        Raises:
            CallFailedError: Slack took it neither way.
        """
        first = self.fitting(message)
        try:
            return call(first)
        except CallFailedError as error:
            if error.code not in REFUSED or not has_folds(first):
                raise
            log.warning("Slack refused the blocks of a message, and gets older ones: %s", error.code)
        result = call(flattened(message))
        self.remember()
        return result

    def remember(self) -> None:
        """The workspace does not take them."""
        self._refused = True
        if self._runs is None:
            return
        try:
            self._runs.claim(self._key, _SECONDS, _HOLDER)
            self._runs.note(self._key, "refused")
        except Exception:
            log.exception("what a workspace does not take could not be kept")
