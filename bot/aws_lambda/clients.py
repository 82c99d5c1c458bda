"""botocore clients of what is the app's own: its queue, its table, its secrets.

Without boto3, which costs a function that must start fast some fifty milliseconds and gives it nothing.
"""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.config import Config

QUICK = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
"""Slack waits for three seconds."""
PATIENT = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})


class OwnClients:
    """Makes clients of one session, one of each service."""

    def __init__(self, config: Config) -> None:
        self._session = botocore.session.Session()
        self._config = config
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        """The client of a service, in the function's own Region."""
        if service not in self._made:
            self._made[service] = self._session.create_client(service, config=self._config)
        return self._made[service]
