"""Answers of AWS that this version does not know: new members, new values, members that are left out.

Each answer of each call of a world is changed in turn, and read over real boto3. What was said of each fault must then stay, or
become unknown; there is no new cause. The rule is that of `tests/cases/test_knowing_less.py`.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from diagnostics.collect.operation import Call
from diagnostics.collect.perform import perform
from diagnostics.snapshot import Fact
from tests.build.recorded import Answer, Request, recorded
from tests.build.targets import task_target
from tests.cases.rejudging import Rejudging
from tests.cases.test_knowing_less import violations

from .replaying import Facts, Remembered, completed, planned, replay

WORLDS = ("fargate", "fargate-missing-tag", "on-ec2")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]*")
_ENUMS = re.compile(
    r"(?i)(state|status|type|action|mode|domain|lastStatus|desiredStatus|stopCode|launchType|compatibilit\w*|networkMode|"
    r"assignPublicIp|imageStatus|cpuArchitecture|operatingSystemFamily|imageTagMutability|encryptionType|keyManager|EvalDecision)"
)
_LISTS = ("item", "member")


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


Changed = Callable[[dict[str, Any] | ElementTree.Element], None]
"""Changes each object of an answer, in place."""


def more_members(item: dict[str, Any] | ElementTree.Element) -> None:
    """Every object has members that nobody knows yet."""
    if isinstance(item, dict):
        item["somethingNew"] = {"deep": [1, None]}
        return
    if len(item) and _name(item[0]) not in _LISTS:
        space = item.tag[: item.tag.index("}") + 1] if "}" in item.tag else ""
        ElementTree.SubElement(
            ElementTree.SubElement(item, f"{space}somethingNew"), f"{space}item"
        ).text = "1"


def new_values(item: dict[str, Any] | ElementTree.Element) -> None:
    """Every word of a list of words that AWS may add to is a new one."""
    if isinstance(item, dict):
        for key, value in item.items():
            if isinstance(value, str) and _ENUMS.fullmatch(key) and _WORD.fullmatch(value):
                item[key] = "SOMETHING_NEW"
        return
    for inner in item:
        if inner.text and not len(inner) and _ENUMS.fullmatch(_name(inner)) and _WORD.fullmatch(inner.text):
            inner.text = "something-new"


def without(number: int) -> Changed:
    """Every object lacks one of its members: the first, the second and so on."""

    def change(item: dict[str, Any] | ElementTree.Element) -> None:
        if isinstance(item, dict):
            if len(item) > 1:
                del item[list(item)[number % len(item)]]
        elif len(item) > 1 and _name(item[0]) not in _LISTS:
            item.remove(item[number % len(item)])

    return change


def _objects(content: Any) -> list[Any]:
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    found = [item for value in inner for item in _objects(value)]
    return [content, *found] if isinstance(content, dict) else found


def changed(answer: Answer, change: Changed) -> Answer:
    """An answer each object of which is changed; its envelope stays."""
    if answer.status != 200:
        return answer
    if answer.content_type == "text/xml":
        root = ElementTree.fromstring(answer.body)
        for item in [item for inner in root for item in inner.iter() if len(item)]:
            change(item)
        return replace(answer, body=ElementTree.tostring(root, encoding="unicode"))
    content = json.loads(answer.body)
    for item in [item for value in content.values() for item in _objects(value)]:
        change(item)
    return replace(answer, body=json.dumps(content))


@functools.cache
def remembered(name: str) -> Remembered:
    return Remembered(recorded(name))


@functools.cache
def before(name: str) -> tuple[Rejudging, Facts]:
    """What is said of a world, and which calls were made."""
    snapshot, facts = replay(planned(task_target(recorded(name).world.task_id)), remembered(name))
    return Rejudging(snapshot), facts


def said(name: str, one: Call[Any], change: Changed) -> list[str]:
    """What is decided with another answer to one call that was not decided before."""
    world = recorded(name)

    def other(request: Request, answer: Answer) -> Answer:
        return changed(answer, change)

    with world.but(other):
        strange: Fact[Any] = perform(one, world).fact
    judged, facts = before(name)
    if strange == facts[one]:
        return []
    snapshot = completed(planned(task_target(world.world.task_id)), {**facts, one: strange}, remembered(name))
    found = violations(judged.before, judged.judgement(snapshot))
    # A list that is left out is an empty one in most of AWS's answers, so that what is about its records does not apply.
    return [item for item in found if " is skipped, was " not in item]


@pytest.mark.parametrize("name", WORLDS)
def test_new_members_change_no_fact(name: str) -> None:
    world = recorded(name)
    for call in before(name)[1]:
        with world.but(lambda request, answer: changed(answer, more_members)):
            assert perform(call, world).fact == before(name)[1][call], call


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize(
    "change",
    [new_values, *map(without, range(6))],
    ids=["new values", *(f"without member {n}" for n in range(6))],
)
def test_what_is_not_known_is_no_fault(name: str, change: Changed) -> None:
    wrong = {
        f"{call.operation.action} {call.params}": found
        for call in before(name)[1]
        if (found := said(name, call, change))
    }
    assert wrong == {}
