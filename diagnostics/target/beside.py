"""The service that a text names beside a task: ECS forgets a stopped task after about an hour, its service stays."""

from __future__ import annotations

import re

from diagnostics.target.alarms import IS, services_by_name
from diagnostics.target.forms import NAME
from diagnostics.target.model import Target

# As EventBridge's events and DescribeTasks write it:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
_GROUP = re.compile(
    rf"(?<![a-z0-9])group{IS}service:(?P<service>{NAME}+)(?![.:/@]?[A-Za-z0-9_-])", re.IGNORECASE | re.ASCII
)


def of_service(tasks: tuple[Target, ...], found: tuple[Target, ...], text: str) -> tuple[Target, ...]:
    """The tasks; the only one among them with the only service that the text names, where they may be in one cluster.

    Args:
        tasks: the tasks of the text.
        found: everything that the text names by ARN or link.
        text: the text, whose names of services count too: `group: service:NAME`, and the dimensions of an alarm.
    """
    if len(tasks) != 1 or tasks[0].service is not None:
        return tasks
    task = tasks[0]
    by_group: set[tuple[str | None, str | None]] = {
        (match["service"], None) for match in _GROUP.finditer(text)
    }
    named = by_group or {
        (item.service, item.cluster)
        for item in (*found, *services_by_name(text))
        if item.kind == "service"
        and all(
            None in (one, other) or one == other
            for one, other in ((item.region, task.region), (item.account_id, task.account_id))
        )
    }
    names = {name for name, cluster in named if None in (cluster, task.cluster) or cluster == task.cluster}
    if len(named) != 1 or not names:
        return tasks
    return (task.model_copy(update={"service": names.pop()}),)
