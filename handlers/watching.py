"""The work behind "Watch until it pulls": look at the service's newest task from time to time, say once what became of it, stop.

No process waits between two looks. Each is a job of its own, which the last one had the queue keep for later, with the number of
the look in its key: whatever comes twice is done once, and what a process left behind when it ended is taken up by the next.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from diagnostics.finding import Report
from diagnostics.snapshot import Absent, Fact, Known, Task, Unavailable, Why
from diagnostics.target import Target
from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.buttons import STALE
from handlers.diagnosing import judged_newest, thread_state
from handlers.earlier import GONE, kept_here
from handlers.on_it import in_turn
from handlers.ports import DiagnosisError, QueueClosedError, QueueFullError
from handlers.saved_run import SavedRun
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.thread_state import ThreadState
from handlers.views import notices
from handlers.views import watch as views
from handlers.views.message import MessageContent
from handlers.views.rerun import decides_nothing
from handlers.views.words import service_target
from handlers.watches import GRACE, SECONDS, Watch, places_of, seconds_until_look

log = logging.getLogger(__name__)


def watch(attempt: Attempt) -> Reached:
    """Begin to watch, or look once more."""
    return _begin(attempt) if attempt.job.looks == 0 else _look(attempt)


def stop_watching(attempt: Attempt) -> Reached:
    """End the watch of a thread; anybody may, as anybody may begin one."""
    job = attempt.job
    run = attempt.earlier_here()
    if run is None or run.report is None:
        return attempt.tell(notices.refused(GONE))
    if job.message_ts is None:
        return attempt.tell(notices.refused(STALE))
    if not in_turn(attempt):
        return "nowhere"
    state = thread_state(attempt)
    _over(attempt, state, state.watch)
    if not state.draw(run, attempt.thread.amend):
        return attempt.tell(notices.refused("The watch has ended, but the message could not be changed."))
    return "channel"


def say_not_watched(attempt: Attempt, sentence: str) -> Reached:
    """Say that a press had no effect; of a later look nobody is told, for the watch goes on or its time runs out."""
    if attempt.job.looks:
        return _next(attempt, thread_state(attempt).watch)
    return attempt.tell(notices.refused(f"Nothing is watched: {sentence}"))


# --- the first one -----------------------------------------------------------------------------------


def _begin(attempt: Attempt) -> Reached:
    job, services = attempt.job, attempt.services
    run = kept_here(attempt, with_facts=True)
    if not isinstance(run, SavedRun):
        return run
    assert run.report is not None
    if job.message_ts is None or service_target(run.report) is None:
        return attempt.tell(notices.refused(STALE))
    if not in_turn(attempt):
        # Somebody else's press is being looked at; this one comes again.
        return "nowhere"
    state = thread_state(attempt)
    there, now = state.watch, services.clock()
    if there is not None and there.key != job.key and now < there.until + GRACE:
        until = there.ends.strftime("%H:%M UTC")
        who = "You watch" if there.user == job.user else f"{there.name or 'Somebody'} watches"
        return attempt.tell(notices.refused(f"{who} this already, until {until}."))
    places = places_of(services.runs, job.user, job.key)
    if isinstance(places, str):
        return attempt.tell(notices.refused(places))
    begun = Watch(
        key=job.key,
        user=job.user,
        name=job.user_name,
        until=now + SECONDS,
        seen=_failed(run.report),
        places=places,
        lasting=services.lasting,
    )
    state.watch_for(begun)
    try:
        reached = _next(attempt, begun)
    except (QueueFullError, QueueClosedError):
        _over(attempt, state, begun)
        return attempt.tell(
            notices.refused("Nothing is watched: too much is waiting already. Try again in a minute.")
        )
    if not state.draw(run, attempt.thread.amend):
        return attempt.tell(
            notices.refused(f"You watch this until {begun.ends:%H:%M} UTC; the message could not say so.")
        )
    return reached


def _failed(report: Report) -> str | None:
    """The task that a verdict is about, where it has stopped: it will not pull any more."""
    return (
        report.task.arn
        if report.task.stopped_at is not None or report.task.last_status == "STOPPED"
        else None
    )


def _next(attempt: Attempt, watch: Watch | None) -> Reached:
    """Have the queue keep the next look; there is none where nobody watches any more."""
    job, services = attempt.job, attempt.services
    if watch is None:
        return "channel"
    left = max(watch.until - services.clock(), 0.0)
    changes: dict[str, Any] = {
        "key": f"{watch.key} look {job.looks + 1}", "looks": job.looks + 1, "tries": 0, "response_url": None,
    }  # fmt: skip
    services.later(job.model_copy(update=changes), int(min(seconds_until_look(job.looks), left)) + 1)
    return "channel"


# --- the others --------------------------------------------------------------------------------------


def _look(attempt: Attempt) -> Reached:
    job = attempt.job
    state, run = thread_state(attempt), attempt.earlier_here()
    now = state.watch
    if now is None or now.key != job.key.rpartition(" look ")[0] or now.look > job.looks:
        # It was stopped, or a later look is under way.
        return "channel"
    if run is None or run.report is None or _is_deleted(attempt):
        log.info("a watch ends, because its thread or its run is gone")
        _over(attempt, state, now)
        return "channel"
    if attempt.progress.replying:
        # What came of it may be there, and is not said twice.
        return _finish(attempt, state, now, run)
    state.watch_for(now.model_copy(update={"look": job.looks}))
    told = _came_of_it(attempt, run, run.report, now)
    if told is None:
        return _next(attempt, now)
    reached = attempt.thread.reply(told)
    return reached if reached == "nowhere" else _finish(attempt, state, now, run)


def _finish(attempt: Attempt, state: ThreadState, now: Watch, run: SavedRun) -> Reached:
    made = attempt.made()
    if made is not None and made.report is not None and not decides_nothing(made.report):
        # The message turns to what came of it, without another one.
        state.show(made.run_id)
    _over(attempt, state, now)
    state.draw(run, attempt.thread.amend)
    return "channel"


def _over(attempt: Attempt, state: ThreadState, now: Watch | None) -> None:
    if now is not None:
        state.watch_for(None)
        attempt.services.runs.settle((), now.places)


def _came_of_it(attempt: Attempt, run: SavedRun, report: Report, now: Watch) -> MessageContent | None:
    """What is to be said; `None` where the watch goes on."""
    services, target = attempt.services, service_target(report)
    account = run.snapshot.account_id if run.snapshot else None
    if refusal := services.accounts.refusal(account, attempt.job.channel):
        return views.cannot_look(report, now.user, refusal)
    assert target is not None
    try:
        newest = services.newest(target)
        told = _of_newest(attempt, run, report, now, newest, target)
    except DiagnosisError as error:
        log.warning("a watch could not look: %s", error)
        told = None
    if told is None and services.clock() >= now.until:
        return views.over(report, now.user)
    return told


def _of_newest(
    attempt: Attempt, run: SavedRun, report: Report, now: Watch, newest: Fact[Task | None], target: Target
) -> MessageContent | None:
    if isinstance(newest, Absent):
        return views.service_gone(report, now.user)
    if isinstance(newest, Unavailable):
        # Slow or throttled now is not so in five minutes; what is denied stays denied.
        if newest.reason.why is Why.DENIED:
            return views.cannot_look(report, now.user, f"its role may not call {newest.call}.")
        return None
    assert isinstance(newest, Known)
    task: Task | None = newest.value
    if task is None or task.task_arn == now.seen:
        return None
    if task.has_pulled:
        found = _judged(attempt, run, now, target)
        return views.pulled(report, now.user, task.task_arn, _moment(attempt, task), found)
    if task.last_status != "STOPPED":
        return None
    return _failed_again(attempt, report, now, task, target)


def _judged(attempt: Attempt, run: SavedRun, now: Watch, target: Target) -> Report | None:
    """What the checks say now that a task has pulled, which the message then shows; `None` where they decide nothing.

    Raises:
        DiagnosisError: it could not be seen, and there is time for another look.
    """
    shown = thread_state(attempt).shown
    kept = attempt.services.runs.load(shown) if shown else None
    try:
        made = judged_newest(attempt, target, kept if kept is not None and kept.report is not None else run)
    except DiagnosisError:
        if attempt.services.clock() < now.until:
            raise
        return None
    assert made.report is not None
    return None if decides_nothing(made.report) else made.report


def _failed_again(attempt: Attempt, report: Report, now: Watch, task: Task, target: Target) -> MessageContent:
    of_task = target.model_copy(
        update={"kind": "task", "task_id": task.task_arn.rpartition("/")[2], "service": None}
    )
    found = attempt.services.diagnose(of_task, None)
    attempt.line.made(found.snapshot, found.report)
    return views.failed_again(report, now.user, found.report)


def _moment(attempt: Attempt, task: Task) -> datetime:
    return task.pull_stopped_at or datetime.fromtimestamp(attempt.services.clock()).astimezone()


def _is_deleted(attempt: Attempt) -> bool:
    """True where Slack says that the message with the verdict is gone: nobody reads there any more.

    Slack: https://docs.slack.dev/reference/methods/chat.getPermalink
    """
    job = attempt.job
    slack: Any = attempt.services.slack
    try:
        slack.chat_getPermalink(channel=job.channel, message_ts=job.message_ts)
    except CALL_ERRORS as error:
        return code_of(error) in ("message_not_found", "channel_not_found")
    return False
