"""The function that ECS asks before a deployment starts tasks: it always answers, in time and in the form that ECS reads.

An exception, no answer and an answer in another form roll a deployment back as `FAILED` does, so that a mistake of ours, or an AWS that
does not answer, must not come through. Whatever is not known for sure lets the deployment go on. So nothing is imported here that
could fail; what judges is loaded, and runs, under a deadline.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
"""

from __future__ import annotations

import logging
import os
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, Protocol

log = logging.getLogger(__name__)

DEADLINE = 20.0
"""Seconds for the judgement, a cold start's share included."""
POSTING = 5.0
"""Seconds that the reason may take to be posted; the answer does not hang on it."""
SPARE = 3.0
"""Seconds of the function's time that stay unused."""
STAGE = "PRE_SCALE_UP"
"""The stage at which nothing of the new revision runs yet. At any other the answer is that the deployment may go on."""
UNDECIDED = "PULLCHECK_HOOK_UNDECIDED"

HookStatus = Literal["SUCCEEDED", "FAILED"]
HookFinding = Literal["broken", "fine", "undecided"]


@dataclass(frozen=True)
class HookJudgement:
    """What is known of the pull of a deployment's new revision: `broken` only where a cause is confirmed.

    Attributes:
        why: the same in a sentence, for the log.
        post: tells people, where there is something to tell.
    """

    kind: HookFinding
    why: str
    post: Callable[[], None] | None = None


class RevisionAsker(Protocol):
    """Judges the revision that an event of ECS names."""

    def __call__(self, event: Mapping[str, Any], /) -> HookJudgement: ...


Load = Callable[[], RevisionAsker]
"""Makes the judge, which reads the settings and the secrets."""


def _load() -> RevisionAsker:
    made: RevisionAsker = import_module("bot.aws_lambda.judging").make()
    return made


@dataclass
class DeploymentHook:
    """The function. The judge is made at the first event, so that a wrong setting is an answer too and no failed start."""

    load: Load = _load
    deadline: float = DEADLINE
    posting: float = POSTING
    clock: Callable[[], float] = time.monotonic
    _judge: RevisionAsker | None = field(default=None, repr=False)

    def __call__(self, event: Any, context: Any) -> dict[str, HookStatus]:
        """The answer to one event of ECS; raises nothing."""
        try:
            return {"hookStatus": self._status(event, context)}
        except BaseException:
            # Even what is no Exception: no answer is a roll-back.
            _say("the hook failed; the deployment goes on\n%s", traceback.format_exc())
            return {"hookStatus": "SUCCEEDED"}

    def _status(self, event: Any, context: Any) -> HookStatus:
        stage = event.get("lifecycleStage") if isinstance(event, Mapping) else None
        if stage != STAGE:
            _say("nothing is judged at stage %s; the deployment goes on", str(stage)[:60])
            return "SUCCEEDED"
        until = self.clock() + min(self.deadline, _seconds_left(context) - self.posting - SPARE)
        found: list[HookJudgement] = []

        def judge() -> None:
            try:
                self._judge = self._judge or self.load()
                found.append(self._judge(event))
            except BaseException:
                _say("the judgement failed; the deployment goes on\n%s", traceback.format_exc())
                found.append(HookJudgement("fine", "the judgement failed"))

        self._within(until - self.clock(), judge)
        judged = found[0] if found else HookJudgement("undecided", "the judgement took too long")
        status = _status_of(judged.kind)
        _say("%s: %s", status, judged.why)
        if judged.post is not None:
            self._within(self.posting, lambda: _quietly(judged.post))
        return status

    def _within(self, seconds: float, work: Callable[[], None]) -> None:
        """Do it, and wait for it as long as this."""
        thread = threading.Thread(target=work, name="pullcheck-hook", daemon=True)
        thread.start()
        thread.join(max(0.0, seconds))


def _quietly(post: Callable[[], None] | None) -> None:
    try:
        if post is not None:
            post()
    except Exception:
        _say("the reason could not be posted\n%s", traceback.format_exc())


def _status_of(kind: HookFinding) -> HookStatus:
    if kind == "undecided" and os.environ.get(UNDECIDED, "").strip().upper() == "FAILED":
        return "FAILED"
    return "FAILED" if kind == "broken" else "SUCCEEDED"


def _seconds_left(context: Any) -> float:
    """How much of the function's time is left; plenty where nobody says."""
    try:
        return float(context.get_remaining_time_in_millis()) / 1000
    except Exception:
        return DEADLINE + POSTING + SPARE


def _say(message: str, *of: str) -> None:
    try:
        log.warning(message, *of)
    except Exception:
        return
