"""The secrets and parameters that ECS reads before a pull, and what was read of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnostics.faults.base import World
from diagnostics.faults.permissions.tag_repairs import Bearer
from diagnostics.pull import ContainerImage, injected_secrets, region_named
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    Known,
    Parameter,
    Secret,
    Tag,
    Unavailable,
    need,
)


@dataclass(frozen=True)
class Item:
    """A secret or parameter, as a task definition names it (`value`), with what was read of it."""

    value: str
    kind: Literal["secret", "parameter"]
    region: str
    found: Fact[Secret] | Fact[Parameter]
    policy: Fact[str]
    account: str
    partition: str
    tags: Fact[tuple[Tag, ...]]

    @property
    def action(self) -> str:
        """What ECS has to be allowed, to read it."""
        return "secretsmanager:GetSecretValue" if self.kind == "secret" else "ssm:GetParameters"

    @property
    def reference(self) -> str:
        """The ARN or name without what a `valueFrom` may add to it (a JSON key, a version)."""
        parts = self.value.split(":")
        if not self.value.startswith("arn:"):
            return parts[0] if self.kind == "parameter" else self.value
        return ":".join(parts[: 7 if self.kind == "secret" else 6])

    @property
    def arn(self) -> str | None:
        """Its ARN; `None` where it is named by its name and could not be read."""
        known = self.found.value.arn if isinstance(self.found, Known) else None
        if known is not None:
            return known
        if self.value.startswith("arn:"):
            return self.reference
        if self.kind == "secret":
            return None
        name = self.reference.removeprefix("/")
        return f"arn:{self.partition}:ssm:{self.region}:{self.account}:parameter/{name}"

    @property
    def name(self) -> str:
        """A short name for sentences."""
        if isinstance(self.found, Known) and self.found.value.name:
            return self.found.value.name
        return self.reference.rsplit(":", 1)[-1]

    @property
    def resources(self) -> tuple[str, ...]:
        """Its ARN or name, and the text as written where that says more."""
        return tuple(dict.fromkeys((self.reference, self.value)))

    @property
    def bearer(self) -> Bearer:
        """It as something that bears tags."""
        return Bearer(self.kind, self.name, self._tagged_as, self.region, self.tags)

    @property
    def _tagged_as(self) -> str:
        """What commands about its tags call it: a secret by its ARN, a parameter by its name."""
        return (self.arn or self.reference) if self.kind == "secret" else self.name

    @property
    def gone(self) -> str | None:
        """Why it cannot be read by anybody; `None` where it is there or not known."""
        word = "Secret" if self.kind == "secret" else "Parameter"
        if isinstance(self.found, Absent):
            return f"{word} {self.name} does not exist in {self.region}"
        secret = self.found.value if isinstance(self.found, Known) else None
        if isinstance(secret, Secret) and secret.deleted_date is not None:
            return f"{word} {self.name} is scheduled for deletion"
        return None

    @property
    def customer_key(self) -> Fact[str]:
        """The customer managed key that encrypts it; absent where that is AWS's own."""
        if isinstance(self.found, Unavailable):
            return self.found
        if isinstance(self.found, Absent):
            return Absent(call=self.found.call)
        value = self.found.value
        key = value.kms_key_id if isinstance(value, Secret) else value.key_id
        return Known(value=key) if key and "alias/aws/" not in key else Absent()


def container_items(world: World, image: ContainerImage) -> tuple[Item, ...]:
    """The secrets and parameters of the containers of one image, those of their log drivers among them.

    Raises:
        UnavailableError: the task definition could not be read.
    """
    definition = need(world.snapshot.task_definition)
    if definition is None:
        return ()
    containers = (definition.container(name) for name in image.containers)
    named = (item for container in containers if container for item in injected_secrets(container))
    by_value = {item.value: item for item in named}
    return tuple(_item(world, value, item.service == "secretsmanager") for value, item in by_value.items())


def registry_items(world: World, image: ContainerImage) -> tuple[Item, ...]:
    """The secret with the credentials of the image's registry, if `repositoryCredentials` names one.

    Raises:
        UnavailableError: the task definition could not be read.
    """
    need(world.snapshot.task_definition)
    value = image.credentials_parameter
    return (_item(world, value, True),) if value else ()


def every_item(world: World, image: ContainerImage) -> tuple[Item, ...]:
    """All that ECS reads before it pulls one image."""
    return (*container_items(world, image), *registry_items(world, image))


def _item(world: World, value: str, is_secret: bool) -> Item:
    snapshot = world.snapshot
    found: Fact[Secret] | Fact[Parameter]
    if is_secret:
        found = snapshot.secrets.get(value, Unavailable(call="secretsmanager:DescribeSecret", resource=value))
    else:
        found = snapshot.parameters.get(value, Unavailable(call="ssm:DescribeParameters", resource=value))
    policy: Fact[str] = Absent()
    if is_secret:
        unread = Unavailable(call="secretsmanager:GetResourcePolicy", resource=value)
        policy = snapshot.secret_policies.get(value, unread)
    return Item(
        value=value,
        kind="secret" if is_secret else "parameter",
        region=region_named(value) or world.region,
        found=found,
        policy=policy,
        account=snapshot.account_id or "",
        partition=snapshot.partition,
        tags=_secret_tags(found) if is_secret else snapshot.parameter_tags.get(value, NOT_ASKED),
    )


def _secret_tags(found: Fact[Secret] | Fact[Parameter]) -> Fact[tuple[Tag, ...]]:
    """The tags that come with a secret, as far as they could be read."""
    value = found.value if isinstance(found, Known) else None
    tags = value.tags if isinstance(value, Secret) else None
    return NOT_ASKED if tags is None else Known(value=tags)
