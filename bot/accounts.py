"""Asks each AWS account with the role that was made for it there, in a session that names who asked.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname
"""

from __future__ import annotations

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError

from diagnostics.collect import AwsClients
from diagnostics.collect.clients import CONFIG

ASKERS = 16
"""For how many people clients are kept warm."""
EVENTS = "events"
"""Who asks where no person did."""


def session_name(by: str) -> str:
    """The name of the role session of somebody: it stands in CloudTrail beside every call.

    AWS takes 2 to 64 characters of `[\\w+=,.@-]`:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    return f"pullcheck-{re.sub(r'[^A-Za-z0-9_+=,.@-]', '-', by) or EVENTS}"[:64]


@dataclass(frozen=True)
class TargetRole:
    """The role that is assumed in an account other than the app's own.

    Attributes:
        name: its name, with its path where it has one.
        external_id: what its trust policy asks for, where the account has none of its own.
        external_ids: what it asks for in single accounts.
    """

    name: str
    external_id: str | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)

    def external_id_in(self, account_id: str) -> str | None:
        """What the role's trust policy in an account asks for."""
        return self.external_ids.get(account_id, self.external_id)


class AssumedRoles:
    """AWS clients for whoever asks: the own account with its own credentials, others with their role."""

    def __init__(self, role: TargetRole) -> None:
        self.role = role
        self._core = botocore.session.Session()
        if region := os.environ.get("AWS_REGION"):
            # As the AWS CLI; botocore itself looks at AWS_DEFAULT_REGION alone.
            self._core.set_config_variable("region", region)
        self.session = boto3.Session(botocore_session=self._core)
        self.own = AwsClients(lambda _: self.session)
        self._lock = threading.Lock()
        self._identity: tuple[str, str] | None = None
        self._clients: OrderedDict[str, AwsClients] = OrderedDict()

    def clients(self, by: str) -> AwsClients:
        """The clients of one asker, kept warm for the last few of them."""
        name = session_name(by)
        with self._lock:
            found = self._clients.pop(name, None) or _SessionClients(self, name)
            self._clients[name] = found
            while len(self._clients) > ASKERS:
                self._clients.popitem(last=False)
        return found

    @property
    def region(self) -> str:
        """Where AWS is asked for credentials."""
        return self.session.region_name or "us-east-1"

    def identity(self) -> tuple[str, str]:
        """The own account and its partition; asked once.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: AWS does not say.
        """
        if self._identity is None:
            arn = str(self.own.get("sts", self.region).get_caller_identity()["Arn"])
            self._identity = (arn.split(":")[4], arn.split(":")[1])
        return self._identity

    def session_in(self, account_id: str, name: str) -> Any:
        """A boto3 session that assumes the role in an account, and again before its credentials end.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: there are no credentials to ask with.
        """
        _, partition = self.identity()
        source = self.session.get_credentials()
        if source is None:
            raise NoCredentialsError

        def client(service: str, **kwargs: Any) -> Any:
            return self._core.create_client(service, region_name=self.region, config=CONFIG, **kwargs)

        arguments = {"RoleSessionName": name}
        external_id = self.role.external_id_in(account_id)
        if external_id:
            arguments["ExternalId"] = external_id
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=client,
            source_credentials=source,
            role_arn=f"arn:{partition}:iam::{account_id}:role/{self.role.name}",
            extra_args=arguments,
        )
        session = botocore.session.Session()
        session.register_component("credential_provider", CredentialResolver([_Assumed(fetcher)]))
        return boto3.Session(botocore_session=session, region_name=self.session.region_name)


class _Assumed(CredentialProvider):  # type: ignore[misc]
    """Gives botocore credentials that it gets, and renews, by assuming a role."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(
            refresh_using=self._fetcher.fetch_credentials, method=self.METHOD
        )


class _SessionClients(AwsClients):
    """Clients of one asker: the own account's are shared, those of assumed roles are theirs."""

    other_accounts = True

    def __init__(self, roles: AssumedRoles, name: str) -> None:
        self._roles = roles
        self._name = name
        self._sessions: dict[str, Any] = {}
        super().__init__(self._session_in)

    @property
    def shares(self) -> Hashable:
        """Every asker's session has the same role, and so reads the same."""
        return self._roles

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        """The client of a service in an account."""
        if account_id is None or account_id == self._roles.identity()[0]:
            return self._roles.own.get(service, region)
        return super().get(service, region, account_id)

    def _session_in(self, account_id: str | None) -> Any:
        """One session for each account, so that its role is assumed once. Called under the lock of `get`."""
        if account_id is None:
            return self._roles.session
        if account_id not in self._sessions:
            self._sessions[account_id] = self._roles.session_in(account_id, self._name)
        return self._sessions[account_id]
