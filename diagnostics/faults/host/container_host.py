"""The container instance that pulls: what to call it, and how to have it run commands that its operating system knows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World
from diagnostics.faults.service import service_of
from diagnostics.finding import Fix
from diagnostics.pull import ContainerImage, host_os
from diagnostics.snapshot import known_value
from diagnostics.write import Asked, asked, captured, chain, quoted, wait_for

INSTANCE = asked("INSTANCE_ID", "the id of the instance, such as i-0123456789abcdef0")
CONTAINER_INSTANCE = asked("CONTAINER_INSTANCE_ARN", "the ARN of the container instance")
"""What a person fills in where nothing tells which instance it was."""

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_CONFIG = "/etc/ecs/ecs.config"
_MARK = "# pullcheck:"
"""Stands on the line before a variable that a repair has set, so that no other is taken away."""
_BEFORE = "_BEFORE_PULLCHECK"
"""Ends the name of the variable in which Windows keeps the value of before."""
_STATES = '`["Pending","InProgress","Delayed"]`'
_WITHOUT_SHELL = {
    "bottlerocket": "{name} runs Bottlerocket, which runs no such commands: drain it, and have its Auto Scaling group replace it. "
    "To look at it first, start a session (aws ssm start-session --target {name}), then enter-admin-container and sudo sheltie.",
    "managed": "{name} is an ECS Managed Instance, which AWS runs and in which nobody runs a command: drain it, and ECS replaces it.",
}

_TERMINATE = "Drain {name}, and terminate it once it runs no task: its Auto Scaling group starts another."


@dataclass(frozen=True)
class HostScript:
    """Commands for a host. Those of Linux stop at the first that fails; those of Windows are PowerShell's, which stops at an error."""

    linux: tuple[str, ...]
    windows: tuple[str, ...]


RESTART_AGENT = HostScript(("systemctl restart --no-block ecs",), ("Restart-Service AmazonECS",))
"""The agent is no parent of the containers, which go on."""


def host_of(world: World) -> tuple[str, str | None]:
    """What to call the host, and its page of the console."""
    instance, host = known_value(world.snapshot.instance), known_value(world.snapshot.container_instance)
    name = instance.instance_id if instance else host.ec2_instance_id if host else None
    if name:
        return name, console.instance(world.region, name)
    task = known_value(world.snapshot.task)
    return (task.container_instance_arn if task else None) or "the container instance", None


def registry_host(world: World, told: str | None) -> str:
    """The host, without its port, that an error text names, else that the task's image is pulled from."""
    name = (told or "").partition(":")[0]
    if _HOST.fullmatch(name):
        return name
    images: tuple[ContainerImage, ...] = world.pull.images
    found = (image.reference.pull_host for image in images if image.reference is not None)
    return next(filter(_HOST.fullmatch, found), f"api.ecr.{world.region}.amazonaws.com")


def has_shell(world: World) -> bool:
    """True where commands can be run on the host: not on Bottlerocket, nor in a Managed Instance."""
    return host_os(world.snapshot) not in _WITHOUT_SHELL


def on_host(
    world: World,
    name: str,
    do: HostScript,
    *,
    title: str,
    text: str,
    seen: tuple[str, str],
    warning: str | None = None,
    undo: HostScript | None = None,
    undo_note: str | None = None,
    long: bool = False,
) -> Fix:
    """A repair by commands that run on the host, of the shell that its operating system has.

    Bottlerocket and Managed Instances run none, so that they are drained and replaced.

    Args:
        do: the commands.
        title: the change in a few words.
        text: the same in a sentence or two.
        seen: what shows that it worked, and what that prints.
        warning: what to know before.
        undo: the commands that take it back.
        undo_note: why there are none, or what stays.
        long: they may take some minutes.
    """
    if not has_shell(world):
        return drained(world, name)
    verify, expect = seen
    return Fix(
        title=title,
        text=f"{text} Systems Manager runs the commands on {name} as its administrator; where it does not reach the instance, type them there.",
        warning=warning,
        cli=run_on(world, name, do, long=long),
        verify=verify,
        expect=expect,
        undo=run_on(world, name, undo) if undo else None,
        undo_note=undo_note,
        then=then_for(world),
    )


def drained(world: World, name: str, text: str | None = None) -> Fix:
    """The host gets no more tasks, and those of services are started on other instances: it can be replaced.

    `text` says how, beside why nothing else can be done where no command can be run on the host.
    """
    asks, which = _which(world)
    state = f"aws ecs update-container-instances-state {which} --query {_STATUS} --output text --status"
    why = _WITHOUT_SHELL.get(host_os(world.snapshot), "").format(name=name)
    text = text or (None if why else _TERMINATE.format(name=name))
    return Fix(
        title=f"Drain {name}, and replace it",
        text=" ".join(filter(None, (why, text))),
        warning=f"The tasks of services on {name} are stopped and started on other instances of the cluster, where there is room; tasks that somebody ran alone go on.",
        cli=chain(asks, f"{state} DRAINING"),
        verify=chain(asks, f"{_DESCRIBE} {which} --query {_STATUS} --output text"),
        expect="DRAINING",
        undo=chain(asks, f"{state} ACTIVE"),
        undo_note="Tasks that were started elsewhere stay there.",
        then=then_for(world),
    )


def agent_connected(world: World) -> tuple[str, str]:
    """What shows that the agent is connected to ECS again, and what it prints. It waits for that."""
    asks, which = _which(world)
    describe, query = f"{_DESCRIBE} {which}", "containerInstances[0].agentConnected"
    wait = wait_for(describe, query, "True")
    return chain(asks, wait, f"{describe} --query {quoted(query)} --output text"), "True"


_DESCRIBE = "aws ecs describe-container-instances"
_STATUS = "'containerInstances[].status'"


def container_instance(world: World) -> tuple[Asked | None, str, str]:
    """What is asked for where the container instance is not known, the options that name its cluster, and its ARN."""
    host = known_value(world.snapshot.container_instance)
    arn = quoted(host.container_instance_arn if host else CONTAINER_INSTANCE)
    asks = None if host else CONTAINER_INSTANCE
    return asks, f"--cluster {quoted(cluster_of(world))} --region {world.region}", arn


def _which(world: World) -> tuple[Asked | None, str]:
    asks, cluster, arn = container_instance(world)
    return asks, f"{cluster} --container-instances {arn}"


def asked_of(host: str, *, proxied: bool = False) -> HostScript:
    """The commands that print `answers` if a registry answers the host, whatever it says; `proxied` by the proxy of Docker."""
    url = f"https://{host}/"
    if not _HOST.fullmatch(host):
        raise ValueError(f"a host is a name of letters, digits, hyphens and dots; got {host!r}")
    linux, windows = "curl -sS -o /dev/null -m 10", "curl.exe -sS -o NUL -m 10"
    answered = 'if ($LASTEXITCODE -eq 0) { "answers" }'
    if not proxied:
        return HostScript((f"{linux} {url}", "echo answers"), (f"{windows} {url}", answered))
    proxy = "docker info --format '{{.HTTPSProxy}}'"
    return HostScript(
        (f"P=$({proxy})", f'{linux} -x "$P" {url}', "echo answers"),
        (f"$p = {proxy}", '$x = if ($p) { "-x", $p } else { @() }', f"{windows} $x {url}", answered),
    )


def variable_set(name: str, value: str) -> HostScript:
    """The commands that set a variable of the ECS agent and restart it.

    A line of before with the same variable stays, and the later one holds.
    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html and
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/windows_ecs_getting_started.html
    """
    return HostScript(
        (
            # A last line without its end gets it first.
            f"sed -i -e '$a\\' {_CONFIG}",
            f"printf '%s\\n' '{_MARK} {name}' '{name}={value}' >> {_CONFIG}",
            *RESTART_AGENT.linux,
        ),
        (
            f'$now = [Environment]::GetEnvironmentVariable("{name}", "Machine")',
            f'if ($now -ne "{value}") {{ [Environment]::SetEnvironmentVariable("{name}{_BEFORE}", $now, "Machine") }}',
            f'[Environment]::SetEnvironmentVariable("{name}", "{value}", "Machine")',
            *RESTART_AGENT.windows,
        ),
    )


def variable_unset(name: str) -> HostScript:
    """The commands that take such a variable away again, and leave what was set before it."""
    return HostScript(
        (f"sed -i '/^{_MARK} {name}$/,+1d' {_CONFIG}", *RESTART_AGENT.linux),
        (
            f'$before = [Environment]::GetEnvironmentVariable("{name}{_BEFORE}", "Machine")',
            f'[Environment]::SetEnvironmentVariable("{name}", $before, "Machine")',
            f'[Environment]::SetEnvironmentVariable("{name}{_BEFORE}", $null, "Machine")',
            *RESTART_AGENT.windows,
        ),
    )


def variable_shown(name: str) -> HostScript:
    """The commands that print what such a variable is."""
    return HostScript(
        (f"grep '^{name}=' {_CONFIG} | tail -n 1 | cut -d= -f2",),
        (f'[Environment]::GetEnvironmentVariable("{name}", "Machine")',),
    )


def cluster_of(world: World) -> str:
    """The cluster that the host belongs to."""
    task, named = known_value(world.snapshot.task), service_of(world)
    arn = task.cluster_arn if task else None
    return named[0] if named else (arn or world.snapshot.target.cluster or "default").rpartition("/")[2]


def id_of(name: str) -> str:
    """The id of the host as a command takes it; a variable to fill in where nothing tells it."""
    return quoted(name if name.startswith(("i-", "mi-")) else INSTANCE)


def run_on(world: World, name: str, script: HostScript, *, long: bool = False) -> str:
    """The commands that have Systems Manager run a script on the host, and print what it wrote; they fail if that fails.

    `long` waits up to ten minutes for it, else a hundred seconds.
    AWS: https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html
    """
    which = f'--command-id "$COMMAND_ID" --instance-id {id_of(name)} --region {world.region}'
    look = f"aws ssm get-command-invocation {which}"
    return chain(
        INSTANCE if "INSTANCE_ID" in which else None,
        captured("COMMAND_ID", _send(world, name, script), "Command.CommandId"),
        # The invocation can be asked for some seconds later only.
        "sleep 5",
        wait_for(look, f"contains({_STATES}, Status)", "False") if long else None,
        f"aws ssm wait command-executed {which}",
        f"{look} --query StandardOutputContent --output text",
    )


def _send(world: World, name: str, script: HostScript) -> str:
    """The command that hands a script to Systems Manager."""
    windows = host_os(world.snapshot) == "windows"
    lines = ('$ErrorActionPreference = "Stop"', *script.windows) if windows else (" && ".join(script.linux),)
    listed = json.dumps({"commands": lines}, separators=(",", ":"))
    document = "AWS-RunPowerShellScript" if windows else "AWS-RunShellScript"
    return f"aws ssm send-command --instance-ids {id_of(name)} --document-name {document} --parameters {quoted(listed)} --region {world.region}"
