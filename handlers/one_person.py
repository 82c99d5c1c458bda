"""The person who asked, and the ways to tell them something alone: the response_url of their request, a direct message."""

from __future__ import annotations

import logging
from collections.abc import Callable

from slack_sdk import WebClient

from handlers.answers import Reached
from handlers.calls import Calls
from handlers.outgoing import Ready
from handlers.pace import Pace
from handlers.parent_thread import LAST_SECONDS
from handlers.response_posts import ResponsePosts, Taken
from handlers.slack_errors import CallFailedError

log = logging.getLogger(__name__)


class OnePerson:
    """Who asked.

    Args:
        slack: the Web API with the bot's token.
        user: the person; empty where nobody asked.
        posts: the response_url of the request.
        pace: Slack's pace.
        asked_in: the thread that they asked in.
        pressed: they pressed a button of a message that they alone see.
    """

    def __init__(
        self,
        slack: WebClient,
        user: str,
        posts: ResponsePosts,
        pace: Pace,
        *,
        asked_in: str | None,
        pressed: bool,
    ) -> None:
        self._direct = Calls(slack, user, pace, first=True)
        self._posts = posts
        self._pace = pace
        self._asked_in = asked_in
        self._pressed = pressed
        self.user = user

    def answer(self, until: float, alone: Callable[[], Ready], direct: Callable[[], Ready]) -> Reached:
        """Give the person an answer: at the response_url, else in a direct message.

        Args:
            until: when it must have been sent for the last time, by the pace's clock.
            alone: the answer as it stands in the channel for this person alone.
            direct: as it stands in a direct message.
        """
        later = max(until, self._pace.clock()) + LAST_SECONDS
        if self._posts.left:
            taken = self.whisper(later, alone(), replace=self._pressed)
            if taken != "refused":
                return "response_url" if taken == "taken" else "unsure"
        if not self.user:
            log.error("an answer reached nobody: nobody asked for it")
            return "nowhere"
        try:
            self._direct.post(later, None, direct())
        except CallFailedError as error:
            if error.unanswered:
                return "unsure"
            log.error("an answer reached nobody: %s", error.code)
            return "nowhere"
        return "direct"

    def say(self, until: float, ready: Ready) -> bool:
        """Say something short by whichever way works, at worst by two; true when one certainly did."""
        if self.whisper(until, ready) == "taken":
            return True
        try:
            self._direct.post(until, None, ready)
        except CallFailedError as error:
            log.warning("a person could not be told something: %s", error.code)
            return False
        return True

    def show(self, until: float, ready: Ready) -> bool:
        """Show the person how things stand, in place of what they pressed; true when that was, or may have been, taken."""
        return self.whisper(until, ready, replace=self._pressed) != "refused"

    def whisper(self, until: float, ready: Ready, *, replace: bool = False, in_thread: bool = True) -> Taken:
        """Tell the person something at the response_url."""
        if not self._posts.left:
            return "refused"
        thread_ts = None if replace or not in_thread else self._asked_in
        return self._posts.send(until, ready, replace=replace, thread_ts=thread_ts)
