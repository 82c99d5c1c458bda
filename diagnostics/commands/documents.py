"""A task definition as a person or a pipeline names it: registered, by its ARN or family, or as a file that is not registered yet."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from diagnostics.redaction import redact
from diagnostics.snapshot import TaskDefinition
from diagnostics.target import REGION

LARGEST = 1024 * 1024
"""Bytes of a file that are read; ECS takes 64 KB. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"""

STDIN = "-"
FAMILY = r"[A-Za-z0-9_-]{1,255}"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html (family)"""

_NAMED = re.compile(rf"{FAMILY}(?::[0-9]{{1,10}})?")
_ARN = re.compile(
    rf"arn:(?P<partition>aws[a-z-]{{0,30}}):ecs:(?P<region>{REGION}):(?P<account>[0-9]{{12}}):task-definition/{FAMILY}(?::[0-9]{{1,10}})?"
)
_EXAMPLE = "payments-api:7, taskdef.json or arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7"
_INPUT = "the JSON that RegisterTaskDefinition takes"
_SHAPE = '{"family": "payments-api", "containerDefinitions": [{"name": "app", "image": "…"}]}'
_TEMPLATE = re.compile(r"\{\{.{0,200}?\}\}", re.DOTALL)

_TOP = (
    "family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes", "placementConstraints",
    "requiresCompatibilities", "runtimePlatform", "ephemeralStorage",
)  # fmt: skip
_OF_CONTAINER = (
    "name", "image", "repositoryCredentials", "essential", "secrets", "logConfiguration", "environmentFiles",
    "firelensConfiguration",
)  # fmt: skip
"""The members that bear on a pull. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""


class DocumentError(ValueError):
    """What was given names no task definition; the message is one sentence that says what was expected, with an example."""


class NamedDefinition(NamedTuple):
    """A task definition: by its name, in the place that an ARN tells, or as a document."""

    name: str
    document: TaskDefinition | None = None
    partition: str | None = None
    region: str | None = None
    account_id: str | None = None


def named_definition(argument: str) -> NamedDefinition:
    """What an argument of the command line means.

    A family has neither a dot nor a slash, so that whatever has one is a file, and nothing else is.

    Raises:
        DocumentError: it is none of this, or the file does not hold a task definition.
    """
    if argument == STDIN:
        return _of_text(_standard_input(), "standard input")
    if argument.lower().startswith("arn:"):
        arn = _ARN.fullmatch(argument)
        if arn is None:
            raise DocumentError(
                f"'{_short(argument)}' is not the ARN of a task definition's revision; give one such as {_EXAMPLE}."
            )
        return NamedDefinition(
            argument, partition=arn["partition"], region=arn["region"], account_id=arn["account"]
        )
    if "." in argument or "/" in argument or "\\" in argument:
        return _of_text(_file(Path(argument)), _short(argument))
    if _NAMED.fullmatch(argument):
        return NamedDefinition(argument)
    raise DocumentError(
        f"'{_short(argument)}' is no task definition; give its family with or without a revision, its ARN, or a file, such as {_EXAMPLE}."
    )


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise DocumentError(f"There is no standard input; give a file, such as {_EXAMPLE}.")
    return sys.stdin.buffer.read(LARGEST + 1)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it is no path"
        raise DocumentError(f"{_short(str(path))} could not be read: {why}.") from error


def definition_told(text: str) -> NamedDefinition:
    """What a text that is no word of a command line means: a name, an ARN, or the document itself; no file is read.

    Raises:
        DocumentError: it is none of this, or no task definition.
    """
    if text.lstrip().startswith(("{", "[")):
        return _of_text(text.encode("utf-8", "replace"), "The text")
    if text == STDIN or (not text.lower().startswith("arn:") and not _NAMED.fullmatch(text)):
        raise DocumentError(
            f"'{_short(text)}' names no task definition; give one such as payments-api:7, its ARN, or {_INPUT}."
        )
    return named_definition(text)


def _of_text(data: bytes, where: str) -> NamedDefinition:
    if len(data) > LARGEST:
        raise DocumentError(
            f"{where} is larger than {LARGEST // 1024} KB, and ECS takes 64 KB; give {_INPUT}."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{where} is not text in UTF-8; give {_INPUT}, such as {_SHAPE}.") from error
    definition = parse_document(text, where)
    return NamedDefinition(definition.task_definition_arn, definition)


# --- what is in it -----------------------------------------------------------------------------------


def parse_document(text: str, where: str) -> TaskDefinition:
    """A task definition that is not registered; its environment is not kept.

    Args:
        text: the JSON of RegisterTaskDefinition, or of an answer of DescribeTaskDefinition.
        where: what holds it, for the message.

    Raises:
        DocumentError: it is neither.
    """
    content = _json(text, where)
    if isinstance(content, list):
        raise DocumentError(
            f"{where} holds a list, as Terraform's container_definitions is; give the whole task definition, with family and executionRoleArn: {_SHAPE}."
        )
    if not isinstance(content, dict):
        raise DocumentError(f"{where} holds no object; give {_INPUT}, such as {_SHAPE}.")
    wrapped = content.get("taskDefinition")
    if isinstance(wrapped, dict) and "containerDefinitions" not in content:
        content = wrapped
    _refuse_other_spellings(content, _TOP, where)
    family = content.get("family")
    if not isinstance(family, str) or not re.fullmatch(FAMILY, family):
        raise DocumentError(
            f'{where} names no family of letters, digits, dashes and underscores; give {_INPUT}, which has "family": "payments-api".'
        )
    containers = content.get("containerDefinitions")
    if not isinstance(containers, list) or not containers:
        raise DocumentError(f"{where} has no containerDefinitions; give {_INPUT}, such as {_SHAPE}.")
    for place, container in enumerate(containers):
        _check_container(container, f"containerDefinitions[{place}] of {where}")
    told = {key: value for key, value in content.items() if key not in ("revision", "taskDefinitionArn")}
    try:
        definition = TaskDefinition.model_validate({**told, "taskDefinitionArn": family})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place_of = ".".join(str(part)[:60] for part in first["loc"][:8])
        raise DocumentError(
            f"{where} is no task definition ({place_of}: {first['msg'][:200]}); give {_INPUT}, such as {_SHAPE}."
        ) from error
    _refuse_templates(definition, where)
    return definition


def _json(text: str, where: str) -> Any:
    if not text.strip():
        raise DocumentError(f"{where} is empty; give {_INPUT}, such as {_SHAPE}.")
    try:
        return json.loads(text, parse_constant=_refused)
    except RecursionError as error:
        raise DocumentError(f"{where} is nested too deeply; give {_INPUT}.") from error
    except ValueError as error:
        why = (
            f"{error.msg} in line {error.lineno}"
            if isinstance(error, json.JSONDecodeError)
            else str(error)[:200]
        )
        unrendered = _TEMPLATE.search(text)
        hint = "; it holds templates, so render it first (ecspresso render taskdef)" if unrendered else ""
        raise DocumentError(
            f"{where} holds no JSON ({why}){hint}; give {_INPUT}, such as {_SHAPE}."
        ) from error


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _check_container(container: Any, where: str) -> None:
    if not isinstance(container, dict):
        raise DocumentError(f'{where} is no object; a container looks like {{"name": "app", "image": "…"}}.')
    _refuse_other_spellings(container, _OF_CONTAINER, where)
    for member in ("name", "image"):
        value = container.get(member)
        if not isinstance(value, str) or not value:
            raise DocumentError(
                f'{where} has no {member}; a container looks like {{"name": "app", "image": "…"}}.'
            )


def _refuse_other_spellings(content: Mapping[str, Any], members: tuple[str, ...], where: str) -> None:
    """CloudFormation's `ContainerDefinitions` and Terraform's `container_definitions` would be passed over in silence."""
    if isinstance(content.get("Resources"), dict) or content.get("Type") == "AWS::ECS::TaskDefinition":
        raise DocumentError(
            f"{where} is a CloudFormation template; give {_INPUT}, such as {_SHAPE}: aws ecs describe-task-definition prints it of one that is registered."
        )
    known = {member.lower(): member for member in members}
    for key in content:
        meant = known.get(to_camel(key).lower() if "_" in key else key.lower())
        if meant is not None and key != meant:
            tool = "Terraform's" if "_" in key else "CloudFormation's"
            raise DocumentError(
                f"{where} writes {_short(key)}, which is {tool} form; give {_INPUT}, where it is {meant}."
            )


def _refuse_templates(definition: TaskDefinition, where: str) -> None:
    """In what is kept, which is what a pull depends on, no template may be left."""
    found = next((item for text in _texts(definition.model_dump()) if (item := _TEMPLATE.search(text))), None)
    if found is not None:
        raise DocumentError(
            f"{where} still holds the template {_short(redact(found[0]))}; render it first, for example: ecspresso render taskdef | "
            "python -m diagnostics preflight - --cluster payments --service payments-api."
        )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _short(text: str) -> str:
    """What somebody wrote, on one line and cut."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"
