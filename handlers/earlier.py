"""The run that a button of an answer belongs to, or what the person is told where it may not be shown any more."""

from __future__ import annotations

from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.saved_run import SavedRun
from handlers.views import notices

GONE = "That run is no longer kept; press Re-run checks first."


def kept_here(attempt: Attempt, *, with_facts: bool = False) -> SavedRun | Reached:
    """The kept run with its report, where its account may still be looked at from here; else how the person was told why not.

    Args:
        with_facts: what was read is needed too.
    """
    job = attempt.job
    run = attempt.earlier_here()
    if run is None or run.report is None or (with_facts and run.snapshot is None):
        return attempt.tell(notices.refused(GONE))
    # What may be looked at here can have changed since, and the target of a run may name no account.
    account = run.snapshot.account_id if run.snapshot else job.target.account_id
    if refusal := attempt.services.accounts.refusal(account, job.channel):
        attempt.line.refused(refusal, run.snapshot)
        return attempt.tell(notices.refused(refusal))
    return run
