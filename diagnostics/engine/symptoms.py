"""Collects the error texts of a task and what each of them shows."""

from __future__ import annotations

from diagnostics.network import whose
from diagnostics.pull import STAGE_OF_SERVICE, event_about_a_pull
from diagnostics.snapshot import ServiceEvent, Snapshot, Task, VpcFacts, known_value
from diagnostics.stop_reason import Symptom, SymptomId, classify

SILENT = (SymptomId.NONE, SymptomId.UNRECOGNISED)
"""Symptoms that say nothing, so that two of them need not be about the same thing."""


_BARE = "task failed to start"
"""What ECS says of a task on EC2 in which nothing ran; the reason stands on the container."""


def symptoms_of(snapshot: Snapshot) -> tuple[Symptom, ...]:
    """What the error texts of the target show, one symptom for each thing that is said.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
    """
    task = known_value(snapshot.task)
    if task is not None:
        found = _of_task(task)
    elif snapshot.source == "alert":
        found = (classify(snapshot.alert_text or ""),)
    elif snapshot.source == "service_events":
        event = event_of(snapshot)
        found = () if event is None else (classify(event.message),)
    else:
        found = ()
    if all(item.id in SILENT for item in found):
        return tuple(item for item in found if item.id != SymptomId.NONE) or found[:1]
    # Beside a text that says what happened, the task's own is often a bare "Task failed to start".
    return tuple(
        item for item in found if item.id not in SILENT or (item.container and item.id != SymptomId.NONE)
    )


def _of_task(task: Task) -> tuple[Symptom, ...]:
    """The symptoms of the containers, and that of the task where it says something else.

    ECS says the same thing in up to three places and cuts some of them: of two that say the same, the longer text is
    kept, and the container that carries one is what it is about.
    """
    by_text: dict[str, list[str]] = {}
    for container in task.containers:
        if container.reason:
            by_text.setdefault(container.reason, []).append(container.name)
    found = [classify(text, names[0] if len(names) == 1 else None) for text, names in by_text.items()]
    if task.stopped_reason and not (found and _core(task.stopped_reason.lower()).strip(".") == _BARE):
        whole = classify(task.stopped_reason)
        same = [place for place, item in enumerate(found) if _same(item, whole)]
        for place in same:
            if len(whole.text) > len(found[place].text):
                found[place] = whole.model_copy(update={"container": found[place].container})
        if not same:
            found.append(whole)
    return tuple(dict.fromkeys(found))


def _same(one: Symptom, other: Symptom) -> bool:
    """True if two texts say the same: one holds the other, or both show the same thing."""
    if one.id == other.id and one.id not in SILENT:
        return True
    short, long = sorted((_core(one.text), _core(other.text)), key=len)
    return short in long


def _core(text: str) -> str:
    """The words of a text without the dots that stand where it was cut."""
    return text.removesuffix("...").removesuffix("…").strip()


def event_of(snapshot: Snapshot) -> ServiceEvent | None:
    """The event of the service that tells of the pull which is asked about."""
    return event_about_a_pull(
        known_value(snapshot.service),
        snapshot.taken_at,
        failed=known_value(snapshot.failed_deployment),
        of_gone_task=snapshot.gone_of_service,
    )


# --- what an address adds ----------------------------------------------------------------------------


def refined(symptom: Symptom, vpc: VpcFacts) -> Symptom:
    """The symptom with the step that the dialled address proves, where the text names no host.

    An address of S3 means that the manifest had come through; an endpoint's tells which service was asked.
    """
    if symptom.address is None or symptom.host is not None:
        return symptom
    owner = whose(symptom.address, vpc)
    service = "s3" if owner.kind == "s3" else owner.service
    stage = STAGE_OF_SERVICE.get(service or "")
    if stage is None or stage == symptom.stage:
        return symptom
    known = {SymptomId.ECR_DKR_UNREACHABLE, SymptomId.ECR_API_UNREACHABLE, SymptomId.S3_LAYERS_UNREACHABLE}
    names = {
        "login": SymptomId.ECR_API_UNREACHABLE,
        "manifest": SymptomId.ECR_DKR_UNREACHABLE,
        "layers": SymptomId.S3_LAYERS_UNREACHABLE,
    }
    name = names.get(stage, symptom.id) if symptom.id in known else symptom.id
    return symptom.model_copy(update={"stage": stage, "id": name})
