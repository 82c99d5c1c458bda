"""How often one person may have AWS asked: what is asked by hand is never held back by the budget of an account's rates."""

from __future__ import annotations

from handlers.attempt import Attempt

MOST = 6
SECONDS = 60.0
SENTENCE = (
    f"you had {MOST} checks within a minute, which is as many as one person may have. Try again in a minute."
)


def too_often(attempt: Attempt) -> bool:
    """True where a person has begun as many runs in the last minute as one may; else this one counts from now on.

    A place is held for a minute and never given back, so that no minute has more of them, whichever process it is asked in.
    """
    job, runs = attempt.job, attempt.services.runs
    if not job.user:
        return False
    return not any(runs.claim(f"run {place} of {job.user}", SECONDS, job.key) for place in range(MOST))
