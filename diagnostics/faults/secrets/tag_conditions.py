"""Conditions on a secret's tags: their keys in a request, and the repair where a tag is all that an Allow lacks.

AWS: Actions, resources, and condition keys for AWS Secrets Manager
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
"""

from __future__ import annotations

from diagnostics.faults.secrets.secret_items import Item
from diagnostics.finding import Fix
from diagnostics.policy import ContextValue, Denied, NearMiss, NotPresent
from diagnostics.write import quoted

_FAMILIES = ("aws:ResourceTag", "secretsmanager:ResourceTag")


def tag_keys(item: Item) -> dict[str, ContextValue]:
    """The condition keys of the item's tags; none where the tags were not read, so that they are not known."""
    tags = item.tags
    if tags is None:
        return {}
    keys: dict[str, ContextValue] = {f"{family}/*": NotPresent() for family in _FAMILIES}
    return keys | {f"{family}/{tag.key}": (tag.value,) for family in _FAMILIES for tag in tags}


def tagged(item: Item, arn: str, decision: Denied) -> Fix | None:
    """Gives the secret the tags that one Allow asks for, so that the condition is kept; `None` where more is amiss."""
    wanted = next(
        (found for miss in decision.near if miss.policy_kind == "identity" and (found := _wanted(miss))), None
    )
    if wanted is None or item.tags is None:
        return None
    had = {tag.key: tag.value for tag in item.tags if tag.key in wanted}
    which = f"--secret-id {quoted(arn)} --region {item.region}"
    undo = [f"aws secretsmanager untag-resource {which} --tag-keys {' '.join(map(quoted, wanted))}"]
    if had:
        undo.append(_tag(which, had))
    names = ", ".join(f"{key}={value}" for key, value in wanted.items())
    return Fix(
        text=f"Tag {item.name} with {names}, which the role's policy asks for; or change that condition, if this secret is not meant to have the tag.",
        cli=_tag(which, wanted),
        verify=f"aws secretsmanager describe-secret {which} --query Tags",
        undo="\n".join(undo),
    )


def _tag(which: str, tags: dict[str, str]) -> str:
    every = [{"Key": key, "Value": value} for key, value in tags.items()]
    return f"aws secretsmanager tag-resource {which} --tags {quoted(every)}"


def _wanted(miss: NearMiss) -> dict[str, str] | None:
    """The tags that an Allow of the role lacks, where each is one plain value; `None` where it lacks anything else."""
    equals = {
        key.lower(): (key, values)
        for operator, keys in miss.statement.text.get("Condition", {}).items()
        if operator in ("StringEquals", "StringEqualsIgnoreCase", "StringLike")
        for key, values in keys.items()
    }
    found: dict[str, str] = {}
    for name in miss.unmet:
        family, _, _ = name.partition("/")
        key, values = equals.get(name.lower(), ("", ()))
        first = values if isinstance(values, str) else next(iter(values), "")
        if family.lower() not in [item.lower() for item in _FAMILIES] or not first or set(first) & set("*?$"):
            return None
        found[key.partition("/")[2]] = first
    return found or None
