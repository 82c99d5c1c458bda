"""The container instance's ECS agent is not connected to ECS."""

from __future__ import annotations

from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped, unknown
from diagnostics.faults.host.container_host import (
    RESTART_AGENT,
    agent_connected,
    drained,
    has_shell,
    host_of,
    on_host,
)
from diagnostics.finding import Evidence, Explains, Fault, Outcome, Status, Ways
from diagnostics.pull import host_os
from diagnostics.snapshot import need
from diagnostics.stop_reason import SymptomId

AGENT_DISCONNECTED = Fault(
    id="agent-disconnected",
    kind="host",
    title="The container instance's ECS agent is connected",
    short="the ECS agent of its instance is not connected",
    why="ECS tells the agent of a container instance which tasks to start. While the agent is not connected it begins no pull and reports nothing, so that tasks stay PENDING or are stopped. It loses its connection for moments several times a day, which does no harm.",
    how="Look again in some minutes. If it stays so, look at the agent (systemctl status ecs, /var/log/ecs/ecs-agent.log), at Docker, and at the instance's way to the endpoints ecs, ecs-agent and ecs-telemetry; restart the agent or replace the instance.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-container-agent-disconnected.html",
    explains=Explains(symptoms=(SymptomId.PULL_CONTEXT_CANCELED,)),
    text_only=True,
)


def _judge(world: World, subject: Subject) -> Outcome:
    """It warns where no task waits for it: an agent that has just lost its connection mostly has it back soon."""
    if need(world.pull.launch) == "fargate":
        return skipped(AGENT_DISCONNECTED, "AWS runs the agent of Fargate")
    host = need(world.snapshot.container_instance)
    if host is None:
        return skipped(AGENT_DISCONNECTED, "the container instance is no longer there")
    if host.agent_connected is None:
        return unknown(AGENT_DISCONNECTED, "ECS does not say whether the agent is connected")
    if host.agent_connected:
        return passes(AGENT_DISCONNECTED)
    task = need(world.snapshot.task)
    name, link = host_of(world)
    evidence = [Evidence(what="agentConnected is false", source="ecs:DescribeContainerInstances")]
    waits = task is not None and task.last_status == "PENDING"
    if waits:
        evidence.append(Evidence(what="the task is PENDING", source="ecs:DescribeTasks"))
    return fails(
        AGENT_DISCONNECTED,
        f"The ECS agent on {name} is not connected to ECS, so that it begins no pull.",
        stage="login",
        resources=(name,),
        evidence=tuple(evidence),
        fix=_ways(world, name),
        console_url=link,
        status=Status.FAIL if waits else Status.WARN,
    )


def _ways(world: World, name: str) -> Ways:
    drain = drained(world, name)
    if not has_shell(world):
        return drain
    log = (
        "C:/ProgramData/Amazon/ECS/log/ecs-agent.log"
        if host_os(world.snapshot) == "windows"
        else "/var/log/ecs/ecs-agent.log"
    )
    restart = on_host(
        world,
        name,
        RESTART_AGENT,
        title=f"Restart the ECS agent on {name}",
        text=f"Restart the agent; {log} says why it lost its connection. If Systems Manager does not reach {name} either, its network or the instance itself is gone.",
        seen=agent_connected(world),
        undo_note="A restart of the agent stops no container, and leaves nothing to take back.",
    )
    return restart, drain


ROOM = Room(AGENT_DISCONNECTED, _judge)
