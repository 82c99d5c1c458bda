"""Warm AWS clients, one for each account, Region and service."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from typing import Any

import botocore.session
from botocore.config import Config

from diagnostics.collect.troubles import NO_CREDENTIALS, AskedWith, trouble_of

SessionFor = Callable[[str | None], Any]
"""Gives the `boto3.Session` to ask with in an account; `None` is the account of the default credentials."""

THREADS = 32
"""How many calls are made at a time by all runs together, and so how many connections a client keeps."""

# Where one request in five fails in passing, two attempts leave more than one call of a run unread, three hardly any. A run
# waits for none of them beyond its deadline.
CONFIG = Config(
    max_pool_connections=THREADS,
    connect_timeout=3,
    read_timeout=8,
    retries={"mode": "standard", "total_max_attempts": 3},
    user_agent_extra="pullcheck",
)


class AwsClients:
    """Makes clients once and keeps them. Safe to share between threads and runs.

    By default every account is asked with botocore's own default credentials; a `session_for` that assumes a
    role in each account makes one installation serve several. `other_accounts` says that it does, so that an
    image is looked at in the account that owns it.
    """

    other_accounts = False
    on_failure: Callable[[Exception], None] | None = None
    """Told of every error of a call, in whichever thread it was made: the facts keep no more of it than the reason."""

    def __init__(self, session_for: SessionFor | None = None, config: Config = CONFIG) -> None:
        self._session_for: SessionFor = session_for or _default_session()
        self._config = config
        self._clients: dict[tuple[str, str, str | None], Any] = {}
        self._lock = threading.Lock()

    @property
    def shares(self) -> Hashable:
        """Whose answers these are: clients with the same value here may be answered with what others of them read."""
        return self

    @classmethod
    def of_profile(cls, profile: str | None, region: str | None = None) -> AwsClients:
        """Clients that ask with the credentials of a profile; `None` is botocore's own default.

        Args:
            profile: its name.
            region: where a role of the profile is assumed, in place of what the settings say; a profile may name none.
        """
        return cls(_default_session(profile, region))

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        """The botocore client of a service.

        Raises:
            botocore.exceptions.BotoCoreError: the session or the client could not be made.
        """
        key = (service, region, account_id)
        client = self._clients.get(key)
        if client is None:
            # Sessions are not thread-safe; clients are.
            # https://docs.aws.amazon.com/boto3/latest/guide/session.html
            with self._lock:
                client = self._clients.get(key)
                if client is None:
                    session = self._session_for(account_id)
                    client = session.client(service, region_name=region, config=self._config)
                    self._clients[key] = client
        return client

    @property
    def region(self) -> str | None:
        """The Region of the default session, from `AWS_REGION`, the profile or the configuration file."""
        with self._lock:
            region: str | None = self._session_for(None).region_name
        return region

    def credentials(self) -> Any:
        """The credentials of the default session, got and not only named; `None` where there are none.

        Raises:
            Exception: whatever botocore raises where they cannot be got (`diagnostics.collect.troubles` words it).
        """
        with self._lock:
            found = self._session_for(None).get_credentials()
        if found is not None:
            found.get_frozen_credentials()
        return found

    def problem(self) -> str | None:
        """What is wrong with the settings of the default session, as one sentence; `None` where nothing is seen."""
        try:
            with self._lock:
                found = self._session_for(None).get_credentials()
        except Exception as error:
            told = trouble_of([error], AskedWith())
            return (
                told[1]
                if told
                else f"The AWS settings cannot be used ({type(error).__name__}); check AWS_PROFILE."
            )
        return None if found is not None else NO_CREDENTIALS

    def knows_region(self, region: str) -> bool:
        """True if botocore knows the Region; one opened later than this botocore is not known to it."""
        with self._lock:
            session = self._session_for(None)
            return any(
                region in session.get_available_regions("ecs", partition)
                for partition in session.get_available_partitions()
            )


class _Session:
    """botocore's session with as much of `boto3.Session` as is asked here, which costs a start half as much."""

    def __init__(self, profile: str | None, region: str | None) -> None:
        core = self._core = botocore.session.Session(profile=profile)
        # botocore reads AWS_DEFAULT_REGION alone; the AWS CLI and the other SDKs go by AWS_REGION first.
        # https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
        named = region or os.environ.get("AWS_REGION")
        if named:
            core.set_config_variable("region", named)
        # boto3 finds out here that there is no such profile, and so do those who handle it.
        core.get_scoped_config()
        self.get_credentials = core.get_credentials
        self.get_available_regions = core.get_available_regions
        self.get_available_partitions = core.get_available_partitions

    @property
    def region_name(self) -> str | None:
        """The Region of the settings."""
        region: str | None = self._core.get_config_variable("region")
        return region

    def client(self, service: str, region_name: str, config: Config) -> Any:
        """A client."""
        return self._core.create_client(service, region_name=region_name, config=config)


def _default_session(profile: str | None = None, region: str | None = None) -> SessionFor:
    made: list[Any] = []

    def session_for(account_id: str | None) -> Any:
        if not made:
            made.append(_Session(profile, region))
        return made[0]

    return session_for
