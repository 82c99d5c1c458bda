"""The tags of a task and of its service, for rules that name one. They need no permission beyond the diagnosis's own.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bot.events.event import TaskEvent
from diagnostics.collect import AwsClients

log = logging.getLogger(__name__)

Tags = Callable[[TaskEvent], Mapping[str, str]]
"""Reads the tags of an event's task and service."""


def read_tags(event: TaskEvent, aws: AwsClients) -> Mapping[str, str]:
    """The tags of an event's task and service; the task's win. What cannot be read has none."""
    task = event.detail
    cluster = task.cluster_arn or "default"
    tags: dict[str, str] = {}

    def read(answer: Callable[[], Any], key: str) -> None:
        try:
            for item in answer()[key][:1]:
                tags.update((tag["key"], tag.get("value", "")) for tag in item.get("tags", ()))
        except (BotoCoreError, ClientError, KeyError) as error:
            log.warning("the tags of %s could not be read: %s", task.task_arn, type(error).__name__)

    def client() -> Any:
        return aws.get("ecs", event.region, event.account)

    service = task.service_name
    if service is not None:
        read(
            lambda: client().describe_services(cluster=cluster, services=[service], include=["TAGS"]),
            "services",
        )
    read(lambda: client().describe_tasks(cluster=cluster, tasks=[task.task_arn], include=["TAGS"]), "tasks")
    return {**tags, **event.tags}
