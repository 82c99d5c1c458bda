"""What the error texts say about one image."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.finding import ERROR_TEXT, Evidence
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import NOT_ASKED, Absent, Unavailable, UnavailableError
from diagnostics.stop_reason import Symptom, SymptomId

TEXT_ONLY = "AWS's API does not show it, and no error text speaks of it"
"""Why a fault that only the error text can show is not judged without one."""


def told(world: World, image: ContainerImage, *symptoms: SymptomId) -> Symptom | None:
    """The error text about this image that shows one of these symptoms, `None` where none does.

    A text that stands on a container is about that container's image; one that stands on the task is about the image
    that it names, or about every image where it names none.

    Raises:
        UnavailableError: there may be such a text, but what carries it could not be read.
    """
    for item in world.symptoms:
        if item.id in symptoms and is_about(item, image):
            return item
    need_texts(world)
    return None


def said(world: World, *symptoms: SymptomId) -> Symptom | None:
    """The error text that shows one of these symptoms, whatever it is about, `None` where none does.

    Raises:
        UnavailableError: there may be such a text, but what carries it could not be read.
    """
    for item in world.symptoms:
        if item.id in symptoms:
            return item
    need_texts(world)
    return None


def need_texts(world: World) -> None:
    """Makes sure that there is no error text beyond those that are known.

    Raises:
        UnavailableError: the task, or the service whose events tell of a task that is gone, could not be read.
    """
    snapshot = world.snapshot
    if isinstance(snapshot.task, Unavailable):
        raise UnavailableError(snapshot.task)
    if snapshot.source == "alert" or snapshot.planned is not None:
        return
    asked = snapshot.source == "service_events" or snapshot.service != NOT_ASKED
    if isinstance(snapshot.task, Absent) and isinstance(snapshot.service, Unavailable) and asked:
        raise UnavailableError(snapshot.service)


def is_about(symptom: Symptom, image: ContainerImage) -> bool:
    """True if a text is about an image: its container's, or the one that it names, with a tag or, as Docker does, without."""
    if symptom.container is not None:
        return symptom.container in image.containers
    if symptom.image is None:
        return True
    if image.reference is None:
        return symptom.image == image.image
    same = image.is_in_repository_of(symptom.image)
    return symptom.image in image.image if same is None else same


def text_evidence(symptom: Symptom) -> Evidence:
    """The error text as evidence; of a long one the beginning and the end, which says what went wrong."""
    text = symptom.text
    if len(text) > 400:
        text = f"{text[:100].rstrip()} … {text[-280:].lstrip()}"
    return Evidence(what=f"the error says: {text}", source=ERROR_TEXT)
