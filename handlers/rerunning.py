"""The work behind Re-run checks and Check newest task: look again, edit the parent at once, and say in one line what changed."""

from __future__ import annotations

from handlers.again import Again
from handlers.answering import Since
from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.diagnosing import give_answer, judged, refuse_for_now, show_progress, thread_state
from handlers.often import too_often
from handlers.saved_run import SavedRun
from handlers.views import notices
from handlers.views.message import MessageContent
from handlers.views.parent import person, under_way
from handlers.views.rerun import came_of_it, decides_nothing, doing_again, in_one_line
from handlers.views.words import new_causes

DOUBLED = "This was being checked again already when you asked; the answer is in the thread, or comes there."
STALE = (
    "This was checked again since; the message shows the newer verdict. Press its button to check once more."
)


def rerun(attempt: Attempt) -> Reached:
    """Diagnose the target of an earlier run again, and say what has changed."""
    return _again(attempt, newest=False)


def check_newest(attempt: Attempt) -> Reached:
    """Diagnose the newest task of a run's service, in the same thread."""
    return _again(attempt, newest=True)


def _again(attempt: Attempt, *, newest: bool) -> Reached:
    job, again = attempt.job, Again(attempt)
    # One at a time for each message, whichever of its buttons was pressed.
    place = f"{job.channel} {job.message_ts}" if job.message_ts else str(job.run_id)
    if attempt.progress.doubled or not attempt.alone(f"again {place}"):
        reached = attempt.tell(notices.refused(DOUBLED))
        if reached == "nowhere":
            # When this comes again the other one is done, and its answer stands for both.
            attempt.notes.write(doubled=True)
        return reached
    earlier = attempt.earlier_here()
    if (made := attempt.made()) is not None:
        # The attempt that made it said that work is under way.
        attempt.thread.shows_progress = True
        again.take()
        return again.ended(made, _answer(attempt, made, earlier, newest))
    if _is_stale(attempt):
        return attempt.tell(notices.refused(STALE))
    if too_often(attempt):
        return refuse_for_now(attempt, earlier)
    again.take()
    if not show_progress(attempt, _under_way(attempt, earlier, newest)):
        return "nowhere"
    again.begun()
    run = judged(attempt, earlier, at_newest=newest)
    if not isinstance(run, SavedRun):
        return run
    return again.ended(run, _answer(attempt, run, earlier, newest))


def _answer(attempt: Attempt, run: SavedRun, earlier: SavedRun | None, newest: bool) -> Reached:
    """Say what came of it. Where the newest task does not tell yet, or cannot be read, the verdict before it stands."""
    since = _since(run, earlier, newest)
    undecided = newest and since is not None and run.report is not None and decides_nothing(run.report)
    return give_answer(attempt, run, since, earlier if undecided else None)


def _is_stale(attempt: Attempt) -> bool:
    """True where the message has shown another verdict since its button was pressed: the second press of a double-click."""
    job = attempt.job
    if job.message_ts is None or job.apart:
        return False
    shown = thread_state(attempt).shown
    return shown is not None and shown != job.run_id and attempt.services.runs.load(shown) is not None


def _under_way(attempt: Attempt, earlier: SavedRun | None, newest: bool) -> MessageContent:
    job = attempt.job
    if earlier is None or earlier.report is None:
        return notices.rerunning(job.target, job.user)
    doing = doing_again(earlier.report, person(job.user, job.user_name), newest=newest)
    return under_way(earlier.report, doing, on_it=thread_state(attempt).on_it)


def _since(run: SavedRun, earlier: SavedRun | None, newest: bool) -> Since | None:
    """What changed; `None` where there is nothing to compare with."""
    if run.report is None or earlier is None or earlier.report is None:
        return None
    by = person(run.user, run.user_name)
    line = came_of_it(run.report, earlier.report, by=by, name=run.user_name, newest=newest)
    said = in_one_line(run.report, earlier.report, by=by, newest=newest)
    return Since(line, said, new_causes(run.report, earlier.report))
