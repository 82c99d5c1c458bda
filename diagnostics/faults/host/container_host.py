"""The container instance that pulls: what to call it, and how to have it run commands."""

from __future__ import annotations

import json

from diagnostics import console
from diagnostics.faults.base import World
from diagnostics.snapshot import known_value
from diagnostics.write import quoted


def host_of(world: World) -> tuple[str, str | None]:
    """What to call the host, and its page of the console."""
    instance, host = known_value(world.snapshot.instance), known_value(world.snapshot.container_instance)
    name = instance.instance_id if instance else host.ec2_instance_id if host else None
    if name:
        return name, console.instance(world.region, name)
    task = known_value(world.snapshot.task)
    return (task.container_instance_arn if task else None) or "the container instance", None


def _id_of(name: str) -> str:
    """The id of the host as a command takes it; a word to fill in where nothing tells it."""
    return quoted(name) if name.startswith(("i-", "mi-")) else "INSTANCE-ID"


def run_on(world: World, name: str, *commands: str) -> str:
    """The command that has Systems Manager run some shell commands on the host."""
    listed = json.dumps({"commands": commands}, separators=(",", ":"))
    return f"aws ssm send-command --instance-ids {_id_of(name)} --document-name AWS-RunShellScript --parameters '{listed}' --region {world.region}"


def last_run_on(world: World, name: str, query: str) -> str:
    """The command that shows what became of the last of them."""
    return f"aws ssm list-command-invocations --instance-id {_id_of(name)} --details --max-results 1 --region {world.region} --query '{query}' --output text"
