"""A registry outside ECR refuses the pull: it was sent no credentials, or such as it does not take."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Room, Subject, World, skipped, unseen
from diagnostics.faults.image.invalid_reference import INVALID_REFERENCE, not_valid
from diagnostics.faults.image.lost_host import in_own_ecr, looks_lost, named_in_ecr, named_with_its_host
from diagnostics.faults.image.placeholders import is_placeholder_image
from diagnostics.faults.image.tag_not_found import TAG_NOT_FOUND
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.registry.role_policies import execution_role, inline_policy
from diagnostics.faults.registry.secret_values import (
    LOGIN,
    SECRET_ARN,
    new_secret,
    other_value,
    without_secret,
    write_the_file,
)
from diagnostics.faults.revision import revised
from diagnostics.faults.task_definition import chosen, definition_page, family_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.texts import NO_CREDENTIALS
from diagnostics.faults.told import TEXT_ONLY, told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage, region_named
from diagnostics.snapshot import known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import chain, free_name, literal, named, quoted
from diagnostics.write.snippets import hcl, template

PRIVATE_AUTH = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html"

CREDENTIALS_MISSING = Fault(
    id="registry-credentials-missing",
    kind="secret",
    title="A private image of an outside registry has repositoryCredentials",
    short="it has no credentials for its registry",
    why="The registry refused the pull, and the container definition names no credentials. A private image needs some; an image that does not exist is refused with the same words.",
    how="Keep the credentials in a secret and name it in repositoryCredentials, or correct the image. An ECR image must be written with its full host name.",
    source=PRIVATE_AUTH,
    explains=Explains(symptoms=(*NO_CREDENTIALS, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED)),
    text_only=True,
    refutable=False,
)
CREDENTIALS_INVALID = Fault(
    id="registry-credentials-invalid",
    kind="secret",
    title="The outside registry accepts the credentials",
    short="its registry refuses the credentials",
    why="The registry refused the credentials that were sent: the password or token is wrong, has expired, or does not open this image.",
    how="Put working credentials into the secret, as JSON with username and password, and start the task again.",
    source=PRIVATE_AUTH,
    explains=Explains(symptoms=(*NO_CREDENTIALS, SymptomId.AUTH_TOKEN_EXPIRED)),
    text_only=True,
    refutable=False,
)

REFUSED = (SymptomId.REGISTRY_ACCESS_DENIED, SymptomId.REGISTRY_CREDS_INVALID, SymptomId.NO_BASIC_AUTH)
HOST_LOGIN = SymptomId.AUTH_TOKEN_EXPIRED
"""The text about a login that is kept on a container instance, which no API shows."""


def _refusal(world: World, image: ContainerImage) -> tuple[Symptom | str | None, bool]:
    """The text of a refusal for want of working credentials, and if some were sent; else why none can be, or `None` for no text.

    Whether an image is private cannot be asked without the credentials, so that only the error text shows either fault.

    Raises:
        UnavailableError: the text, or the task definition that may name credentials, could not be read.
    """
    reference = image.reference
    if reference is None:
        return not_valid(image) or "", False
    if reference.is_ecr:
        return "ECR takes no credentials but those of a role", False
    symptom = told(world, image, *REFUSED, HOST_LOGIN)
    if symptom is None:
        return None, False
    if is_placeholder_image(image.image, reference):
        return f"the image is a word that a template left behind: {INVALID_REFERENCE.id}", False
    if reference.kind == "ecr-public" and symptom.id != HOST_LOGIN:
        return f"public.ecr.aws gives its images to everybody: {TAG_NOT_FOUND.id}", False
    need(world.snapshot.task_definition)
    sent = image.credentials_parameter is not None or symptom.id == HOST_LOGIN or _of_a_host(world, symptom)
    return symptom, sent


_WRONG = ("incorrect username or password", "invalid username", "wrong username", "bad credentials")


def _of_a_host(world: World, symptom: Symptom) -> bool:
    """True if credentials were refused that only the host can have sent (`ECS_ENGINE_AUTH_DATA`, a Docker login)."""
    launch = known_value(world.pull.launch)
    on_host = launch == "ec2" or launch == "external"
    return on_host and any(phrase in symptom.text.lower() for phrase in _WRONG)


def _not_judged(fault: Fault, why: str | None) -> Outcome:
    return unseen(fault, TEXT_ONLY) if why is None else skipped(fault, why)


def _judge_missing(world: World, subject: Subject) -> Outcome:
    """A registry that refused a pull without credentials may want some."""
    image = image_of(subject)
    symptom, sent = _refusal(world, image)
    if not isinstance(symptom, Symptom):
        return _not_judged(CREDENTIALS_MISSING, symptom)
    if sent:
        return skipped(CREDENTIALS_MISSING, f"credentials were sent: {CREDENTIALS_INVALID.id}")
    return _missing(world, image, symptom)


def _judge_invalid(world: World, subject: Subject) -> Outcome:
    """A registry that got some did not like them."""
    image = image_of(subject)
    symptom, sent = _refusal(world, image)
    if not isinstance(symptom, Symptom):
        return _not_judged(CREDENTIALS_INVALID, symptom)
    if sent:
        return _invalid(world, image, symptom)
    return skipped(CREDENTIALS_INVALID, f"the container names no credentials: {CREDENTIALS_MISSING.id}")


def _missing(world: World, image: ContainerImage, symptom: Symptom) -> Outcome:
    reference, definition = reference_of(image), known_value(world.snapshot.task_definition)
    arn = definition.task_definition_arn if definition else None
    own = known_value(world.image_facts(image).own_repository)
    evidence, says, fix = [], "", _give_credentials(world, image)
    if own is not None:
        says = f" Written without a host it means Docker Hub; {own.repository_name} is a repository of this account's own ECR registry."
        evidence.append(in_own_ecr(own))
        fix = named_in_ecr(world, image, own)
    elif (lost := looks_lost(image, reference)) is not None:
        says, fix = f" {lost}", named_with_its_host(world, image)
    evidence.append(
        Evidence(
            what=f"{containers(image)} has no repositoryCredentials", source="ecs:DescribeTaskDefinition"
        )
    )
    return shown(
        CREDENTIALS_MISSING,
        symptom,
        f"{reference.registry} refused {containers(image)}'s image {image.image}, and the container names no repositoryCredentials.{says}",
        fix,
        *evidence,
        stage="manifest",
        resources=(image.image, *((arn,) if arn else ())),
        console_url=definition_page(world),
        named=True,
    )


def _give_credentials(world: World, image: ContainerImage) -> Fix:
    family, region = family_of(world), world.region
    name = free_name(f"{family}-registry", None, of=image.image)
    first, last = [new_secret(name, region)], [without_secret(name, region)]
    role = execution_role(world)
    if role is not None:
        statement = {"Action": "secretsmanager:GetSecretValue", "Resource": SECRET_ARN}
        put, delete = inline_policy(world, role, "registry-credentials", statement, of=image.image)
        first, last = [*first, put], [delete, *last]
    allowed = (
        "allow the execution role to read it" if role else "give the task an execution role that may read it"
    )
    with_secret = f"({chosen(image)}) && repositoryCredentials"
    which = named(f"{containers(image)} of task definition {family}")
    return revised(
        world,
        title="Pull with credentials",
        text=f"If the image is private: keep the credentials in a secret, {allowed}, and name it in repositoryCredentials. {write_the_file(LOGIN)}",
        change=(
            chosen(image),
            f"{{repositoryCredentials: {{credentialsParameter: {literal(SECRET_ARN)}}}}}",
            (),
        ),
        shows=f"length(containerDefinitions[?{with_secret}])",
        expect=str(len(image.containers) or 1),
        first=tuple(first),
        last=tuple(last),
        code=(
            f"# In container_definitions of the aws_ecs_task_definition that exists, {which}:\nrepositoryCredentials = {{ credentialsParameter = aws_secretsmanager_secret.registry.arn }}\n\n{hcl('aws_secretsmanager_secret', 'registry', name=name)}",
            f"# In ContainerDefinitions of the AWS::ECS::TaskDefinition that exists, {which}:\nRepositoryCredentials:\n  CredentialsParameter: !Ref RegistrySecret\n\n{template('registry-secret', 'AWS::SecretsManager::Secret', Name=name)}",
        ),
    )


def _invalid(world: World, image: ContainerImage, symptom: Symptom) -> Outcome:
    reference, secret = reference_of(image), image.credentials_parameter
    more: tuple[Evidence, ...] = ()
    region = world.region
    if secret is None:
        what = "a login that is kept on the container instance"
        instance = known_value(world.snapshot.instance)
        resources: tuple[str, ...] = (instance.instance_id,) if instance else (image.image,)
        fix = Fix(
            title="Take the login off the host",
            text="On the container instance, take the login out of Docker and out of the ECS agent's configuration (ECS_ENGINE_AUTH_DATA in /etc/ecs/ecs.config), or renew it, and restart the agent; better, name a secret in repositoryCredentials.",
            warning="Other images that this host pulls from the registry are then pulled without credentials.",
            cli=chain(f"sudo docker logout {quoted(reference.registry)}", "sudo systemctl restart ecs"),
            verify=f"sudo docker manifest inspect {quoted(image.image)} > /dev/null && echo found",
            expect="found",
            undo_note="Log in again with the credentials of before (docker login), which nothing else keeps.",
            then=then_for(world),
        )
        link = console.instance(region, instance.instance_id) if instance else None
    else:
        what = f"the credentials of {secret}"
        resources = (secret,)
        where = region_named(secret) or region
        fix = other_value(world, secret, LOGIN, text="Put working credentials into the secret.")
        name = secret.split(":")[6] if secret.count(":") >= 6 else secret
        link = console.secret(where, name)
        more = (
            Evidence(what=f"{containers(image)} pulls with {secret}", source="ecs:DescribeTaskDefinition"),
        )
    return shown(
        CREDENTIALS_INVALID,
        symptom,
        f"{reference.registry} refused {what} for {containers(image)}'s image {image.image}.",
        fix,
        *more,
        stage="manifest",
        resources=resources,
        console_url=link,
        named=True,
    )


ROOMS = (Room(CREDENTIALS_MISSING, _judge_missing), Room(CREDENTIALS_INVALID, _judge_invalid))
