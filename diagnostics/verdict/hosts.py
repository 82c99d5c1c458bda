"""What the kind of host means for the answer: copies of images that it keeps, and a network that AWS does not show.

That a task runs on a container instance does not show that its image can be pulled. Which of its ways the agent goes (`ECS_IMAGE_PULL_BEHAVIOR`) stands in its configuration on the host, or in the instance's user
data, which may hold secrets and is not read: no attribute of the container instance tells it.
AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pull-behavior.html
"""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.finding import Cause
from diagnostics.snapshot import Task, known_value
from diagnostics.stop_reason import redact
from diagnostics.verdict.situation import Situation

_BEHAVIOUR = (
    "with ECS_IMAGE_PULL_BEHAVIOR default it starts from its copy where a pull fails, with once or prefer-cached it does not "
    "pull what it has (/etc/ecs/ecs.config on the host; no API shows it)"
)
_SHOWN = len("sha256:") + 12


def of_an_external_instance(world: World) -> str | None:
    """That nothing of the way of a pull was looked at; `None` where the task runs on no external instance.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-anywhere.html
    """
    if known_value(world.pull.launch) != "external":
        return None
    return (
        "The task runs on an external instance (ECS Anywhere): its name server, firewall, proxy and disk are yours, and nothing of "
        "them can be read from AWS."
    )


def of_kept_copies(world: World, situation: Situation, causes: tuple[Cause, ...]) -> str | None:
    """What copies that hosts keep mean for the answer; `None` on Fargate and where nothing else runs."""
    task, launch = known_value(world.snapshot.task), known_value(world.pull.launch)
    if task is None or (launch != "ec2" and launch != "external"):
        return None
    if situation.mode == "now":
        return _moved(world, task)
    service = known_value(world.snapshot.service)
    running = service.running_count if service is not None else None
    if situation.mode != "stopped" or not running or not any(item.role == "cause" for item in causes):
        return None
    return (
        f"That tasks of {world.snapshot.service_name} run elsewhere does not show that the image can be pulled: a container "
        f"instance may have kept a copy ({_BEHAVIOUR})."
    )


def _moved(world: World, task: Task) -> str | None:
    """That a container runs another image than its tag names now."""
    for container in task.containers:
        image = next((item for item in world.pull.images if container.name in item.containers), None)
        reference = image.in_ecr if image is not None else None
        if image is None or reference is None or reference.digest or not container.image_digest:
            continue
        detail = known_value(world.image_facts(image).detail)
        now = detail.image_digest if detail is not None else None
        if now is None or now == container.image_digest:
            continue
        return (
            f"Container {container.name} runs {redact(container.image_digest)[:_SHOWN]}, and {image.image.rpartition('/')[2]} is "
            f"{now[:_SHOWN]} now: it was started before the tag moved, or from a copy that its host kept; {_BEHAVIOUR}."
        )
    return None
