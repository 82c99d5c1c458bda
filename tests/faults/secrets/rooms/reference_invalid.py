"""Secrets that are there, and named in a form or by a version that ECS cannot read."""

from __future__ import annotations

from diagnostics.stop_reason import classify
from tests.build.permissions import inline
from tests.faults.permissions.tables import Case, lost
from tests.faults.secrets.rooms.secret_missing import FETCH
from tests.faults.secrets.secret_edits import (
    PARAMETER_ARN,
    READS,
    READS_PARAMETER,
    SECRET_ARN,
    VERSION,
    credentials,
    gone,
    taking,
    versions,
)

FAULT = "secret-reference-invalid"
MAY = inline("s", READS, READS_PARAMETER)
OTHER = VERSION.replace("0", "f")


def of(value: str, found: dict[str, list[str]] | None = None) -> tuple:  # type: ignore[type-arg]
    """The container takes this, and the role may read it; `found` are the secret's versions, where not the usual one."""
    more = () if found is None else (versions(found, value),)
    return (taking(value), MAY, *more)


NO_VERSION = classify(
    f"{FETCH}ResourceNotFoundException: Secrets Manager can't find the specified secret value for VersionId: {OTHER}"
)

TABLE = (
    Case("no colons behind the key", FAULT, "fail", of(f"{SECRET_ARN}:password"), resources=(SECRET_ARN, f"{SECRET_ARN}:password", "payments-api"), stage="secrets", says="only 1 of the three parts"),
    Case("one colon behind the key", FAULT, "fail", of(f"{SECRET_ARN}:password:"), says="only 2 of the three parts"),
    Case("a colon too many", FAULT, "fail", of(f"{SECRET_ARN}:password:::"), says="more than the three parts"),
    Case("a version that is none", FAULT, "fail", of(f"{SECRET_ARN}:password::1"), says="at least 32 characters"),
    Case("no value", FAULT, "fail", of(SECRET_ARN, {}), resources=(SECRET_ARN,), says="has no value yet"),
    Case("a label that no version has", FAULT, "fail", of(f"{SECRET_ARN}:password:AWSPENDING:"), says="no version labelled AWSPENDING"),
    Case("no current version", FAULT, "fail", of(SECRET_ARN, {VERSION: ["AWSPENDING"]}), says="no version labelled AWSCURRENT"),
    Case("a version with another label", FAULT, "fail", of(f"{SECRET_ARN}:password:AWSPREVIOUS:{VERSION}", {VERSION: ["AWSCURRENT"], OTHER: ["AWSPREVIOUS"]}), says="labelled AWSPREVIOUS"),
    Case("a version that is not listed, and a text", FAULT, "warn", of(f"{SECRET_ARN}:password::{OTHER}"), symptoms=(NO_VERSION,), says="any more"),
    Case("a version that is not listed", FAULT, "unknown", of(f"{SECRET_ARN}:password::{OTHER}"), says="no staging label"),
    Case("the whole value", FAULT, "pass", of(SECRET_ARN)),
    Case("a key", FAULT, "pass", of(f"{SECRET_ARN}:password::")),
    Case("a label and a version", FAULT, "pass", of(f"{SECRET_ARN}:password:AWSCURRENT:{VERSION}")),
    Case("a previous version", FAULT, "pass", of(f"{SECRET_ARN}::AWSPREVIOUS:", {VERSION: ["AWSCURRENT"], OTHER: ["AWSPREVIOUS"]})),
    Case("credentials", FAULT, "pass", (credentials(), MAY)),
    Case("credentials without a value", FAULT, "fail", (credentials(), MAY, versions({}))),
    Case("a parameter", FAULT, "skipped", of(PARAMETER_ARN)),
    Case("a version of a parameter", FAULT, "warn", of(f"{PARAMETER_ARN}:3"), resources=(PARAMETER_ARN, f"{PARAMETER_ARN}:3", "payments-api"), stage="secrets", says="names 3 behind parameter /payments/token"),
    Case("a label of a parameter", FAULT, "warn", of("/payments/token:live"), resources=("/payments/token", "/payments/token:live"), says="names live behind parameter", alone=False),
    Case("gone", FAULT, "skipped", (taking(SECRET_ARN), MAY, gone("secrets", SECRET_ARN)), alone=False),
    Case("not read", FAULT, "unknown", (taking(SECRET_ARN), MAY, lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret"))),
    Case("its versions were not read", FAULT, "unknown", (*of(SECRET_ARN), versions(None)), says="which versions"),
    Case("none", FAULT, "skipped"),
)  # fmt: skip
