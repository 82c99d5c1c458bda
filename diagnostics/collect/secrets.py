"""Reads the metadata of secrets and parameters and the policies about them, never a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diagnostics.collect import calls
from diagnostics.collect.reading import Reader
from diagnostics.pull import (
    account_named,
    named_secrets,
    parameter_names,
    region_named,
    secret_id,
    secret_name,
)
from diagnostics.snapshot import (
    Absent,
    Fact,
    KmsKey,
    Known,
    Parameter,
    Reason,
    Secret,
    TaskDefinition,
    Unavailable,
    Why,
)

_AT_ONCE = 50
"""How many parameters one call may ask about."""


def read_secrets(reader: Reader, definition: TaskDefinition | None) -> dict[str, Mapping[str, Fact[Any]]]:
    """Everything about the secrets and parameters that the task definition names, as fields of the snapshot."""
    every = set(named_secrets(definition))
    named = sorted({item.value for item in every if item.service == "secretsmanager"})
    secrets = {name: _read_secret(reader, name) for name in named}
    found = _read_parameters(reader, sorted({item.value for item in every if item.service == "ssm"}))
    keys, policies = _read_keys(reader, secrets, found)
    meant = {name: _read_by_name(reader, name) for name in named if isinstance(secrets[name], Absent)}
    strayed = [
        value for value, fact in found.items() if isinstance(fact, Absent) and _is_abroad(reader, value)
    ]
    return {
        "secrets": secrets,
        "secret_policies": {name: _read_policy(reader, name) for name in named},
        "parameters": found,
        "kms_keys": keys,
        "kms_key_policies": policies,
        "secrets_by_name": meant,
        "parameters_here": _ask_parameters(reader, reader.region, strayed) if strayed else {},
    }


# --- Secrets Manager ---------------------------------------------------------------------------------


def _read_secret(reader: Reader, name: str) -> Fact[Secret]:
    secret = secret_id(name)
    return reader.read(calls.DESCRIBE_SECRET, {"SecretId": secret}, about=secret, region=region_named(name))


def _read_by_name(reader: Reader, value: str) -> Fact[Secret]:
    """The secret that was probably meant: of the same name in the Region that its ARN names, else in the task's own.

    A secret that was made again has another ARN, and one whose ARN is written without its last characters may not be found by it.
    """
    fact: Fact[Secret] = Absent(call=calls.DESCRIBE_SECRET.action)
    name = secret_name(value)
    for region in dict.fromkeys((region_named(value) or reader.region, reader.region)):
        if name is not None and isinstance(fact, Absent):
            fact = reader.read(calls.DESCRIBE_SECRET, {"SecretId": name}, about=name, region=region)
    return fact


def _is_abroad(reader: Reader, value: str) -> bool:
    """True for a parameter whose ARN names another Region than the task's."""
    return region_named(value) not in (None, reader.region)


def _read_policy(reader: Reader, name: str) -> Fact[str]:
    secret = secret_id(name)
    return reader.read(calls.GET_SECRET_POLICY, {"SecretId": secret}, about=secret, region=region_named(name))


# --- Systems Manager ---------------------------------------------------------------------------------


def _read_parameters(reader: Reader, named: list[str]) -> dict[str, Fact[Parameter]]:
    """The parameters by the texts that name them; those of one Region are asked for together."""
    by_region: dict[str, list[str]] = {}
    result: dict[str, Fact[Parameter]] = {}
    for value in named:
        account = account_named(value)
        if account and reader.account and account != reader.account:
            result[value] = Unavailable(
                reason=Reason.about(Why.PARAMETER_OF_ANOTHER, account),
                call=calls.DESCRIBE_PARAMETERS.action,
                resource=value,
            )
        else:
            by_region.setdefault(region_named(value) or reader.region, []).append(value)
    for region, values in by_region.items():
        for start in range(0, len(values), _AT_ONCE // 2):
            result.update(_ask_parameters(reader, region, values[start : start + _AT_ONCE // 2]))
    return dict(sorted(result.items()))


def _ask_parameters(reader: Reader, region: str, values: Sequence[str]) -> dict[str, Fact[Parameter]]:
    names = sorted({name for value in values for name in parameter_names(value)})
    fact = reader.read(
        calls.DESCRIBE_PARAMETERS,
        {"ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": names}]},
        about=", ".join(names),
        region=region,
    )
    if not isinstance(fact, Known):
        return dict.fromkeys(values, fact)
    by_name = {item.name: item for item in fact.value}
    return {value: _one(by_name, value) for value in values}


def _one(by_name: Mapping[str, Parameter], value: str) -> Fact[Parameter]:
    found = next((by_name[name] for name in parameter_names(value) if name in by_name), None)
    return Known(value=found) if found else Absent(call=calls.DESCRIBE_PARAMETERS.action)


# --- keys --------------------------------------------------------------------------------------------


def _read_keys(
    reader: Reader, secrets: Mapping[str, Fact[Secret]], parameters: Mapping[str, Fact[Parameter]]
) -> tuple[dict[str, Fact[KmsKey]], dict[str, Fact[str]]]:
    """The customer managed keys; AWS's own (`alias/aws/…`) let everybody decrypt who may read the secret."""
    keys: dict[str, Fact[KmsKey]] = {}
    policies: dict[str, Fact[str]] = {}
    for key, region in _key_ids(reader, secrets, parameters):
        fact = reader.read(calls.DESCRIBE_KEY, {"KeyId": key}, about=key, region=region)
        keys[key] = fact
        # A key policy is asked for by the key, which only the answer names where an alias was given.
        name = (fact.value.arn or fact.value.key_id) if isinstance(fact, Known) else key
        if isinstance(fact, Known) or "alias/" not in key:
            policies[key] = reader.read(
                calls.GET_KEY_POLICY, {"KeyId": name, "PolicyName": "default"}, about=name, region=region
            )
        else:
            policies[key] = fact
    return keys, policies


def _key_ids(
    reader: Reader, secrets: Mapping[str, Fact[Secret]], parameters: Mapping[str, Fact[Parameter]]
) -> Iterable[tuple[str, str]]:
    seen: dict[str, str] = {}
    for name, fact in secrets.items():
        key = fact.value.kms_key_id if isinstance(fact, Known) else None
        if key and "alias/aws/" not in key:
            seen.setdefault(key, region_named(name) or reader.region)
    for value, described in parameters.items():
        key = described.value.key_id if isinstance(described, Known) else None
        if key and "alias/aws/" not in key:
            seen.setdefault(key, region_named(value) or reader.region)
    return sorted(seen.items())
