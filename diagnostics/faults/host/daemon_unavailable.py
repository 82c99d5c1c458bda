"""The Docker daemon of the container instance does not answer."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import host_of, on_host
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Evidence, Explains, Fault, Outcome
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

DAEMON_UNAVAILABLE = Fault(
    id="docker-daemon-unavailable",
    kind="host",
    title="The container instance's Docker daemon answers",
    why="The ECS agent has Docker pull the image. Docker is stopped, is starting, or hangs, so that nothing was pulled, whatever the registry and the network are like.",
    how="Drain and replace the container instance, or restart Docker on it; Docker's log there (journalctl -u docker) says why it stopped, often a full disk.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/docker-diags.html",
    explains=Explains(symptoms=(SymptomId.DAEMON_UNAVAILABLE,)),
    text_only=True,
    refutable=False,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """That the agent is connected says nothing of Docker, so that it stands beside the text at most."""
    name, link = host_of(world)
    host = known_value(world.snapshot.container_instance)
    more: tuple[Evidence, ...] = ()
    if host is not None and host.agent_connected is False:
        more = (Evidence(what="the ECS agent is not connected", source="ecs:DescribeContainerInstances"),)
    return shown(
        DAEMON_UNAVAILABLE,
        symptom,
        f"{name} has a Docker daemon that did not answer the ECS agent.",
        on_host(
            world,
            name,
            f"Look at Docker's log on {name}; drain and replace the instance, or restart Docker, which stops the instance's other tasks as well.",
            ("systemctl status docker --no-pager", "df -h /var/lib/docker"),
            ("Get-Service docker", "Get-EventLog Application -Source docker -Newest 50", "Get-PSDrive C"),
        ),
        *more,
        stage=symptom.stage or "manifest",
        resources=(name,),
        console_url=link,
        named=True,
    )


ROOM = text_room(DAEMON_UNAVAILABLE, (SymptomId.DAEMON_UNAVAILABLE,), _tell)
