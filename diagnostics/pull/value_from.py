"""The secrets and parameters that a task definition names, and what such a name says.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from diagnostics.snapshot import ContainerDefinition, TaskDefinition

ARN_PARTS, ARN_PARTS_WITH_KEY = 7, 10
"""Parts of a secret's ARN that takes the whole value, and of one that takes a key or a version:
`arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:KEY:STAGE:VERSION`. ECS reads no other number.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

SHORTEST_VERSION_ID = 32
"""Characters. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html (VersionId)"""


@dataclass(frozen=True)
class ValueFrom:
    """What `valueFrom` asks for beside the secret; a part is empty where it is left out."""

    key: str = ""
    stage: str = ""
    version: str = ""


@dataclass(frozen=True)
class NamedSecret:
    """A secret or parameter as one container names it: in `valueFrom`, or as `credentialsParameter`.

    ECS takes registry credentials from Secrets Manager alone, by an ARN or a name.
    """

    service: Literal["secretsmanager", "ssm"]
    value: str
    container: str


def named_secrets(definition: TaskDefinition | None) -> Iterator[NamedSecret]:
    """Every secret and parameter of a task definition, container by container: those of its log driver too."""
    for item in definition.container_definitions if definition else ():
        yield from secrets_of(item)


def secrets_of(container: ContainerDefinition) -> Iterator[NamedSecret]:
    """Those of one container, with the credentials of its image's registry."""
    if container.repository_credentials is not None:
        value = container.repository_credentials.credentials_parameter
        yield NamedSecret("secretsmanager", value, container.name)
    yield from injected_secrets(container)


def injected_secrets(container: ContainerDefinition) -> Iterator[NamedSecret]:
    """Those that ECS hands to one container and to its log driver."""
    log = container.log_configuration
    for item in (*container.secrets, *(log.secret_options if log else ())):
        service: Literal["secretsmanager", "ssm"] = (
            "secretsmanager" if is_secrets_manager(item.value_from) else "ssm"
        )
        yield NamedSecret(service, item.value_from, container.name)


def placed(containers: Iterable[ContainerDefinition], value: str) -> tuple[bool, bool]:
    """That `secrets` of a container name this value, and that `secretOptions` of a log driver do."""
    logs = [item.log_configuration.secret_options for item in containers if item.log_configuration]
    return (
        any(secret.value_from == value for item in containers for secret in item.secrets),
        any(option.value_from == value for options in logs for option in options),
    )


def is_secrets_manager(value_from: str) -> bool:
    """True if a `valueFrom` names a Secrets Manager secret (by ARN); everything else is an SSM parameter."""
    return re.match(r"arn:aws[a-z-]*:secretsmanager:", value_from) is not None


def secret_id(value_from: str) -> str:
    """What Secrets Manager is asked for.

    A `valueFrom` may go on after the secret's name: `arn:…:secret:NAME:json-key:version-stage:version-id`.
    """
    return ":".join(value_from.split(":")[:ARN_PARTS]) if is_secrets_manager(value_from) else value_from


def parts_of(value_from: str) -> ValueFrom:
    """What a `valueFrom` asks for behind the secret's name."""
    parts = value_from.split(":")[ARN_PARTS:]
    return ValueFrom(*(*parts, "", "", "")[:3]) if value_from.startswith("arn:") else ValueFrom()


def selector_of(value_from: str) -> str:
    """The version or label behind a parameter's name (`NAME:3`), which Parameter Store has and ECS has no form for.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html (the name or the full ARN of the parameter)
    """
    parts = value_from.split(":")
    return ":".join(parts[6:] if value_from.startswith("arn:") else parts[1:])


_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")


def arn_suffix(name: str) -> str:
    """The hyphen and the six random characters that a secret's ARN ends in, as far as the text may have them; else nothing.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
    """
    found = _SUFFIX.search(name)
    return found[0] if found else ""


def secret_name(value_from: str) -> str | None:
    """The name of the secret that an ARN means, without what looks like its random characters; `None` for what is no ARN.

    `db-backup` is a name and no `db`: what looks like a word, or a number, is left where it is.
    """
    if not is_secrets_manager(value_from):
        return None
    name = secret_id(value_from).rpartition(":secret:")[2]
    tail = arn_suffix(name)[1:]
    is_word = tail.isalpha() and tail in (tail.upper(), tail.capitalize())
    return (name if is_word or tail == tail.lower() else _SUFFIX.sub("", name)) or None


def region_named(value_from: str) -> str | None:
    """The Region that an ARN names; `None` for a name, which means the task's own."""
    return _part(value_from, 3)


def account_named(value_from: str) -> str | None:
    """The account that an ARN names; `None` for a name, which means the task's own."""
    return _part(value_from, 4)


def _part(value_from: str, place: int) -> str | None:
    parts = value_from.split(":")
    return (parts[place] or None) if parts[0] == "arn" and len(parts) > 4 else None


def parameter_names(value_from: str) -> tuple[str, ...]:
    """The names that an SSM parameter may have which a `valueFrom` means, by its ARN or its name.

    The ARN leaves out the slash that a name with a path begins with, so that one without a path may mean two names.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    """
    if not value_from.startswith("arn:"):
        return (value_from.partition(":")[0],)
    rest = (value_from.split(":") + [""] * 6)[5].removeprefix("parameter/")
    return (f"/{rest}",) if "/" in rest else (rest, f"/{rest}")
