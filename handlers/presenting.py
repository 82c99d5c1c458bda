"""The work behind Show details and Post to channel: an answer that was kept, for who presses, or for their channel."""

from __future__ import annotations

from handlers.answering import answer_of
from handlers.answers import AnswerForms, Reached
from handlers.attempt import Attempt
from handlers.saved_run import SavedRun
from handlers.text import Mrkdwn, fmt, join, user
from handlers.views import notices
from handlers.views.details import details
from handlers.views.message import MessageContent
from handlers.views.parent import short

GONE = "That run is no longer kept; press Re-run checks first."
ELSEWHERE = "That answer belongs to another channel; give the task to /pullcheck here."
POSTED = "That verdict was posted to this channel already."


def show_details(attempt: Attempt) -> Reached:
    """Give the details of a kept run to the person who asks, alone."""
    run = _kept(attempt)
    if isinstance(run, str):
        return _tell(attempt, notices.refused(run))
    assert run.report is not None
    # Whoever does not see it presses again.
    return attempt.tell(
        details(run.report, causes_page=attempt.services.causes_page),
        in_thread=False,
        surely=False,
    )


def post_to_channel(attempt: Attempt) -> Reached:
    """Show the verdict of a kept run to its channel, in the name of who presses, once."""
    job = attempt.job
    run = _kept(attempt)
    if isinstance(run, str):
        return _tell(attempt, notices.refused(run))
    mine = attempt.once(f"post {job.run_id}")
    if attempt.progress.replying:
        return _say_unconfirmed(attempt, mine)
    if not mine:
        return _tell(attempt, notices.refused(POSTED))
    reached = attempt.thread.answer(_answer(run, job.user), everybody=True)
    if reached == "unsure":
        return _say_unconfirmed(attempt, mine)
    if reached in ("response_url", "direct"):
        # The person has it once more, and the channel has not, as far as is known: they may press again at once.
        attempt.give_way()
    return reached


def _say_unconfirmed(attempt: Attempt, mine: bool) -> Reached:
    """It may be there, and cannot be looked for. Who presses again at once must not be told that it is."""
    if mine:
        attempt.give_way()
    return say_not_shown(
        attempt, "Slack has not confirmed it. If it is not in the channel, press Post to channel again."
    )


def say_not_shown(attempt: Attempt, sentence: str) -> Reached:
    """Tell the person that what they pressed for was not done."""
    return _tell(attempt, notices.refused(f"That could not be shown: {sentence}"))


def _kept(attempt: Attempt) -> SavedRun | str:
    """The run that a button names, or why it is not shown. Who may ask was asked of the press; what about, is asked here."""
    job = attempt.job
    run = attempt.earlier()
    if run is None or run.report is None or run.snapshot is None:
        return GONE
    if run.channel != job.channel:
        return ELSEWHERE
    if refusal := attempt.services.accounts.refusal(run.snapshot.account_id, job.channel):
        attempt.line.refused(refusal, run.snapshot)
        return refusal
    return run


def _answer(run: SavedRun, by: str) -> AnswerForms:
    """The answer of a kept run, with the name of who shows it."""
    assert run.report is not None
    answer = answer_of(run)
    name = fmt("Posted by {}", user(by))
    report, target = run.report, run.target

    def without_thread(note: Mrkdwn | None) -> MessageContent:
        notes = join(" · ", (name, *((note,) if note is not None else ())))
        return short(report, run_id=run.run_id, target=target, note=notes)

    return AnswerForms(
        short(report, run_id=run.run_id, target=target, note=name, details=False),
        answer.make_details,
        without_thread,
        answer.private,
    )


def _tell(attempt: Attempt, message: MessageContent) -> Reached:
    return attempt.tell(message, in_thread=False)
