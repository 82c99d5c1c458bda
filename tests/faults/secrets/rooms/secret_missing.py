"""Secrets and parameters that do not exist."""

from __future__ import annotations

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

TABLE = (
    Case("gone", "container-secret-missing", "fail", (taking(SECRET_ARN), inline("s", READS), gone("secrets", SECRET_ARN)), resources=(SECRET_ARN,), stage="secrets"),
    Case("a key of a secret that is gone", "container-secret-missing", "fail", (taking(f"{SECRET_ARN}:user::"), inline("s", READS), gone("secrets", f"{SECRET_ARN}:user::")), resources=(SECRET_ARN, f"{SECRET_ARN}:user::")),
    Case("scheduled for deletion", "container-secret-missing", "fail", (taking(SECRET_ARN), inline("s", READS), scheduled_for_deletion), says="scheduled for deletion"),
    Case("a parameter that is gone", "container-secret-missing", "fail", (taking(PARAMETER_ARN), gone("parameters", PARAMETER_ARN)), resources=(PARAMETER_ARN,)),
    Case("there", "container-secret-missing", "pass", (taking(SECRET_ARN), inline("s", READS))),
    Case("not read", "container-secret-missing", "unknown", (taking(SECRET_ARN), inline("s", READS), lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret")), says="secretsmanager:DescribeSecret"),
    Case("one gone beside one not read", "container-secret-missing", "fail", (taking(PARAMETER_ARN), taking(SECRET_ARN), lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret"), gone("parameters", PARAMETER_ARN)), alone=False),
    Case("none", "container-secret-missing", "skipped"),
    Case("gone", "private-registry-secret-missing", "fail", (credentials(), inline("s", READS), gone("secrets", SECRET_ARN)), resources=(SECRET_ARN,), stage="secrets"),
    Case("there", "private-registry-secret-missing", "pass", (credentials(), inline("s", READS))),
    Case("not read", "private-registry-secret-missing", "unknown", (credentials(), inline("s", READS), lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret"))),
    Case("none", "private-registry-secret-missing", "skipped"),
)  # fmt: skip
