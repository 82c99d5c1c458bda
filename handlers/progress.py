"""How far a job came, noted in the store as it goes, so that whoever takes it up says nothing twice.

Slack has no key by which it would know a message that it has seen, so the note stands on both sides of what cannot be
repeated: where the answer begins is noted after that message was posted, and that a reply is about to be posted before it
is. `docs/operations.md` says what is left open.
"""

from __future__ import annotations

import logging
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from slack_sdk import WebClient

from handlers.jobs import Job
from handlers.ports import RunsStore
from handlers.slack_errors import CALL_ERRORS, failure_of

log = logging.getLogger(__name__)


class Progress(BaseModel):
    """How far a job came.

    Attributes:
        parent: the message in which it answers.
        replying: a reply was about to be posted, so that it may be there.
        doubled: somebody else was at it already, and the person who asked is to be told that.
        doubtful: Slack may have taken the answer, and it was not said yet how to get it if it is not there.
        audited: the line about its run is written.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    parent: str | None = None
    replying: bool = False
    doubled: bool = False
    doubtful: bool = False
    audited: bool = False

    @classmethod
    def read(cls, note: str | None) -> Progress:
        """What a note says. A version before noted the message alone."""
        if note is None:
            return cls()
        if not note.startswith("{"):
            return cls(parent=note)
        try:
            return cls.model_validate_json(note)
        except ValidationError:
            log.warning("a note on a job is of a version that differs")
            return cls()


class Notes:
    """The notes in the store on one job.

    Args:
        job: the job, with the message that it answers in, if there is one already.
        runs: where the notes are kept.
        progress: how far the job came before.
    """

    def __init__(self, job: Job, runs: RunsStore, progress: Progress) -> None:
        self._job = job
        self._runs = runs
        self.now = progress.model_copy(update={"parent": progress.parent or job.message_ts})

    def write(self, **changes: Any) -> None:
        """Note how far the job came. Never raises: without the note something may be said twice after a crash."""
        self.now = self.now.model_copy(update=changes)
        try:
            self._runs.note(self._job.key, self.now.model_dump_json(exclude_defaults=True))
        except Exception:
            log.exception("how far a job came could not be noted")


class NotingClient:
    """Slack's Web API, with notes on what one job posts in its channel.

    Args:
        slack: the Web API.
        job: the job.
        notes: the notes on it.
    """

    def __init__(self, slack: WebClient, job: Job, notes: Notes) -> None:
        self._slack = slack
        self._job = job
        self._notes = notes

    def as_web_api(self) -> WebClient:
        """The same, as whoever posts knows it."""
        return cast(WebClient, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._slack, name)

    def chat_postMessage(self, **arguments: Any) -> Any:
        """Post, and note it."""
        if arguments.get("channel") != self._job.channel:
            return self._slack.chat_postMessage(**arguments)
        now = self._notes.now
        begins = self._job.kind.waits and None in (now.parent, arguments.get("thread_ts"))
        before = now.replying
        if not begins and not before:
            self._notes.write(replying=True)
        try:
            answer = self._slack.chat_postMessage(**arguments)
        except CALL_ERRORS as error:
            if not begins and not before and failure_of(error).meaning != "unsure":
                # Slack certainly took none, so that whoever comes back to it may post it.
                self._notes.write(replying=False)
            raise
        if begins:
            self._notes.write(parent=str(answer["ts"]))
        return answer
