"""Checks that an `aws …` command which pullcheck prints is one that the AWS CLI would take.

The AWS CLI is generated from the service models that botocore carries, so those decide: the service, the operation,
every option and the required ones.
"""

from __future__ import annotations

import json
import re
import shlex
from functools import lru_cache
from typing import Any

import botocore.session
from botocore import xform_name

GLOBAL_OPTIONS = {
    "region",
    "profile",
    "output",
    "query",
    "no-cli-pager",
    "endpoint-url",
    "cli-input-json",
    "no-paginate",
}
# Commands of the CLI itself, which no model has: their options, and the required ones.
# https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/, …/logs/tail/, …/configure/export-credentials/
OWN_COMMANDS = {
    ("cloudformation", "deploy"): (
        {
            *(
                "template-file",
                "stack-name",
                "s3-bucket",
                "parameter-overrides",
                "capabilities",
                "no-execute-changeset",
            ),
            *("role-arn", "no-fail-on-empty-changeset", "tags"),
        },
        {"template-file", "stack-name"},
    ),
    ("logs", "tail"): ({"since", "follow", "format", "filter-pattern", "log-stream-names"}, set()),
    ("configure", "export-credentials"): ({"format"}, set()),
}
# Options that the CLI adds to the model's own.
EXTRA_OPTIONS = {
    ("ec2", "authorize-security-group-egress"): {"protocol", "port", "cidr", "source-group"},
    ("ec2", "authorize-security-group-ingress"): {"protocol", "port", "cidr", "source-group"},
    ("ec2", "revoke-security-group-egress"): {"protocol", "port", "cidr", "source-group"},
    ("ec2", "revoke-security-group-ingress"): {"protocol", "port", "cidr", "source-group"},
}
# Options that the CLI spells in its own way: the opposite of a switch has a name of its own.
RENAMED_OPTIONS = {
    ("ec2", "create-network-acl-entry"): {"ingress": "no-egress"},
    ("ec2", "delete-network-acl-entry"): {"ingress": "no-egress"},
}


_TOKEN = re.compile(
    r"""\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|(?P<end>\$\(|&&|\|\||[;|()\n])""", re.DOTALL
)
_BEFORE = re.compile(r"^\s*(?:(?:do|then|!|\{)\s+)*")


def aws_commands(text: str) -> list[list[str]]:
    """The words of every `aws …` command: chained, in a loop, or with its answer put into a variable."""
    script = re.sub(r"^\s*#.*$", "", re.sub(r"\\\n\s*", " ", text), flags=re.MULTILINE)
    ends = [match for match in _TOKEN.finditer(script) if match["end"]]
    pieces = [
        script[start:stop]
        for start, stop in zip(
            (0, *(match.end() for match in ends)),
            (*(match.start() for match in ends), len(script)),
            strict=True,
        )
    ]
    commands = [_BEFORE.sub("", piece) for piece in pieces]
    return [_without_redirection(shlex.split(item)) for item in commands if item.startswith("aws ")]


def check_cli(text: str) -> int:
    """Checks every `aws …` command of a text (with `\\` continuing a line); how many there were.

    Raises:
        AssertionError: the AWS CLI would refuse one of them; the message says which and why.
    """
    commands = aws_commands(text)
    for words in commands:
        _check(words, shlex.join(words))
    return len(commands)


def _without_redirection(words: list[str]) -> list[str]:
    place = next((place for place, word in enumerate(words) if re.match(r"[12]?>", word)), len(words))
    return words[:place]


def _check(words: list[str], line: str) -> None:
    service, operation = words[1], words[2]
    if service == "ecr" and operation == "get-login-password":
        return
    if (service, operation) in OWN_COMMANDS:
        known, needed = OWN_COMMANDS[service, operation]
        given = {word[2:].split("=", 1)[0] for word in words[3:] if word.startswith("--")}
        assert given <= known | GLOBAL_OPTIONS, (
            f"{service} {operation} has no {sorted(given - known)}: {line}"
        )
        assert needed <= given, f"{service} {operation} needs {sorted(needed - given)}: {line}"
        return
    if operation == "wait":
        operation, words = _waited_for(service, words[3], line), words[1:]
    members, required = _operation(service, operation, line)
    renamed = RENAMED_OPTIONS.get((service, operation), {})
    options = [word[2:].split("=", 1)[0] for word in words[3:] if word.startswith("--")]
    options = [renamed.get(option, option) for option in options]
    known = members | GLOBAL_OPTIONS | EXTRA_OPTIONS.get((service, operation), set())
    for option in options:
        plain = option.removeprefix("no-")
        assert option in known or plain in known, f"{service} {operation} has no option --{option}: {line}"
    if "cli-input-json" not in options:
        missing = required - set(options) - {f"no-{name}" for name in required}
        lacking = {name for name in missing if f"no-{name}" not in options}
        assert not lacking, f"{service} {operation} needs {sorted(lacking)}: {line}"
    for word in words[3:]:
        if word.startswith(("{", "[")):
            json.loads(word)


def _operation(service: str, operation: str, line: str) -> tuple[frozenset[str], frozenset[str]]:
    names = {"configservice": "config", "s3api": "s3", "deploy": "codedeploy"}
    known = names.get(service, service)
    assert known in _services(), f"there is no service {service}: {line}"
    shapes = _operations(known)
    assert operation in shapes, f"{service} has no operation {operation}: {line}"
    shape = _model(known).operation_model(shapes[operation]).input_shape
    if shape is None:
        return frozenset(), frozenset()
    members = frozenset(xform_name(name, "-") for name in shape.members)
    return members, frozenset(xform_name(name, "-") for name in shape.required_members)


def _waited_for(service: str, name: str, line: str) -> str:
    """The operation behind `aws SERVICE wait NAME`."""
    waiters: Any = _session().get_waiter_model(service)
    by_cli = {xform_name(waiter, "-"): waiter for waiter in waiters.waiter_names}
    assert name in by_cli, f"{service} has no waiter {name}: {line}"
    return str(xform_name(waiters.get_waiter(by_cli[name]).operation, "-"))


# Each model is read once: EC2's alone takes seconds.


@lru_cache(maxsize=1)
def _session() -> Any:
    return botocore.session.get_session()


@lru_cache(maxsize=1)
def _services() -> frozenset[str]:
    return frozenset(_session().get_available_services())


@lru_cache(maxsize=32)
def _model(service: str) -> Any:
    return _session().get_service_model(service)


@lru_cache(maxsize=32)
def _operations(service: str) -> dict[str, str]:
    return {xform_name(name, "-"): name for name in _model(service).operation_names}
