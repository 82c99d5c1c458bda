"""An answer in the forms that different places need, and what is said of where it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from handlers.text import Mrkdwn
from handlers.views.message import MessageContent

Reached = Literal["channel", "response_url", "direct", "joined", "unsure", "nowhere"]
"""Whom an answer reached: everybody in the channel; the person who asked, at the response_url or in a direct message; `joined`:
another message of the channel names that cause already, and counts this one too; `unsure`: Slack may have taken it and did not
say so, and it is not said again; or nobody."""
Shown = Literal["channel", "response_url", "later", "unreachable"]
"""Where a person saw how things stand. `later`: nowhere yet, but the answer may reach somebody. `unreachable`: the channel
refuses, and there is nobody else to be told, so that a diagnosis would be for nobody."""


@dataclass(frozen=True)
class AnswerForms:
    """An answer, in the forms that different places need. What is long is made when it is first asked for, and once.

    Attributes:
        parent: the verdict, above a thread.
        make_details: makes what stands in the thread.
        short: the verdict where there is no thread; the note says why.
        private: all of it for one person. Given a note, and whether that person may be offered to show it to the channel.
        doubt: what is said where Slack may have taken the answer: how to get it if it is not there. `None` for nothing.
    """

    parent: MessageContent
    make_details: Callable[[], Sequence[MessageContent]]
    short: Callable[[Mrkdwn | None], MessageContent]
    private: Callable[[Mrkdwn | None, bool], MessageContent]
    doubt: MessageContent | None = None

    @cached_property
    def details(self) -> Sequence[MessageContent]:
        """What stands in the thread."""
        return self.make_details()
