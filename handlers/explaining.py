"""The work behind the menu of an answer: why such faults stop a pull, the repair as code, the full report. Once for each run."""

from __future__ import annotations

import logging
from collections.abc import Callable

from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.earlier import kept_here
from handlers.saved_run import SavedRun
from handlers.slack_errors import CALL_ERRORS, failure_of
from handlers.views import notices
from handlers.views.as_code import Language, as_code
from handlers.views.explain import explanation
from handlers.views.full_report import file_name, full_report
from handlers.views.message import MessageContent
from handlers.views.pages import pages

log = logging.getLogger(__name__)


def explain(attempt: Attempt) -> Reached:
    """Explain the causes of an earlier run."""

    def reply(run: SavedRun) -> Reached:
        assert run.report is not None
        return attempt.thread.reply(explanation(run.report, attempt.services.fault))

    return _once(attempt, "The explanation", reply)


def say_not_explained(attempt: Attempt, sentence: str) -> Reached:
    """Tell the person that there is no explanation; the thread stays as it is."""
    return _say_not_given(attempt, "The explanation", sentence)


def show_terraform(attempt: Attempt) -> Reached:
    """Give the repair as Terraform."""
    return _show_code(attempt, "Terraform")


def show_cloudformation(attempt: Attempt) -> Reached:
    """Give the repair as CloudFormation."""
    return _show_code(attempt, "CloudFormation")


def say_no_code(attempt: Attempt, sentence: str) -> Reached:
    """Tell the person that there is no code."""
    return _say_not_given(attempt, "The code", sentence)


def _show_code(attempt: Attempt, language: Language) -> Reached:
    def reply(run: SavedRun) -> Reached:
        assert run.report is not None
        return attempt.thread.reply(as_code(run.report, language))

    return _once(attempt, f"The fix as {language}", reply)


def give_report(attempt: Attempt) -> Reached:
    """Give the full report as a file in the thread; where the app may not upload any, as a page of details there."""

    def reply(run: SavedRun) -> Reached:
        assert run.report is not None
        name = file_name(run.report, run.run_id)
        return upload(attempt, name, full_report(run.report)) or post_pages(attempt, pages(run.report))

    return _once(attempt, "The full report", reply)


def say_no_report(attempt: Attempt, sentence: str) -> Reached:
    """Tell the person that there is no report."""
    return _say_not_given(attempt, "The full report", sentence)


def upload(attempt: Attempt, name: str, content: str) -> Reached | None:
    """Upload a file into the thread; `None` where Slack certainly took none. The scope `files:write` is optional."""
    thread_ts = attempt.thread.thread_ts
    if thread_ts is None:
        return None
    attempt.notes.write(replying=True)
    try:
        attempt.services.slack.files_upload_v2(
            channel=attempt.job.channel,
            thread_ts=thread_ts,
            filename=name,
            title=name,
            content=content,
        )
    except CALL_ERRORS as error:
        failure = failure_of(error)
        if failure.meaning == "unsure":
            log.warning("Slack did not say if it took a file: %s", failure.code)
            return "unsure"
        log.warning("a report goes out as messages, not as a file: %s", failure.code)
        attempt.notes.write(replying=False)
        return None
    return "channel"


def post_pages(attempt: Attempt, told: tuple[MessageContent, ...]) -> Reached:
    """Post messages into the thread, one after the other."""
    reached: Reached = "channel"
    for message in told:
        reached = attempt.thread.reply(message)
        if reached != "channel":
            break
    return reached


def _once(attempt: Attempt, called: str, reply: Callable[[SavedRun], Reached]) -> Reached:
    """Reply about an earlier run, once for each run."""
    job, earlier = attempt.job, kept_here(attempt)
    if not isinstance(earlier, SavedRun):
        return earlier
    mine = attempt.once(f"{job.kind.name} {job.run_id}")
    if attempt.progress.replying:
        return _say_unconfirmed(attempt, mine, called)
    if not mine:
        return attempt.tell(notices.refused(f"{called} is in this thread already."))
    reached = reply(earlier)
    return _say_unconfirmed(attempt, mine, called) if reached == "unsure" else reached


def _say_unconfirmed(attempt: Attempt, mine: bool, called: str) -> Reached:
    """It may be there, and cannot be looked for. To be there twice is worse than to be pressed for twice."""
    if mine:
        # Else whoever presses again at once would be told that it is there.
        attempt.give_way()
    return _say_not_given(
        attempt, called, "Slack has not confirmed it. If it is not in the thread, ask for it again."
    )


def _say_not_given(attempt: Attempt, called: str, sentence: str) -> Reached:
    return attempt.tell(notices.refused(f"{called} could not be given: {sentence}"))
