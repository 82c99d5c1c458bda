"""Three-valued answers: what is not known decides nothing, and what decides without it is not held up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from diagnostics.policy import (
    CannotTell,
    ContextValue,
    Denied,
    Document,
    Missing,
    NotPresent,
    Policies,
    Principal,
    Request,
    Unknown,
    at_moment,
    evaluate,
    parse_document,
    repository_requests,
    through_endpoint,
    through_internet,
    token_request,
)
from diagnostics.policy.document import PolicyKind
from tests.rows import every_row

from .questions import OTHERS_REPOSITORY, REPOSITORY, ROLE, ROOT, SESSION, allow, deny, on_repository, policy

ASKER = Principal(role_arn=ROLE)
SPARING = {"Effect": "Deny", "Action": "*", "NotPrincipal": {"AWS": [ROOT, ROLE, SESSION]}}
NOT_READ = Missing(what="the repository policy", why="AccessDeniedException")


def read(kind: PolicyKind, text: Mapping[str, Any], name: str = "P") -> Document:
    found = parse_document(kind, name, text)
    assert isinstance(found, Document), found
    return found


ALL = read("identity", policy(allow("*")))
FROM_VPCE = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
UNLESS_VPCE = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
UNKEYED = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


OWN_ORG = {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
OWN_ORG_TURNED = {"StringLike": {"aws:PrincipalOrgID": ["o-other", "${aws:ResourceOrgID}"]}}
NOT_OWN_ORG = {"StringNotEqualsIfExists": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
OWN_ACCOUNT = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
NOT_OWN_ACCOUNT = {"StringNotEquals": {"aws:ResourceAccount": "111122223333"}}


def repository(*statements: Mapping[str, Any]) -> Document:
    return read("resource", on_repository(*statements), REPOSITORY)


def identity(*statements: Mapping[str, Any]) -> tuple[Document, ...]:
    return (read("identity", policy(*statements)),)


def boundary(*statements: Mapping[str, Any]) -> Document:
    return read("boundary", policy(*statements))


BOTH_SIDES: dict[str, Any] = {
    "identity": identity(allow()),
    "resource": repository(allow(principal={"AWS": ROLE})),
}


def pull(resource: str = REPOSITORY, asker: Principal = ASKER, **context: ContextValue) -> Request:
    known = {key.replace("__", ":").replace("_S_", "/"): value for key, value in context.items()}
    return repository_requests(asker, resource, known, ("ecr:BatchGetImage",))[0]


@every_row(
    ("request_", "policies", "expected"),
    [
        # a key that nobody said anything about
        (pull(), Policies(identity=identity(allow(condition=FROM_VPCE))), "cannot_tell"),
        (pull(), Policies(identity=identity(allow(condition=FROM_VPCE), allow())), "allowed"),
        (pull(), Policies(identity=identity(allow("s3:*", condition=FROM_VPCE))), "denied"),
        (pull(), Policies(identity=identity(allow(), deny(condition=UNLESS_VPCE))), "cannot_tell"),
        (pull(), Policies(identity=identity(deny(condition=UNLESS_VPCE))), "denied"),
        (pull(), Policies(identity=identity(allow(), deny(condition=UNLESS_VPCE), deny())), "denied"),
        (
            pull(aws__SourceVpc=NotPresent()),
            Policies(
                identity=identity(allow(condition=FROM_VPCE | {"StringLike": {"aws:SourceVpc": "vpc-1"}}))
            ),
            "denied",
        ),
        (
            pull(aws__SourceVpce=NotPresent()),
            Policies(identity=identity(allow(condition=FROM_VPCE))),
            "denied",
        ),
        (
            token_request(ASKER, "us-east-1"),
            Policies(identity=identity(allow(condition={"StringEquals": {"ecr:ResourceTag/env": "prod"}}))),
            "denied",
        ),
        (pull(aws__SourceVpce=()), Policies(identity=identity(allow(condition=FROM_VPCE))), "denied"),
        # a key that is there for certain, with a value that is not known
        (
            pull(aws__SourceVpce=Unknown(present=True)),
            Policies(identity=identity(allow(condition={"Null": {"aws:SourceVpce": "false"}}))),
            "allowed",
        ),
        (
            pull(),
            Policies(identity=identity(allow(condition={"Null": {"aws:SourceVpce": "false"}}))),
            "cannot_tell",
        ),
        (
            pull(aws__SourceIp=Unknown()),
            Policies(identity=identity(allow(condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))),
            "cannot_tell",
        ),
        # the beginning of a value
        (
            pull(asker=Principal(role_arn=ROLE, role_id="AROAEXAMPLE")),
            Policies(identity=identity(allow(condition={"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}))),
            "allowed",
        ),
        (
            pull(asker=Principal(role_arn=ROLE, role_id="AROAEXAMPLE")),
            Policies(identity=identity(allow(condition={"StringLike": {"aws:userid": "AROAOTHER:*"}}))),
            "denied",
        ),
        (
            pull(asker=Principal(role_arn=ROLE, role_id="AROAEXAMPLE")),
            Policies(identity=identity(allow(condition={"StringLike": {"aws:userid": "*:task-1"}}))),
            "cannot_tell",
        ),
        (
            pull(asker=Principal(role_arn=ROLE, role_id="AROAEXAMPLE", session_name="task-1")),
            Policies(identity=identity(allow(condition={"StringLike": {"aws:userid": "*:task-1"}}))),
            "allowed",
        ),
        # an ARN that ends early, where a star may stand for several of its parts or for one
        (pull(), Policies(identity=identity(allow(resource="arn:aws:ecr:*/app"))), "cannot_tell"),
        (pull(), Policies(identity=identity(allow(), deny(resource="arn:aws:ecr:*/app"))), "cannot_tell"),
        (pull(), Policies(identity=identity(allow(resource="arn:aws:ecr:*/other"))), "denied"),
        # the same with a value in it that is not known, and may hold colons
        (pull(), Policies(identity=identity(allow(resource="arn:aws:ecr:${aws:SourceVpc}"))), "cannot_tell"),
        (pull(), Policies(identity=identity(allow(resource="arn:aws:s3:${aws:SourceVpc}"))), "denied"),
        (
            pull(aws__SourceVpc=("us-east-1",)),
            Policies(identity=identity(allow(resource="arn:aws:ecr:${aws:SourceVpc}"))),
            "allowed",
        ),
        # the caller's organization beside the resource's: in one account they are one, whichever it is
        (pull(), Policies(identity=identity(allow(condition=OWN_ORG))), "allowed"),
        (pull(), Policies(identity=identity(allow(condition=OWN_ORG_TURNED))), "allowed"),
        (pull(), Policies(identity=identity(allow(), deny(condition=NOT_OWN_ORG))), "allowed"),
        (pull(OTHERS_REPOSITORY), Policies(identity=identity(deny(condition=NOT_OWN_ORG))), "denied"),
        (
            pull(OTHERS_REPOSITORY),
            Policies(**BOTH_SIDES, boundary=boundary(allow(condition=OWN_ORG))),
            "cannot_tell",
        ),
        (pull(OTHERS_REPOSITORY), Policies(**BOTH_SIDES), "allowed"),
        (pull(), Policies(identity=identity(allow(condition=UNKEYED))), "cannot_tell"),
        (
            pull(),
            Policies(
                identity=identity(
                    allow(condition={"StringLike": {"aws:ResourceOrgID": "${aws:PrincipalAccount}"}})
                )
            ),
            "cannot_tell",
        ),
        (
            pull(aws__ResourceOrgID=("o-2",), aws__PrincipalOrgID=("o-1",)),
            Policies(identity=identity(allow(condition=OWN_ORG))),
            "denied",
        ),
        (
            pull(aws__ResourceOrgID=NotPresent()),
            Policies(identity=identity(allow(condition=OWN_ORG))),
            "denied",
        ),
        (token_request(ASKER, "us-east-1"), Policies(identity=identity(allow(condition=OWN_ORG))), "allowed"),
        # a login is about the caller's own account
        (
            token_request(ASKER, "us-east-1"),
            Policies(identity=identity(allow(condition=OWN_ACCOUNT))),
            "allowed",
        ),
        (
            token_request(ASKER, "us-east-1"),
            Policies(identity=identity(allow(), deny(condition=NOT_OWN_ACCOUNT))),
            "allowed",
        ),
        (pull(OTHERS_REPOSITORY), Policies(identity=identity(allow(condition=OWN_ACCOUNT))), "denied"),
        # a session that ECS opens never has MFA
        (
            pull(),
            Policies(identity=identity(allow(condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))),
            "denied",
        ),
        (
            pull(),
            Policies(
                identity=identity(
                    allow(), deny(condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
                )
            ),
            "denied",
        ),
        (
            pull(),
            Policies(
                identity=identity(allow(), deny(condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}))
            ),
            "allowed",
        ),
        (
            pull(),
            Policies(
                identity=identity(
                    allow(), deny(condition={"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}})
                )
            ),
            "allowed",
        ),
        # the session's name
        (pull(), Policies(resource=repository(allow(principal={"AWS": SESSION}))), "cannot_tell"),
        (
            pull(asker=Principal(role_arn=ROLE, session_name="another")),
            Policies(resource=repository(allow(principal={"AWS": SESSION}))),
            "denied",
        ),
        (
            pull(),
            Policies(resource=repository(allow(principal={"AWS": SESSION.replace("Role", "R")}))),
            "denied",
        ),
        # the role's tags
        (
            pull(),
            Policies(identity=identity(allow(condition={"StringEquals": {"aws:PrincipalTag/a": "b"}}))),
            "cannot_tell",
        ),
        (
            pull(asker=Principal(role_arn=ROLE, tags=())),
            Policies(identity=identity(allow(condition={"StringEquals": {"aws:PrincipalTag/a": "b"}}))),
            "denied",
        ),
        (
            pull(asker=Principal(role_arn=ROLE, tags=(("a", "b"),))),
            Policies(identity=identity(allow(condition={"StringEquals": {"aws:PrincipalTag/A": "b"}}))),
            "allowed",
        ),
        (
            pull(),
            Policies(
                identity=identity(allow(resource=REPOSITORY.replace("team", "${aws:PrincipalTag/team}")))
            ),
            "cannot_tell",
        ),
        (
            pull(),
            Policies(
                identity=identity(allow(resource=REPOSITORY.replace("app", "${aws:PrincipalTag/team}x")))
            ),
            "denied",
        ),
        # policies that could not be read
        (pull(), Policies(identity=(ALL,), resource=NOT_READ), "cannot_tell"),
        (pull(), Policies(identity=(ALL,), boundary=NOT_READ), "cannot_tell"),
        (pull(), Policies(identity=(ALL,), endpoint=NOT_READ), "cannot_tell"),
        (pull(), Policies(identity=(ALL,), registry=NOT_READ, registry_scope="V2"), "cannot_tell"),
        (pull(), Policies(identity=(ALL,), registry=NOT_READ), "cannot_tell"),
        (pull(), Policies(identity=(ALL,), registry=NOT_READ, registry_scope="V1"), "allowed"),
        (pull(), Policies(identity=NOT_READ), "cannot_tell"),
        (pull(), Policies(identity=(ALL, NOT_READ)), "cannot_tell"),
        (pull(), Policies(identity=(NOT_READ, *identity(deny()))), "denied"),
        (pull(), Policies(identity=NOT_READ, boundary=read("boundary", policy(allow("s3:*")))), "denied"),
        (
            pull(),
            Policies(identity=NOT_READ, endpoint=read("endpoint", policy(allow("s3:*", principal="*")))),
            "denied",
        ),
        (pull(OTHERS_REPOSITORY), Policies(identity=(ALL,), resource=NOT_READ), "cannot_tell"),
        (pull(OTHERS_REPOSITORY), Policies(resource=NOT_READ), "denied"),
        (pull(OTHERS_REPOSITORY), Policies(identity=NOT_READ), "denied"),
        (token_request(ASKER, "us-east-1"), Policies(identity=(ALL,), resource=NOT_READ), "allowed"),
        (token_request(ASKER, "us-east-1"), Policies(identity=(ALL,), registry=NOT_READ), "allowed"),
        # a boundary that may be there
        (
            pull(asker=Principal(role_arn=ROLE, session_name="s")),
            Policies(identity=(ALL,), boundary=NOT_READ, resource=repository(allow(principal="*"))),
            "cannot_tell",
        ),
        (
            pull(asker=Principal(role_arn=ROLE, session_name=SESSION.rsplit("/", 1)[1])),
            Policies(boundary=NOT_READ, resource=repository(allow(principal="*"), SPARING)),
            "cannot_tell",
        ),
        (
            pull(asker=Principal(role_arn=ROLE, session_name=SESSION.rsplit("/", 1)[1])),
            Policies(resource=repository(allow(principal="*"), SPARING)),
            "allowed",
        ),
        # the beginning of an ARN
        (
            pull(aws__SourceArn=Unknown(prefix="arn:aws:ecs:us-east-1:1")),
            Policies(identity=identity(allow(condition={"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:*:*"}}))),
            "cannot_tell",
        ),
        (
            pull(aws__SourceArn=Unknown(prefix="arn:aws:ecs:us-east-1:111122223333:", present=True)),
            Policies(identity=identity(allow(condition={"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:*:*"}}))),
            "allowed",
        ),
        (
            pull(aws__SourceArn=Unknown(prefix="arn:aws:ecs:us-east-1:1", present=True)),
            Policies(identity=identity(allow(condition={"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:*:*"}}))),
            "cannot_tell",
        ),
        (
            pull(aws__SourceArn=Unknown(prefix="arn:aws:sns:")),
            Policies(identity=identity(allow(condition={"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:*:*"}}))),
            "denied",
        ),
        # the network
        (
            pull(aws__SourceVpce=through_endpoint()["aws:SourceVpce"]),
            Policies(identity=identity(allow(condition=FROM_VPCE))),
            "cannot_tell",
        ),
        (
            pull(aws__SourceIp=through_endpoint("vpce-1")["aws:SourceIp"]),
            Policies(identity=identity(allow(condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))),
            "denied",
        ),
        (
            pull(aws__SourceVpce=through_internet()["aws:SourceVpce"]),
            Policies(identity=identity(allow(), deny(condition=UNLESS_VPCE))),
            "denied",
        ),
        # an organization that is not known
        (
            pull(OTHERS_REPOSITORY),
            Policies(identity=(ALL,), resource=repository(allow(principal="*", condition=UNKEYED))),
            "cannot_tell",
        ),
    ],
)
def test_decides_only_what_is_known(request_: Request, policies: Policies, expected: str) -> None:
    decision = evaluate(request_, policies)
    assert decision.outcome == expected, decision.reason
    if isinstance(decision, CannotTell):
        assert decision.missing


def test_names_what_is_missing() -> None:
    decision = evaluate(
        pull(OTHERS_REPOSITORY),
        Policies(
            identity=identity(allow(condition=FROM_VPCE)),
            resource=repository(allow(principal="*", condition=UNKEYED)),
            endpoint=NOT_READ,
        ),
    )
    assert isinstance(decision, CannotTell)
    assert set(decision.missing) == {"aws:SourceVpce", "aws:PrincipalOrgID", "the repository policy"}
    assert "aws:PrincipalOrgID" in decision.reason


@pytest.mark.parametrize(
    ("policies", "kind", "name", "side"),
    [
        (Policies(), "identity", None, None),
        (Policies(identity=identity(allow("s3:*"))), "identity", "P", None),
        (
            Policies(identity=(ALL,), boundary=read("boundary", policy(allow("s3:*")), "B")),
            "boundary",
            "B",
            None,
        ),
        (
            Policies(
                identity=(ALL,), endpoint=read("endpoint", policy(allow("s3:*", principal="*")), "vpce-1")
            ),
            "endpoint",
            "vpce-1",
            None,
        ),
        (Policies(identity=(ALL,), scps=((read("scp", policy(allow("s3:*")), "p-1"),),)), "scp", "p-1", None),
    ],
)
def test_names_the_policy_that_lacks_the_allow(
    policies: Policies, kind: str, name: str | None, side: str | None
) -> None:
    decision = evaluate(pull(), policies)
    assert isinstance(decision, Denied)
    assert not decision.explicit
    assert (decision.policy_kind, decision.policy_name, decision.missing_side) == (kind, name, side)


@pytest.mark.parametrize(
    ("policies", "kind", "side"),
    [
        (Policies(), "resource", "both"),
        (Policies(identity=(ALL,)), "resource", "resource"),
        (Policies(resource=repository(allow(principal={"AWS": ROOT}))), "identity", "identity"),
        (
            Policies(
                identity=(ALL,),
                resource=repository(allow(principal={"AWS": ROOT})),
                boundary=read("boundary", policy(allow("s3:*"))),
            ),
            "boundary",
            None,
        ),
    ],
)
def test_names_the_side_that_lacks_the_allow(policies: Policies, kind: str, side: str | None) -> None:
    decision = evaluate(pull(OTHERS_REPOSITORY), policies)
    assert isinstance(decision, Denied)
    assert (decision.policy_kind, decision.missing_side) == (kind, side)


def test_names_the_statement_that_denies() -> None:
    gone = deny(principal="*", condition=UNLESS_VPCE, Sid="OnlyOurEndpoint")
    decision = evaluate(
        pull(aws__SourceVpce=("vpce-2",)),
        Policies(identity=(ALL,), resource=repository(allow(principal="*"), gone)),
    )
    assert isinstance(decision, Denied)
    assert decision.explicit
    assert (decision.policy_kind, decision.policy_name) == ("resource", REPOSITORY)
    assert decision.statement is not None
    assert (decision.statement.index, decision.statement.sid) == (1, "OnlyOurEndpoint")
    assert decision.statement.text["Condition"] == UNLESS_VPCE
    assert "OnlyOurEndpoint" in decision.reason


@pytest.mark.parametrize(
    ("statement", "unmet"),
    [
        (allow(resource=OTHERS_REPOSITORY), ("resource",)),
        (allow(condition=FROM_VPCE), ("aws:SourceVpce",)),
        (allow(resource=OTHERS_REPOSITORY, condition=FROM_VPCE), None),
        (allow("ecr:PutImage"), None),
    ],
)
def test_names_the_statement_that_nearly_allows(
    statement: Mapping[str, Any], unmet: tuple[str, ...] | None
) -> None:
    decision = evaluate(pull(aws__SourceVpce=("vpce-2",)), Policies(identity=identity(statement)))
    assert isinstance(decision, Denied)
    assert [miss.unmet for miss in decision.near] == ([] if unmet is None else [unmet])


def test_a_repository_policy_for_somebody_else_is_near() -> None:
    policies = Policies(identity=(ALL,), resource=repository(allow(principal={"AWS": "777788889999"})))
    decision = evaluate(pull(OTHERS_REPOSITORY), policies)
    assert isinstance(decision, Denied)
    assert [(miss.policy_kind, miss.unmet) for miss in decision.near] == [("resource", ("principal",))]


# AWS: Private registry permissions in Amazon ECR
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
@pytest.mark.parametrize(
    ("action", "scope", "statement", "identities", "expected"),
    [
        ("ecr:BatchGetImage", "V2", deny(principal="*"), (ALL,), "denied"),
        ("ecr:BatchGetImage", "V1", deny(principal="*"), (ALL,), "allowed"),
        ("ecr:BatchGetImage", None, deny(principal="*"), (ALL,), "cannot_tell"),
        ("ecr:BatchImportUpstreamImage", "V1", deny(principal="*"), (ALL,), "denied"),
        ("ecr:BatchImportUpstreamImage", "V1", allow(principal={"AWS": ROLE}), (), "allowed"),
        ("ecr:CreateRepository", None, allow(principal={"AWS": ROOT}), (), "denied"),
        ("ecr:BatchGetImage", "V2", allow(principal={"AWS": ROLE}), (), "allowed"),
        ("ecr:BatchGetImage", "V2", allow("ecr:ReplicateImage", principal="*"), (), "denied"),
    ],
)
def test_registry_policy(
    action: str, scope: Any, statement: Mapping[str, Any], identities: tuple[Document, ...], expected: str
) -> None:
    (request,) = repository_requests(ASKER, REPOSITORY, actions=(action,))
    registry = read("registry", policy(statement), "registry")
    decision = evaluate(request, Policies(identity=identities, registry=registry, registry_scope=scope))
    assert decision.outcome == expected


# AWS: Key policies in AWS KMS https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("principal", "identities", "expected"),
    [
        ({"AWS": ROOT}, (ALL,), "allowed"),
        ({"AWS": ROOT}, (), "denied"),
        ({"AWS": ROLE}, (), "allowed"),
        ({"AWS": ROLE + "2"}, (ALL,), "denied"),
        (None, (ALL,), "cannot_tell"),
    ],
)
def test_a_key_policy_must_hand_on(principal: Any, identities: tuple[Document, ...], expected: str) -> None:
    key = None if principal is None else read("key", policy(allow("kms:*", principal=principal)), KEY)
    request = Request(action="kms:Decrypt", resource=KEY, principal=ASKER)
    decision = evaluate(request, Policies(identity=identities, resource=key))
    assert decision.outcome == expected
    if isinstance(decision, Denied) and identities:
        assert decision.policy_kind == "key"


# AWS: Permissions for AWS Secrets Manager secrets for users in a different account
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
def test_a_secret_of_another_account_needs_both_sides() -> None:
    secret = "arn:aws:secretsmanager:us-east-1:444455556666:secret:registry-AbCdEf"
    request = Request(action="secretsmanager:GetSecretValue", resource=secret, principal=ASKER)
    lacking = evaluate(request, Policies(identity=(ALL,)))
    assert isinstance(lacking, Denied)
    assert lacking.missing_side == "resource"
    granted = read("secret", policy(allow("secretsmanager:GetSecretValue", principal={"AWS": ROLE})), secret)
    assert evaluate(request, Policies(identity=(ALL,), resource=granted)).outcome == "allowed"


def test_a_resource_without_a_known_owner_decides_only_what_both_readings_share() -> None:
    request = Request(action="s3:GetObject", resource="arn:aws:s3:::bucket/key", principal=ASKER)
    decision = evaluate(request, Policies(identity=(ALL,)))
    assert isinstance(decision, CannotTell)
    assert decision.missing == ("the account that owns arn:aws:s3:::bucket/key",)
    assert evaluate(request, Policies()).outcome == "denied"


def test_a_role_with_a_path_keeps_it_in_its_own_arn_only() -> None:
    asker = Principal(role_arn="arn:aws:iam::111122223333:role/service-role/exec", session_name="s")
    assert asker.session_arn == "arn:aws:sts::111122223333:assumed-role/exec/s"
    for named, expected in (
        (asker.role_arn, "allowed"),
        (asker.session_arn, "allowed"),
        ("arn:aws:iam::111122223333:role/exec", "denied"),
    ):
        found = evaluate(pull(asker=asker), Policies(resource=repository(allow(principal={"AWS": named}))))
        assert found.outcome == expected, named


# AWS: Revoke IAM role temporary security credentials
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
@pytest.mark.parametrize(("new_session", "expected"), [(True, "allowed"), (False, "cannot_tell")])
def test_revoked_sessions(new_session: bool, expected: str) -> None:
    revoked = deny(condition={"DateLessThan": {"aws:TokenIssueTime": "2026-02-28T12:00:00.123Z"}})
    moment = datetime(2026, 3, 1, 11, tzinfo=timezone(timedelta(hours=1)))
    context = at_moment(moment, new_session=new_session)
    assert context["aws:CurrentTime"] == ("2026-03-01T10:00:00Z",)
    assert context["aws:EpochTime"] == ("1772359200",)
    (request,) = repository_requests(ASKER, REPOSITORY, context, ("ecr:BatchGetImage",))
    assert evaluate(request, Policies(identity=identity(allow(), revoked))).outcome == expected


def test_a_principal_that_is_no_role_is_refused() -> None:
    with pytest.raises(ValueError, match="role_arn"):
        Principal(role_arn="arn:aws:iam::111122223333:user/someone")
