"""Reads what only the conditions of policies ask for: the tags of resources, and the organization of an account.

Nothing is asked as long as no policy that was read does, so that other runs stay as short as they are.

AWS: Controlling access to AWS resources using tags
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.collect import calls
from diagnostics.collect.reading import Reader
from diagnostics.policy import PULL_ACTIONS, keys_asked
from diagnostics.policy.document import PolicyKind
from diagnostics.pull import ENDPOINT_SERVICES, region_named
from diagnostics.snapshot import (
    NOT_ASKED,
    Fact,
    ImageFacts,
    KmsKey,
    Known,
    Parameter,
    Repository,
    RoleFacts,
    Tag,
    VpcFacts,
    known_or,
    known_value,
)

LOGIN = "ecr:GetAuthorizationToken"
READ_SECRET = "secretsmanager:GetSecretValue"
READ_PARAMETER = "ssm:GetParameters"
DECRYPT = "kms:Decrypt"
READ_FILE = ("s3:GetObject", "s3:GetBucketLocation")
EVERY_ACTION = (LOGIN, *PULL_ACTIONS, READ_SECRET, READ_PARAMETER, DECRYPT)
"""What is done in the name of the roles before a container starts."""

_ON_THE_WAY = tuple(f".{name}" for name in ENDPOINT_SERVICES)
"""A large account has hundreds of endpoints of other services, whose policies are about nothing that a pull asks for."""

ANY_TAG = "aws:resourcetag/"
ORGANIZATION = ("aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths")

Policy = tuple[PolicyKind, Fact[str]]
"""A policy as it was read, with its kind."""


@dataclass(frozen=True)
class Conditions:
    """The policies that are about every request of a task: those of its roles, and of the endpoints of its VPCs."""

    policies: tuple[Policy, ...] = ()

    @classmethod
    def of(cls, roles: Iterable[RoleFacts], vpcs: Iterable[VpcFacts]) -> Conditions:
        """Those of these roles and VPCs, as far as they were read."""
        return cls((*_of_roles(roles), *_of_endpoints(vpcs)))

    def ask_for(
        self, wanted: Iterable[str], actions: tuple[str, ...], resource_policies: Iterable[Policy] = ()
    ) -> bool:
        """True if a condition on one of these actions asks for a key that begins like this, in lower case."""
        beginnings = tuple(wanted)
        return any(
            key.startswith(beginnings)
            for kind, fact in (*self.policies, *resource_policies)
            if isinstance(fact, Known)
            for key in keys_asked(kind, fact.value, actions)
        )


def _of_roles(roles: Iterable[RoleFacts]) -> Iterator[Policy]:
    for role in roles:
        for fact in (*role.inline_policies.values(), *role.attached_policies.values(), role.boundary_policy):
            yield "identity", fact


def _of_endpoints(vpcs: Iterable[VpcFacts]) -> Iterator[Policy]:
    for vpc in vpcs:
        for endpoint in known_or(vpc.vpc_endpoints, ()):
            if endpoint.policy_document and endpoint.service_name.endswith(_ON_THE_WAY):
                yield "endpoint", Known(value=endpoint.policy_document)


# --- tags --------------------------------------------------------------------------------------------


def read_repository_tags(
    reader: Reader,
    found: Fact[Repository],
    region: str | None,
    conditions: Conditions,
    policies: Iterable[Policy],
) -> Fact[tuple[Tag, ...]]:
    """The tags of a repository that was found."""
    repository = known_value(found)
    if repository is None or not conditions.ask_for((ANY_TAG, "ecr:resourcetag/"), PULL_ACTIONS, policies):
        return NOT_ASKED
    arn = repository.repository_arn
    return reader.read(calls.LIST_REPOSITORY_TAGS, {"resourceArn": arn}, about=arn, region=region)


def read_item_tags(
    reader: Reader, secrets: Mapping[str, Mapping[str, Fact[Any]]], conditions: Conditions
) -> dict[str, Mapping[str, Fact[tuple[Tag, ...]]]]:
    """The tags of the parameters and keys among what was read of secrets, as fields of the snapshot."""
    parameters: dict[str, Fact[tuple[Tag, ...]]] = {}
    keys: dict[str, Fact[tuple[Tag, ...]]] = {}
    if conditions.ask_for((ANY_TAG, "ssm:resourcetag/"), (READ_PARAMETER,)):
        for value, parameter in secrets["parameters"].items():
            if isinstance(parameter, Known):
                parameters[value] = _tags_of_parameter(reader, value, parameter.value)
    policies: Mapping[str, Fact[str]] = secrets["kms_key_policies"]
    for name, key in secrets["kms_keys"].items():
        own = policies.get(name, NOT_ASKED)
        if isinstance(key, Known) and conditions.ask_for((ANY_TAG,), (DECRYPT,), (("key", own),)):
            keys[name] = _tags_of_key(reader, key.value)
    return {"parameter_tags": parameters, "kms_key_tags": keys}


def _tags_of_parameter(reader: Reader, value: str, parameter: Parameter) -> Fact[tuple[Tag, ...]]:
    asked = {"ResourceType": "Parameter", "ResourceId": parameter.name}
    return reader.read(
        calls.LIST_PARAMETER_TAGS, asked, about=parameter.arn or parameter.name, region=region_named(value)
    )


def _tags_of_key(reader: Reader, key: KmsKey) -> Fact[tuple[Tag, ...]]:
    name = key.arn or key.key_id
    return reader.read(calls.LIST_KEY_TAGS, {"KeyId": name}, about=name, region=region_named(name))


# --- the organization --------------------------------------------------------------------------------


def read_organization(
    reader: Reader, conditions: Conditions, policies: Iterable[Policy] = (), *, wanted: bool = False
) -> Fact[str]:
    """The id of the organization of the account that is asked; absent where it is in none.

    `wanted`: it is asked for whatever the policies that were read say, since IAM's simulator wants it.
    """
    if not wanted and not conditions.ask_for(ORGANIZATION, EVERY_ACTION, policies):
        return NOT_ASKED
    return reader.read(calls.DESCRIBE_ORGANIZATION, about=reader.account)


def asks_of_files(conditions: Conditions, buckets: Mapping[str, Mapping[str, Fact[str]]]) -> bool:
    """True if a policy wants to know the organization of who reads a file in S3, and the task has one."""
    policies = tuple(buckets["bucket_policies"].values())
    of_buckets: tuple[Policy, ...] = tuple(("bucket", fact) for fact in policies)
    return bool(policies) and conditions.ask_for(ORGANIZATION, READ_FILE, of_buckets)


def policies_of(
    images: Iterable[ImageFacts], secrets: Mapping[str, Mapping[str, Fact[Any]]]
) -> Iterator[Policy]:
    """The policies of everything that the task asks for: repositories, registries, secrets and keys."""
    for image in images:
        yield "resource", image.repository_policy
        yield "registry", image.registry_policy
    for fact in secrets["secret_policies"].values():
        yield "secret", fact
    for fact in secrets["kms_key_policies"].values():
        yield "key", fact
