"""Secrets and parameters that do not exist."""

from __future__ import annotations

from diagnostics.stop_reason import classify
from tests.build.permissions import inline
from tests.build.policies import allow
from tests.faults.permissions.tables import Case, lost
from tests.faults.secrets.secret_edits import (
    NEW_ARN,
    PARAMETER_ARN,
    READS,
    SECRET_ARN,
    by_name,
    by_name_neither,
    credentials,
    gone,
    parameter_here,
    scheduled_for_deletion,
    taking,
)

HALF = SECRET_ARN.removesuffix("-AbCdEf")
ABROAD = SECRET_ARN.replace("us-east-1", "eu-west-1")
FAR_PARAMETER = PARAMETER_ARN.replace("us-east-1", "eu-west-1")
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
    Case("made again", "container-secret-missing", "fail", (taking(SECRET_ARN), inline("s", READS), by_name(SECRET_ARN)), resources=(SECRET_ARN, NEW_ARN), says="ends in -AbCdEf: payments/db was made again, and its ARN ends in -XyZ123 now, and ECS reads it"),
    Case("made again, and a key of it", "container-secret-missing", "fail", (taking(KEY), inline("s", READS), by_name(KEY)), resources=(SECRET_ARN, KEY, NEW_ARN)),
    Case("half an ARN", "container-secret-missing", "fail", (taking(HALF), inline("s", READS), by_name(HALF)), resources=(HALF, NEW_ARN), says="named without the hyphen and six characters that its ARN ends in (-XyZ123)"),
    Case("in the task's Region", "container-secret-missing", "fail", (taking(ABROAD), by_name(ABROAD)), says="does not exist in eu-west-1, the Region that its ARN names, and there is one in us-east-1"),
    Case("one of the name, scheduled for deletion", "container-secret-missing", "fail", (taking(SECRET_ARN), by_name(SECRET_ARN, DeletedDate="2026-11-20T00:00:00Z")), says="does not exist in us-east-1"),
    Case("none of the name", "container-secret-missing", "fail", (taking(SECRET_ARN), by_name_neither()), resources=(SECRET_ARN,), says="does not exist in us-east-1"),
    Case("a parameter in the task's Region", "container-secret-missing", "fail", (taking(FAR_PARAMETER), parameter_here(FAR_PARAMETER)), resources=(FAR_PARAMETER, PARAMETER_ARN), says="Parameter /payments/token does not exist in eu-west-1, the Region that its ARN names, and there is one in us-east-1"),
    Case("a parameter of another Region", "container-secret-missing", "pass", (taking(FAR_PARAMETER), inline("s", allow("ssm:GetParameters", FAR_PARAMETER)))),
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
    Case("made again", "private-registry-secret-missing", "fail", (credentials(), inline("s", READS), by_name(SECRET_ARN)), resources=(SECRET_ARN, NEW_ARN), says="was made again"),
    Case("there", "private-registry-secret-missing", "pass", (credentials(), inline("s", READS))),
    Case("not read", "private-registry-secret-missing", "unknown", (credentials(), inline("s", READS), lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret"))),
    Case("none", "private-registry-secret-missing", "skipped"),
)  # fmt: skip
