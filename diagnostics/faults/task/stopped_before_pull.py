"""The task was stopped while it waited for its turn to pull, and no pull failed."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.text_only import text_room
from diagnostics.faults.told import text_evidence
from diagnostics.finding import Evidence, Fault, Outcome, Status
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

STOPPED_BEFORE_PULL = Fault(
    id="stopped-before-pull",
    kind="host",
    title="The task was not stopped before its pull began",
    short="it was stopped before its pull began",
    why="The task was stopped, by a deployment, by a person or because its service was scaled in, while it waited for its turn to pull. No pull failed.",
    how="Nothing is to be repaired in the pull. Start the task again if it is still wanted, or look at what stopped it.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html",
    text_only=True,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """A pull that starts now does not fail because of it, so that it passes."""
    task = known_value(world.snapshot.task)
    evidence = [text_evidence(symptom)]
    code = ""
    if task and task.stop_code:
        code = f" (stop code {task.stop_code})"
        evidence.append(Evidence(what=f"stopCode is {task.stop_code}", source="ecs:DescribeTasks"))
    return Outcome(
        fault=STOPPED_BEFORE_PULL,
        status=Status.PASS,
        summary=f"The task was stopped before its pull began{code}, so that no pull failed",
        evidence=tuple(evidence),
    )


ROOM = text_room(STOPPED_BEFORE_PULL, (SymptomId.STOPPED_BEFORE_PULL,), _tell)
