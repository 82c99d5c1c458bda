"""The ECS agent gave up waiting for the pull."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import host_of, last_run_on, run_on
from diagnostics.faults.task_definition import update_service
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

PULL_TIMEOUT = Fault(
    id="pull-timeout",
    kind="host",
    title="The pull ends before the ECS agent gives up",
    why="The ECS agent waits for a pull to begin, for its manifest, and for progress; a registry that does not answer, a slow disk or too many pulls at once make it give up.",
    how="Look at the network first; then raise ECS_IMAGE_PULL_INACTIVITY_TIMEOUT or ECS_MANIFEST_PULL_TIMEOUT on the container instances, or give them a faster volume.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html",
    explains=Explains(
        symptoms=(SymptomId.CONNECTION_REFUSED_RESET, SymptomId.PULL_CONTEXT_CANCELED, SymptomId.PULL_TIMEOUT)
    ),
    text_only=True,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """How long the agent waits stands in its own configuration, which no API shows."""
    name, link = host_of(world)
    restart = "systemctl restart --no-block ecs"
    longer = run_on(world, name, "echo ECS_IMAGE_PULL_INACTIVITY_TIMEOUT=10m >> /etc/ecs/ecs.config", restart)
    again = update_service(world, "--force-new-deployment")
    return shown(
        PULL_TIMEOUT,
        symptom,
        f"The ECS agent on {name} gave up waiting for the pull.",
        Fix(
            text=f"If nothing on the network is wrong, let the agent on {name} wait longer and start the task again.",
            cli=f"{longer}\n{again}" if again else longer,
            verify=last_run_on(world, name, "CommandInvocations[].Status"),
            undo=run_on(
                world, name, "sed -i /ECS_IMAGE_PULL_INACTIVITY_TIMEOUT/d /etc/ecs/ecs.config", restart
            ),
        ),
        stage=symptom.stage or "layers",
        resources=(name,),
        console_url=link,
    )


ROOM = text_room(PULL_TIMEOUT, (SymptomId.PULL_TIMEOUT,), _tell)
