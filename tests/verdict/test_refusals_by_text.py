"""Whole worlds in which a policy refused that no account of the task can read: what the text says of it, with healthy twins."""

from __future__ import annotations

import re

import pytest

from diagnostics import report
from tests.build import (
    REPOSITORY_ARN,
    ROLE_ARN,
    TASK_ID,
    Edit,
    World,
    changed,
    fargate,
    role_of,
    stopped,
    unavailable,
)
from tests.build.images import facts, named
from tests.build.permissions import FOREIGN_ARN, FOREIGN_IMAGE, bounded, inline, not_simulated, simulated
from tests.build.policies import allow, deny
from tests.faults.secrets.secret_edits import READS, SECRET_ARN, taking

SESSION = f"arn:aws:sts::111122223333:assumed-role/payments-execution/{TASK_ID}"
POLICY = "arn:aws:organizations::999988887777:policy/o-a1b2c3d4e5/{}/p-12345678"
SCP = POLICY.format("service_control_policy")
RCP = POLICY.format("resource_control_policy")
LOGIN = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: "
    "operation error ECR: GetAuthorizationToken, https response error StatusCode: 400, api error AccessDeniedException: User: "
    f"{SESSION} is not authorized to perform: ecr:GetAuthorizationToken on resource: * {{}}"
)
PULL = (
    f"CannotPullContainerError: Error response from daemon: denied: User: {SESSION} is not authorized to perform: "
    "ecr:BatchGetImage on resource: {} {}"
)
SILENT = "because no resource-based policy allows the ecr:BatchGetImage action"
UNREAD = facts(
    image=FOREIGN_IMAGE,
    detail=unavailable("AccessDenied", "ecr:DescribeImages"),
    repository=unavailable("AccessDenied", "ecr:DescribeRepositories"),
    repository_policy=unavailable("AccessDenied", "ecr:GetRepositoryPolicy"),
    registry_policy=unavailable("only account 444455556666 can read it", "ecr:GetRegistryPolicy"),
)
NO_ROLE = {
    "inline_policies": {},
    "attached_policies": {},
    **{
        name: unavailable("AccessDenied", call)
        for name, call in (
            ("role", "iam:GetRole"),
            ("boundary_policy", "iam:GetRole"),
            ("inline_policy_names", "iam:ListRolePolicies"),
            ("attached_policy_arns", "iam:ListAttachedRolePolicies"),
        )
    },
}
SCP_DENIES = "cause likely scp-denies"
RCP_DENIES = "cause likely rcp-denies"
TIME_OUT = "CannotPullContainerError: context canceled"


def role_unread(world: World) -> None:
    """Nothing of the role could be read."""
    role_of(world).update(NO_ROLE)


def login(why: str) -> Edit:
    return stopped(LOGIN.format(why))


def pull(why: str, repository: str = REPOSITORY_ARN) -> Edit:
    return stopped(PULL.format(repository, why))


@pytest.mark.parametrize(
    ("edits", "expected", "resource"),
    [
        ([login("with an explicit deny in a service control policy")], SCP_DENIES, ROLE_ARN),
        ([login(f"with an explicit deny in a service control policy: {SCP}")], SCP_DENIES, SCP),
        ([login("because no service control policy allows the ecr:GetAuthorizationToken action")], SCP_DENIES, ROLE_ARN),
        ([pull(f"with an explicit deny in a service control policy: {SCP}")], SCP_DENIES, SCP),
        ([pull(f"with an explicit deny in a service control policy: {SCP}"), not_simulated], SCP_DENIES, SCP),
        ([pull(f"with an explicit deny in a service control policy: {SCP}"), simulated()], SCP_DENIES, SCP),
        ([pull(f"with an explicit deny in a service control policy: {SCP}"), simulated(True, False)], "cause confirmed scp-denies", SCP),
        ([pull("with an explicit deny in a resource control policy")], RCP_DENIES, REPOSITORY_ARN),
        ([pull(f"with an explicit deny in a resource control policy: {RCP}")], RCP_DENIES, RCP),
        ([named(FOREIGN_IMAGE), UNREAD, pull(SILENT, FOREIGN_ARN)], "cause likely repo-policy-cross-account-missing", FOREIGN_ARN),
        ([named(FOREIGN_IMAGE), UNREAD, pull("with an explicit deny in a resource-based policy", FOREIGN_ARN)], "cause likely repo-policy-denies", FOREIGN_ARN),
        ([named(FOREIGN_IMAGE), UNREAD, stopped(TIME_OUT)], "undecided", None),
        ([role_unread, login("because no identity-based policy allows the ecr:GetAuthorizationToken action")], "cause likely role-permission-missing", ROLE_ARN),
        ([role_unread, pull("because no identity-based policy allows the ecr:BatchGetImage action")], "cause likely role-permission-missing", ROLE_ARN),
        ([role_unread, login("with an explicit deny in an identity-based policy")], "cause likely role-explicit-deny", ROLE_ARN),
        ([role_unread, login("because no permissions boundary allows the ecr:GetAuthorizationToken action")], "cause likely boundary-denies", ROLE_ARN),
        ([role_unread, stopped(TIME_OUT)], "undecided", None),
        ([login("because no identity-based policy allows the ecr:GetAuthorizationToken action")], "nothing_wrong", None),
        ([simulated()], "nothing_wrong", None),
        ([not_simulated], "nothing_wrong", None),
    ],
    ids=[
        "a login", "a login and the policy", "a login that none allows", "a pull and the policy", "the simulator may not be asked",
        "the simulator allows it now", "the simulator denies it too", "a resource control policy", "its ARN",
        "another account's side", "a Deny of another account's side", "another account's side and another text",
        "the role's policies, unread, and the login", "the same and the pull", "a Deny of the role's, unread", "a boundary, unread",
        "the role's policies, unread, and another text", "the role's policies as they read allow it now", "no text, and the simulator allows", "no text, and the simulator may not be asked",
    ],
)  # fmt: skip
def test_what_is_said(edits: list[Edit], expected: str, resource: str | None) -> None:
    found = report.build(changed(fargate(), *edits))
    first = found.cause
    assert (f"{first.role} {first.certainty} {first.id}" if first else found.verdict.outcome) == expected
    assert first is None or resource in first.resources


REFUSED_SECRET = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve "
    f"secret from asm: service call has been retried 1 time(s): failed to fetch secret {SECRET_ARN} from secrets manager: "
    f"AccessDeniedException: User: {SESSION} is not authorized to perform: secretsmanager:GetSecretValue on resource: {SECRET_ARN} "
    "{} status code: 400, request id: 0"
)
SILENT_ROLE = "because no identity-based policy allows the secretsmanager:GetSecretValue action"
ROLE_DENIES = "with an explicit deny in an identity-based policy"
SILENT_BOUNDARY = "because no permissions boundary allows the secretsmanager:GetSecretValue action"
CONFIRMED = "cause confirmed container-secret-access-denied"
LIKELY = "cause likely container-secret-access-denied"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([stopped(REFUSED_SECRET.format(SILENT_ROLE))], CONFIRMED),
        (
            [
                inline("s", READS),
                inline("no", deny("secretsmanager:*")),
                stopped(REFUSED_SECRET.format(ROLE_DENIES)),
            ],
            CONFIRMED,
        ),
        (
            [inline("s", READS), bounded(allow("ecr:*")), stopped(REFUSED_SECRET.format(SILENT_BOUNDARY))],
            CONFIRMED,
        ),
        ([role_unread, stopped(REFUSED_SECRET.format(SILENT_ROLE))], LIKELY),
        ([role_unread, stopped(REFUSED_SECRET.format(ROLE_DENIES))], LIKELY),
        ([role_unread, stopped(REFUSED_SECRET.format(SILENT_BOUNDARY))], LIKELY),
        ([role_unread, stopped(REFUSED_SECRET.format(""))], LIKELY),
        ([role_unread], "undecided"),
        ([inline("s", READS), stopped(REFUSED_SECRET.format(SILENT_ROLE))], "nothing_wrong"),
    ],
    ids=[
        "no Allow",
        "a Deny of the role",
        "a boundary",
        "no Allow, unread",
        "a Deny, unread",
        "a boundary, unread",
        "no word of why",
        "no text",
        "the role as it reads may read it now",
    ],
)
def test_a_refused_secret(edits: list[Edit], expected: str) -> None:
    found = report.build(changed(fargate(), taking(SECRET_ARN), *edits))
    first = found.cause
    assert (f"{first.role} {first.certainty} {first.id}" if first else found.verdict.outcome) == expected


def test_a_simulator_that_allows_what_the_text_says_was_denied_is_no_all_clear() -> None:
    text = pull(f"with an explicit deny in a service control policy: {SCP}")
    found = report.build(changed(fargate(), text, simulated()))
    assert found.verdict.outcome == "cause_found"
    assert found.cause is not None
    assert "but IAM's simulator (iam:SimulatePrincipalPolicy) allows it now" in found.cause.summary
    assert "Start the task again first" in found.cause.fix.text


def test_a_new_policy_for_a_role_whose_policies_are_not_known_replaces_none() -> None:
    text = login("because no identity-based policy allows the ecr:GetAuthorizationToken action")
    (cause,) = report.build(changed(fargate(), role_unread, text)).causes
    # The digest is of this role and pull: no policy of anybody else has that name.
    assert re.search(r"--policy-name allow-image-pull-[0-9a-f]{10} ", cause.fix.cli or "")
