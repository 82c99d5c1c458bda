"""The task as a whole: did it get as far as a pull?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import Check, Subject, World, check, skipped
from diagnostics.faults.told import TEXT_ONLY, quoted, said
from diagnostics.finding import Evidence, Fault, Outcome, Status
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import SymptomId

STOPPED_BEFORE_PULL = Fault(
    id="stopped-before-pull",
    kind="host",
    title="The task was not stopped before its pull began",
    why="The task was stopped, by a deployment, by a person or because its service was scaled in, while it waited for its turn to pull. No pull failed.",
    how="Nothing is to be repaired in the pull. Start the task again if it is still wanted, or look at what stopped it.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html",
    text_only=True,
)


@check("task.stopped", "task", STOPPED_BEFORE_PULL)
def stopped(world: World, subject: Subject) -> Iterator[Outcome]:
    """A task that was stopped while it waited says so; a pull that starts now does not fail because of it."""
    symptom = said(world, SymptomId.STOPPED_BEFORE_PULL)
    if symptom is None:
        yield skipped(STOPPED_BEFORE_PULL, TEXT_ONLY)
        return
    task = known_value(world.snapshot.task)
    code = f" (stop code {task.stop_code})" if task and task.stop_code else ""
    yield Outcome(
        fault=STOPPED_BEFORE_PULL,
        status=Status.PASS,
        summary=f"The task was stopped before its pull began{code}, so that no pull failed",
        evidence=(
            quoted(symptom),
            *(
                (Evidence(what=f"stopCode is {task.stop_code}", source="ecs:DescribeTasks"),)
                if code and task
                else ()
            ),
        ),
    )


CHECKS: tuple[Check, ...] = (stopped,)
