"""The parts of a secret's `valueFrom`, and what is wrong with it by itself.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
(`arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:KEY:STAGE:VERSION`: each colon stands even where a part is left out)
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.secrets.secret_items import Item

_WHOLE, _WITH_PARTS = 7, 10
"""Parts of an ARN that takes the whole value, and of one that takes a key or a version. ECS reads no other number."""

_SHORTEST_VERSION = 32
"""Characters. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html (VersionId)"""

CURRENT = "AWSCURRENT"
"""The staging label of the version that is read where none is asked for."""


@dataclass(frozen=True)
class ValueFrom:
    """What `valueFrom` asks for beside the secret; a part is empty where it is left out."""

    key: str = ""
    stage: str = ""
    version: str = ""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a `valueFrom`, and how it should read, where that can be told."""

    says: str
    meant: str | None


def parts_of(item: Item) -> ValueFrom:
    """The parts of a secret's `valueFrom`."""
    parts = item.value.split(":")[_WHOLE:]
    return ValueFrom(*(*parts, "", "", "")[:3]) if item.value.startswith("arn:") else ValueFrom()


def flaw_of(item: Item) -> Flaw | None:
    """What makes a `valueFrom` unreadable whatever the secret is; `None` where nothing does."""
    if item.kind != "secret" or not item.value.startswith("arn:"):
        return None
    parts = item.value.split(":")
    if len(parts) not in (_WHOLE, _WITH_PARTS):
        colons = "only " if len(parts) < _WITH_PARTS else ""
        meant = f"{item.value}{':' * (_WITH_PARTS - len(parts))}" if len(parts) < _WITH_PARTS else None
        return Flaw(
            f"has {colons}{len(parts) - _WHOLE} of the three parts KEY:STAGE:VERSION behind the secret's name"
            if meant
            else "has more than the three parts KEY:STAGE:VERSION behind the secret's name",
            meant,
        )
    version = parts_of(item).version
    if version and len(version) < _SHORTEST_VERSION:
        return Flaw(
            f"names version {version}, and a version's id has at least {_SHORTEST_VERSION} characters",
            f"{':'.join(parts[:-1])}:",
        )
    return None
