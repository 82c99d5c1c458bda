"""Task events in Socket Mode: what takes them from the queue, and what is done about each, in this process."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from botocore.config import Config

from bot.events.groups import EventGroups
from bot.events.handle import Events
from bot.events.incidents import Incidents
from bot.events.polling import POLL_SECONDS, EventsPoller
from bot.events.recounts import Recount
from bot.events.routes import Routes
from bot.events.tags import read_tags
from bot.events.told import ToldGroups
from bot.queues.threads import After, ThreadQueue, after
from bot.settings import Settings
from bot.stores.chosen import Store
from diagnostics.collect import AwsClients, FactStore
from handlers.jobs import Job
from handlers.ports import QueueClosedError, QueueFullError, Services

log = logging.getLogger(__name__)

# An answer takes as long as the queue lets wait.
_POLLING = Config(
    connect_timeout=5, read_timeout=POLL_SECONDS + 10, retries={"mode": "standard", "total_max_attempts": 2}
)
_IN_REGION = re.compile(r"https://(?:sqs\.(?P<region>[a-z0-9-]+)|(?P<old>[a-z0-9-]+)\.queue)\.amazonaws\.com")


class InProcess:
    """Messages to ourselves, in this process: how often a failure was seen is shown after a while.

    Where the process ends meanwhile the next event of the group has it shown.

    Args:
        later: does something after a while.
    """

    def __init__(self, later: After = after) -> None:
        self._later = later
        self.recount: Callable[[Recount], None] = lambda _: None

    def send(self, body: str, *, delay: int = 0) -> None:
        """Have a message come after so many seconds."""
        self._later(delay, lambda: self._come(Recount.model_validate_json(body)))

    def _come(self, message: Recount) -> None:
        try:
            self.recount(message)
        except Exception:
            log.exception("how often a failure was seen could not be shown")


def groups_of(
    settings: Settings, store: Store, lease: float, clock: Callable[[], float] = time.time
) -> ToldGroups | None:
    """The messages about task events, for people who ask; `None` where no events are taken."""
    if settings.pullcheck_events_queue_url is None:
        return None
    return ToldGroups(store.runs, _groups_of(settings, store), _incidents_of(settings, store, lease), clock)


def _groups_of(settings: Settings, store: Store) -> EventGroups:
    return EventGroups(store.items, settings.pullcheck_group_seconds)


def _incidents_of(settings: Settings, store: Store, lease: float) -> Incidents:
    return Incidents(store.items, settings.pullcheck_group_seconds, lease)


def poller_of(
    settings: Settings,
    store: Store,
    services: Services,
    queue: ThreadQueue,
    aws: AwsClients,
    facts: FactStore,
    *,
    client: Any = None,
    later: After = after,
    clock: Callable[[], float] = time.time,
    **options: Any,
) -> EventsPoller | None:
    """What takes task events; `None` where none are taken.

    Args:
        settings: the settings.
        store: keeps groups and facts.
        services: what doing a job needs.
        queue: tries for an hour what reached nobody.
        aws: reads the tags of tasks.
        facts: keeps what AWS answered, within the budget.
        client: a client of SQS (in tests).
        later: does something after a while.
        clock: seconds since 1970.
        options: of the poller.
    """
    url = settings.pullcheck_events_queue_url
    if url is None:
        return None
    shown_later = InProcess(later)
    events = Events(
        services=services,
        runs=store.runs,
        groups=_groups_of(settings, store),
        incidents=_incidents_of(settings, store, services.lease),
        routes=Routes.of(settings.pullcheck_routes),
        tags=lambda event: read_tags(event, aws, facts),
        queue=shown_later,
        clock=clock,
    )
    shown_later.recount = events.recount
    return EventsPoller(
        client or sqs_client(url), url, events.handle, lambda job: _taken(job, queue), **options
    )


def sqs_client(url: str) -> Any:
    """A client of SQS in the Region of a queue."""
    import boto3

    found = _IN_REGION.match(url)
    return boto3.client(
        "sqs", region_name=(found["region"] or found["old"]) if found else None, config=_POLLING
    )


def _taken(job: Job, queue: ThreadQueue) -> bool:
    """Put a job into this process's own queue, which keeps it and tries it for an hour; true when it is there."""
    try:
        queue.submit(job.model_copy(update={"tries": job.tries + 1}))
    except (QueueFullError, QueueClosedError):
        return False
    return True
