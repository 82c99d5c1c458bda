"""Clients for the emulated AWS, and what can be read there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3

from demo.aws import Account, EmulatedAws, TaskHandle
from demo.aws.whole_state import WholeState
from diagnostics.collect import AwsClients, collect
from diagnostics.snapshot import Snapshot
from diagnostics.target import parse
from tests.build.unthreaded import UnthreadedPool

PATIENCE = 600.0
"""Seconds for a diagnosis: how busy the machine is must change no answer."""

_clients: dict[str, AwsClients] = {}
_built: dict[tuple[object, ...], WholeState] = {}


def built(aws: EmulatedAws, base: Callable[[EmulatedAws, str], Account], region: str) -> Account:
    """The account that `base` builds in a Region, in an AWS that holds nothing else: built by calls once, then put back."""
    aws.reset()
    key = (base, region, aws.account_id, aws.truth)
    if (known := _built.get(key)) is not None:
        there: Account = known.put_back(aws)
        return there
    account = base(aws, region)
    _built[key] = WholeState.of(aws, account)
    return account


def clients(aws: EmulatedAws) -> AwsClients:
    """Clients that ask the emulated AWS as an unchanged installation would; made once, since that is slow."""
    if aws.endpoint_url not in _clients:
        session = boto3.Session(
            aws_access_key_id=aws.credentials.access_key_id,
            aws_secret_access_key=aws.credentials.secret_access_key,
        )
        _clients[aws.endpoint_url] = AwsClients(lambda account: _Pointed(session, aws.endpoint_url))
    return _clients[aws.endpoint_url]


class _Pointed:
    """A session whose clients talk to one address, which AWS_ENDPOINT_URL does for a whole process."""

    def __init__(self, session: Any, url: str) -> None:
        self._session, self._url = session, url

    def client(self, service: str, **options: Any) -> Any:
        return self._session.client(service, endpoint_url=self._url, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def read(aws: EmulatedAws, target: str, region: str) -> Snapshot:
    """What can be read about a target of the account that the emulated AWS was started with."""
    return collect(parse(target), clients(aws), region=region, deadline=PATIENCE, pool=UnthreadedPool())


def read_of(account: Account, task: TaskHandle) -> Snapshot:
    """What can be read of a task with the credentials of its own account."""
    session = _Of(account)
    own = AwsClients(session_for=lambda _: session)
    return collect(parse(task.arn), own, region=task.region, deadline=PATIENCE, pool=UnthreadedPool())


class _Of:
    """A session of one account; its clients are the account's own, and so are made once."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.region_name = account.region

    def client(self, service: str, region_name: str | None = None, config: object = None) -> Any:
        return self._account.client(service, region_name)
