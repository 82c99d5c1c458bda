"""What each kind of job does. Whoever only queues jobs, while Slack waits, loads nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from handlers.answers import Reached
from handlers.asked import say_not_told, tell_explanation, tell_list
from handlers.attempt import Attempt
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
from handlers.jobs import Kind
from handlers.kinds import (
    AUDIT,
    AUDIT_NEWS,
    BE_ON_IT,
    CLOUDFORMATION,
    DIAGNOSE,
    EVENT,
    EXPLAIN,
    EXPLAIN_FAULT,
    HOME,
    HOME_AGAIN,
    LIST,
    NEWEST,
    POST,
    REPORT,
    RERUN,
    SHOW_DETAILS,
    STEP,
    TERRAFORM,
    UNWATCH,
    WATCHING,
)
from handlers.on_it import be_on_it, say_not_on_it
from handlers.presenting import post_to_channel, say_not_shown, show_details
from handlers.rerunning import check_newest, rerun
from handlers.step_outputs import fail_step, run_step
from handlers.watching import say_not_watched, stop_watching, watch


class Deed(NamedTuple):
    """What one kind of job does.

    Attributes:
        does: does it; tells whom the answer reached.
        fails: says in one sentence that it could not be done; tells whom that reached.
    """

    does: Callable[[Attempt], Reached]
    fails: Callable[[Attempt, str], Reached]


DEEDS: Mapping[Kind, Deed] = {
    DIAGNOSE: Deed(diagnose, say_not_checked),
    EVENT: Deed(tell_event, say_not_checked),
    RERUN: Deed(rerun, say_not_checked),
    NEWEST: Deed(check_newest, say_not_checked),
    EXPLAIN: Deed(explain, say_not_explained),
    TERRAFORM: Deed(show_terraform, say_no_code),
    CLOUDFORMATION: Deed(show_cloudformation, say_no_code),
    REPORT: Deed(give_report, say_no_report),
    BE_ON_IT: Deed(be_on_it, say_not_on_it),
    WATCHING: Deed(watch, say_not_watched),
    UNWATCH: Deed(stop_watching, say_not_watched),
    SHOW_DETAILS: Deed(show_details, say_not_shown),
    POST: Deed(post_to_channel, say_not_shown),
    STEP: Deed(run_step, fail_step),
    LIST: Deed(tell_list, say_not_told),
    EXPLAIN_FAULT: Deed(tell_explanation, say_not_told),
    HOME: Deed(publish, say_not_published),
    HOME_AGAIN: Deed(publish_again, say_not_published),
    AUDIT: Deed(audit, say_not_audited),
    AUDIT_NEWS: Deed(tell_news, say_no_news),
}
"""Of every kind."""
