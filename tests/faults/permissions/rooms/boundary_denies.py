"""A permissions boundary that denies the pull or leaves it out."""

from __future__ import annotations

from tests.build import (
    ROLE_ARN,
    role_of,
)
from tests.build.judging import denied
from tests.build.permissions import BOUNDARY_ARN, PULL, TOKEN, bounded, foreign, repository, simulated, unread
from tests.build.policies import allow, deny, on_resource
from tests.faults.permissions.tables import CROSS, Case

TABLE = (
    Case("a boundary without ECR", "boundary-denies", "fail", (bounded(allow("logs:*")),), resources=(ROLE_ARN, BOUNDARY_ARN), stage="login"),
    Case("a boundary that denies", "boundary-denies", "fail", (bounded(allow("*"), deny(PULL, Sid="NoPull")),), resources=(ROLE_ARN, BOUNDARY_ARN, "statement 'NoPull'"), stage="manifest"),
    Case("a boundary with the login only", "boundary-denies", "fail", (bounded(TOKEN),), stage="manifest"),
    Case("a boundary that allows", "boundary-denies", "pass", (bounded(allow("ecr:*")),)),
    Case("none", "boundary-denies", "pass"),
    Case("the repository allows everybody, whatever the boundary", "boundary-denies", "pass", (bounded(TOKEN), repository(on_resource("Allow")))),
    Case("the repository allows the role, within the boundary", "boundary-denies", "fail", (bounded(TOKEN), repository(on_resource("Allow", {"AWS": ROLE_ARN})))),
    Case("not readable", "boundary-denies", "unknown", (bounded(TOKEN), unread("boundary_policy", "iam:GetPolicyVersion")), says="iam:GetPolicyVersion"),
    Case("a boundary that is gone", "boundary-denies", "unknown", (bounded(TOKEN), lambda world: role_of(world).update(boundary_policy={"kind": "absent", "call": "iam:GetPolicy"}))),
    Case("a boundary limits everybody's Allow elsewhere", "boundary-denies", "fail", (bounded(TOKEN), foreign(on_resource("Allow"))), symptoms=(CROSS,)),
    Case("IAM's simulator allows what is read as denied", "boundary-denies", "warn", (bounded(allow("s3:*")), simulated()), says="but IAM's simulator allows ecr:GetAuthorizationToken", resources=(ROLE_ARN,)),
    Case("IAM's simulator denies it too", "boundary-denies", "fail", (bounded(allow("s3:*")), simulated(decision="implicitDeny")), stage="login"),
    Case("IAM's simulator wanted a key", "boundary-denies", "fail", (bounded(allow("s3:*")), simulated(missing_context=["aws:PrincipalOrgID"])), stage="login"),
    Case("not readable, and the text names it", "boundary-denies", "warn", (unread("role", "iam:GetRole"),), symptoms=(denied("boundary", symptom="org-or-boundary-denied"),), says="By the error text the permissions boundary of payments-execution does not allow ecr:BatchGetImage", resources=(ROLE_ARN,), stage="manifest", alone=False),
    Case("not readable, and the text names its Deny", "boundary-denies", "warn", (unread("role", "iam:GetRole"),), symptoms=(denied("boundary", explicit=True, symptom="org-or-boundary-denied"),), says="denies ecr:BatchGetImage", stage="manifest", alone=False),
    Case("not readable, and the text names another kind of policy", "boundary-denies", "unknown", (unread("role", "iam:GetRole"),), symptoms=(denied(),), says="iam:GetRole", alone=False),
)  # fmt: skip
REPAIRS = (
    Case("a boundary of AWS", "boundary-denies", "fail", (bounded(TOKEN, arn="arn:aws:iam::aws:policy/PowerUserAccess"),)),
    Case("a boundary that denies and lacks", "boundary-denies", "fail", (bounded(TOKEN, deny("ecr:BatchGetImage")),)),
)  # fmt: skip
