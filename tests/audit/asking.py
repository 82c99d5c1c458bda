"""Clients of the audited account that note what they ask, and are refused some of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from typing import Any

from botocore.exceptions import ClientError

from diagnostics.collect import AwsClients
from tests.build import emulated

from .worlds import AuditWorld


class Asking(AwsClients):
    """Every request is counted by its action; those of `denied` are refused as AWS does, without leaving the process."""

    def __init__(self, world: AuditWorld, denied: Collection[str] = ()) -> None:
        inner = emulated.clients(world.account.aws)
        super().__init__(inner._session_for)
        self._denied = denied
        self._counting = threading.Lock()
        self._watched: dict[tuple[str, str], Any] = {}
        self.asked: Counter[str] = Counter()

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        with self._counting:
            if (service, region) not in self._watched:
                client = super().get(service, region, None)
                client.meta.events.register(
                    "before-call", lambda model, **_: self._note(f"{service}:{model.name}")
                )
                self._watched[service, region] = client
            return self._watched[service, region]

    def _note(self, action: str) -> None:
        with self._counting:
            self.asked[action] += 1
        if action in self._denied:
            error = {"Code": "AccessDeniedException", "Message": f"not authorized to perform: {action}"}
            raise ClientError({"Error": error}, action.partition(":")[2])
