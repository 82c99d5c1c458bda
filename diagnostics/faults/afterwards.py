"""What happens once a fault is repaired: whether ECS starts a task by itself, when, and the command that starts one."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.arn import revision_named
from diagnostics.faults.base import World, once
from diagnostics.faults.service import update_service
from diagnostics.finding import ThenText
from diagnostics.pull import StarterKind, capacity_provider_of, starter_of
from diagnostics.snapshot import Service, Task, Unavailable, known_value
from diagnostics.stop_reason import redact
from diagnostics.write import quoted

LONGEST_NAME = 100

LONGEST_WAIT = 27
"""Minutes between two attempts of a service whose tasks never reach RUNNING, at most.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html (15 in older copies)
"""

UNDEPLOYED = "Nothing of it is deployed yet: ask again with the change, and deploy it once nothing would stop the pull."
"""What comes next where a task is only planned."""

_RETRIES = f"by itself, at growing intervals of up to {LONGEST_WAIT} minutes"
_BY_TASK_SET: Mapping[StarterKind, str] = {"code_deploy": "CODE_DEPLOY", "task_set": "EXTERNAL"}

_NEXT: Mapping[StarterKind, str] = {
    # https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html
    "batch": "AWS Batch starts the task of this job again only while the job has attempts left; else submit the job again.",
    # https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
    "step_functions": "Nothing starts the task again unless the state retries: redrive the execution (aws stepfunctions redrive-execution), or start it again.",
}


@once
def then_for(world: World) -> ThenText:
    """What ECS does after a repair that leaves the task definition as it is, and what a person must start.

    From the facts alone: what could not be read is said as such.
    """
    if world.snapshot.is_undeployed:
        return ThenText(UNDEPLOYED)
    task, service = known_value(world.snapshot.task), known_value(world.snapshot.service)
    kind = starter_of(task, service).kind if task else None
    if world.snapshot.service_name is not None and kind in (None, "service", "code_deploy", "task_set"):
        return _of_service(world, world.snapshot.service_name, task, service)
    if task is None:
        if world.snapshot.target.kind == "service":
            return ThenText(
                f"Service {world.snapshot.target.service} could not be read. Unless it wants no tasks, ECS starts one {_RETRIES}."
            )
        return ThenText(
            f"Who started the task could not be read. ECS starts the tasks of a service {_RETRIES}; a task that "
            "somebody ran alone must be run again (aws ecs run-task)."
        )
    return _alone(world, task)


def _of_service(world: World, name: str, task: Task | None, service: Service | None) -> ThenText:
    if service is None:
        if not isinstance(world.snapshot.service, Unavailable):
            return ThenText(f"Service {name} is no longer there: nothing starts this task again by itself.")
        return _ending_in(
            _again(world),
            f"Service {name} could not be read. Unless it wants no tasks, ECS starts one {_RETRIES}. At once, where ECS "
            "itself deploys the service:",
        )
    if service.status not in (None, "ACTIVE"):
        return ThenText(f"Service {name} is {service.status}: ECS starts no more tasks of it.")
    if service.desired_count == 0:
        return ThenText(
            f"Service {name} wants no tasks (desired count 0): nothing starts before that is raised."
        )
    controller = service.deployment_controller.type if service.deployment_controller else None
    controller = _BY_TASK_SET.get(starter_of(task, service).kind, controller) if task else controller
    if controller in _BY_TASK_SET.values():
        return ThenText(_deployed_by_another(name, controller))
    return _deployed_by_ecs(world, name, task, service)


def _deployed_by_another(name: str, controller: str | None) -> str:
    """UpdateService refuses a new deployment there.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
    """
    while_there = f"ECS starts the tasks of service {name} {_RETRIES}, while their task set is there."
    if controller == "CODE_DEPLOY":
        return (
            f"{while_there} If the CodeDeploy deployment was stopped or rolled back meanwhile, make it again with the "
            "same revision (aws deploy create-deployment); update-service --force-new-deployment is refused."
        )
    return (
        f"{while_there} At once: let the tool that deploys it make a new task set (aws ecs create-task-set); "
        "update-service --force-new-deployment is refused."
    )


def _deployed_by_ecs(world: World, name: str, task: Task | None, service: Service) -> ThenText:
    """Rolling deployments and ECS's own blue/green ones, also those of daemons."""
    ran = task.task_definition_arn if task else None
    wanted = service.task_definition
    if ran and wanted and ran != wanted:
        again = update_service(world, f"--task-definition {quoted(ran)}")
        return _ending_in(
            again,
            f"Service {name} now wants {revision_named(wanted)} (it was rolled back, or deployed since), and ECS starts "
            f"its tasks {_RETRIES}. The {revision_named(ran)} of this task starts only if it is deployed again:",
        )
    primary = next((item for item in service.deployments if item.status == "PRIMARY"), None)
    if primary is not None and primary.rollout_state == "FAILED":
        return _ending_in(
            _again(world),
            f"The deployment circuit breaker ended the deployment of service {name}, so ECS starts no more tasks of it. "
            "Deploy again:",
        )
    where = ", on each container instance that lacks one," if service.scheduling_strategy == "DAEMON" else ""
    return _ending_in(_again(world), f"ECS starts the tasks of service {name}{where} {_RETRIES}. At once:")


def _again(world: World) -> str | None:
    """The command that makes ECS start tasks without waiting."""
    return update_service(world, "--force-new-deployment")


def _ending_in(command: str | None, words: str) -> ThenText:
    if command is None:
        return ThenText(
            f"{words} aws ecs update-service --force-new-deployment, with the cluster and the service"
        )
    return ThenText(f"{words} {command}", command)


def _alone(world: World, task: Task) -> ThenText:
    """A task that no service keeps."""
    starter = starter_of(task, None)
    if starter.kind in _NEXT:
        return ThenText(_NEXT[starter.kind])
    command = run_task(world)
    by_hand = f", with the overrides that it had: {command}" if command else " (aws ecs run-task)."
    name = f" {redact(starter.name)[:LONGEST_NAME]}" if starter.name else ""
    if starter.kind == "event_rule":
        return ThenText(
            f"The EventBridge rule{name} starts the next task when it fires again. To run one now{by_hand}",
            command,
        )
    if starter.kind == "schedule":
        return ThenText(
            f"The schedule{name} starts the next task when it is due again. To run one now{by_hand}", command
        )
    return ThenText(f"Nothing starts this task again by itself. Run it again{by_hand}", command)


def run_task(world: World, revision: str | None = None) -> str | None:
    """The command that runs the task's revision once, where it ran, or another revision; `None` where the task does not tell that.

    Its overrides are not in it: they may hold secrets and are not read.
    """
    task = known_value(world.snapshot.task)
    if task is None or not (task.cluster_arn and task.task_definition_arn):
        return None
    parts = [
        f"aws ecs run-task --cluster {quoted(task.cluster_arn.rsplit('/', 1)[-1])}",
        f"--task-definition {quoted(revision or revision_named(task.task_definition_arn))}",
    ]
    provider = capacity_provider_of(task)
    if provider:
        parts.append(f"--capacity-provider-strategy {quoted(f'capacityProvider={provider}')}")
    elif task.launch_type:
        parts.append(f"--launch-type {quoted(task.launch_type)}")
    network = _network(world)
    if network is not None:
        parts.append(f"--network-configuration {quoted(network)}")
    return " ".join((*parts, f"--region {world.region}"))


def _network(world: World) -> Mapping[str, object] | None:
    """Where the task ran, if it had an interface of its own; its public address only where that is known."""
    interface = world.pull.used_interface
    if interface is None or interface.kind != "task":
        return None
    found: dict[str, object] = {"subnets": [interface.subnet_id]}
    groups, public = known_value(interface.security_group_ids), known_value(interface.public_ip)
    if groups:
        found["securityGroups"] = list(groups)
    if public is not None:
        found["assignPublicIp"] = "ENABLED" if public else "DISABLED"
    return {"awsvpcConfiguration": found}
