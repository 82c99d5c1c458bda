"""A secret that is there and does not hold the JSON key that a container asks for: only the error text shows it.

The value of a secret is never read, so that what is inside is not known.
AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

from __future__ import annotations

import re

from diagnostics import console
from diagnostics.faults.base import World
from diagnostics.faults.registry.secret_values import VALUE, other_value
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.secrets.value_from_changes import KEY, write_value_from
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import said
from diagnostics.finding import Evidence, Fault, Outcome, Ways
from diagnostics.pull import parts_of, secret_id
from diagnostics.stop_reason import Symptom, SymptomId

_NO_KEY = re.compile(r"did not contain json key ([^\s'\"]+?)[.,;:]?(?=\s|$)", re.IGNORECASE)
_NO_JSON = ("invalid character", "unexpected end of json", "cannot unmarshal")


def told_of_json(world: World, item: Item) -> Symptom | None:
    """The error text that says that this secret lacks the key it is asked for, or is no JSON; `None` where none does."""
    symptom = said(world, SymptomId.SECRET_MALFORMED_REFERENCE)
    key = key_of(item)
    if symptom is None or key is None or _names_another(symptom, item):
        return None
    missing = _NO_KEY.search(symptom.text)
    if missing is not None:
        return symptom if missing[1] == key or missing[1].rstrip(".") == key else None
    return symptom if any(phrase in symptom.text.lower() for phrase in _NO_JSON) else None


MALFORMED = (
    "which reference or value the error text calls malformed: compare valueFrom with ARN:KEY:STAGE:VERSION "
    "(each colon stands even where a part is left out), and look whether the secret holds what it asks for"
)
"""What is not known where a text speaks of a malformed secret and does not say which."""


def may_be_malformed(world: World, item: Item) -> bool:
    """True if an error text speaks of a malformed reference or value, and not of another secret's."""
    symptom = said(world, SymptomId.SECRET_MALFORMED_REFERENCE)
    return symptom is not None and not _names_another(symptom, item)


def key_of(item: Item) -> str | None:
    """The JSON key that `valueFrom` asks for; `None` where it takes the whole value."""
    return (parts_of(item.value).key or None) if item.kind == "secret" else None


def _names_another(symptom: Symptom, item: Item) -> bool:
    """True if the text names a secret, and it is not this one."""
    if symptom.secret is None:
        return False
    return secret_id(symptom.secret) != item.reference and symptom.secret != item.name


def without_key(world: World, fault: Fault, item: Item, symptom: Symptom) -> Outcome:
    """The secret is there; what it holds is not what the container asks for."""
    key = key_of(item) or "KEY"
    if _NO_KEY.search(symptom.text):
        summary = f"Secret {item.name} has no JSON key {key}, which the task definition asks for."
        text = f"Put {key} into the JSON of {item.name}."
        holds = f"the whole new JSON, with {key} and every other key that is used"
    else:
        summary = f"Secret {item.name} is not JSON, and the task definition asks for its key {key}."
        text = f"Store {item.name} as JSON."
        holds = f'JSON in double quotes, such as {{"{key}":"…"}}'
    return shown(
        fault,
        symptom,
        summary,
        _ways(world, item, symptom, text, holds),
        Evidence(what=f"valueFrom is {item.value}", source="ecs:DescribeTaskDefinition"),
        Evidence(what=f"{item.name} exists", source="secretsmanager:DescribeSecret"),
        stage="secrets",
        resources=(*item.resources, key),
        console_url=console.secret(item.region, item.name),
    )


def _ways(world: World, item: Item, symptom: Symptom, text: str, holds: str) -> Ways:
    """Another value for all who read the secret, or another name in this one task definition."""
    value = other_value(world, item.reference, holds, text=text, file=VALUE, facts=item.found)
    parts = parts_of(item.value)
    if _NO_KEY.search(symptom.text):
        tail = f":{parts.stage}:{parts.version}"
        other = write_value_from(
            world,
            item,
            f"{item.reference}:",
            KEY,
            tail,
            title="Ask for another key",
            text=f"Write the key that {item.name} has in valueFrom, in place of {parts.key}.",
        )
    else:
        tail = f"::{parts.stage}:{parts.version}" if parts.stage or parts.version else ""
        other = write_value_from(
            world,
            item,
            f"{item.reference}{tail}",
            title="Take the whole value",
            text=f"Take the key {parts.key} out of valueFrom, which then gives the whole value.",
        )
    return value, other
