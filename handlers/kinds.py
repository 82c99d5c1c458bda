"""Every kind of job. A new button is one kind here, what it does, and one view that it answers with."""

from __future__ import annotations

from handlers import ids
from handlers.asked import say_not_told, tell_explanation, tell_list
from handlers.audit_news import say_no_news, tell_news
from handlers.auditing import audit, say_not_audited
from handlers.diagnosing import diagnose, say_not_checked, tell_event
from handlers.explaining import (
    explain,
    give_report,
    say_no_code,
    say_no_report,
    say_not_explained,
    show_cloudformation,
    show_terraform,
)
from handlers.home import publish, publish_again, say_not_published
from handlers.jobs import Job, Kind
from handlers.on_it import be_on_it, say_not_on_it
from handlers.presenting import post_to_channel, say_not_shown, show_details
from handlers.rerunning import check_newest, rerun
from handlers.step import fail_step, run_step
from handlers.views.parent_buttons import (
    AS_CLOUDFORMATION,
    AS_TERRAFORM,
    FULL_REPORT,
    STOP_WATCHING,
    WATCH,
    WHY,
)
from handlers.watching import say_not_watched, stop_watching, watch

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
    "newest", waits=True, needs_run=False, replaces=True, does=check_newest, fails=say_not_checked,
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
    option=WHY,
)
"""Say why such faults stop a pull."""
TERRAFORM = Kind(
    "terraform", waits=False, needs_run=True, replaces=False, does=show_terraform, fails=say_no_code,
    option=AS_TERRAFORM,
)  # fmt: skip
"""Give the repair as Terraform."""
CLOUDFORMATION = Kind(
    "cloudformation", waits=False, needs_run=True, replaces=False, does=show_cloudformation, fails=say_no_code,
    option=AS_CLOUDFORMATION,
)  # fmt: skip
"""Give the repair as CloudFormation."""
REPORT = Kind(
    "full_report", waits=False, needs_run=True, replaces=False, does=give_report, fails=say_no_report,
    option=FULL_REPORT,
)  # fmt: skip
"""Give the full report as a file."""
BE_ON_IT = Kind(
    "on_it", waits=False, needs_run=True, replaces=True, does=be_on_it, fails=say_not_on_it,
    button=ids.ON_IT,
)  # fmt: skip
"""Say who takes care of it."""
WATCHING = Kind(
    "watch_service", waits=True, needs_run=True, replaces=True, does=watch, fails=say_not_watched, option=WATCH,
    fresh=True, quiet=True,
)  # fmt: skip
"""Look at the newest task of a service from time to time, until it pulls."""
UNWATCH = Kind(
    "stop_watching", waits=False, needs_run=True, replaces=True, does=stop_watching, fails=say_not_watched,
    option=STOP_WATCHING,
)  # fmt: skip
"""End that."""
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

STEP = Kind("workflow_step", waits=True, needs_run=False, replaces=False, does=run_step, fails=fail_step)
"""Look at a target for a workflow, which waits for the outputs."""
LIST = Kind("list_faults", waits=False, needs_run=False, replaces=False, does=tell_list, fails=say_not_told)
"""Name every cause, to one person."""
EXPLAIN_FAULT = Kind(
    "explain_fault", waits=False, needs_run=False, replaces=False, does=tell_explanation, fails=say_not_told
)
"""Explain one cause by its id, to one person."""
HOME = Kind(
    "publish_home", waits=False, needs_run=False, replaces=False, does=publish, fails=say_not_published
)
"""Publish somebody's App Home."""
HOME_AGAIN = Kind(
    "check_home", waits=False, needs_run=False, replaces=False, does=publish_again, fails=say_not_published
)
"""Try everything out, and publish an administrator's App Home."""
AUDIT = Kind(
    "audit_cluster", waits=True, needs_run=False, replaces=False, does=audit, fails=say_not_audited, fresh=True,
    long=True,
)  # fmt: skip
"""Look at everything that starts tasks in a cluster, and say what would not start now or soon."""
AUDIT_NEWS = Kind(
    "audit_news", waits=False, needs_run=False, replaces=False, does=tell_news, fails=say_no_news
)
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
