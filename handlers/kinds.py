"""Every kind of job, as data. A new button is one kind here, what it does in `handlers.doing`, and one view that it answers with."""

from __future__ import annotations

from handlers import ids
from handlers.jobs import Job, Kind

DIAGNOSE = Kind("diagnose", waits=True, needs_run=False, replaces=False)
"""Look at a target, and begin a thread about it."""
EVENT = Kind("failed_task", waits=True, needs_run=False, replaces=False)
"""Look at a task that failed before anybody asks. Nobody waits, so that nothing is said until there is a verdict."""
RERUN = Kind("rerun", waits=True, needs_run=False, replaces=True, button=ids.RERUN, fresh=True)
"""Look again, and say what has changed. Where the earlier run is gone there is nothing to compare with, no more."""
NEWEST = Kind("newest", waits=True, needs_run=False, replaces=True, button=ids.NEWEST, fresh=True)
"""Look at the newest task of the service, in the same thread."""
EXPLAIN = Kind("explain", waits=False, needs_run=True, replaces=False, button=ids.EXPLAIN, option=ids.WHY)
"""Say why such faults stop a pull."""
TERRAFORM = Kind("terraform", waits=False, needs_run=True, replaces=False, option=ids.AS_TERRAFORM)
"""Give the repair as Terraform."""
CLOUDFORMATION = Kind(
    "cloudformation", waits=False, needs_run=True, replaces=False, option=ids.AS_CLOUDFORMATION,
)  # fmt: skip
"""Give the repair as CloudFormation."""
REPORT = Kind("full_report", waits=False, needs_run=True, replaces=False, option=ids.FULL_REPORT)
"""Give the full report as a file."""
BE_ON_IT = Kind("on_it", waits=False, needs_run=True, replaces=True, button=ids.ON_IT)
"""Say who takes care of it."""
WATCHING = Kind(
    "watch_service", waits=True, needs_run=True, replaces=True, option=ids.WATCH, fresh=True, quiet=True,
)  # fmt: skip
"""Look at the newest task of a service from time to time, until it pulls."""
UNWATCH = Kind("stop_watching", waits=False, needs_run=True, replaces=True, option=ids.STOP_WATCHING)
"""End that."""
SHOW_DETAILS = Kind("details", waits=False, needs_run=True, replaces=False, button=ids.SHOW_DETAILS)
"""Give the details to one person, where there is no thread."""
POST = Kind("post", waits=False, needs_run=True, replaces=False, button=ids.POST)
"""Show the channel what one person was told."""

STEP = Kind("workflow_step", waits=True, needs_run=False, replaces=False)
"""Look at a target for a workflow, which waits for the outputs."""
LIST = Kind("list_faults", waits=False, needs_run=False, replaces=False)
"""Name every cause, to one person."""
EXPLAIN_FAULT = Kind("explain_fault", waits=False, needs_run=False, replaces=False)
"""Explain one cause by its id, to one person."""
HOME = Kind("publish_home", waits=False, needs_run=False, replaces=False)
"""Publish somebody's App Home."""
HOME_AGAIN = Kind("check_home", waits=False, needs_run=False, replaces=False)
"""Try everything out, and publish an administrator's App Home."""
AUDIT = Kind("audit_cluster", waits=True, needs_run=False, replaces=False, fresh=True, long=True)
"""Look at everything that starts tasks in a cluster, and say what would not start now or soon."""
AUDIT_NEWS = Kind("audit_news", waits=False, needs_run=False, replaces=False)
"""Tell a channel what changed since the audit of the day before."""

_EVERY = (
    DIAGNOSE, EVENT, RERUN, NEWEST, EXPLAIN, TERRAFORM, CLOUDFORMATION, REPORT, BE_ON_IT, SHOW_DETAILS, POST,
    STEP, LIST, EXPLAIN_FAULT, HOME, HOME_AGAIN, AUDIT, AUDIT_NEWS, WATCHING, UNWATCH,
)  # fmt: skip
KINDS = {kind.name: kind for kind in _EVERY}
"""By the names in waiting jobs."""


def read_job(text: str | bytes) -> Job:
    """A job as it waited in a queue.

    Raises:
        pydantic.ValidationError: it is none, or of a kind that this version does not know.
    """
    return Job.model_validate_json(text, context=KINDS)
