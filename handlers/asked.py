"""What `/pullcheck list`, `explain ID` and `settings` answer, to the person alone.

The texts of the faults are with whoever diagnoses, so that a listener only queues the question.
"""

from __future__ import annotations

from diagnostics.image_reference import nearest
from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.views import catalogue, notices
from handlers.views.message import MessageContent

NO_ID = "Which cause? Name its id, such as /pullcheck explain {}; /pullcheck list shows them all."


def tell_list(attempt: Attempt) -> Reached:
    """Name every cause."""
    services = attempt.services
    return _tell(attempt, catalogue.catalogue(services.ways.faults(), causes_page=services.causes_page))


def tell_explanation(attempt: Attempt) -> Reached:
    """Explain the cause that the job names, or name those that are meant."""
    faults, services = attempt.services.ways.faults(), attempt.services
    wanted = (attempt.job.about or "").strip().strip("`").lower()
    if not wanted and faults:
        return _tell(attempt, notices.refused(NO_ID.format(next(iter(faults)))))
    fault = faults.get(wanted)
    if fault is None:
        return _tell(attempt, catalogue.unknown(wanted, nearest(wanted, faults), next(iter(faults), "")))
    return _tell(attempt, catalogue.explained(fault, causes_page=services.causes_page))


def say_not_told(attempt: Attempt, sentence: str) -> Reached:
    """Say that there is no answer."""
    return _tell(attempt, notices.refused(f"That could not be answered: {sentence}"))


def _tell(attempt: Attempt, message: MessageContent) -> Reached:
    return attempt.tell(message, in_thread=False)
