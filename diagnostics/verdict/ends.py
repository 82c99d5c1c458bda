"""How a task ended, or why none began, where no pull failed: in words, and with the one next step.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import World
from diagnostics.pull import execution_role
from diagnostics.snapshot import Container, known_value
from diagnostics.stop_reason import Symptom, SymptomId, redact
from diagnostics.verdict.neighbours import Neighbour
from diagnostics.write import quoted

_NO_PULL = ", so that no pull began"

ENDS: tuple[tuple[tuple[str, ...], Neighbour], ...] = (
    (
        ("resource:memory", "insufficient memory"),
        Neighbour(
            f"no container instance has enough free memory for the task{_NO_PULL}",
            "Ask for less memory in the task definition, add container instances or larger ones, or stop tasks that are not needed.",
        ),
    ),
    (
        ("resource:cpu", "insufficient cpu"),
        Neighbour(
            f"no container instance has enough free CPU units for the task{_NO_PULL}",
            "Ask for less CPU in the task definition, add container instances or larger ones, or stop tasks that are not needed.",
        ),
    ),
    (
        ("resource:ports", "already using a port"),
        Neighbour(
            f"a host port that the task asks for is in use on every container instance{_NO_PULL}",
            "Set hostPort to 0 (bridge mode) or use awsvpc mode, so that tasks do not share ports; or add a container instance.",
        ),
    ),
    (
        ("resource:gpu", "insufficient gpu"),
        Neighbour(
            f"no container instance has a free GPU for the task{_NO_PULL}",
            "Add a container instance with GPUs (of the GPU-optimised AMI), or stop a task that holds one.",
        ),
    ),
    (
        ("resource:fargate", "capacity is unavailable"),
        Neighbour(
            f"Fargate has no capacity for the task at this time{_NO_PULL}",
            "Start it again in a few minutes; give the service subnets in more Availability Zones, and a FARGATE provider beside FARGATE_SPOT.",
        ),
    ),
    (
        ("limit on the number of tasks", "running tasks limit", "vcpu limit", "vcpulimitexceeded"),
        Neighbour(
            f"a quota of the account is used up{_NO_PULL}",
            "Look at the quota that the text names in Service Quotas (Fargate or EC2 vCPUs), and ask for more or stop what is not needed.",
        ),
    ),
    (
        ("no container instances were found", "empty capacity provider"),
        Neighbour(
            f"the cluster has no container instance that could take the task{_NO_PULL}",
            "Look whether the Auto Scaling group has instances (its desired capacity and its activity history), and whether they "
            "joined this cluster: ECS_CLUSTER in /etc/ecs/ecs.config, the instance role, and a way to the ECS endpoints.",
        ),
    ),
    (
        ('error "agent"', "agent is disconnected", "agent disconnected"),
        Neighbour(
            f"the ECS agent of the container instance that fits best is not connected{_NO_PULL}",
            "Look at the agent on that instance (sudo systemctl status ecs, /var/log/ecs/ecs-agent.log) and at its way to the ECS "
            "endpoints; restart it, or replace the instance.",
        ),
    ),
    (
        ("missing an attribute required", 'error "attribute"', "failed attribute"),
        Neighbour(
            f"no container instance has an attribute that the task needs{_NO_PULL}",
            "Compare requiresAttributes of aws ecs describe-task-definition with the attributes of aws ecs "
            "describe-container-instances: often an agent that is too old, or ECS_AVAILABLE_LOGGING_DRIVERS without the task's log driver.",
        ),
    ),
    (
        ("unable to launch instance(s) for capacity provider", "could not launch instances"),
        Neighbour(
            f"the capacity provider could not start an instance for the task{_NO_PULL}",
            "Look at the activity history of the capacity provider's Auto Scaling group: its last line says why EC2 refused.",
        ),
    ),
    (
        ("no container instance", "was unable to place a task"),
        Neighbour(
            "",
            "Look at what the event names: container instances with the CPU, memory, ports and attributes that the task asks "
            "for, or the capacity of the service's capacity provider.",
        ),
    ),
    (
        ("elb health checks", "is unhealthy in"),
        Neighbour(
            "",
            "Look at the target's reason in aws elbv2 describe-target-health, at the health check's path and port, and whether the "
            "task's security group lets in the load balancer; a slow start needs healthCheckGracePeriodSeconds.",
        ),
    ),
    (
        ("container health checks", "health check"),
        Neighbour(
            "",
            "Run the container's health check command in the image by hand: it must be there, and end with 0; a slow start needs "
            "startPeriod in healthCheck.",
        ),
    ),
    (
        ("spot interruption", "spot task was interrupted", "spot capacity", "spotinterruption", "terminationnotice"),
        Neighbour(
            "",
            "AWS took the Spot capacity back, which is expected of it: ECS starts another task as soon as there is capacity. Give the "
            "service a base on FARGATE or On-Demand instances for what must stay.",
        ),
    ),
    (
        ("host ec2", "instance is terminating", "container instance is draining"),
        Neighbour(
            "",
            "Look at who ended the container instance: the Auto Scaling group's activity history, or CloudTrail (TerminateInstances).",
        ),
    ),
    (
        ("maintenance", "retirement"),
        Neighbour("", "AWS replaced the host beneath the task. A service has started another one by itself; run any other task again."),
    ),
    (
        ("outofmemory", "killed due to memory usage"),
        Neighbour("", "Give the container more memory, or look at what its program needs: the image was pulled, and the program ran."),
    ),
    (
        ("scaling activity initiated", "serviceschedulerinitiated", "service scheduler initiated"),
        Neighbour("", "Nothing is to be repaired: the service was scaled in or deployed again, and this task was stopped for it."),
    ),
    (
        ("stopped by user", "userinitiated", "user initiated", "task stopped by"),
        Neighbour("", "Somebody stopped the task: CloudTrail's StopTask says who. Start it again if it is still wanted."),
    ),
    (
        ("firelens",),
        Neighbour(
            "the configuration of the log router (FireLens) could not be read or used, so that its container did not start",
            "Look at firelensConfiguration.options of the log router's container: config-file-type s3 needs s3:GetObject on the file and "
            "s3:GetBucketLocation on its bucket for the task execution role, a way to S3, and a file that is there.",
        ),
    ),
    (
        ("awslogs-region is required", "awslogs-group is required", "logging driver"),
        Neighbour(
            "",
            "Look at logConfiguration of the container: awslogs needs awslogs-group and awslogs-region, and on EC2 the driver stands in "
            "ECS_AVAILABLE_LOGGING_DRIVERS.",
        ),
    ),
    (
        ("efs volumes", "mount system call failed"),
        Neighbour(
            "",
            "Look at the file system's mount target in the task's Availability Zone, port 2049 of its security group, and the task "
            "role's elasticfilesystem:ClientMount: volumes are mounted before the container starts.",
        ),
    ),
    (
        ("network interface provisioning", "failed to configure eni", "netplugin failed"),
        Neighbour("", "Start the task again; if it comes back, look at the free addresses of its subnets, and replace the container instance."),
    ),
    (
        ("cannotstartcontainererror", "containerruntimeerror", "oci runtime", "containerruntimetimeouterror"),
        Neighbour(
            "",
            "The image was pulled, and its container did not start: compare entryPoint, command, user and mounts of the container "
            "definition with what the image has.",
        ),
    ),
    (
        ("cannotcreatecontainererror", "cannotcreatevolumeerror", "thin pool"),
        Neighbour(
            "",
            "The image was pulled, and the container could not be made: look at the disk of the container instance (df -h, docker "
            "system df) and at the volumes that the task definition names.",
        ),
    ),
    (
        ("failed to start. rolling back", "deployment circuit breaker", "deployment failed", "rolling back to"),
        Neighbour("", "Ask about a stopped task of the deployment that failed: the service only says that its tasks did not start."),
    ),
)  # fmt: skip
"""By what the text says, the first that fits. `says` is empty where the text itself says it best."""

_EXIT_CODES = {
    126: "its command may not be executed",
    127: "its command was not found in the image",
    134: "it aborted",
    137: "it was killed, often for want of memory",
    139: "it crashed with a segmentation fault",
    143: "it was told to stop",
}
"""What a shell or the kernel means by an exit code: 128 and the number of the signal that ended it."""


def end_of(text: str) -> Neighbour | None:
    """What an event or a stop reason says of a task that no failed pull stopped; `None` where it says none of this."""
    lowered = text.lower()
    return next((end for phrases, end in ENDS if any(phrase in lowered for phrase in phrases)), None)


def end_in(world: World) -> Neighbour | None:
    """How the task ended, by its containers' exit codes, its texts and its stop code."""
    return _exited(world) or _logged(world) or next(filter(None, map(end_of, _texts(world))), None)


def alert_tells_end(world: World) -> bool:
    """True if an alert tells of a task that no failed pull stopped, and what else could be read tells nothing."""
    told = [item for item in world.symptoms if item.id == SymptomId.NONE]
    return world.snapshot.source == "alert" and any(end_of(item.text) for item in told)


def _texts(world: World) -> Iterator[str]:
    yield from (item.text for item in world.symptoms if item.id == SymptomId.NONE)
    task = known_value(world.snapshot.task)
    if task is not None:
        yield task.stopped_reason or ""
        yield task.stop_code or ""


def _exited(world: World) -> Neighbour | None:
    """A container that ran and ended: the essential one that failed, before any that was only stopped with it."""
    task, definition = known_value(world.snapshot.task), known_value(world.snapshot.task_definition)
    if task is None or task.stop_code not in (None, "EssentialContainerExited"):
        return None
    said = (task.stopped_reason or "").lower()
    if "essential container" not in said and task.stop_code is None:
        return None
    ended = [item for item in task.containers if item.exit_code is not None]
    essential = [
        item
        for item in ended
        if definition is None or (one := definition.container(item.name)) is None or one.essential
    ]
    first = next((item for item in essential if item.exit_code not in (0, 143)), next(iter(essential), None))
    if first is None:
        return None
    why = _EXIT_CODES.get(first.exit_code or 0, "")
    if "outofmemory" in (first.reason or "").lower():
        why = "it used more memory than it has"
    return Neighbour(
        f"the image was pulled, and container {first.name} ran and ended with exit code {first.exit_code}{f' ({why})' if why else ''}",
        f"Read what {first.name} wrote before it ended{_log_of(world, first)}.",
    )


def _log_of(world: World, container: Container) -> str:
    named = log_group_of(world, container.name)
    if named is None:
        return ", where its log driver sends it"
    group, region = named
    return f": aws logs tail {quoted(group)} --since 1h --region {quoted(region)}"


def log_group_of(world: World, container: str | None) -> tuple[str, str] | None:
    """The log group of a container, or of the first that has one, and its Region."""
    definition = known_value(world.snapshot.task_definition)
    for one in definition.container_definitions if definition else ():
        log = one.log_configuration
        if container in (None, one.name) and log is not None and log.log_driver == "awslogs":
            group = log.options.get("awslogs-group")
            if group:
                return redact(group), log.options.get("awslogs-region") or world.region
    return None


_ABOUT_LOGS = ("logger args", "cloudwatch log", "log stream")


def _logged(world: World) -> Neighbour | None:
    """The log group of a container that is not there, or that the execution role may not use."""
    told = next((item for item in world.symptoms if _is_about_logs(item)), None)
    if told is None:
        return None
    lowered = told.text.lower()
    named = log_group_of(world, told.container) or log_group_of(world, None)
    group, region = named or ("GROUP", world.region)
    at = f"--log-group-name {quoted(group)} --region {quoted(region)}"
    what = f"log group {group}" if named else "its log group"
    if "not authorized" in lowered or "accessdenied" in lowered:
        puller = known_value(execution_role(world.snapshot))
        role = puller.role_arn.rpartition("/")[2] if puller else ""
        creates = (
            "logs:CreateLogGroup"
            if "createloggroup" in lowered
            else "logs:CreateLogStream and logs:PutLogEvents"
        )
        return Neighbour(
            f"the execution role may not write to {what} in {region}, and ECS opens the log before the container starts",
            f"Allow {creates} on it in a policy of {role or 'the execution role'}"
            + (
                f", or create the group by hand: aws logs create-log-group {at}."
                if "createloggroup" in lowered
                else "."
            ),
        )
    if "does not exist" in lowered or "resourcenotfound" in lowered:
        return Neighbour(
            f"{what} does not exist in {region}, and ECS opens the log before the container starts",
            f"Create it: aws logs create-log-group {at}; or correct awslogs-group and awslogs-region, or set awslogs-create-group to true "
            "and allow the execution role logs:CreateLogGroup.",
        )
    return None


def _is_about_logs(symptom: Symptom) -> bool:
    return symptom.id == SymptomId.NONE and any(phrase in symptom.text.lower() for phrase in _ABOUT_LOGS)
