"""A secret that is there, named in a form that ECS does not read, or by a version that it does not have."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.registry.secret_values import VALUE, other_value
from diagnostics.faults.secrets.flaws import CURRENT, Flaw, flaw_of
from diagnostics.faults.secrets.item_checks import SecretFault
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.secrets.value_from_changes import KEY, write_credentials, write_value_from
from diagnostics.faults.task_definition import definition_page, family_of
from diagnostics.faults.told import said
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Status, Unsettled
from diagnostics.pull import parts_of, selector_of
from diagnostics.snapshot import Absent, Known, Secret, Unavailable
from diagnostics.stop_reason import SymptomId

SECRET_REFERENCE_INVALID = Fault(
    id="secret-reference-invalid",
    kind="secret",
    title="Each secret is named in a form that ECS reads, and has the version that is asked for",
    short="a secret is named in a form that ECS cannot read",
    why="ECS reads valueFrom as the secret's ARN alone, or with three further parts, KEY:STAGE:VERSION, whose colons all stand even where a part is left out. Another number of colons, a staging label or a version that the secret does not have, or a secret without a value stops the task before the pull. A parameter is named by its name or ARN alone: ECS has no form for its version or label.",
    how="Write ARN:KEY:: for a JSON key of the current version; name a staging label or version that the secret has; put a value into a secret that has none.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html",
    explains=Explains(
        symptoms=(
            SymptomId.SECRET_MALFORMED_REFERENCE,
            SymptomId.SECRET_NOT_FOUND,
            SymptomId.REGISTRY_SECRET_FAILED,
        )
    ),
)
_DEFINITION, _SECRET = "ecs:DescribeTaskDefinition", "secretsmanager:DescribeSecret"


def _judge(world: World, item: Item) -> Outcome:
    if item.kind != "secret":
        return _of_parameter(world, item)
    flaw = flaw_of(item)
    if flaw is not None:
        return _malformed(world, item, flaw)
    if isinstance(item.found, Unavailable):
        return unknown(SECRET_REFERENCE_INVALID, Unsettled.by(item.found), "secrets", item.resources)
    secret = item.found.value if isinstance(item.found, Known) else None
    if not isinstance(secret, Secret) or isinstance(item.found, Absent):
        return skipped(SECRET_REFERENCE_INVALID, f"{item.name} does not exist")
    versions = secret.version_ids_to_stages
    if versions is None:
        why = f"which versions {item.name} has was not read"
        return unknown(SECRET_REFERENCE_INVALID, why, "secrets", item.resources)
    asked = parts_of(item.value)
    stage = asked.stage or ("" if asked.version else CURRENT)
    if not versions:
        return _without_value(world, item)
    if stage and not any(stage in labels for labels in versions.values()):
        labels = sorted({label for found in versions.values() for label in found})
        return _no_version(
            world, item, f"has no version labelled {stage}", f"its labels are {', '.join(labels)}"
        )
    if asked.version and stage and stage not in versions.get(asked.version, (stage,)):
        shown = f"version {asked.version} is labelled {', '.join(versions[asked.version])}"
        return _no_version(world, item, f"has no version {asked.version} labelled {stage}", shown)
    if asked.version and asked.version not in versions:
        return _unlisted(world, item, asked.version)
    return passes(SECRET_REFERENCE_INVALID, f"{item.name} has the version that is asked for")


def _of_parameter(world: World, item: Item) -> Outcome:
    """A version or a label of a parameter, which ECS's page has no form for: it may find nothing under that name, or the newest.

    The agent asks for the text as it stands and looks the answer up by it, and Parameter Store answers with the bare name.
    """
    selector = selector_of(item.value)
    if not selector:
        return skipped(SECRET_REFERENCE_INVALID, "a parameter is named without further parts")
    return fails(
        SECRET_REFERENCE_INVALID,
        f"The task definition names {selector} behind parameter {item.name}, and ECS has no form for a parameter's version or label.",
        stage="secrets",
        resources=(*item.resources, family_of(world)),
        evidence=(Evidence(what=f"valueFrom is {item.value}", source=_DEFINITION),),
        fix=write_value_from(
            world,
            item,
            item.reference,
            title=f"Name {item.name} alone",
            text=f"Write {item.reference} in valueFrom, without {selector}: ECS then takes the newest version.",
            warning="The container gets the newest version, which may be another than the one that was asked for.",
        ),
        console_url=definition_page(world),
        status=Status.WARN,
    )


def _unlisted(world: World, item: Item, version: str) -> Outcome:
    """A version that has lost its last label is not listed, and can be read until Secrets Manager removes it."""
    if said(world, SymptomId.SECRET_NOT_FOUND, SymptomId.SECRET_MALFORMED_REFERENCE) is None:
        why = f"version {version} of {item.name} has no staging label, and may have been removed"
        return unknown(SECRET_REFERENCE_INVALID, why, "secrets", item.resources)
    shown = f"no version {version} is among those that have a staging label"
    return _no_version(world, item, f"has no version {version} any more", shown, Status.WARN)


def _malformed(world: World, item: Item, flaw: Flaw) -> Outcome:
    return fails(
        SECRET_REFERENCE_INVALID,
        f"The task definition names secret {item.name} in a form that ECS does not read: it {flaw.says}.",
        stage="secrets",
        resources=(*item.resources, family_of(world)),
        evidence=(Evidence(what=f"valueFrom is {item.value}", source=_DEFINITION),),
        fix=_corrected(world, item, flaw),
        console_url=definition_page(world),
    )


def _corrected(world: World, item: Item, flaw: Flaw) -> Fix:
    """As it is meant; where that cannot be told, a person says which key it is."""
    behind = "behind the ARN stand KEY:STAGE:VERSION, with every colon"
    if flaw.meant is not None:
        return write_value_from(
            world,
            item,
            flaw.meant,
            title="Correct valueFrom",
            text=f"Write {flaw.meant} in valueFrom: {behind}.",
        )
    return write_value_from(
        world,
        item,
        f"{item.reference}:",
        KEY,
        "::",
        title="Correct valueFrom",
        text=f"Write {item.reference}:{KEY}:: in valueFrom: {behind}.",
    )


def _without_value(world: World, item: Item) -> Outcome:
    return fails(
        SECRET_REFERENCE_INVALID,
        f"Secret {item.name} has no value yet, and ECS reads it before the pull.",
        stage="secrets",
        resources=item.resources,
        evidence=(Evidence(what=f"{item.name} has no version with a staging label", source=_SECRET),),
        fix=other_value(
            world,
            item.reference,
            "the value, or the JSON with every key that is used",
            file=VALUE,
            facts=item.found,
            text=f"{item.name} was made without a value, as Terraform's aws_secretsmanager_secret does without an aws_secretsmanager_secret_version. Put one into it.",
        ),
        console_url=console.secret(item.region, item.name),
    )


def _no_version(world: World, item: Item, says: str, shown: str, status: Status = Status.FAIL) -> Outcome:
    asked = parts_of(item.value)
    return fails(
        SECRET_REFERENCE_INVALID,
        f"Secret {item.name} {says}, which the task definition asks for.",
        stage="secrets",
        resources=item.resources,
        evidence=(
            Evidence(what=f"valueFrom is {item.value}", source=_DEFINITION),
            Evidence(what=shown, source=_SECRET),
        ),
        fix=_current(world, item, asked.key),
        console_url=console.secret(item.region, item.name),
        status=status,
    )


def _current(world: World, item: Item, key: str) -> Fix:
    new = f"{item.reference}:{key}::" if key else item.reference
    write = write_credentials if item.value in _credentials(world) else write_value_from
    return write(
        world,
        item,
        new,
        title=f"Take the current version of {item.name}",
        text=f"Write {new}, which takes the current version, in place of {item.value}.",
        warning="The container gets the current value, which may be another than that of the version that was asked for.",
    )


def _credentials(world: World) -> set[str | None]:
    return {image.credentials_parameter for image in world.pull.images}


ROOM = SecretFault(fault=SECRET_REFERENCE_INVALID, judge=_judge)
