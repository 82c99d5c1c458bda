"""A Deny statement of the repository policy, or of the registry's."""

from __future__ import annotations

from tests.build import (
    ACCOUNT,
    REGION,
    REPOSITORY_ARN,
    ROLE_ARN,
    endpoints,
    image_of,
    known,
    public,
    unavailable,
)
from tests.build.judging import denied, forbidden
from tests.build.permissions import (
    FOREIGN_ARN,
    OTHER,
    PULL,
    ROOT,
    bounded,
    foreign,
    registry,
    repository,
    repository_gone,
    repository_unread,
    unread,
)
from tests.build.policies import allow, on_resource
from tests.faults.permissions.tables import Case

THROUGH = {"StringNotEquals": {"aws:SourceVpce": "vpce-gone"}}

TABLE = (
    Case("a Deny for the role", "repo-policy-denies", "fail", (repository(on_resource("Deny", {"AWS": ROLE_ARN}, PULL, Sid="LockedDuringIncident")),), symptoms=(forbidden(),), resources=(REPOSITORY_ARN, "statement 'LockedDuringIncident'"), stage="manifest"),
    Case("a Deny of the layers", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", "ecr:GetDownloadUrlForLayer")),), resources=(REPOSITORY_ARN, "statement 1"), stage="layers"),
    Case("a Deny for the account", "repo-policy-denies", "fail", (repository(on_resource("Deny", {"AWS": ROOT})),)),
    Case("a Deny outside of an endpoint that is gone", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", PULL, Condition=THROUGH)),), endpoints),
    Case("a Deny for all but the build role", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", PULL, Sid="BuildOnly", Condition={"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/build"}})),)),
    Case("a Deny by NotPrincipal, with a boundary", "repo-policy-denies", "fail", (bounded(allow("*")), repository({"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE_ARN, ROOT]}, "Action": "ecr:*"}))),
    Case("a Deny by NotPrincipal of the account and another role", "repo-policy-denies", "fail", (repository({"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, ROLE_ARN + "-2"]}, "Action": "ecr:*"}),), resources=(REPOSITORY_ARN, "statement 1")),
    Case("the same of the account and this role", "repo-policy-denies", "unknown", (repository({"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, ROLE_ARN]}, "Action": "ecr:*"}),), says="NotPrincipal"),
    Case("a Deny outside of the own organization", "repo-policy-denies", "pass", (repository(on_resource("Deny", "*", PULL, Condition={"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}})),)),
    Case("a Deny without MFA", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", PULL, Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})),)),
    Case("no policy", "repo-policy-denies", "pass"),
    Case("a policy for another role", "repo-policy-denies", "pass", (repository(on_resource("Deny", {"AWS": ROLE_ARN + "-2"}), on_resource("Allow", {"AWS": f"arn:aws:iam::{OTHER}:root"})),)),
    Case("a Deny of pushes", "repo-policy-denies", "pass", (repository(on_resource("Deny", "*", ["ecr:PutImage", "ecr:InitiateLayerUpload"])),)),
    Case("a condition that holds", "repo-policy-denies", "pass", (repository(on_resource("Deny", "*", PULL, Condition={"Bool": {"aws:SecureTransport": "false"}})),)),
    Case("a condition that cannot be known", "repo-policy-denies", "unknown", (repository(on_resource("Deny", "*", PULL, Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})),), says="aws:PrincipalOrgID"),
    Case("an address that is not known", "repo-policy-denies", "unknown", (repository(on_resource("Deny", "*", PULL, Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),), public, says="aws:SourceIp"),
    Case("a Deny by NotPrincipal, the boundary not read", "repo-policy-denies", "unknown", (unread("role", "iam:GetRole"), unread("boundary_policy", "iam:GetRole"), repository({"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE_ARN, ROOT, f"arn:aws:sts::{ACCOUNT}:assumed-role/payments-execution/x"]}, "Action": "ecr:*"})), alone=False),
    Case("not readable", "repo-policy-denies", "unknown", (repository_unread,), says="ecr:GetRepositoryPolicy"),
    Case("not readable, and the text names it", "repo-policy-denies", "warn", (repository_unread,), symptoms=(denied("resource", explicit=True, symptom="ecr-explicit-deny"),), says="By the error text the policy of repository payments-api", resources=(REPOSITORY_ARN,), stage="manifest"),
    Case("another account's, not readable, and the text names it", "repo-policy-denies", "warn", (foreign(), repository_unread), symptoms=(denied("resource", "ecr:GetDownloadUrlForLayer", explicit=True, symptom="ecr-explicit-deny"),), resources=(FOREIGN_ARN,), stage="layers"),
    Case("not readable, and the text names a missing Allow", "repo-policy-denies", "unknown", (repository_unread,), symptoms=(denied("resource", symptom="ecr-cross-account-denied"),)),
    Case("not JSON", "repo-policy-denies", "unknown", (lambda world: image_of(world).update(repository_policy=known("{")),), says="not JSON"),
    Case("no repository", "repo-policy-denies", "skipped", (repository_gone,), says="repo-not-found"),
    Case("a Deny of the registry", "registry-policy-denies", "fail", (registry("V2", on_resource("Deny", "*", PULL, Resource="*", Sid="Closed")),), resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:registry", "statement 'Closed'"), stage="manifest"),
    Case("a Deny of the older scope", "registry-policy-denies", "pass", (registry("V1", on_resource("Deny", "*", PULL, Resource="*")),)),
    Case("a scope that was not read", "registry-policy-denies", "unknown", (registry(None, on_resource("Deny", "*", PULL, Resource="*")),), says="scope"),
    Case("a Deny of replication", "registry-policy-denies", "pass", (registry("V2", on_resource("Deny", "*", "ecr:ReplicateImage", Resource="*")),)),
    Case("not readable", "registry-policy-denies", "unknown", (lambda world: image_of(world).update(registry_policy=unavailable("AccessDenied", "ecr:GetRegistryPolicy")),), says="ecr:GetRegistryPolicy"),
    Case("another account's", "registry-policy-denies", "skipped", (foreign(on_resource("Allow")),)),
    Case("none", "registry-policy-denies", "pass"),
)  # fmt: skip
REPAIRS = (
    Case("a Deny that lists roles", "repo-policy-denies", "fail", (repository(on_resource("Deny", {"AWS": [ROLE_ARN, ROLE_ARN + "-2"]})),)),
    Case("a Deny that lists the role and its account", "repo-policy-denies", "fail", (repository(on_resource("Deny", {"AWS": [ROLE_ARN, "111122223333"]})),)),
    Case("two statements that deny", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", "ecr:BatchGetImage"), on_resource("Deny", "*", "ecr:GetDownloadUrlForLayer", Sid="Two")),)),
)  # fmt: skip
