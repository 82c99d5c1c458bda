"""A repository policy of another account that does not allow the pull, or allows it to a deleted role."""

from __future__ import annotations

from tests.build import (
    ROLE_ARN,
)
from tests.build.judging import denied, forbidden
from tests.build.permissions import (
    FOREIGN_ARN,
    OTHER,
    PULL,
    ROOT,
    TOKEN,
    foreign,
    managed,
    repository,
    repository_unread,
    unread,
)
from tests.build.policies import on_resource
from tests.faults.permissions.tables import CROSS, Case

ORPHAN = "AROAEXAMPLEDELETED123"

TABLE = (
    Case("the other account has no policy", "repo-policy-cross-account-missing", "fail", (foreign(),), symptoms=(CROSS,), resources=(FOREIGN_ARN, ROLE_ARN), stage="manifest"),
    Case("the other account names other roles", "repo-policy-cross-account-missing", "fail", (foreign(on_resource("Allow", {"AWS": f"arn:aws:iam::{OTHER}:root"})),), symptoms=(forbidden(),)),
    Case("the other account's condition is not met", "repo-policy-cross-account-missing", "fail", (foreign(on_resource("Allow", "*", PULL, Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}})),), symptoms=(CROSS,), says="aws:PrincipalAccount"),
    Case("the other account allows the manifest only", "repo-policy-cross-account-missing", "fail", (foreign(on_resource("Allow", {"AWS": ROOT}, "ecr:BatchGetImage")),), symptoms=(CROSS,), stage="layers"),
    Case("the other account allows this account", "repo-policy-cross-account-missing", "pass", (foreign(on_resource("Allow", {"AWS": ROOT}, PULL)),), symptoms=(CROSS,)),
    Case("the other account allows the role", "repo-policy-cross-account-missing", "pass", (foreign(on_resource("Allow", {"AWS": ROLE_ARN}, PULL)),)),
    Case("an organization that is not known", "repo-policy-cross-account-missing", "unknown", (foreign(on_resource("Allow", "*", PULL, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),), says="aws:PrincipalOrgID"),
    Case("no text shows that the registry refused", "repo-policy-cross-account-missing", "unknown", (foreign(),), says="ecr:GetRegistryPolicy"),
    Case("not readable there", "repo-policy-cross-account-missing", "unknown", (foreign(), repository_unread), symptoms=(forbidden(),), says="ecr:GetRepositoryPolicy"),
    Case("not readable there, and the own side is not known", "repo-policy-cross-account-missing", "unknown", (foreign(), repository_unread, unread("attached_policy_arns", "iam:ListAttachedRolePolicies")), symptoms=(forbidden(),), says="ecr:GetRepositoryPolicy"),
    Case("not readable there, and no text", "repo-policy-cross-account-missing", "unknown", (foreign(), repository_unread), says="ecr:GetRepositoryPolicy"),
    Case("not readable there, and the text names it", "repo-policy-cross-account-missing", "warn", (foreign(), repository_unread), symptoms=(CROSS,), says="By the error text no policy of account 444455556666 allows ecr:BatchGetImage", resources=(FOREIGN_ARN, ROLE_ARN), stage="manifest"),
    Case("not readable there, and the text names another action", "repo-policy-cross-account-missing", "unknown", (foreign(), repository_unread), symptoms=(denied("resource", "kms:Decrypt", symptom="ecr-cross-account-denied"),)),
    Case("not readable there, and the text names another repository", "repo-policy-cross-account-missing", "unknown", (foreign(), repository_unread), symptoms=(denied("resource", symptom="ecr-cross-account-denied", resource=FOREIGN_ARN + "-2"),)),
    Case("an organization that is not known, and the text names it", "repo-policy-cross-account-missing", "warn", (foreign(on_resource("Allow", "*", PULL, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),), symptoms=(CROSS,)),
    Case("the own account", "repo-policy-cross-account-missing", "skipped", says="own account"),
    Case("a deleted role", "repo-policy-principal-orphaned", "fail", (foreign(on_resource("Allow", {"AWS": [ORPHAN]}, PULL, Sid="Partner")),), symptoms=(CROSS,), resources=(FOREIGN_ARN, "statement 'Partner'", ORPHAN), stage="manifest"),
    Case("a deleted role", "repo-policy-cross-account-missing", "skipped", (foreign(on_resource("Allow", {"AWS": [ORPHAN]}, PULL)),), symptoms=(CROSS,), says="repo-policy-principal-orphaned", alone=False),
    Case("a deleted role that pushed", "repo-policy-principal-orphaned", "pass", (foreign(on_resource("Allow", {"AWS": [ORPHAN]}, "ecr:PutImage")),), symptoms=(CROSS,), alone=False),
    Case("a deleted role beside the present one", "repo-policy-principal-orphaned", "pass", (foreign(on_resource("Allow", {"AWS": [ORPHAN, ROLE_ARN]}, PULL)),), symptoms=(CROSS,)),
    Case("not readable there", "repo-policy-principal-orphaned", "unknown", (foreign(), repository_unread), symptoms=(forbidden(),)),
    Case("not readable there, and the text names it", "repo-policy-principal-orphaned", "skipped", (foreign(), repository_unread), symptoms=(CROSS,), says="repo-policy-cross-account-missing", alone=False),
    Case("the own account", "repo-policy-principal-orphaned", "skipped", (repository(on_resource("Allow", {"AWS": ORPHAN}, PULL)),)),
    Case("the other side lacks it, and so does the own", "repo-policy-cross-account-missing", "fail", (managed(TOKEN), foreign()), symptoms=(CROSS,), alone=False),
)  # fmt: skip
