"""The same target asked again in the same channel: who asks is led to the thread that there is, and AWS is not asked.

A word in the store on each target that was asked for in a channel says where, by whom, and what became of it. Whoever begins
holds it, so that of two who ask at the same moment one diagnoses and the other is led there. Where that cannot be had (no link,
no thread, no word), a diagnosis is made as if nobody had asked.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from diagnostics.target import Target
from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.saved_run import SavedRun
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.views import again as views

log = logging.getLogger(__name__)

OPEN_SECONDS = 1800.0
"""For how long after its last check a target that is asked for again is answered with a link."""
LOOKS = (0.25, 0.25, 0.5, 1.0, 1.0)
"""Seconds between two looks for the message of somebody who has only just begun."""


class AskedBefore(BaseModel):
    """Who asked for a target in a channel, and where the answer stands or comes.

    Attributes:
        state: `private`: nobody else sees the answer.
        target: as it was asked for.
        account_id: the account that AWS named.
        region: the Region that was looked at.
        run_id: the run.
        user: who asked, by the id.
        user_name: the same as people know them; empty where Slack did not say.
        message_ts: the message with the verdict.
        thread_ts: the thread that it stands in.
        said: names the error text that came with it.
        at: when, in seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    state: Literal["checking", "checked", "private"]
    target: Target
    account_id: str | None = None
    region: str | None = None
    run_id: str
    user: str
    user_name: str = ""
    message_ts: str | None = None
    thread_ts: str | None = None
    said: str | None = None
    at: float

    def is_same(self, target: Target) -> bool:
        """True where a target is certainly this one.

        The id of a task is given once, so that a task is the same where nothing says otherwise. A name of a service is not:
        what is not said of one is the same only as what was not said of the other.
        """
        for asked, found, now in (
            (self.target.account_id, self.account_id, target.account_id),
            (self.target.region, self.region, target.region),
            (self.target.cluster, None, target.cluster),
        ):
            known = {asked, found} - {None}
            if target.kind == "task":
                if now is not None and known and now not in known:
                    return False
            elif now != asked and (now is None or now not in known):
                return False
        return True


class Again:
    """What a job has to do with those who asked for the same target.

    Args:
        attempt: the attempt at the job.
    """

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._key: str | None = None

    # --- what a job asks -----------------------------------------------------------------------------

    def answered(self) -> Reached | None:
        """Lead the person to the answer that there is, or that comes; `None` where there is to be a diagnosis.

        Never raises: what cannot be found out must not cost anybody an answer.
        """
        try:
            found = self._found()
            return None if found is None else self._led(found)
        except Exception:
            log.exception("it could not be seen whether the same was asked before")
            return None

    def take(self) -> None:
        """Hold the word on the target, whoever asked for it before. Never raises."""
        try:
            for key in self._keys():
                before = self._read(key)
                if before is not None and self._is_fresh(before) and not self._is_same(before):
                    continue
                if self._attempt.alone(key):
                    self._key = key
                return
        except Exception:
            log.exception("who asks for a target could not be noted")

    # --- what it says --------------------------------------------------------------------------------

    def begun(self) -> None:
        """The diagnosis is under way, and shown where it is."""
        self._note("checking" if self._is_seen() else "private")

    def ended(self, run: SavedRun, reached: Reached) -> Reached:
        """The run has its answer."""
        seen = reached == "channel" and self._is_seen()
        if reached != "nowhere":
            self._note("checked" if seen else "private", run)
        if seen:
            self._tells(run)
        return reached

    def _tells(self, run: SavedRun) -> None:
        """Let task events of the same cause be counted in the message. Never raises: else they have one of their own."""
        try:
            self._attempt.services.groups.tells(run)
        except Exception:
            log.exception("what a message tells of could not be noted for task events")

    def _is_seen(self) -> bool:
        """True where there is a message in the channel that can be found again."""
        return self._attempt.thread.thread_ts is not None and self._attempt.thread.parent_ts is not None

    # --- the word on a target ------------------------------------------------------------------------

    def _keys(self) -> Iterator[str]:
        """Where the word on the target may stand: by its own name, or, where that is another one's, by all that is said."""
        job = self._attempt.job
        target = job.target
        name = (
            (target.task_id or "").lower() if target.kind == "task" else f"{target.cluster}/{target.service}"
        )
        own = (job.channel, target.kind, name)
        yield _key(*own)
        yield _key(*own, target.account_id or "", target.region or "", target.cluster or "")

    def _found(self) -> AskedBefore | None:
        """Who asked for the same before; `None` where nobody did, and then this job holds the word on it."""
        for key in self._keys():
            before = self._read(key)
            if before is not None and self._is_fresh(before):
                if not self._is_same(before):
                    continue
                if before.state == "checked" and not self._knows_more(before):
                    return before
            if self._attempt.alone(key):
                self._key = key
                return self._told_of_a_group()
            return self._under_way(key)
        return None

    def _under_way(self, key: str) -> AskedBefore | None:
        """What somebody who holds the word shows, as soon as it is shown; `None` where that is nothing."""
        for pause in (*LOOKS, 0.0):
            found = self._read(key)
            if found is not None and found.run_id != self._attempt.run_id and self._is_fresh(found):
                return found if self._is_same(found) and found.state != "private" else None
            self._attempt.services.pace.sleep(pause)
        return None

    def _told_of_a_group(self) -> AskedBefore | None:
        """The message about task events to which the target belongs."""
        job = self._attempt.job
        run = self._attempt.services.groups.told(job.target, job.channel)
        if run is None or run.thread_ts is None or run.taken_at is None:
            return None
        return AskedBefore(
            state="checked", target=run.target, run_id=run.run_id, user=run.user, message_ts=run.thread_ts,
            thread_ts=run.thread_ts, at=run.taken_at.timestamp(),
        )  # fmt: skip

    def _knows_more(self, before: AskedBefore) -> bool:
        """True where the error text of an alert may tell what AWS could not tell before."""
        said = _digest(self._attempt.job.alert_text)
        if said in (None, before.said):
            return False
        run = self._attempt.services.runs.load(before.run_id)
        return run is None or run.report is None or run.report.task.source != "live"

    def _is_same(self, before: AskedBefore) -> bool:
        return before.is_same(self._attempt.job.target)

    def _is_fresh(self, before: AskedBefore) -> bool:
        return self._attempt.services.clock() - before.at < OPEN_SECONDS

    def _read(self, key: str) -> AskedBefore | None:
        note = self._attempt.services.runs.noted(key)
        if note is None:
            return None
        try:
            return AskedBefore.model_validate_json(note)
        except ValidationError:
            return None

    def _note(self, state: Literal["checking", "checked", "private"], run: SavedRun | None = None) -> None:
        """Never raises: without the word the next one who asks is answered with a diagnosis."""
        if self._key is None:
            return
        attempt, snapshot = self._attempt, run.snapshot if run else None
        job = attempt.job
        word = AskedBefore(
            state=state,
            target=job.target,
            account_id=snapshot.account_id if snapshot else None,
            region=snapshot.region if snapshot else None,
            run_id=attempt.run_id,
            user=job.user,
            user_name=job.user_name,
            message_ts=attempt.thread.parent_ts,
            thread_ts=attempt.thread.thread_ts,
            said=_digest(job.alert_text),
            at=attempt.services.clock(),
        )
        try:
            attempt.services.runs.note(self._key, word.model_dump_json(exclude_defaults=True))
        except Exception:
            log.exception("who asked for a target could not be noted")

    # --- the link ------------------------------------------------------------------------------------

    def _led(self, before: AskedBefore) -> Reached | None:
        """Tell the person where the answer is; `None` where that cannot be told."""
        attempt = self._attempt
        link = self._link(before.message_ts)
        if link is None:
            self._instead()
            return None
        who = before.user if before.user != attempt.job.user else None
        if before.state == "checking":
            said = views.being_checked(attempt.job.target, who, before.user_name, link)
        else:
            minutes = int(max(0.0, attempt.services.clock() - before.at) // 60)
            said = views.was_checked(
                attempt.job.target, who, before.user_name, link, minutes, of=before.target,
                run_id=before.run_id, message_ts=before.message_ts, thread_ts=before.thread_ts,
            )  # fmt: skip
        # Not in a thread: Slack shows what one person sees there only to who has it open.
        reached = attempt.tell(said, in_thread=False)
        if reached == "nowhere":
            self._instead()
            return None
        log.info("the same was asked again, and is answered with a link")
        attempt.thread.give_up()
        return reached

    def _instead(self) -> None:
        """A diagnosis is made as if nobody had asked: the next one is led to that."""
        if self._key is None:
            self.take()

    def _link(self, message_ts: str | None) -> str | None:
        """The address of a message; `None` where it is gone, or Slack does not say.

        Slack: https://docs.slack.dev/reference/methods/chat.getPermalink
        """
        if message_ts is None:
            return None
        slack: Any = self._attempt.services.slack
        try:
            link = slack.chat_getPermalink(channel=self._attempt.job.channel, message_ts=message_ts).get(
                "permalink"
            )
        except CALL_ERRORS as error:
            log.info("Slack gave no link to a message: %s", code_of(error))
            return None
        return link if isinstance(link, str) and link.startswith("https://") else None


def _key(*parts: str) -> str:
    """The key of the word on a target, whatever stands in its parts."""
    return f"asked {hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()[:12]
