"""A Deny statement in a policy of the role."""

from __future__ import annotations

from tests.build import (
    REPOSITORY_ARN,
    ROLE_ARN,
    endpoints,
)
from tests.build.judging import denied
from tests.build.permissions import BOUNDARY_ARN, CUSTOMER_POLICY, attached, inline, simulated, unread
from tests.build.policies import allow, deny
from tests.faults.permissions.tables import Case, lost

TABLE = (
    Case("an inline Deny", "role-explicit-deny", "fail", (inline("quarantine", deny(Sid="Quarantine")),), resources=(ROLE_ARN, "statement 'Quarantine'"), stage="login"),
    Case("a Deny in a managed policy", "role-explicit-deny", "fail", (attached(CUSTOMER_POLICY, deny("ecr:BatchGetImage")),), resources=(ROLE_ARN, CUSTOMER_POLICY, "statement 1"), stage="manifest"),
    Case("a Deny in a policy of AWS", "role-explicit-deny", "fail", (attached("arn:aws:iam::aws:policy/AWSDenyAll", deny("*")),)),
    Case("a Deny of something else", "role-explicit-deny", "pass", (inline("x", deny("ecr:PutImage"), deny("ecr:*", REPOSITORY_ARN + "-2")),)),
    Case("a Deny of an ARN that ends early", "role-explicit-deny", "fail", (inline("x", deny("ecr:*", REPOSITORY_ARN.rsplit(":", 2)[0])),), stage="manifest"),
    Case("the same of another Region", "role-explicit-deny", "pass", (inline("x", deny("ecr:*", "arn:aws:ecr:ap-south-2")),)),
    Case("a Deny by NotAction", "role-explicit-deny", "fail", (inline("x", {"Effect": "Deny", "NotAction": "ecr:GetAuthorizationToken", "Resource": "*"}),), stage="manifest"),
    Case("a Deny by NotResource", "role-explicit-deny", "fail", (inline("x", {"Effect": "Deny", "Action": "ecr:Batch*", "NotResource": REPOSITORY_ARN + "-2"}),), stage="manifest"),
    Case("a Deny outside of a VPC endpoint", "role-explicit-deny", "fail", (inline("x", deny(Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-main"}})),)),
    Case("the same through the endpoint", "role-explicit-deny", "pass", (inline("x", deny(Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-main"}})),), endpoints),
    Case("a Deny for older sessions", "role-explicit-deny", "pass", (inline("x", deny(Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-11-01T00:00:00Z"}})),)),
    Case("a Deny that cannot be told", "role-explicit-deny", "unknown", (inline("x", deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})),), says="aws:PrincipalOrgID"),
    Case("a policy that was not read", "role-explicit-deny", "unknown", (lost("roles", ROLE_ARN, "attached_policies", "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy", call="iam:GetPolicyVersion"),), says="iam:GetPolicyVersion", alone=False),
    Case("IAM's simulator allows what is read as denied", "role-explicit-deny", "warn", (inline("quarantine", deny(Sid="Quarantine")), simulated()), says="but IAM's simulator allows ecr:GetAuthorizationToken", resources=(ROLE_ARN,)),
    Case("IAM's simulator denies it too", "role-explicit-deny", "fail", (inline("quarantine", deny(Sid="Quarantine")), simulated(decision="implicitDeny")), stage="login"),
    Case("IAM's simulator wanted a key", "role-explicit-deny", "fail", (inline("quarantine", deny(Sid="Quarantine")), simulated(missing_context=["aws:PrincipalOrgID"])), stage="login"),
    Case("not readable, and the text names it", "role-explicit-deny", "warn", (unread("inline_policy_names", "iam:ListRolePolicies"),), symptoms=(denied(explicit=True, symptom="ecr-explicit-deny"),), says="By the error text a Deny in a policy of payments-execution applies to ecr:BatchGetImage", resources=(ROLE_ARN,), stage="manifest"),
    Case("not readable, and the text says that none allows", "role-explicit-deny", "unknown", (unread("inline_policy_names", "iam:ListRolePolicies"),), symptoms=(denied(),), says="iam:ListRolePolicies"),
)  # fmt: skip
REPAIRS = (
    Case("two Denies of the role", "role-explicit-deny", "fail", (inline("one", deny("ecr:BatchGetImage"), allow("s3:*")), attached(BOUNDARY_ARN + "-2", deny("ecr:GetAuthorizationToken")))),
)  # fmt: skip
