"""The work behind the button Explain: says in the thread why such faults stop a pull, once for each run."""

from __future__ import annotations

from handlers.attempt import Attempt
from handlers.thread import Reached
from handlers.views import notices
from handlers.views.explain import explanation


def explain(attempt: Attempt) -> Reached:
    """Explain the causes of an earlier run."""
    job, services, thread = attempt.job, attempt.services, attempt.thread
    earlier = attempt.earlier_here()
    if earlier is None or earlier.report is None:
        thread.tell(notices.refused("That run is no longer kept; press Re-run checks first."))
        return "channel"
    # What may be looked at here can have changed since, and the target of a run may name no account.
    account = earlier.snapshot.account_id if earlier.snapshot else job.target.account_id
    if refusal := services.accounts.refusal(account, job.channel):
        thread.tell(notices.refused(refusal))
        return "channel"
    if attempt.progress.replying:
        # It may be there, and cannot be looked for. To be there twice is worse than to be pressed for twice.
        if attempt.once(f"explain {job.run_id}"):
            # Else whoever presses again at once would be told that it is there.
            attempt.give_way()
        return say_not_explained(
            attempt, "Slack has not confirmed it. If it is not in the thread, press Explain again."
        )
    if not attempt.once(f"explain {job.run_id}"):
        thread.tell(notices.refused("The explanation is in this thread already."))
        return "channel"
    return thread.reply(explanation(earlier.report, services.fault))


def say_not_explained(attempt: Attempt, sentence: str) -> Reached:
    """Tell the person that there is no explanation; the thread stays as it is."""
    told = attempt.thread.tell(notices.refused(f"The explanation could not be given: {sentence}"))
    return "response_url" if told else "nowhere"
