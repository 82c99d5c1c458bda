"""Where one job answers: a parent message and its thread, or, where Slack refuses that, the person who asked, alone.

The order is: the channel; the response_url that came with the request (for the person alone, unless its message stands in the
channel); a direct message. What is long goes into a thread or to one person, never into the channel.
"""

from __future__ import annotations

import logging

from slack_sdk import WebClient

from handlers.answers import AnswerForms, Reached, Shown
from handlers.newer_blocks import NewerBlocks
from handlers.one_person import OnePerson
from handlers.outgoing import Ready, ready
from handlers.pace import PROGRESS, Pace
from handlers.parent_thread import FIXED, LAST_SECONDS, ParentThread
from handlers.response_posts import ResponsePosts
from handlers.slack_errors import CallFailedError
from handlers.views import notices
from handlers.views.message import MessageContent

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 1.0
"""How long a message about progress waits for its turn: it is given up first."""


class Thread:
    """The parent message and the thread of one job, and the ways to the person who asked.

    Args:
        slack: the Web API with the bot's token.
        channel: where the job was asked for.
        user: who asked; empty where nobody did.
        thread_ts: the thread to answer in; `None` begins one.
        parent_ts: the message that shows the verdict, where there is one already.
        response_url: the fallback, where the request had one.
        replaces: the response_url belongs to the message that shows the verdict (a button was pressed on it).
        apart: it belongs to another one instead, which only who pressed sees.
        strict: raise on a message that breaks Slack's limits instead of sending plain text.
        pace: Slack's pace, one for the process.
        blocks: what the workspace takes.
    """

    def __init__(
        self,
        slack: WebClient,
        *,
        channel: str,
        user: str,
        thread_ts: str | None = None,
        parent_ts: str | None = None,
        response_url: str | None = None,
        replaces: bool = False,
        apart: bool = False,
        strict: bool = False,
        pace: Pace | None = None,
        blocks: NewerBlocks | None = None,
    ) -> None:
        self._pace = Pace() if pace is None else pace
        blocks = blocks or NewerBlocks()
        self._here = ParentThread(
            slack,
            channel,
            self._pace,
            thread_ts=thread_ts,
            parent_ts=parent_ts,
            blocks=blocks,
            first=bool(user),
        )
        self._posts = ResponsePosts(response_url, slack.base_url, channel, self._pace, blocks)
        self._person = OnePerson(
            slack,
            user,
            self._posts,
            self._pace,
            asked_in=thread_ts,
            pressed=apart or (replaces and parent_ts is None),
        )
        self._pressed = parent_ts if replaces and not apart else None
        """The message whose button was pressed, where everybody sees it."""
        self._strict = strict
        self._refusal: str | None = None
        self.shows_progress = not replaces and parent_ts is not None
        """The parent says that work is under way, or may say so."""
        self.is_threaded = False
        """The last answer stands in the parent message, with its details in the thread."""
        self.doubt_said = False
        """Where an answer is `unsure`: it was said how to get it if it is not there."""

    @property
    def parent_ts(self) -> str | None:
        """The message that shows the verdict, `None` where there is none."""
        return self._here.parent_ts

    @property
    def thread_ts(self) -> str | None:
        """The thread that is answered in, `None` where there is none."""
        return None if self._refusal else self._here.root

    # --- what jobs say -------------------------------------------------------------------------------

    def show(self, message: MessageContent) -> Shown:
        """Show in the parent message how things stand; post it where there is none yet. Never raises for Slack.

        Waits for no line and repeats nothing: what is not shown now is overtaken by the answer.
        """
        soon = self._soon()
        if self._refusal is None and (self.parent_ts is not None or self._pace.turn(PROGRESS, soon)):
            try:
                self._here.put(soon, self._ready(message))
                self.shows_progress = True
                return "channel"
            except CallFailedError as error:
                if error.code in FIXED:
                    if self._pressed is None:
                        return "later"
                elif error.refused:
                    self._refuse(error)
                elif self.parent_ts is not None:
                    self.shows_progress = True
                    return "later"
        # Progress is worth a use of the response_url, and no direct message.
        if self._posts.left > 2 and self._show_elsewhere(message):
            return "response_url"
        nobody = self._refusal is not None and not self._posts.left and not self._person.user
        return "unreachable" if nobody else "later"

    def answer(self, answer: AnswerForms, *, everybody: bool = False) -> Reached:
        """Give an answer once: the verdict in the parent and the details in its thread, or what is left of that.

        Args:
            everybody: it was asked to be shown to the channel, also where only the response_url can.
        """
        until = self._until()
        if self._refusal is not None:
            return self._elsewhere(until, answer, None, everybody)
        try:
            threaded = self._verdict(until, answer)
        except CallFailedError as error:
            return self._elsewhere(until, answer, error, everybody)
        if not threaded:
            return "channel"
        until = max(until, self._pace.clock() + LAST_SECONDS)
        try:
            for message in answer.details:
                self._here.reply(until, self._ready(message))
            self.is_threaded = True
        except CallFailedError as error:
            log.warning("a verdict stands without its thread: %s", error.code)
            self._without_thread(max(until, self._pace.clock()), answer)
        return "channel"

    def reply(self, message: MessageContent) -> Reached:
        """Say something in the thread, without touching the parent; where there is no thread, to the person alone."""
        until = self._until()
        if self._here.root is not None:
            try:
                self._here.reply(until, self._ready(message))
                return "channel"
            except CallFailedError as error:
                if error.unanswered:
                    log.warning("Slack did not answer when it was given a reply: %s", error.code)
                    return "unsure"
                if error.refused:
                    self._refuse(error)
        return self._person.answer(until, lambda: self._ready(message), lambda: self._ready(message))

    def amend(self, message: MessageContent) -> bool:
        """Change the parent message where it still is one of ours; post nothing. Never raises for Slack. True where it was."""
        if self.parent_ts is None:
            return False
        try:
            self._here.change(self._until(), self._ready(message))
        except CallFailedError as error:
            log.warning("a message was not amended: %s", error.code)
            return False
        return True

    def tell(self, message: MessageContent, *, in_thread: bool = True, surely: bool = True) -> bool:
        """Say something to the person who asked, and to nobody else; true when that person was told.

        Args:
            in_thread: where others read on. Slack shows it only to who has that thread open, so it must have replies.
            surely: rather twice than perhaps not at all.
        """
        until, told, user = self._until(), self._ready(message), self._person.user
        taken = self._person.whisper(until, told, in_thread=in_thread)
        if taken == "taken" or (taken == "unsure" and not surely):
            return True
        if not user:
            return False
        try:
            self._here.whisper(until, user, told, in_thread=in_thread)
        except CallFailedError as error:
            log.warning("a person could not be told something: %s", error.code)
            return False
        return True

    def say_doubt(self, doubt: MessageContent | None) -> None:
        """Say how to get an answer that may not be there: to who asked, or, where nobody did, in the channel."""
        if doubt is None:
            return
        until, ready = self._pace.clock() + LAST_SECONDS, self._ready(doubt)
        if self._person.user:
            self.doubt_said = self._person.say(until, ready)
            return
        try:
            self._here.post_beside(until, ready)
            self.doubt_said = True
        except CallFailedError as error:
            log.error("it is not known that an answer reached anybody: %s", error.code)

    def give_up(self) -> None:
        """No answer will come any more: nothing shall go on saying that work is under way. Never raises for Slack."""
        if self.parent_ts is not None and self.shows_progress:
            self._here.take_away(self.parent_ts)

    # --- the channel ---------------------------------------------------------------------------------

    def _verdict(self, until: float, answer: AnswerForms) -> bool:
        """Show the verdict; true where it can have a thread. Where an update fails to the end it takes the place of the pressed
        message, or is posted."""
        before, ready = self.parent_ts, self._ready(answer.parent)
        try:
            self._here.put(until, ready)
            return True
        except CallFailedError as error:
            fixed = error.code in FIXED
            # Where it was gone a message was posted, which Slack may have taken.
            if (error.refused and not fixed) or before is None or self.parent_ts is None:
                raise
        later = max(until, self._pace.clock()) + LAST_SECONDS
        # What a response_url has posted cannot be updated, and can hardly have a thread: the app is no member there.
        instead = self._ready(answer.short(None)) if fixed else ready
        if self._pressed == before and self._replace_pressed(later, instead):
            return not fixed
        self._here.put_another(later, ready)
        return True

    def _replace_pressed(self, until: float, ready: Ready) -> bool:
        """Put a message in the place of the one that was pressed, for everybody; true when Slack took it."""
        taken = self._posts.send(until, ready, everybody=True, replace=True)
        if taken == "unsure":
            # It says nothing twice.
            taken = self._posts.send(until, ready, everybody=True, replace=True)
        return taken == "taken"

    def _without_thread(self, until: float, answer: AnswerForms) -> None:
        """Let the verdict offer the details that have no thread."""
        if not answer.details:
            return
        later, offers = until + LAST_SECONDS, self._ready(answer.short(None))
        try:
            self._here.change(later, offers)
        except CallFailedError as error:
            log.warning("a verdict could not offer its details: %s", error.code)
            if self._pressed is None or not self._replace_pressed(later, offers):
                self._person.whisper(later, self._ready(answer.private(None, False)))

    def _refuse(self, error: CallFailedError) -> None:
        self._refusal = error.code
        log.warning("the channel took no message: %s", error.code)

    # --- what is left --------------------------------------------------------------------------------

    def _show_elsewhere(self, message: MessageContent) -> bool:
        if self._pressed is not None:
            if (
                self._posts.send(self._soon(), self._ready(message), everybody=True, replace=True)
                == "refused"
            ):
                return False
            self.shows_progress = True
            return True
        # It may stay where the channel takes the answer after all, so it says what stays true.
        return self._person.show(self._soon(), self._ready(notices.on_its_way()))

    def _elsewhere(
        self, until: float, answer: AnswerForms, error: CallFailedError | None, everybody: bool
    ) -> Reached:
        """Answer where the channel took nothing: for good (`_refusal`), or just now."""
        if error is not None and error.refused:
            self._refuse(error)
        later = max(until, self._pace.clock()) + LAST_SECONDS
        # A verdict that Slack may have taken is not said to everybody a second time; a replacement says nothing twice.
        doubtful = error is not None and error.unanswered
        # No message is found by what a response_url posts, so there is no thread: the verdict with a button.
        note = notices.why_no_thread(self._refusal)
        if self._pressed is not None and (self.parent_ts is not None or not doubtful):
            if self._replace_pressed(later, self._ready(answer.short(note))):
                return "channel"
        elif everybody and not doubtful:
            taken = self._posts.send(later, self._ready(answer.short(note)), everybody=True)
            if taken != "refused":
                return "channel" if taken == "taken" else "unsure"
        offers = self._refusal != "is_archived"
        reached = self._person.answer(
            later,
            lambda: self._ready(answer.private(notices.why_alone(self._refusal, offers=offers), offers)),
            lambda: self._ready(answer.private(notices.why_direct(self._refusal), False)),
        )
        if reached != "nowhere":
            self.give_up()
        if reached == "unsure" or (reached == "nowhere" and doubtful):
            # Slack may have taken the verdict, so it is not said a second time.
            self.say_doubt(answer.doubt)
            return "unsure"
        return reached

    def _soon(self) -> float:
        return self._pace.clock() + PROGRESS_SECONDS

    def _until(self) -> float:
        return self._pace.clock() + self._pace.patience

    def _ready(self, message: MessageContent) -> Ready:
        return ready(message, strict=self._strict)
