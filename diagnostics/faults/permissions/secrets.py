"""Are the secrets there that ECS reads before a pull, and may the execution role read and decrypt them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.permissions.faults import (
    CONTAINER_SECRET_ACCESS_DENIED,
    CONTAINER_SECRET_MISSING,
    KMS_DENIED,
    PRIVATE_REGISTRY_SECRET_MISSING,
    SECRET_ACCESS_DENIED,
)
from diagnostics.faults.permissions.secret_access import may_decrypt, may_read
from diagnostics.faults.permissions.secret_items import Item, container_items, registry_item
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Status, Unsettled
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Unavailable, need
from diagnostics.write import code_string, quoted, yaml_string

NONE_NAMED = "its containers take no secret or parameter"
NO_CREDENTIALS = "no repositoryCredentials are named"


@check("secrets.container", "image", CONTAINER_SECRET_MISSING, CONTAINER_SECRET_ACCESS_DENIED)
def of_containers(world: World, subject: Subject) -> Iterator[Outcome]:
    """The secrets and parameters of the container definitions and their log drivers."""
    items = _items(world, subject)
    yield from _each(
        CONTAINER_SECRET_MISSING, items, lambda item: _exists(world, CONTAINER_SECRET_MISSING, item)
    )
    yield from _each(
        CONTAINER_SECRET_ACCESS_DENIED,
        items,
        lambda item: may_read(world, CONTAINER_SECRET_ACCESS_DENIED, CONTAINER_SECRET_MISSING, item),
    )


@check("secrets.registry", "image", PRIVATE_REGISTRY_SECRET_MISSING, SECRET_ACCESS_DENIED)
def of_registry(world: World, subject: Subject) -> Iterator[Outcome]:
    """The secret with the credentials of a private registry outside of ECR."""
    image = _image(subject)
    need(world.snapshot.task_definition)
    item = registry_item(world, image)
    if item is None:
        yield skipped(PRIVATE_REGISTRY_SECRET_MISSING, NO_CREDENTIALS)
        yield skipped(SECRET_ACCESS_DENIED, NO_CREDENTIALS)
        return
    yield from _exists(world, PRIVATE_REGISTRY_SECRET_MISSING, item)
    yield from may_read(world, SECRET_ACCESS_DENIED, PRIVATE_REGISTRY_SECRET_MISSING, item)


@check("secrets.key", "image", KMS_DENIED)
def of_keys(world: World, subject: Subject) -> Iterator[Outcome]:
    """The customer managed keys that encrypt them."""
    items = _items(world, subject)
    credentials = registry_item(world, _image(subject))
    if credentials is not None:
        items = (*items, credentials)
    yield from _each(KMS_DENIED, items, lambda item: may_decrypt(world, item))


def _image(subject: Subject) -> ContainerImage:
    assert subject.image is not None
    return subject.image


def _items(world: World, subject: Subject) -> tuple[Item, ...]:
    definition = need(world.snapshot.task_definition)
    return container_items(world, definition, _image(subject)) if definition else ()


def _each(
    fault: Fault, items: tuple[Item, ...], judge: Callable[[Item], Iterator[Outcome]]
) -> Iterator[Outcome]:
    """One outcome for each that fails; where none does, one for all: the least certain."""
    found = [outcome for item in items for outcome in judge(item)]
    failing = [item for item in found if item.status in (Status.FAIL, Status.WARN)]
    if failing:
        yield from failing
        return
    for status in (Status.UNKNOWN, Status.PASS, Status.SKIPPED):
        first = next((item for item in found if item.status is status), None)
        if first is not None:
            yield first
            return
    yield skipped(fault, NONE_NAMED)


# --- existence ---------------------------------------------------------------------------------------


def _exists(world: World, fault: Fault, item: Item) -> Iterator[Outcome]:
    gone = item.gone
    if gone is not None:
        yield _missing(world, fault, item, gone)
    elif isinstance(item.found, Unavailable):
        yield unknown(fault, Unsettled.by(item.found), "secrets", item.resources)
    else:
        yield passes(fault, f"{item.name} exists")


def _missing(world: World, fault: Fault, item: Item, gone: str) -> Outcome:
    source = "secretsmanager:DescribeSecret" if item.kind == "secret" else "ssm:DescribeParameters"
    return fails(
        fault,
        f"{gone}, and ECS reads it before the pull.",
        stage="secrets",
        resources=item.resources,
        evidence=(Evidence(what=gone, source=source),),
        fix=_restore(item) if item.kind == "secret" else _put_parameter(item),
        console_url=console.secret(item.region, item.name) if item.kind == "secret" else None,
    )


def _restore(item: Item) -> Fix:
    region = f"--region {item.region}"
    which = f"--secret-id {quoted(item.reference)} {region}"
    verify = f"aws secretsmanager describe-secret {which}"
    if not _is_absent(item):
        return Fix(
            text=f"Restore {item.name}.",
            cli=f"aws secretsmanager restore-secret {which}",
            verify=verify,
            undo=f"aws secretsmanager delete-secret {which}",
        )
    name = _name_without_suffix(item.name)
    secret_name = quoted(name)
    return Fix(
        text=f"Create {name} again and name its new ARN (it ends in other letters) in the task definition, or correct the ARN there.",
        cli=f"aws secretsmanager create-secret --name {secret_name} --secret-string file://secret.txt {region}",
        terraform=f'resource "aws_secretsmanager_secret" "this" {{\n  name = {code_string(name)}\n}}',
        cloudformation=f"Secret:\n  Type: AWS::SecretsManager::Secret\n  Properties:\n    Name: {yaml_string(name)}",
        verify=f"aws secretsmanager describe-secret --secret-id {secret_name} {region}",
        undo=f"aws secretsmanager delete-secret --secret-id {secret_name} {region}",
    )


def _is_absent(item: Item) -> bool:
    return item.found.kind == "absent"


def _name_without_suffix(name: str) -> str:
    """A secret's ARN ends in a hyphen and six random characters.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html
    """
    head, hyphen, tail = name.rpartition("-")
    return head if hyphen and len(tail) == 6 and tail.isalnum() else name


def _put_parameter(item: Item) -> Fix:
    name = quoted(item.name.removeprefix("parameter"))
    region = f"--region {item.region}"
    return Fix(
        text=f"Create parameter {item.name}, or correct its name in the task definition.",
        cli=f"aws ssm put-parameter --name {name} --type SecureString --value file://value.txt {region}",
        verify=f"aws ssm describe-parameters --parameter-filters Key=Name,Option=Equals,Values={name} {region}",
        undo=f"aws ssm delete-parameter --name {name} {region}",
    )
