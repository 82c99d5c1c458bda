"""What the modal's menus offer, where the function that Slack calls reads no account: the worker is asked, which may.

The worker's own role reads AWS; the ingress, which the internet reaches, may only invoke it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bot.choices import listed_accounts, regions_beside
from bot.settings import Settings
from handlers.ways import Listed

log = logging.getLogger(__name__)

SECONDS = 2
"""Slack takes the options of a menu within three. AWS is asked within that: see `bot.places`."""
ASKING = Config(connect_timeout=1, read_timeout=SECONDS, retries={"total_max_attempts": 1})
"""A second try would come too late; the next letter that is typed is one."""
LATE = "The app is starting, and has no list yet. Type a letter, or paste the task below."


class WorkerPlaces:
    """What the worker lists.

    Args:
        client: makes a botocore client of a service, with `ASKING`.
        worker: the worker's name.
        settings: the accounts that may be asked about.
    """

    def __init__(self, client: Callable[[str], Any], worker: str, settings: Settings) -> None:
        self._client = client
        self._worker = worker
        self._settings = settings

    @property
    def region(self) -> str | None:
        """The function's own Region."""
        return os.environ.get("AWS_REGION")

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that are listed."""
        return listed_accounts(self._settings)

    def regions(self) -> tuple[str, ...]:
        """The Regions in which botocore knows ECS."""
        return regions_beside(self.region)

    def prepare(self, region: str, account: str | None, by: str, /) -> None:
        """Wake the worker, which lists the clusters meanwhile."""
        try:
            self._client("lambda").invoke(
                FunctionName=self._worker,
                InvocationType="Event",
                Payload=_payload(what="clusters", region=region, account=account, by=by),
            )
        except (BotoCoreError, ClientError) as error:
            log.info("the worker was not woken: %s", type(error).__name__)

    def clusters(self, region: str, account: str | None, by: str, /) -> Listed:
        """The clusters of a Region."""
        return self._ask(what="clusters", region=region, account=account, by=by)

    def services(self, region: str, account: str | None, cluster: str, by: str, /) -> Listed:
        """The services of a cluster."""
        return self._ask(what="services", region=region, account=account, cluster=cluster, by=by)

    def _ask(self, **asked: str | None) -> Listed:
        try:
            answer = self._client("lambda").invoke(FunctionName=self._worker, Payload=_payload(**asked))
            told = json.loads(answer["Payload"].read())
            if "FunctionError" in answer:
                log.warning("the worker failed to list what a menu offers")
                return Listed(problem=LATE)
            arns = tuple(item for item in told["arns"] if isinstance(item, str))
            problem = told["problem"]
            return Listed(arns, problem if isinstance(problem, str) else None, told["more"] is True)
        except (BotoCoreError, ClientError, ValueError, KeyError, TypeError) as error:
            # A worker that starts takes longer than Slack waits; the next letter finds it awake.
            log.info("the worker has not listed what a menu offers: %s", type(error).__name__)
            return Listed(problem=LATE)


def _payload(**asked: str | None) -> bytes:
    event = {"pullcheck": "names", **{name: value for name, value in asked.items() if value is not None}}
    return json.dumps(event).encode()
