"""What is wrong with a secret's `valueFrom` by itself.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
(`arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:KEY:STAGE:VERSION`: each colon stands even where a part is left out)
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.secrets.secret_items import Item
from diagnostics.pull import ARN_PARTS, ARN_PARTS_WITH_KEY, SHORTEST_VERSION_ID, parts_of

CURRENT = "AWSCURRENT"
"""The staging label of the version that is read where none is asked for."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a `valueFrom`, and how it should read, where that can be told."""

    says: str
    meant: str | None


def flaw_of(item: Item) -> Flaw | None:
    """What makes a `valueFrom` unreadable whatever the secret is; `None` where nothing does."""
    if item.kind != "secret" or not item.value.startswith("arn:"):
        return None
    parts = item.value.split(":")
    if len(parts) not in (ARN_PARTS, ARN_PARTS_WITH_KEY):
        colons = "only " if len(parts) < ARN_PARTS_WITH_KEY else ""
        meant = (
            f"{item.value}{':' * (ARN_PARTS_WITH_KEY - len(parts))}"
            if len(parts) < ARN_PARTS_WITH_KEY
            else None
        )
        return Flaw(
            f"has {colons}{len(parts) - ARN_PARTS} of the three parts KEY:STAGE:VERSION behind the secret's name"
            if meant
            else "has more than the three parts KEY:STAGE:VERSION behind the secret's name",
            meant,
        )
    version = parts_of(item.value).version
    if version and len(version) < SHORTEST_VERSION_ID:
        return Flaw(
            f"names version {version}, and a version's id has at least {SHORTEST_VERSION_ID} characters",
            f"{':'.join(parts[:-1])}:",
        )
    return None
