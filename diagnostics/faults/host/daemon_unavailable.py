"""The Docker daemon of the container instance does not answer."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import HostScript, drained, has_shell, host_of, on_host, run_on
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Evidence, Explains, Fault, Outcome, Ways
from diagnostics.pull import host_os
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

DAEMON_UNAVAILABLE = Fault(
    id="docker-daemon-unavailable",
    kind="host",
    title="The container instance's Docker daemon answers",
    short="Docker does not answer on its instance",
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
        _ways(world, name),
        *more,
        stage=symptom.stage or "manifest",
        resources=(name,),
        console_url=link,
        named=True,
    )


_RESTART = HostScript(
    ("systemctl restart docker ecs",), ("Restart-Service docker", "Restart-Service AmazonECS")
)
_ANSWERS = HostScript(
    ("docker info > /dev/null", "echo answers"),
    ("docker info | Out-Null", 'if ($LASTEXITCODE -eq 0) { "answers" }'),
)


def _ways(world: World, name: str) -> Ways:
    """Drained first: what still runs there is stopped in order, and not all at once."""
    drain = drained(world, name)
    if not has_shell(world):
        return drain
    why = (
        "Get-EventLog Application -Source docker"
        if host_os(world.snapshot) == "windows"
        else "journalctl -u docker"
    )
    restart = on_host(
        world,
        name,
        _RESTART,
        title=f"Restart Docker on {name}",
        text=f"Restart Docker and the ECS agent; {why} says why it stopped, often a full disk.",
        warning=f"It stops all containers that still run on {name}, unless Docker keeps them alive (live-restore).",
        seen=(run_on(world, name, _ANSWERS), "answers"),
        undo_note="There is nothing to take back: ECS starts the tasks of services again.",
    )
    return drain, restart


ROOM = text_room(DAEMON_UNAVAILABLE, (SymptomId.DAEMON_UNAVAILABLE,), _tell)
