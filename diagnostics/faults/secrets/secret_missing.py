"""Secrets and parameters that do not exist: of a container, and the one with a registry's credentials."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, unknown
from diagnostics.faults.registry.role_policies import execution_role, inline_policy
from diagnostics.faults.registry.secret_values import (
    FILE,
    LOGIN,
    SECRET_ARN,
    VALUE,
    new_secret,
    without_secret,
    write_the_file,
)
from diagnostics.faults.secrets.flaws import flaw_of
from diagnostics.faults.secrets.item_checks import SecretFault
from diagnostics.faults.secrets.json_keys import MALFORMED, may_be_malformed, told_of_json, without_key
from diagnostics.faults.secrets.namesakes import Namesake, namesake_of
from diagnostics.faults.secrets.reading_role import reader_of, request_of
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.secrets.told_refusals import policy_name
from diagnostics.faults.secrets.value_from_changes import OTHER_SECRET, write_credentials, write_value_from
from diagnostics.faults.task_definition import definition_page
from diagnostics.faults.texts import NO_CREDENTIALS
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Unsettled, Ways
from diagnostics.policy import Policies, refusals
from diagnostics.pull import parameter_names, secret_name
from diagnostics.snapshot import Absent, Unavailable, UnavailableError
from diagnostics.stop_reason import SymptomId
from diagnostics.write import code_string, quoted, yaml_string
from diagnostics.write.snippets import hcl, template

CONTAINER_SECRET_MISSING = Fault(
    id="container-secret-missing",
    kind="secret",
    title="The container's secrets and parameters exist",
    short="a secret that it needs does not exist",
    why="ECS reads the secrets and parameters that a container definition names before it pulls the image. One of them does not exist in its Region, was made again and has another ARN since, is scheduled for deletion, or lacks the JSON key that valueFrom asks for, so the task stops before the pull.",
    how="Restore or create it, put the key into it, or correct its ARN, name or key in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html",
    explains=Explains(symptoms=(SymptomId.SECRET_NOT_FOUND, SymptomId.SECRET_MALFORMED_REFERENCE)),
)
PRIVATE_REGISTRY_SECRET_MISSING = Fault(
    id="private-registry-secret-missing",
    kind="secret",
    title="The secret with the registry's credentials exists",
    short="the secret with the registry's credentials does not exist",
    why="The image comes from a private registry, whose user name and password ECS takes from the secret that repositoryCredentials names. There is no such secret, or it is scheduled for deletion.",
    how="Restore or create the secret, or correct its ARN in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html",
    explains=Explains(symptoms=(*NO_CREDENTIALS, SymptomId.SECRET_NOT_FOUND)),
)


def _judge(fault: Fault, world: World, item: Item) -> Outcome:
    gone = item.gone
    if gone is not None:
        other = namesake_of(world, item)
        return _missing(world, fault, item, gone) if other is None else _renamed(world, fault, item, other)
    if isinstance(item.found, Unavailable):
        return unknown(fault, Unsettled.by(item.found), "secrets", item.resources)
    symptom = told_of_json(world, item) if fault is CONTAINER_SECRET_MISSING else None
    if symptom is not None:
        return without_key(world, fault, item, symptom)
    if flaw_of(item) is not None:
        return passes(fault, f"{item.name} exists")
    if fault is CONTAINER_SECRET_MISSING and item.kind == "secret" and may_be_malformed(world, item):
        return unknown(fault, MALFORMED, "secrets", item.resources)
    return passes(fault, f"{item.name} exists")


def _renamed(world: World, fault: Fault, item: Item, other: Namesake) -> Outcome:
    """There is one of that name, and what the task definition calls it means another or none."""
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
        fix=write(
            world,
            item,
            other.meant,
            title=f"Name the {item.kind} that is there",
            text=f"Write {other.meant} in place of {item.value}.",
        ),
        console_url=definition_page(world),
    )


def _source(item: Item) -> str:
    return "secretsmanager:DescribeSecret" if item.kind == "secret" else "ssm:DescribeParameters"


def _missing(world: World, fault: Fault, item: Item, gone: str) -> Outcome:
    is_secret = item.kind == "secret"
    return fails(
        fault,
        f"{gone}, and ECS reads it before the pull.",
        stage="secrets",
        resources=item.resources,
        evidence=(Evidence(what=gone, source=_source(item)),),
        fix=_ways(world, fault, item) if is_secret else _of_parameter(world, item),
        console_url=console.secret(item.region, item.name) if is_secret else None,
    )


def _ways(world: World, fault: Fault, item: Item) -> Ways:
    """A secret restored as long as it is only scheduled for deletion, else created again; or another one named."""
    registry = fault is PRIVATE_REGISTRY_SECRET_MISSING
    other = _another(world, item, write_credentials if registry else write_value_from)
    if not isinstance(item.found, Absent):
        return _restore(item), other
    return _create(world, item, registry=registry), other


def _another(world: World, item: Item, write: Callable[..., Fix]) -> Fix:
    parts = (OTHER_SECRET, item.value[len(item.reference) :]) if item.kind == "secret" else (OTHER_SECRET,)
    return write(
        world,
        item,
        *filter(None, parts),
        title=f"Name another {item.kind}",
        text=f"Name the {item.kind} that is meant in the task definition, in place of {item.reference}.",
    )


def _restore(item: Item) -> Fix:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_restore-secret.html"""
    which = f"--secret-id {quoted(item.reference)} --region {item.region}"
    return Fix(
        title=f"Restore {item.name}",
        text=f"Restore {item.name}, with the value that it had.",
        warning=f"Somebody had {item.name} deleted on purpose. Ask its owner before you run this.",
        cli=f"aws secretsmanager restore-secret {which}",
        verify=f"aws secretsmanager describe-secret {which} --query DeletedDate --output text",
        expect="None",
        undo=f"aws secretsmanager delete-secret {which}",
        undo_note="It is then scheduled for deletion in 30 days from that moment, and not on the day of before.",
    )


def _create(world: World, item: Item, *, registry: bool) -> Fix:
    """Made again it has another ARN, so that the task definition has to name that."""
    name = secret_name(item.value) or item.name
    file, holds = (FILE, LOGIN) if registry else (VALUE, "the value, or the JSON with every key that is used")
    write = write_credentials if registry else write_value_from
    first, last, more = [new_secret(name, item.region, file)], [without_secret(name, item.region)], ""
    role = execution_role(world)
    if role is not None and not _may_read_again(world, item, name):
        statement = {"Action": item.action, "Resource": SECRET_ARN}
        put, delete = inline_policy(world, role, f"read-{policy_name(name)}", statement, of=item.reference)
        first, last = [*first, put], [delete, *last]
        more = f", which {role.rpartition('/')[2]} is allowed to read"
    return write(
        world,
        item,
        SECRET_ARN,
        item.value[len(item.reference) :],
        title=f"Create {name} again",
        text=f"Create {name} again{more}, and name its new ARN, which ends in other letters, in the task definition. {write_the_file(holds, file)}",
        warning="Whoever else reads the former secret has to name the new one as well.",
        first=tuple(first),
        last=tuple(last),
        code=_as_code(name, item.value[len(item.reference) :], registry=registry),
    )


def _as_code(name: str, rest: str, *, registry: bool) -> tuple[str, str]:
    """A new secret, whose value is put into it elsewhere, and what names it."""
    key, cloud = ("credentialsParameter", "CredentialsParameter") if registry else ("valueFrom", "ValueFrom")
    # In both, `${…}` is a value of the same snippet.
    arn = f'"${{aws_secretsmanager_secret.this.arn}}{code_string(rest)[1:-1]}"'
    return (
        f"{hcl('aws_secretsmanager_secret', 'this', name=name)}\n\n"
        f"# In container_definitions of the aws_ecs_task_definition that exists:\n{key} = {arn}",
        f"{template('Secret', 'AWS::SecretsManager::Secret', Name=name)}\n"
        f"# In ContainerDefinitions of the AWS::ECS::TaskDefinition that exists:\n{cloud}: !Sub {yaml_string(f'${{Secret}}{rest}')}",
    )


def _may_read_again(world: World, item: Item, name: str) -> bool:
    """True unless the execution role certainly may not read a secret of that name with other letters behind it."""
    try:
        reader, _ = reader_of(world)
    except UnavailableError:
        return True
    if reader is None:
        return True
    arn = f"arn:{item.partition}:secretsmanager:{item.region}:{item.account}:secret:{name}-{_NEW_LETTERS}"
    request = request_of(world, reader, item.action, arn, {"aws:RequestedRegion": (item.region,)})
    policies = Policies(identity=reader.identity, boundary=reader.boundary)
    return refusals(request, policies).first("identity", explicit=False) is None


_NEW_LETTERS = "pUlLcK"
"""Stand for the random letters of a secret that is not there yet: an Allow that ends in `-??????` or `*` lets them in."""


def _of_parameter(world: World, item: Item) -> Ways:
    name = quoted(parameter_names(item.value)[0])
    region = f"--region {item.region}"
    put = Fix(
        title=f"Create parameter {item.name}",
        text=f"Create parameter {item.name}. {write_the_file('the value', VALUE)}",
        warning="It is made as a SecureString, under the key of AWS: what the former one was is not known.",
        cli=f"aws ssm put-parameter --name {name} --type SecureString --value {quoted(VALUE)} {region}",
        verify=f"aws ssm describe-parameters --parameter-filters Key=Name,Option=Equals,Values={name} {region} --query 'length(Parameters)' --output text",
        expect="1",
        undo=f"aws ssm delete-parameter --name {name} {region}",
    )
    return put, _another(world, item, write_value_from)


CONTAINER = SecretFault(fault=CONTAINER_SECRET_MISSING, judge=partial(_judge, CONTAINER_SECRET_MISSING))
REGISTRY = SecretFault(
    fault=PRIVATE_REGISTRY_SECRET_MISSING, judge=partial(_judge, PRIVATE_REGISTRY_SECRET_MISSING)
)
