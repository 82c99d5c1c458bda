"""Secrets and parameters that the execution role may not read: of a container, and a registry's credentials."""

from __future__ import annotations

from functools import partial

from diagnostics.faults.base import World, skipped, unknown
from diagnostics.faults.permissions.condition_keys import organization_keys
from diagnostics.faults.permissions.endpoint_on_the_way import network_keys, way_of
from diagnostics.faults.permissions.policy_changes import change_secret_policy
from diagnostics.faults.permissions.policy_documents import document_of
from diagnostics.faults.secrets.item_checks import SECRET_REFUSALS, SecretFault
from diagnostics.faults.secrets.reading import Reading
from diagnostics.faults.secrets.reading_role import reader_of, request_of, ruled
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.secrets.secret_missing import (
    CONTAINER_SECRET_MISSING,
    PRIVATE_REGISTRY_SECRET_MISSING,
)
from diagnostics.faults.secrets.told_refusals import refusal_told
from diagnostics.faults.texts import NO_CREDENTIALS
from diagnostics.finding import Explains, Fault, Fix, Outcome, Status, Unsettled
from diagnostics.policy import ContextValue
from diagnostics.pull import account_named
from diagnostics.snapshot import Absent, Unavailable
from diagnostics.stop_reason import SymptomId
from diagnostics.write.policies import Json

CONTAINER_SECRET_ACCESS_DENIED = Fault(
    id="container-secret-access-denied",
    kind="secret",
    title="The execution role may read the container's secrets and parameters",
    short="its execution role may not read a secret",
    why="ECS reads the secrets and parameters of a container with the execution role, which needs secretsmanager:GetSecretValue or ssm:GetParameters on each of them, before it pulls the image.",
    how="Allow the action on this secret or parameter in a policy of the execution role.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-secrets",
    explains=Explains(
        symptoms=(SymptomId.SECRET_DENIED,), refusals=SECRET_REFUSALS, actions=("secretsmanager:", "ssm:")
    ),
)
SECRET_ACCESS_DENIED = Fault(
    id="secret-access-denied",
    kind="secret",
    title="The execution role may read the registry's credentials",
    short="its execution role may not read the registry's credentials",
    why="ECS reads the secret that repositoryCredentials names with the execution role, which needs secretsmanager:GetSecretValue on it.",
    how="Allow the action on this secret in a policy of the execution role.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html",
    explains=Explains(
        symptoms=(*NO_CREDENTIALS, SymptomId.SECRET_DENIED),
        refusals=SECRET_REFUSALS,
        actions=("secretsmanager:",),
    ),
)


def _judge(fault: Fault, missing: Fault, world: World, item: Item) -> Outcome:
    """`missing` is the twin's fault of an item that does not exist."""
    if isinstance(item.found, Absent):
        return skipped(fault, f"{item.name} does not exist: {missing.id}")
    reader, reason = reader_of(world)
    if reader is None:
        return skipped(fault, reason)
    if item.arn is None and isinstance(item.found, Unavailable):
        return unknown(fault, Unsettled.by(item.found), "secrets", item.resources)
    if item.arn is None:
        # The ARN may be written without the characters that it ends in, so that only the answer tells it.
        return unknown(fault, Unsettled(words="its ARN is not known"), "secrets", item.resources)
    context = {
        **_network(world, item),
        **item.bearer.keys,
        **organization_keys(world, account_named(item.arn)),
        "aws:RequestedRegion": (item.region,),
    }
    reading = Reading(
        item=item,
        bearer=item.bearer,
        reader=reader,
        request=request_of(world, reader, item.action, item.arn, context),
        policy=document_of(item.policy, "secret", item.arn, f"the resource policy of {item.name}"),
        about=item.name,
        concerns=tuple(dict.fromkeys((item.arn, *item.resources))),
        verb="read",
        change=partial(_change_policy, item.region),
    )
    outcome = ruled(world, fault, reading)
    if isinstance(item.found, Unavailable) and (
        outcome.status not in (Status.FAIL, Status.WARN) or refusal_told(world, reading) is None
    ):
        # Whether it is there at all is not known, and no text says that it was refused.
        return unknown(fault, Unsettled.by(item.found), "secrets", item.resources)
    return outcome


def _network(world: World, item: Item) -> dict[str, ContextValue]:
    """The condition keys that follow from the way to Secrets Manager or Systems Manager."""
    name = "secretsmanager" if item.kind == "secret" else "ssm"
    interface = world.pull.used_interface
    leg = next((leg for leg in world.pull.legs if leg.name == name and leg.region == item.region), None)
    return network_keys(world, way_of(world, leg, interface), interface) if leg else {}


def _change_policy(
    region: str, arn: str, old: Json, new: Json | None, *, title: str, text: str, warning: str | None
) -> Fix:
    return change_secret_policy(arn, region, old, new, title=title, text=text, warning=warning)


CONTAINER = SecretFault(
    fault=CONTAINER_SECRET_ACCESS_DENIED,
    judge=partial(_judge, CONTAINER_SECRET_ACCESS_DENIED, CONTAINER_SECRET_MISSING),
)
REGISTRY = SecretFault(
    fault=SECRET_ACCESS_DENIED,
    judge=partial(_judge, SECRET_ACCESS_DENIED, PRIVATE_REGISTRY_SECRET_MISSING),
)
