"""Secrets and parameters that the execution role may not read."""

from __future__ import annotations

from diagnostics.stop_reason import Symptom
from tests.build import ROLE_ARN, policy_text
from tests.build.judging import denied
from tests.build.permissions import bounded, in_organization, inline, role_gone, unread
from tests.build.policies import allow, deny, on_resource
from tests.faults.permissions.tables import Case, lost
from tests.faults.secrets.secret_edits import (
    PARAMETER_ARN,
    READS,
    READS_PARAMETER,
    READS_TAGGED,
    READS_TAGGED_PARAMETER,
    SECRET_ARN,
    credentials,
    gone,
    parameter_tags,
    tags_unread,
    taking,
    with_tags,
)


def refused(kind: str = "identity", of: str = SECRET_ARN, *, explicit: bool = False) -> Symptom:
    """A text that says by which kind of policy reading a secret was refused."""
    return denied(
        kind, "secretsmanager:GetSecretValue", explicit=explicit, symptom="secret-denied", resource=of
    )


SECRET_UNREAD = lost("secrets", SECRET_ARN, call="secretsmanager:DescribeSecret")
ROLE_UNREAD = unread("inline_policy_names", "iam:ListRolePolicies")
TABLE = (
    Case("no permission", "container-secret-access-denied", "fail", (taking(SECRET_ARN),), resources=(ROLE_ARN, SECRET_ARN), stage="secrets"),
    Case("no permission on a parameter", "container-secret-access-denied", "fail", (taking(PARAMETER_ARN), inline("s", allow("ssm:GetParameters", PARAMETER_ARN + "-2"))), resources=(ROLE_ARN, PARAMETER_ARN)),
    Case("half its ARN in the role's policy", "container-secret-access-denied", "fail", (taking(SECRET_ARN), inline("s", allow("secretsmanager:GetSecretValue", SECRET_ARN.removesuffix("-AbCdEf")))), says="Statement 1 of s names arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/db without the hyphen and six characters"),
    Case("half its ARN with the placeholders", "container-secret-access-denied", "pass", (taking(SECRET_ARN), inline("s", allow("secretsmanager:GetSecretValue", SECRET_ARN.removesuffix("AbCdEf") + "??????")))),
    Case("another secret in the role's policy", "container-secret-access-denied", "fail", (taking(SECRET_ARN), inline("s", allow("secretsmanager:GetSecretValue", SECRET_ARN.replace("db-", "other-")))), says="before the pull.  No identity-based policy allows"),
    Case("only what describes it", "container-secret-access-denied", "fail", (taking(SECRET_ARN), inline("s", allow("secretsmanager:DescribeSecret", SECRET_ARN))), says="It may do secretsmanager:DescribeSecret, which is another action"),
    Case("two slashes in the role's policy", "container-secret-access-denied", "fail", (taking(PARAMETER_ARN), inline("s", allow("ssm:GetParameters", PARAMETER_ARN.replace("parameter/", "parameter//")))), says="with two slashes"),
    Case("the path alone in the role's policy", "container-secret-access-denied", "fail", (taking(PARAMETER_ARN), inline("s", allow("ssm:GetParameters", PARAMETER_ARN.removesuffix("/token")))), says="names the path arn:aws:ssm:us-east-1:111122223333:parameter/payments and not what is below it"),
    Case("all below the path", "container-secret-access-denied", "pass", (taking(PARAMETER_ARN), inline("s", allow("ssm:GetParameters", PARAMETER_ARN.replace("token", "*"))))),
    Case("another action on the parameter", "container-secret-access-denied", "fail", (taking(PARAMETER_ARN), inline("s", allow(["ssm:GetParameter", "ssm:GetParametersByPath"], PARAMETER_ARN))), says="It may do ssm:GetParameter, which is another action: ECS reads it with ssm:GetParameters."),
    Case("a Deny of the secret", "container-secret-access-denied", "fail", (taking(SECRET_ARN, policy=policy_text(on_resource("Deny", "*", "secretsmanager:GetSecretValue", Resource="*", Sid="Shut"))), inline("s", READS)), resources=(SECRET_ARN, "statement 'Shut'", ROLE_ARN)),
    Case("a Deny of the role", "container-secret-access-denied", "fail", (taking(SECRET_ARN), inline("s", READS), inline("no", deny("secretsmanager:*"))), resources=(ROLE_ARN, SECRET_ARN, "statement 1")),
    Case("a boundary", "container-secret-access-denied", "fail", (taking(SECRET_ARN), inline("s", READS), bounded(allow("ecr:*"))), resources=(ROLE_ARN, SECRET_ARN)),
    Case("the secret's policy grants", "container-secret-access-denied", "pass", (taking(SECRET_ARN, policy=policy_text(on_resource("Allow", {"AWS": ROLE_ARN}, "secretsmanager:GetSecretValue", Resource="*"))),)),
    Case("permission", "container-secret-access-denied", "pass", (taking(f"{SECRET_ARN}:user::"), inline("s", READS))),
    Case("permission on a parameter", "container-secret-access-denied", "pass", (taking(PARAMETER_ARN), inline("s", allow("ssm:GetParameters", PARAMETER_ARN)))),
    Case("the secret's policy was not read", "container-secret-access-denied", "unknown", (taking(SECRET_ARN), lost("secret_policies", SECRET_ARN, call="secretsmanager:GetResourcePolicy")), says="secretsmanager:GetResourcePolicy"),
    Case("a tag that the secret lacks", "container-secret-access-denied", "fail", (taking(SECRET_ARN), with_tags(), inline("s", READS_TAGGED)), says="a condition on secretsmanager:ResourceTag/team that is not met", resources=(ROLE_ARN, SECRET_ARN)),
    Case("a tag of another value", "container-secret-access-denied", "fail", (taking(SECRET_ARN), with_tags(team="ledger"), inline("s", READS_TAGGED))),
    Case("the tag that is asked for", "container-secret-access-denied", "pass", (taking(SECRET_ARN), with_tags(team="payments"), inline("s", READS_TAGGED))),
    Case("the tag by its global key", "container-secret-access-denied", "pass", (taking(SECRET_ARN), with_tags(team="payments"), inline("s", READS | {"Condition": {"StringLike": {"aws:ResourceTag/team": "pay*"}}}))),
    Case("a Deny of secrets without a tag", "container-secret-access-denied", "fail", (taking(SECRET_ARN), with_tags(), inline("s", READS), inline("no", deny("secretsmanager:*", Condition={"Null": {"aws:ResourceTag/team": "true"}}))), resources=(ROLE_ARN, SECRET_ARN, "statement 1")),
    Case("tags that were not read", "container-secret-access-denied", "unknown", (taking(SECRET_ARN), inline("s", READS_TAGGED)), says="secretsmanager:ResourceTag/team"),
    Case("a tag that the parameter lacks", "container-secret-access-denied", "fail", (taking(PARAMETER_ARN), parameter_tags(), inline("s", READS_TAGGED_PARAMETER)), says="a condition on ssm:resourceTag/team that is not met", resources=(ROLE_ARN, PARAMETER_ARN)),
    Case("the parameter's tag that is asked for", "container-secret-access-denied", "pass", (taking(PARAMETER_ARN), parameter_tags(team="payments"), inline("s", READS_TAGGED_PARAMETER))),
    Case("the parameter's tags were not read", "container-secret-access-denied", "unknown", (taking(PARAMETER_ARN), tags_unread("parameter_tags", PARAMETER_ARN, "ssm:ListTagsForResource"), inline("s", READS_TAGGED_PARAMETER)), says="ssm:resourceTag/team (ssm:ListTagsForResource could not be read"),
    Case("a secret's own tag key says nothing of a parameter", "container-secret-access-denied", "unknown", (taking(PARAMETER_ARN), parameter_tags(team="payments"), inline("s", READS_PARAMETER | {"Condition": {"StringEquals": {"secretsmanager:ResourceTag/team": "payments"}}})), says="secretsmanager:ResourceTag/team"),
    Case("secrets of another organization only", "container-secret-access-denied", "fail", (taking(SECRET_ARN), in_organization("o-a1b2c3d4e5"), inline("s", READS | {"Condition": {"StringEquals": {"aws:ResourceOrgID": "o-zzzzzzzzzz"}}})), says="aws:ResourceOrgID", resources=(ROLE_ARN, SECRET_ARN)),
    Case("secrets of the account's organization", "container-secret-access-denied", "pass", (taking(SECRET_ARN, policy=policy_text(on_resource("Deny", "*", "secretsmanager:*", Resource="*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))), in_organization("o-a1b2c3d4e5"), inline("s", READS))),
    Case("the role was not read, and the text says that none allows", "container-secret-access-denied", "warn", (taking(SECRET_ARN), ROLE_UNREAD), symptoms=(refused(),), says="By the error text no policy of payments-execution allows secretsmanager:GetSecretValue on payments/db", resources=(ROLE_ARN, SECRET_ARN), stage="secrets", alone=False),
    Case("the role was not read, and the text names another secret", "container-secret-access-denied", "unknown", (taking(SECRET_ARN), ROLE_UNREAD), symptoms=(refused(of=SECRET_ARN.replace("db", "other")),), says="iam:ListRolePolicies", alone=False),
    Case("the secret's policy was not read, and the text names its Deny", "container-secret-access-denied", "warn", (taking(SECRET_ARN), inline("s", READS), lost("secret_policies", SECRET_ARN, call="secretsmanager:GetResourcePolicy")), symptoms=(refused("resource", explicit=True),), says="By the error text a Deny in the policy of payments/db applies", resources=(SECRET_ARN, ROLE_ARN)),
    Case("the secret was not read, and the text says that none allows", "container-secret-access-denied", "fail", (taking(SECRET_ARN), SECRET_UNREAD), symptoms=(refused(),), resources=(ROLE_ARN, SECRET_ARN), alone=False),
    Case("the secret was not read, and no text", "container-secret-access-denied", "unknown", (taking(SECRET_ARN), SECRET_UNREAD), says="secretsmanager:DescribeSecret", alone=False),
    Case("the secret was not read, and the role as read may", "container-secret-access-denied", "unknown", (taking(SECRET_ARN), SECRET_UNREAD, inline("s", READS)), symptoms=(refused(),), says="secretsmanager:DescribeSecret", alone=False),
    Case("a secret that is gone", "container-secret-access-denied", "skipped", (taking(SECRET_ARN), gone("secrets", SECRET_ARN)), says="container-secret-missing", alone=False),
    Case("a role that is gone", "container-secret-access-denied", "skipped", (taking(SECRET_ARN), role_gone), says="role-missing", alone=False),
    Case("no permission", "secret-access-denied", "fail", (credentials(),), resources=(ROLE_ARN, SECRET_ARN)),
    Case("permission", "secret-access-denied", "pass", (credentials(), inline("s", READS))),
    Case("a role that was not read", "secret-access-denied", "unknown", (credentials(), unread("inline_policy_names", "iam:ListRolePolicies"))),
    Case("none", "secret-access-denied", "skipped"),
)  # fmt: skip
