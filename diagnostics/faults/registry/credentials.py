"""Credentials of registries outside ECR: are there any, and did the registry take them?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.arn import ecr_dkr_host
from diagnostics.faults.base import Subject, World, check, fails, skipped
from diagnostics.faults.image.faults import INVALID_REFERENCE, TAG_NOT_FOUND
from diagnostics.faults.image.wording import (
    as_code,
    back_to_old,
    container_of,
    containers,
    image_of,
    new_revision,
    new_secret,
    other_image,
    update_service,
)
from diagnostics.faults.registry.faults import CREDENTIALS_INVALID, CREDENTIALS_MISSING
from diagnostics.faults.told import TEXT_ONLY, told
from diagnostics.faults.told import quoted as text_of
from diagnostics.finding import Evidence, Fix, Outcome, Status
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Repository, known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

REFUSED = (SymptomId.REGISTRY_ACCESS_DENIED, SymptomId.REGISTRY_CREDS_INVALID, SymptomId.NO_BASIC_AUTH)
HOST_LOGIN = (SymptomId.AUTH_TOKEN_EXPIRED, SymptomId.STATIC_AUTH_BROKEN)
"""Texts about a login that is kept on a container instance, which no API shows."""


@check("registry.credentials", "image", CREDENTIALS_MISSING, CREDENTIALS_INVALID)
def credentials(world: World, subject: Subject) -> Iterator[Outcome]:
    """A registry that refused a pull without credentials may want some; one that got some did not like them.

    Whether an image is private cannot be asked without the credentials, so that only the error text shows either.
    """
    image = image_of(subject)
    if image.reference is None:
        why = f"the image reference is not valid: {INVALID_REFERENCE.id}"
    elif image.reference.is_ecr:
        why = "ECR takes no credentials but those of a role"
    else:
        why = ""
    if why:
        yield from (skipped(fault, why) for fault in credentials.faults)
        return
    symptom = told(world, image, *REFUSED, *HOST_LOGIN)
    if symptom is None:
        yield from (skipped(fault, TEXT_ONLY) for fault in credentials.faults)
        return
    if image.reference is not None and image.reference.kind == "ecr-public" and symptom.id not in HOST_LOGIN:
        why = f"public.ecr.aws gives its images to everybody: {TAG_NOT_FOUND.id}"
        yield from (skipped(fault, why) for fault in credentials.faults)
        return
    need(world.snapshot.task_definition)
    if image.credentials_parameter is not None or symptom.id in HOST_LOGIN:
        yield skipped(CREDENTIALS_MISSING, f"credentials were sent: {CREDENTIALS_INVALID.id}")
        yield _invalid(world, image, symptom)
    else:
        yield _missing(world, image, symptom)
        yield skipped(CREDENTIALS_INVALID, f"the container names no credentials: {CREDENTIALS_MISSING.id}")


def _missing(world: World, image: ContainerImage, symptom: Symptom) -> Outcome:
    reference = image.reference
    assert reference is not None
    definition = known_value(world.snapshot.task_definition)
    arn = definition.task_definition_arn if definition else None
    own = known_value(world.image_facts(image).own_repository)
    evidence = [text_of(symptom)]
    if own is not None:
        says = f" Written without a host it means Docker Hub; {own.repository_name} is a repository of this account's own ECR registry."
        evidence.append(
            Evidence(what=f"ECR has repository {own.repository_arn}", source="ecr:DescribeRepositories")
        )
    else:
        says = ""
    evidence.append(
        Evidence(
            what=f"{containers(image)} has no repositoryCredentials", source="ecs:DescribeTaskDefinition"
        )
    )
    link = None
    if definition and definition.family and definition.revision:
        link = console.task_definition(world.region, definition.family, definition.revision)
    return fails(
        CREDENTIALS_MISSING,
        f"{reference.registry} refused {containers(image)}'s image {image.image}, and the container names no repositoryCredentials.{says}",
        named=True,
        stage="manifest",
        resources=(image.image, *((arn,) if arn else ())),
        evidence=tuple(evidence),
        fix=_name_ecr(world, image, own) if own is not None else _give_credentials(world, image),
        console_url=link,
        status=Status.WARN,
    )


def _name_ecr(world: World, image: ContainerImage, own: Repository) -> Fix:
    reference = image.reference
    assert reference is not None
    host = ecr_dkr_host(own.repository_arn.split(":")[4], world.region)
    mark = f"@{reference.digest}" if reference.digest else f":{reference.tag_or_digest}"
    meant = f"{host}/{own.repository_name}{mark}"
    terraform, cloudformation = as_code(world, image, meant)
    return Fix(
        text=f"Name the image with ECR's host: {meant}.",
        cli=other_image(world, image, meant),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=f"aws ecr describe-images --repository-name {quoted(own.repository_name)} --image-ids image{'Digest' if reference.digest else 'Tag'}={quoted(reference.tag_or_digest)} --region {world.region}",
        undo=back_to_old(world),
    )


def _give_credentials(world: World, image: ContainerImage) -> Fix:
    definition = known_value(world.snapshot.task_definition)
    family = definition.family if definition and definition.family else "FAMILY"
    name, region = f"{family}-registry", world.region
    change = f"({container_of(image)} | .repositoryCredentials) = {{credentialsParameter: $secret}}"
    revision = new_revision(world, change, '--arg secret "$secret" ')
    return Fix(
        text='If the image is private: keep the credentials in a secret (credentials.json holds {"username":…,"password":…}), name it in repositoryCredentials, and allow the execution role to read it.',
        cli=f"{new_secret(name, region)}\n{revision}",
        terraform="# In the container's definition:\nrepositoryCredentials = { credentialsParameter = aws_secretsmanager_secret.registry.arn }",
        cloudformation="# In the container's definition:\nRepositoryCredentials:\n  CredentialsParameter: !Ref RegistrySecret",
        verify=f"aws ecs describe-task-definition --task-definition {quoted(family)} --region {region} --query 'taskDefinition.containerDefinitions[].repositoryCredentials'",
        undo=f"aws secretsmanager delete-secret --secret-id {quoted(name)} --region {region}",
    )


def _invalid(world: World, image: ContainerImage, symptom: Symptom) -> Outcome:
    reference, secret = image.reference, image.credentials_parameter
    assert reference is not None
    region = world.region
    again = update_service(world, "--force-new-deployment")
    if secret is None:
        what = "a login that is kept on the container instance"
        instance = known_value(world.snapshot.instance)
        resources: tuple[str, ...] = (instance.instance_id,) if instance else (image.image,)
        fix = Fix(
            text="Take the login out of the container instance's Docker and ECS agent configuration (ECS_ENGINE_AUTH_DATA), or renew it, and restart the agent; better, name a secret in repositoryCredentials.",
            cli=f"sudo docker logout {quoted(reference.registry)}\nsudo systemctl restart ecs",
            verify=f"docker manifest inspect {quoted(image.image)} > /dev/null && echo found",
        )
        link = console.instance(region, instance.instance_id) if instance else None
    else:
        what = f"the credentials of {secret}"
        resources = (secret,)
        where = secret.split(":")[3] if secret.count(":") >= 6 else region
        put = f"aws secretsmanager put-secret-value --secret-id {quoted(secret)} --secret-string file://credentials.json --region {where}"
        fix = Fix(
            text='Put working credentials into the secret: credentials.json holds {"username":…,"password":…}.',
            cli="\n".join((put, *((again,) if again else ()))),
            verify=f"aws secretsmanager describe-secret --secret-id {quoted(secret)} --region {where} --query LastChangedDate",
            undo=_previous(secret, where),
        )
        name = secret.split(":")[6] if secret.count(":") >= 6 else secret
        link = console.secret(where, name)
    return fails(
        CREDENTIALS_INVALID,
        f"{reference.registry} refused {what} for {containers(image)}'s image {image.image}.",
        named=True,
        stage="manifest",
        resources=resources,
        evidence=(
            text_of(symptom),
            *(
                (
                    Evidence(
                        what=f"{containers(image)} pulls with {secret}", source="ecs:DescribeTaskDefinition"
                    ),
                )
                if secret
                else ()
            ),
        ),
        fix=fix,
        console_url=link,
        status=Status.WARN,
    )


def _previous(secret: str, region: str) -> str:
    """Commands that make the value before the current one the current one again."""
    which = f"aws secretsmanager list-secret-version-ids --secret-id {quoted(secret)} --region {region} --output text --query"
    lines = [
        f"{name}=$({which} \"Versions[?contains(VersionStages, '{stage}')].VersionId\")"
        for name, stage in (("old", "AWSPREVIOUS"), ("new", "AWSCURRENT"))
    ]
    move = f"aws secretsmanager update-secret-version-stage --secret-id {quoted(secret)} --version-stage AWSCURRENT"
    return "\n".join(
        (*lines, f'{move} --move-to-version-id "$old" --remove-from-version-id "$new" --region {region}')
    )
