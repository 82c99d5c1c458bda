"""Reads the metadata of secrets in AWS Secrets Manager: whether they exist and live, never their value."""

from __future__ import annotations

from diagnostics.collect import calls
from diagnostics.collect.reading import Reader
from diagnostics.pull import is_secrets_manager
from diagnostics.snapshot import Fact, Secret, TaskDefinition


def read_secrets(reader: Reader, definition: TaskDefinition | None) -> dict[str, Fact[Secret]]:
    """Every secret that the task definition names, by the text it is named with there.

    Parameters of Systems Manager are not read.
    """
    named: dict[str, None] = {}
    for container in definition.container_definitions if definition else ():
        if container.repository_credentials is not None:
            named[container.repository_credentials.credentials_parameter] = None
        log = container.log_configuration
        references = (*container.secrets, *(log.secret_options if log else ()))
        named.update((item.value_from, None) for item in references if is_secrets_manager(item.value_from))
    return {name: _read_secret(reader, name) for name in sorted(named)}


def _read_secret(reader: Reader, name: str) -> Fact[Secret]:
    parts = name.split(":")
    if not is_secrets_manager(name):
        return reader.read(calls.DESCRIBE_SECRET, {"SecretId": name}, about=name)
    # A `valueFrom` may go on after the secret's name: `arn:…:secret:NAME:json-key:version-stage:version-id`.
    arn = ":".join(parts[:7])
    return reader.read(calls.DESCRIBE_SECRET, {"SecretId": arn}, about=arn, region=parts[3] or None)
