"""The sidecar that GuardDuty adds to a task."""

from __future__ import annotations

from tests.build import (
    ROLE_ARN,
    ec2,
    endpoints,
)
from tests.build.permissions import (
    GUARDDUTY_ARN,
    TOKEN,
    endpoint,
    managed,
    sidecar,
    unread,
    with_execution_role,
)
from tests.faults.permissions.tables import OWN_ONLY, Case

TABLE = (
    Case("own repositories only", "guardduty-sidecar-denied", "fail", (sidecar, managed(TOKEN, OWN_ONLY)), resources=(ROLE_ARN, GUARDDUTY_ARN), stage="manifest"),
    Case("every repository", "guardduty-sidecar-denied", "pass", (sidecar,)),
    Case("an endpoint for own repositories only", "guardduty-sidecar-denied", "fail", (sidecar, endpoint("ecr.dkr", {**OWN_ONLY, "Principal": "*"})), endpoints, resources=("vpce-ecr-dkr",)),
    Case("a policy that was not read", "guardduty-sidecar-denied", "unknown", (sidecar, managed(TOKEN, OWN_ONLY), unread("inline_policy_names", "iam:ListRolePolicies")), alone=False),
    Case("no sidecar", "guardduty-sidecar-denied", "skipped", (managed(TOKEN, OWN_ONLY),)),
    Case("only one of two roles", "guardduty-sidecar-denied", "unknown", (with_execution_role, sidecar, managed(TOKEN, OWN_ONLY)), ec2),
)  # fmt: skip
