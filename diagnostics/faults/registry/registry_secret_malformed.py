"""The secret with a registry's credentials is read, and does not hold them as ECS expects it."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import Subject, World
from diagnostics.faults.images import image_of
from diagnostics.faults.registry.registry_credentials import PRIVATE_AUTH
from diagnostics.faults.registry.secret_values import LOGIN, other_value
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Evidence, Explains, Fault, Outcome
from diagnostics.pull import region_named
from diagnostics.snapshot import need
from diagnostics.stop_reason import Symptom, SymptomId

REGISTRY_SECRET_MALFORMED = Fault(
    id="registry-secret-malformed",
    kind="secret",
    title="The secret with the registry's credentials holds username and password as JSON",
    short="the secret with the registry's credentials is malformed",
    why='ECS reads the secret that repositoryCredentials names as JSON with exactly the keys username and password. The secret is empty, is no JSON, or has other keys (as the "auths" of a Docker configuration, or accessToken, which is what a pull-through cache rule takes).',
    how='Put {"username":…,"password":…} into the secret, with double quotes, and start the task again.',
    source=PRIVATE_AUTH,
    explains=Explains(symptoms=(SymptomId.REGISTRY_SECRET_FAILED,)),
    text_only=True,
    refutable=False,
)

_SAYS = (
    (("empty secrets value", "empty response"), "has no value"),
    (("empty field", "malformed"), "lacks username or password, or one of them is empty"),
    (("invalid schema", "unmarshal", "invalid character"), "is not JSON with username and password"),
)
"""https://github.com/aws/amazon-ecs-agent (agent/asm/asm.go)"""


def _unless(world: World, subject: Subject) -> str | None:
    need(world.snapshot.task_definition)
    image = image_of(subject)
    if image.credentials_parameter is None:
        return "the container names no repositoryCredentials"
    texts = [item.text.lower() for item in world.symptoms if item.id == SymptomId.REGISTRY_SECRET_FAILED]
    if texts and not any(_what(text) for text in texts):
        return "the error text does not speak of what the secret holds"
    return None


def _what(lowered: str) -> str | None:
    return next((says for phrases, says in _SAYS if any(phrase in lowered for phrase in phrases)), None)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """What a secret holds is never read, so that the text alone shows it."""
    image = image_of(subject)
    secret = image.credentials_parameter or ""
    region = region_named(secret) or world.region
    name = secret.split(":")[6] if secret.count(":") >= 6 else secret
    return shown(
        REGISTRY_SECRET_MALFORMED,
        symptom,
        f"Secret {name}, which repositoryCredentials names, {_what(symptom.text.lower()) or 'is not what ECS expects'}.",
        other_value(
            world,
            secret,
            LOGIN,
            text="Put the credentials into the secret as JSON, with these two keys and nothing around them.",
        ),
        Evidence(what=f"repositoryCredentials is {secret}", source="ecs:DescribeTaskDefinition"),
        stage="secrets",
        resources=(secret,),
        console_url=console.secret(region, name),
    )


ROOM = text_room(REGISTRY_SECRET_MALFORMED, (SymptomId.REGISTRY_SECRET_FAILED,), _tell, _unless)
