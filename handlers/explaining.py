"""The work behind the button Explain: says in the thread why such faults stop a pull, once for each run."""

from __future__ import annotations

from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.views import notices
from handlers.views.explain import explanation


def explain(attempt: Attempt) -> Reached:
    """Explain the causes of an earlier run."""
    job, services = attempt.job, attempt.services
    earlier = attempt.earlier_here()
    if earlier is None or earlier.report is None:
        return attempt.tell(notices.refused("That run is no longer kept; press Re-run checks first."))
    # What may be looked at here can have changed since, and the target of a run may name no account.
    account = earlier.snapshot.account_id if earlier.snapshot else job.target.account_id
    if refusal := services.accounts.refusal(account, job.channel):
        attempt.line.refused(refusal, earlier.snapshot)
        return attempt.tell(notices.refused(refusal))
    mine = attempt.once(f"explain {job.run_id}")
    if attempt.progress.replying:
        return _say_unconfirmed(attempt, mine)
    if not mine:
        return attempt.tell(notices.refused("The explanation is in this thread already."))
    reached = attempt.thread.reply(explanation(earlier.report, services.fault))
    return _say_unconfirmed(attempt, mine) if reached == "unsure" else reached


def _say_unconfirmed(attempt: Attempt, mine: bool) -> Reached:
    """It may be there, and cannot be looked for. To be there twice is worse than to be pressed for twice."""
    if mine:
        # Else whoever presses again at once would be told that it is there.
        attempt.give_way()
    return say_not_explained(
        attempt, "Slack has not confirmed it. If it is not in the thread, press Explain again."
    )


def say_not_explained(attempt: Attempt, sentence: str) -> Reached:
    """Tell the person that there is no explanation; the thread stays as it is."""
    return attempt.tell(notices.refused(f"The explanation could not be given: {sentence}"))
