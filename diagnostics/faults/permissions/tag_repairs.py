"""Conditions on the tags of what is asked for: their keys in a request, and the repair where a tag is all that an Allow lacks.

AWS: Controlling access to AWS resources using tags
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from diagnostics.faults.permissions.condition_keys import tag_keys
from diagnostics.finding import Fix
from diagnostics.policy import ContextValue, Denied, NearMiss
from diagnostics.snapshot import Fact, Known, Tag
from diagnostics.write import chain, quoted

TagKind = Literal["secret", "parameter", "key", "repository"]


@dataclass(frozen=True)
class _Commands:
    """How the tags of one kind of resource are read and changed; `{}` is what names it."""

    family: str | None
    which: str
    tag: str
    untag: str
    read: str
    names: tuple[str, str] = ("Key", "Value")


_COMMANDS: Mapping[TagKind, _Commands] = {
    "secret": _Commands(
        family="secretsmanager:ResourceTag",
        which="--secret-id {}",
        tag="aws secretsmanager tag-resource",
        untag="aws secretsmanager untag-resource",
        read="aws secretsmanager describe-secret {} --query Tags",
    ),
    "parameter": _Commands(
        family="ssm:resourceTag",
        which="--resource-type Parameter --resource-id {}",
        tag="aws ssm add-tags-to-resource",
        untag="aws ssm remove-tags-from-resource",
        read="aws ssm list-tags-for-resource {} --query TagList",
    ),
    "key": _Commands(
        family=None,
        which="--key-id {}",
        tag="aws kms tag-resource",
        untag="aws kms untag-resource",
        read="aws kms list-resource-tags {} --query Tags",
        names=("TagKey", "TagValue"),
    ),
    "repository": _Commands(
        family="ecr:ResourceTag",
        which="--resource-arn {}",
        tag="aws ecr tag-resource",
        untag="aws ecr untag-resource",
        read="aws ecr list-tags-for-resource {} --query tags",
    ),
}
"""AWS: the service authorization reference names each service's keys; AWS KMS has only the global one for tags.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""


@dataclass(frozen=True)
class Bearer:
    """Something that bears tags: `name` is for sentences, and `id` is what commands call it."""

    kind: TagKind
    name: str
    id: str
    region: str
    tags: Fact[tuple[Tag, ...]]

    @property
    def families(self) -> tuple[str, ...]:
        """What the condition keys of its tags begin with."""
        own = _COMMANDS[self.kind].family
        return ("aws:ResourceTag", *((own,) if own else ()))

    @property
    def keys(self) -> dict[str, ContextValue]:
        """The condition keys of its tags."""
        return tag_keys(self.tags, self.families)


def tagged(bearer: Bearer, decisions: Iterable[Denied]) -> Fix | None:
    """Gives it the tags that one Allow of the role asks for in each denial; `None` where more is amiss."""
    if not isinstance(bearer.tags, Known):
        return None
    wanted: dict[str, str] = {}
    for decision in decisions:
        lacks = (_wanted(miss, bearer) for miss in decision.near if miss.policy_kind == "identity")
        found = next((item for item in lacks if item), None)
        if found is None or any(wanted.get(key, value) != value for key, value in found.items()):
            return None
        wanted |= found
    return _give(bearer, wanted, bearer.tags.value) if wanted else None


def _give(bearer: Bearer, wanted: dict[str, str], present: tuple[Tag, ...]) -> Fix:
    commands = _COMMANDS[bearer.kind]
    which = f"{commands.which.format(quoted(bearer.id))} --region {bearer.region}"
    had = {tag.key: tag.value for tag in present if tag.key in wanted}
    new = [key for key in wanted if key not in had]
    undo = [f"{commands.untag} {which} --tag-keys {' '.join(map(quoted, new))}"] if new else []
    if had:
        undo.append(_tag(commands, which, had))
    names = ", ".join(f"{key}={value}" for key, value in wanted.items())
    key_name, value_name = commands.names
    every = json.dumps([{key_name: key, value_name: value} for key, value in wanted.items()])
    read, member = commands.read.format(which).split(" --query ")
    query = f"length({member}[?contains(`{every}`, {{{key_name}: {key_name}, {value_name}: {value_name}}})])"
    touched = (
        f"It has {', '.join(f'{key}={value}' for key, value in had.items())} now, which other policies may go by."
        if had
        else "Other policies may go by the same tag, and let others in too."
    )
    return Fix(
        title=f"Tag {bearer.name} with {names}",
        text=f"Tag {bearer.name} with {names}, which the role's policy asks for; or change that condition, if this {bearer.kind} is not meant to have the tag.",
        warning=touched,
        cli=_tag(commands, which, wanted),
        verify=f"{read} --query {quoted(query)} --output text",
        expect=str(len(wanted)),
        undo=chain(*undo),
    )


def _tag(commands: _Commands, which: str, tags: dict[str, str]) -> str:
    key_name, value_name = commands.names
    every = [{key_name: key, value_name: value} for key, value in tags.items()]
    return f"{commands.tag} {which} --tags {quoted(every)}"


def _wanted(miss: NearMiss, bearer: Bearer) -> dict[str, str] | None:
    """The tags that an Allow of the role lacks, where each is one plain value; `None` where it lacks anything else."""
    equals = {
        key.lower(): (key, values)
        for operator, keys in miss.statement.text.get("Condition", {}).items()
        if operator in ("StringEquals", "StringEqualsIgnoreCase", "StringLike")
        for key, values in keys.items()
    }
    families = [item.lower() for item in bearer.families]
    found: dict[str, str] = {}
    for name in miss.unmet:
        family, _, _ = name.partition("/")
        key, values = equals.get(name.lower(), ("", ()))
        first = values if isinstance(values, str) else next(iter(values), "")
        if family.lower() not in families or not first or set(first) & set("*?$"):
            return None
        found[key.partition("/")[2]] = first
    return found or None
