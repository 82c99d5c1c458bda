"""The container instance that pulls: what to call it, and how to have it run commands that its operating system knows."""

from __future__ import annotations

import json

from diagnostics import console
from diagnostics.faults.base import World
from diagnostics.faults.service import service_of
from diagnostics.finding import Fix
from diagnostics.pull import host_os
from diagnostics.snapshot import known_value
from diagnostics.write import quoted

OUTPUT = "CommandInvocations[].CommandPlugins[].Output"
"""What the commands wrote; `STATUS` is how they ended."""
STATUS = "CommandInvocations[].Status"

_CONFIG = "/etc/ecs/ecs.config"
_WITHOUT_SHELL = {
    "bottlerocket": "{name} runs Bottlerocket, which runs no such commands: drain it, and have its Auto Scaling group replace it. "
    "To look at it first, start a session (aws ssm start-session --target {name}), then enter-admin-container and sudo sheltie.",
    "managed": "{name} is an ECS Managed Instance, which AWS runs and in which nobody runs a command: drain it, and ECS replaces it.",
}


def host_of(world: World) -> tuple[str, str | None]:
    """What to call the host, and its page of the console."""
    instance, host = known_value(world.snapshot.instance), known_value(world.snapshot.container_instance)
    name = instance.instance_id if instance else host.ec2_instance_id if host else None
    if name:
        return name, console.instance(world.region, name)
    task = known_value(world.snapshot.task)
    return (task.container_instance_arn if task else None) or "the container instance", None


def on_host(
    world: World,
    name: str,
    text: str,
    linux: tuple[str, ...],
    windows: tuple[str, ...],
    *,
    shows: str = OUTPUT,
    undo: tuple[tuple[str, ...], tuple[str, ...]] | None = None,
    also: str = "",
) -> Fix:
    """A repair by commands that run on the host, of the shell that its operating system has.

    Bottlerocket and Managed Instances run none, so that they are drained and replaced. `undo` are the commands that take it
    back, on Linux and on Windows; `also` is what is true of every operating system.
    """
    system = host_os(world.snapshot)
    if system in _WITHOUT_SHELL:
        return _drained(world, f"{_WITHOUT_SHELL[system].format(name=name)}{also}")
    on_windows = system == "windows"
    back = undo[on_windows] if undo else None
    return Fix(
        text=f"{text}{also}",
        cli=run_on(world, name, *(windows if on_windows else linux)),
        verify=_last_run_on(world, name, shows),
        undo=run_on(world, name, *back) if back else None,
    )


def variable_set(name: str, value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The commands that set a variable of the ECS agent and restart it, on Linux and on Windows.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html and
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/windows_ecs_getting_started.html
    """
    return (
        (f"echo {name}={value} >> {_CONFIG}", "systemctl restart --no-block ecs"),
        (
            f'[Environment]::SetEnvironmentVariable("{name}", "{value}", "Machine")',
            "Restart-Service AmazonECS",
        ),
    )


def variable_unset(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The commands that take such a variable away again."""
    return (
        (f"sed -i /{name}/d {_CONFIG}", "systemctl restart --no-block ecs"),
        (f'[Environment]::SetEnvironmentVariable("{name}", $null, "Machine")', "Restart-Service AmazonECS"),
    )


def cluster_of(world: World) -> str:
    """The cluster that the host belongs to."""
    task, named = known_value(world.snapshot.task), service_of(world)
    arn = task.cluster_arn if task else None
    return named[0] if named else (arn or world.snapshot.target.cluster or "default").rpartition("/")[2]


def _drained(world: World, text: str) -> Fix:
    host = known_value(world.snapshot.container_instance)
    arn = quoted(host.container_instance_arn) if host else "CONTAINER-INSTANCE"
    which = f"--cluster {quoted(cluster_of(world))} --container-instances {arn} --region {world.region}"
    return Fix(
        text=text,
        cli=f"aws ecs update-container-instances-state {which} --status DRAINING",
        verify=f"aws ecs describe-container-instances {which} --query 'containerInstances[].[status,runningTasksCount]'",
        undo=f"aws ecs update-container-instances-state {which} --status ACTIVE",
    )


def _id_of(name: str) -> str:
    """The id of the host as a command takes it; a word to fill in where nothing tells it."""
    return quoted(name) if name.startswith(("i-", "mi-")) else "INSTANCE-ID"


def run_on(world: World, name: str, *commands: str) -> str:
    """The command that has Systems Manager run some commands on the host, in its own shell."""
    listed = json.dumps({"commands": commands}, separators=(",", ":"))
    document = "AWS-RunPowerShellScript" if host_os(world.snapshot) == "windows" else "AWS-RunShellScript"
    return f"aws ssm send-command --instance-ids {_id_of(name)} --document-name {document} --parameters {quoted(listed)} --region {world.region}"


def _last_run_on(world: World, name: str, query: str) -> str:
    """The command that shows what became of the last of them."""
    return f"aws ssm list-command-invocations --instance-id {_id_of(name)} --details --max-results 1 --region {world.region} --query '{query}' --output text"
