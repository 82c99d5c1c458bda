"""Secrets and parameters that do not exist."""

from __future__ import annotations

from diagnostics.stop_reason import classify
from tests.build.permissions import inline
from tests.faults.permissions.tables import Case, lost
from tests.faults.secrets.secret_edits import (
    PARAMETER_ARN,
    READS,
    SECRET_ARN,
    credentials,
    gone,
    scheduled_for_deletion,
    taking,
)

KEY = f"{SECRET_ARN}:password::"
FETCH = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
    "retrieve secret from asm: service call has been retried 1 time(s): "
)

TABLE = (
    Case("gone", "container-secret-missing", "fail", (taking(SECRET_ARN), inline("s", READS), gone("secrets", SECRET_ARN)), resources=(SECRET_ARN,), stage="secrets"),
    Case("a key of a secret that is gone", "container-secret-missing", "fail", (taking(f"{SECRET_ARN}:user::"), inline("s", READS), gone("secrets", f"{SECRET_ARN}:user::")), resources=(SECRET_ARN, f"{SECRET_ARN}:user::")),
    Case("scheduled for deletion", "container-secret-missing", "fail", (taking(SECRET_ARN), inline("s", READS), scheduled_for_deletion), says="scheduled for deletion"),
    Case("a parameter that is gone", "container-secret-missing", "fail", (taking(PARAMETER_ARN), gone("parameters", PARAMETER_ARN)), resources=(PARAMETER_ARN,)),
    Case("there", "container-secret-missing", "pass", (taking(SECRET_ARN), inline("s", READS))),
    Case("not read", "container-secret-missing", "unknown", (taking(SECRET_ARN), inline("s", READS), lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret")), says="secretsmanager:DescribeSecret"),
    Case("one gone beside one not read", "container-secret-missing", "fail", (taking(PARAMETER_ARN), taking(SECRET_ARN), lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret"), gone("parameters", PARAMETER_ARN)), alone=False),
    Case("none", "container-secret-missing", "skipped"),
    Case("a key that it lacks", "container-secret-missing", "warn", (taking(KEY), inline("s", READS)), symptoms=(classify(f"{FETCH}retrieved secret from Secrets Manager did not contain json key password"),), resources=(SECRET_ARN, KEY, "password"), stage="secrets", says="no JSON key password"),
    Case("another key than it is asked for", "container-secret-missing", "unknown", (taking(KEY), inline("s", READS)), symptoms=(classify(f"{FETCH}retrieved secret from Secrets Manager did not contain json key user"),)),
    Case("not JSON", "container-secret-missing", "warn", (taking(KEY), inline("s", READS)), symptoms=(classify(f"{FETCH}invalid character '\\'' looking for beginning of value"),), says="is not JSON"),
    Case("not JSON and no key is asked for", "container-secret-missing", "unknown", (taking(SECRET_ARN), inline("s", READS)), symptoms=(classify(f"{FETCH}invalid character '\\'' looking for beginning of value"),)),
    Case("a key beside another text", "container-secret-missing", "pass", (taking(KEY), inline("s", READS)), symptoms=(classify("CannotPullContainerError: context canceled"),)),
    Case("gone", "private-registry-secret-missing", "fail", (credentials(), inline("s", READS), gone("secrets", SECRET_ARN)), resources=(SECRET_ARN,), stage="secrets"),
    Case("there", "private-registry-secret-missing", "pass", (credentials(), inline("s", READS))),
    Case("not read", "private-registry-secret-missing", "unknown", (credentials(), inline("s", READS), lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret"))),
    Case("none", "private-registry-secret-missing", "skipped"),
)  # fmt: skip
