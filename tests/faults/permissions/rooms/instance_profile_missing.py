"""A container instance without an instance profile, or with one that holds no role."""

from __future__ import annotations

from diagnostics.stop_reason import Symptom
from tests.build import (
    PROFILE_ARN,
    ec2,
)
from tests.build.permissions import no_profile, profile_empty, profile_gone, with_execution_role
from tests.faults.permissions.tables import Case, lost

TABLE = (
    Case("no profile", "instance-profile-missing", "fail", (no_profile,), ec2, resources=("i-0aaaabbbbccccdddd",), stage="login"),
    Case("a profile that is gone", "instance-profile-missing", "fail", (profile_gone,), ec2, resources=("i-0aaaabbbbccccdddd", PROFILE_ARN)),
    Case("a profile without a role", "instance-profile-missing", "fail", (profile_empty,), ec2, says="holds no role"),
    Case("a profile", "instance-profile-missing", "pass", base=ec2),
    Case("no profile, but an execution role", "instance-profile-missing", "unknown", (with_execution_role, no_profile), ec2),
    Case("no profile, an execution role, and the text", "instance-profile-missing", "fail", (with_execution_role, no_profile), ec2, (Symptom(id="instance-role-missing", stage="login", text="…"),)),
    Case("the instance was not read", "instance-profile-missing", "unknown", (lost("instance", call="ec2:DescribeInstances"),), ec2),
    Case("Fargate", "instance-profile-missing", "skipped"),
)  # fmt: skip
