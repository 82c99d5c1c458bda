"""An image that belongs to the ECS agent itself is gone from the container instance."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import RESTART_AGENT, HostScript, host_of, on_host, run_on
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

AGENT_IMAGE_MISSING = Fault(
    id="agent-image-missing",
    kind="host",
    title="The container instance has the ECS agent's own images",
    short="its instance lacks an image of the ECS agent",
    why="For tasks in awsvpc mode the ECS agent starts a pause container, from an image that it loads when it starts and that is in no registry. That image was removed from the container instance, as by a prune of all images.",
    how="Restart the ECS agent, which loads its images again, or replace the container instance. Leave amazon/amazon-ecs-pause out of whatever removes unused images.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/automated_image_cleanup.html",
    explains=Explains(symptoms=(SymptomId.AGENT_INTERNAL_IMAGE,)),
    text_only=True,
    refutable=False,
)


_LOOK = HostScript(
    ("docker image ls --quiet amazon/amazon-ecs-pause | grep -q .", "echo found"),
    ('if (docker image ls --quiet amazon/amazon-ecs-pause) { "found" }',),
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """What images a container instance holds is shown by no API."""
    name, link = host_of(world)
    return shown(
        AGENT_IMAGE_MISSING,
        symptom,
        f"{name} no longer has the ECS agent's pause image.",
        on_host(
            world,
            name,
            RESTART_AGENT,
            title=f"Restart the ECS agent on {name}",
            text=f"Restart the ECS agent on {name}: it loads its own images when it starts, which takes some seconds.",
            seen=(run_on(world, name, _LOOK), "found"),
            undo_note="A restart of the agent stops no container, and leaves nothing to take back.",
        ),
        stage=symptom.stage or "manifest",
        resources=(name,),
        console_url=link,
        named=True,
    )


ROOM = text_room(AGENT_IMAGE_MISSING, (SymptomId.AGENT_INTERNAL_IMAGE,), _tell)
