"""Why an Allow that looks right does not let the execution role read a secret or parameter.

AWS: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html (`-??????` behind a secret's name)
and https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from diagnostics.faults.secrets.reading import Reading
from diagnostics.policy import Allowed, Denied, NearMiss, Policies, evaluate
from diagnostics.pull import arn_suffix

_LOOK_ALIKES = {
    "ssm:GetParameters": ("ssm:GetParameter", "ssm:GetParametersByPath"),
    "secretsmanager:GetSecretValue": ("secretsmanager:BatchGetSecretValue", "secretsmanager:DescribeSecret"),
}


def hint_of(reading: Reading, decision: Denied, policies: Policies) -> str | None:
    """One sentence about the statement that comes nearest; `None` where nothing explains it."""
    if decision.explicit:
        return None
    return next(iter((*_of_arns(reading, decision.near), *_of_actions(reading, policies))), None)


def _of_arns(reading: Reading, near: Iterable[NearMiss]) -> Iterator[str]:
    arn = reading.request.resource
    for miss in near:
        if miss.unmet != ("resource",):
            continue
        label = f"{miss.statement.label} of {miss.policy_name}"
        for written in _texts(miss.statement.text.get("Resource")):
            if (suffix := arn_suffix(arn)) and written == arn.removesuffix(suffix) and ":secret:" in arn:
                yield f"{_capital(label)} names {written} without the hyphen and six characters that a secret's ARN ends in ({suffix}): it needs {written}-??????."
            elif written.replace(":parameter//", ":parameter/") == arn != written:
                yield f"{_capital(label)} names {written}, with two slashes: the slash that the parameter's name begins with stands once."
            elif ":parameter/" in arn and arn.startswith(f"{written.rstrip('/')}/"):
                yield f"{_capital(label)} names the path {written} and not what is below it: it needs {written.rstrip('/')}/*."


def _of_actions(reading: Reading, policies: Policies) -> Iterator[str]:
    for action in _LOOK_ALIKES.get(reading.request.action, ()):
        other = reading.request.model_copy(update={"action": action})
        if isinstance(evaluate(other, policies), Allowed):
            yield f"It may do {action}, which is another action: ECS reads it with {reading.request.action}."


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _capital(label: str) -> str:
    return f"{label[:1].upper()}{label[1:]}"
