"""The work behind "I'm on it": who takes care of it, and since when, stands in the parent message for the whole channel.

A press means what its reader saw, which the button's value says: nobody was on it, or that person. So a second press of a
double-click changes nothing, and of two who press at once one takes it and the other is told who has it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.buttons import STALE
from handlers.diagnosing import thread_state
from handlers.earlier import kept_here
from handlers.saved_run import SavedRun
from handlers.thread_state import ThreadState
from handlers.views import notices
from handlers.views.parent import OnIt

NOT_SHOWN = "It is noted that {}, but the message could not be changed: it may have been deleted."
_TRIES, _PAUSE = 20, 0.25


def be_on_it(attempt: Attempt) -> Reached:
    """Take care of it, take it over, or let go of it."""
    job = attempt.job
    run = kept_here(attempt, with_facts=True)
    if not isinstance(run, SavedRun):
        return run
    if job.message_ts is None:
        return attempt.tell(notices.refused(STALE))
    if not in_turn(attempt):
        # Somebody else's press is being looked at; this one comes again.
        return "nowhere"
    state = thread_state(attempt)
    told = _decide(attempt, state)
    if not state.draw(run, attempt.thread.amend):
        on_it = state.on_it
        who = f"{on_it.name or 'somebody'} is on it" if on_it else "nobody is on it"
        return attempt.tell(notices.refused(NOT_SHOWN.format(who)))
    return attempt.tell(notices.refused(told)) if told is not None else "channel"


def say_not_on_it(attempt: Attempt, sentence: str) -> Reached:
    """Say that a press had no effect."""
    return attempt.tell(notices.refused(f"That was not noted: {sentence}"))


def in_turn(attempt: Attempt) -> bool:
    """Wait until no other press of this message is being looked at, for a few seconds."""
    what = f"presses {attempt.job.channel} {attempt.job.message_ts}"
    for _ in range(_TRIES):
        if attempt.alone(what):
            return True
        attempt.services.pace.sleep(_PAUSE)
    return False


def _decide(attempt: Attempt, state: ThreadState) -> str | None:
    """Note what the press means; a sentence for who pressed, where it means nothing any more."""
    job, now = attempt.job, state.on_it
    seen = job.held or ""
    if seen == job.user:
        # The message said that they are on it, so that they let go.
        if now is not None and now.user == job.user:
            state.take(None)
        return None
    if now is not None and now.user == job.user:
        return None
    if now is not None and now.user != seen:
        return f"{now.name or 'Somebody'} is on it already. Press I'm on it again to take it over."
    state.take(OnIt(job.user, job.user_name, datetime.fromtimestamp(attempt.services.clock(), UTC)))
    return None
