"""Every kind of job. A new button is one kind here, what it does, and one view that it answers with."""

from __future__ import annotations

from handlers import ids
from handlers.diagnosing import diagnose, say_not_checked, tell_event
from handlers.explaining import explain, say_not_explained
from handlers.jobs import Job, Kind
from handlers.presenting import post_to_channel, say_not_shown, show_details
from handlers.rerunning import check_newest, rerun

DIAGNOSE = Kind("diagnose", waits=True, needs_run=False, replaces=False, does=diagnose, fails=say_not_checked)
"""Look at a target, and begin a thread about it."""
EVENT = Kind(
    "failed_task", waits=True, needs_run=False, replaces=False, does=tell_event, fails=say_not_checked
)
"""Look at a task that failed before anybody asks. Nobody waits, so that nothing is said until there is a verdict."""
RERUN = Kind(
    "rerun", waits=True, needs_run=False, replaces=True, does=rerun, fails=say_not_checked, button=ids.RERUN,
    fresh=True,
)  # fmt: skip
"""Look again, and say what has changed. Where the earlier run is gone there is nothing to compare with, no more."""
NEWEST = Kind(
    "newest", waits=True, needs_run=True, replaces=True, does=check_newest, fails=say_not_checked,
    button=ids.NEWEST, fresh=True,
)  # fmt: skip
"""Look at the newest task of the service, in the same thread."""
EXPLAIN = Kind(
    "explain",
    waits=False,
    needs_run=True,
    replaces=False,
    does=explain,
    fails=say_not_explained,
    button=ids.EXPLAIN,
)
"""Say why such faults stop a pull."""
SHOW_DETAILS = Kind(
    "details", waits=False, needs_run=True, replaces=False, does=show_details, fails=say_not_shown,
    button=ids.SHOW_DETAILS,
)  # fmt: skip
"""Give the details to one person, where there is no thread."""
POST = Kind(
    "post",
    waits=False,
    needs_run=True,
    replaces=False,
    does=post_to_channel,
    fails=say_not_shown,
    button=ids.POST,
)
"""Show the channel what one person was told."""

KINDS = {kind.name: kind for kind in (DIAGNOSE, EVENT, RERUN, NEWEST, EXPLAIN, SHOW_DETAILS, POST)}
"""By the names in waiting jobs."""


def read_job(text: str | bytes) -> Job:
    """A job as it waited in a queue.

    Raises:
        pydantic.ValidationError: it is none, or of a kind that this version does not know.
    """
    return Job.model_validate_json(text, context=KINDS)
