"""Secrets and parameters that do not exist: of a container, and the one with a registry's credentials."""

from __future__ import annotations

from functools import partial

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, unknown
from diagnostics.faults.secrets.flaws import flaw_of
from diagnostics.faults.secrets.item_checks import SecretFault
from diagnostics.faults.secrets.json_keys import MALFORMED, may_be_malformed, told_of_json, without_key
from diagnostics.faults.secrets.namesakes import Namesake, namesake_of
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.secrets.value_from_changes import write_credentials, write_value_from
from diagnostics.faults.task_definition import definition_page
from diagnostics.faults.texts import NO_CREDENTIALS
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Unsettled
from diagnostics.snapshot import Absent, Unavailable
from diagnostics.stop_reason import SymptomId
from diagnostics.write import code_string, quoted, yaml_string

CONTAINER_SECRET_MISSING = Fault(
    id="container-secret-missing",
    kind="secret",
    title="The container's secrets and parameters exist",
    why="ECS reads the secrets and parameters that a container definition names before it pulls the image. One of them does not exist in its Region, was made again and has another ARN since, is scheduled for deletion, or lacks the JSON key that valueFrom asks for, so the task stops before the pull.",
    how="Restore or create it, put the key into it, or correct its ARN, name or key in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html",
    explains=Explains(symptoms=(SymptomId.SECRET_NOT_FOUND, SymptomId.SECRET_MALFORMED_REFERENCE)),
)
PRIVATE_REGISTRY_SECRET_MISSING = Fault(
    id="private-registry-secret-missing",
    kind="secret",
    title="The secret with the registry's credentials exists",
    why="The image comes from a private registry, whose user name and password ECS takes from the secret that repositoryCredentials names. There is no such secret, or it is scheduled for deletion.",
    how="Restore or create the secret, or correct its ARN in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html",
    explains=Explains(symptoms=(*NO_CREDENTIALS, SymptomId.SECRET_NOT_FOUND)),
)


def _judge(fault: Fault, world: World, item: Item) -> Outcome:
    gone = item.gone
    if gone is not None:
        other = namesake_of(world, item)
        return _missing(fault, item, gone) if other is None else _renamed(world, fault, item, other)
    if isinstance(item.found, Unavailable):
        return unknown(fault, Unsettled.by(item.found), "secrets", item.resources)
    symptom = told_of_json(world, item) if fault is CONTAINER_SECRET_MISSING else None
    if symptom is not None:
        return without_key(fault, item, symptom)
    if flaw_of(item) is not None:
        return passes(fault, f"{item.name} exists")
    if fault is CONTAINER_SECRET_MISSING and item.kind == "secret" and may_be_malformed(world, item):
        return unknown(fault, MALFORMED, "secrets", item.resources)
    return passes(fault, f"{item.name} exists")


def _renamed(world: World, fault: Fault, item: Item, other: Namesake) -> Outcome:
    """There is one of that name, and what the task definition calls it means another or none."""
    text = f"Write {other.meant} in place of {item.value}."
    write = write_credentials if fault is PRIVATE_REGISTRY_SECRET_MISSING else write_value_from
    return fails(
        fault,
        f"{other.says}, and ECS reads it before the pull.",
        stage="secrets",
        resources=(*item.resources, other.arn),
        evidence=(
            Evidence(what=f"the task definition names {item.value}", source="ecs:DescribeTaskDefinition"),
            Evidence(what=f"there is {other.arn}", source=_source(item)),
        ),
        fix=write(world, item, other.meant, text),
        console_url=definition_page(world),
    )


def _source(item: Item) -> str:
    return "secretsmanager:DescribeSecret" if item.kind == "secret" else "ssm:DescribeParameters"


def _missing(fault: Fault, item: Item, gone: str) -> Outcome:
    is_secret = item.kind == "secret"
    return fails(
        fault,
        f"{gone}, and ECS reads it before the pull.",
        stage="secrets",
        resources=item.resources,
        evidence=(Evidence(what=gone, source=_source(item)),),
        fix=_fix(item) if is_secret else _put_parameter(item),
        console_url=console.secret(item.region, item.name) if is_secret else None,
    )


def _fix(item: Item) -> Fix:
    """A secret restored as long as it is only scheduled for deletion, else created again."""
    return _create(item) if isinstance(item.found, Absent) else _restore(item)


def _restore(item: Item) -> Fix:
    which = f"--secret-id {quoted(item.reference)} --region {item.region}"
    return Fix(
        text=f"Restore {item.name}.",
        cli=f"aws secretsmanager restore-secret {which}",
        verify=f"aws secretsmanager describe-secret {which}",
        undo=f"aws secretsmanager delete-secret {which}",
    )


def _create(item: Item) -> Fix:
    name, region = _name_without_suffix(item.name), f"--region {item.region}"
    secret_name = quoted(name)
    return Fix(
        text=f"Create {name} again and name its new ARN (it ends in other letters) in the task definition, or correct the ARN there.",
        cli=f"aws secretsmanager create-secret --name {secret_name} --secret-string file://secret.txt {region}",
        terraform=f'resource "aws_secretsmanager_secret" "this" {{\n  name = {code_string(name)}\n}}',
        cloudformation=f"Secret:\n  Type: AWS::SecretsManager::Secret\n  Properties:\n    Name: {yaml_string(name)}",
        verify=f"aws secretsmanager describe-secret --secret-id {secret_name} {region}",
        undo=f"aws secretsmanager delete-secret --secret-id {secret_name} {region}",
    )


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


CONTAINER = SecretFault(fault=CONTAINER_SECRET_MISSING, judge=partial(_judge, CONTAINER_SECRET_MISSING))
REGISTRY = SecretFault(
    fault=PRIVATE_REGISTRY_SECRET_MISSING, judge=partial(_judge, PRIVATE_REGISTRY_SECRET_MISSING)
)
