"""The tags of a task and of its service, for rules that name one. They need no permission beyond the diagnosis's own.

They are asked for as a diagnosis asks: a storm's in few requests, kept for a while, and within the budget of AWS's rates.
AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.events.event import TaskEvent
from diagnostics.collect import AwsClients, FactStore, listing
from diagnostics.snapshot import Fact, Known, Tag, Unavailable, Why

log = logging.getLogger(__name__)

Tags = Callable[[TaskEvent], Mapping[str, str]]
"""Reads the tags of an event's task and service. Raises `TagsLaterError`."""
WAIT_SECONDS = 15.0
"""How long an answer is waited for."""
_LATER = (Why.TIMED_OUT, Why.THROTTLED)


class TagsLaterError(Exception):
    """AWS has not told the tags yet; it is worth to ask again."""


def read_tags(
    event: TaskEvent, aws: AwsClients, store: FactStore, wait: float = WAIT_SECONDS
) -> Mapping[str, str]:
    """The tags of an event's task and service; the task's win. What cannot be read has none.

    Raises:
        TagsLaterError: AWS, or the budget of its rates, made it wait for too long.
    """
    task = event.detail
    cluster = task.cluster_arn or "default"
    tags: dict[str, str] = {}

    def take(fact: Fact[tuple[Tag, ...]]) -> None:
        if isinstance(fact, Known):
            tags.update((tag.key, tag.value) for tag in fact.value)
        elif isinstance(fact, Unavailable):
            if fact.reason.why in _LATER:
                raise TagsLaterError(f"{fact.call}: {fact.why}")
            log.warning("the tags of %s could not be read: %s", task.task_arn, fact.why)

    if task.service_name is not None:
        take(
            listing.service_tags(
                event.region, event.account, cluster, task.service_name, clients=aws, store=store, wait=wait
            )
        )
    take(
        listing.task_tags(
            event.region, event.account, cluster, task.task_arn, clients=aws, store=store, wait=wait
        )
    )
    return {**tags, **event.tags}
