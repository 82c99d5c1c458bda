"""The emulated IAM's own evaluator: right for what it knows, beside two other evaluators, and silent about the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.aws.policies import allow, deny, grant, policy
from demo.aws.truth.conditions import CannotJudge
from demo.aws.truth.judge import PoliciesAround, SessionRequest, judge
from tests.policy.cases import COMPLETE
from tests.policy.questions import ACCOUNT, OTHER, REPOSITORY, ROLE, ROOT, SESSION, Question
from tests.policy.random_questions import random_questions
from tests.policy.test_differential import _theirs, oracle

__all__ = ["oracle"]

ANY = policy(allow("ecr:*"))
NAMES = {"allowed": "allowed", "implicitDeny": "implicit", "explicitDeny": "explicit"}
THEIR_NAMES = {"Allowed": "allowed", "ImplicitlyDenied": "implicit", "ExplicitlyDenied": "explicit"}
FOREIGN = REPOSITORY.replace(ACCOUNT, OTHER)


def asked(
    policies: PoliciesAround,
    *,
    resource: str = REPOSITORY,
    action: str = "ecr:BatchGetImage",
    context: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    owner = resource.split(":")[4] if resource != "*" else ACCOUNT
    request = SessionRequest(action, resource, ROLE, SESSION, owner, "AROAEXAMPLE", context or {})
    told = judge(request, policies)
    return told.decision, told.layer


def _but(*spared: str) -> dict[str, Any]:
    """A Deny of everything to all but these."""
    return policy({"Effect": "Deny", "NotPrincipal": {"AWS": list(spared)}, "Action": "*"})


ALLOWED = ("allowed", "")
S3_ONLY = policy(allow("s3:*"))


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (PoliciesAround(), ("implicitDeny", "identity")),
        (PoliciesAround([ANY]), ALLOWED),
        (PoliciesAround([ANY, policy(deny("ecr:Batch*"))]), ("explicitDeny", "identity")),
        (PoliciesAround([policy(allow("ECR:batchgetIMAGE"))]), ALLOWED),
        (PoliciesAround([policy(allow("ecr:*", on=REPOSITORY.upper()))]), ("implicitDeny", "identity")),
        (PoliciesAround([policy({"Effect": "Allow", "NotAction": "s3:*", "NotResource": FOREIGN})]), ALLOWED),
        (PoliciesAround([policy(allow("ecr:*", on="arn:aws:ecr:us-east-1"))]), ALLOWED),
        (PoliciesAround([policy(allow("ecr:*", on="arn:aws:ecr:eu-west-1"))]), ("implicitDeny", "identity")),
        (PoliciesAround([ANY, policy(deny("ecr:*", on="arn:aws:ecr"))]), ("explicitDeny", "identity")),
        (PoliciesAround([ANY], boundary=S3_ONLY), ("implicitDeny", "boundary")),
        (PoliciesAround([ANY], levels=[[ANY], [S3_ONLY]]), ("implicitDeny", "scp")),
        (PoliciesAround([ANY], levels=[[ANY], [S3_ONLY, ANY]]), ALLOWED),
        (PoliciesAround([ANY], endpoint=policy(grant("*", "ecr:*", Resource=FOREIGN))), ("implicitDeny", "endpoint")),
        (PoliciesAround([ANY], resource=policy(grant("*", "ecr:*", effect="Deny"))), ("explicitDeny", "resource")),
        # A grant to the role stands for what the role's own policies lack, within its boundary; one to the session stands
        # above both; the account's name only leaves it to the account.
        (PoliciesAround(resource=policy(grant({"AWS": ROLE}, "ecr:*"))), ALLOWED),
        (PoliciesAround(resource=policy(grant({"AWS": ROOT}, "ecr:*"))), ("implicitDeny", "identity")),
        (PoliciesAround(boundary=S3_ONLY, resource=policy(grant({"AWS": ROLE}, "ecr:*"))), ("implicitDeny", "boundary")),
        (PoliciesAround(boundary=S3_ONLY, resource=policy(grant({"AWS": SESSION}, "ecr:*"))), ALLOWED),
        (PoliciesAround([ANY], resource=policy(grant({"AWS": "AROAEXAMPLE"}, "ecr:*", effect="Deny"))), ("explicitDeny", "resource")),
        # NotPrincipal spares a session that is listed with its role and account, unless the role has a boundary.
        (PoliciesAround([ANY], resource=_but(ROLE, ROOT, SESSION)), ALLOWED),
        (PoliciesAround([ANY], boundary=ANY, resource=_but(ROLE, ROOT, SESSION)), ("explicitDeny", "resource")),
        (PoliciesAround([ANY], resource=_but(ROOT)), ("explicitDeny", "resource")),
        (PoliciesAround([ANY], resource=_but(ROLE + "2", f"arn:aws:iam::{OTHER}:root")), ("explicitDeny", "resource")),
        (PoliciesAround([ANY], resource=policy({"Effect": "Deny", "NotPrincipal": {"AWS": OTHER}, "Action": "s3:*"})), ALLOWED),
        (PoliciesAround([ANY], resource=policy(grant({"Service": "ec2.amazonaws.com"}, "ecr:*", effect="Deny"))), ALLOWED),
    ],
)  # fmt: skip
def test_within_one_account(policies: PoliciesAround, expected: tuple[str, str]) -> None:
    assert asked(policies) == expected


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (PoliciesAround([ANY]), ("implicitDeny", "resource")),
        (PoliciesAround([ANY], resource=policy(grant({"AWS": ROOT}, "ecr:*"))), ALLOWED),
        (PoliciesAround(resource=policy(grant({"AWS": ROLE}, "ecr:*"))), ("implicitDeny", "identity")),
        (PoliciesAround([ANY], resource=policy(grant({"AWS": f"arn:aws:iam::{OTHER}:root"}, "ecr:*"))), ("implicitDeny", "resource")),
        (PoliciesAround([ANY], boundary=S3_ONLY, resource=policy(grant("*", "ecr:*"))), ("implicitDeny", "boundary")),
    ],
)  # fmt: skip
def test_across_accounts(policies: PoliciesAround, expected: tuple[str, str]) -> None:
    assert asked(policies, resource=FOREIGN) == expected


def test_a_login_has_no_resource_but_everything() -> None:
    login = {"resource": "*", "action": "ecr:GetAuthorizationToken"}
    assert asked(PoliciesAround([ANY]), **login) == ALLOWED
    assert asked(PoliciesAround([policy(allow("ecr:*", on=REPOSITORY))]), **login)[0] == "implicitDeny"


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}, {"aws:sourcevpc": ["vpc-2"]}, True),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, {}, False),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, {}, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, {}, True),
        ({"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}, {"aws:SourceVpce": ["vpce-2"]}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ecs*"}}, {}, True),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/build-*"}}, {}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": ["198.51.100.4"]}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": ["198.51.100.4"]}, False),
        ({"Null": {"aws:SourceVpce": "true"}}, {}, True),
        ({"Bool": {"aws:SecureTransport": False}}, {"aws:SecureTransport": ["true"]}, False),
    ],
)  # fmt: skip
def test_conditions(condition: Any, context: Any, holds: bool) -> None:
    told = asked(PoliciesAround([policy(allow("ecr:*", Condition=condition))]), context=context)
    assert told[0] == ("allowed" if holds else "implicitDeny")


def test_every_key_that_was_asked_for_in_vain_is_told() -> None:
    conditions = {"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:SourceVpce": "vpce-1"}}
    request = SessionRequest("ecr:BatchGetImage", REPOSITORY, ROLE, SESSION, ACCOUNT)
    told = judge(request, PoliciesAround([policy(allow("ecr:*", Condition=conditions))]))
    assert told.missing == ("aws:SourceVpc", "aws:SourceVpce")


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        (PoliciesAround([policy(allow("ecr:*", Condition={"DateLessThan": {"aws:CurrentTime": "2027-01-01"}}))]), "operator DateLessThan is not known"),
        (PoliciesAround([policy(allow("ecr:*", on="arn:aws:ecr:*:*:repository/${aws:PrincipalTag/team}"))]), "variables"),
        (PoliciesAround(resource=_but(ROLE)), "in part"),
        (PoliciesAround(resource=_but(ROLE, ROOT)), "in part"),
        (PoliciesAround(resource=policy({"Effect": "Allow", "NotPrincipal": {"AWS": OTHER}, "Action": "*"})), "in a Deny only"),
        (PoliciesAround(endpoint=_but(OTHER)), "a resource's policy only"),
        (PoliciesAround(resource=policy({"Effect": "Deny", "NotPrincipal": "*", "Action": "*"})), "a NotPrincipal is"),
        (PoliciesAround(resource=policy(grant({"AWS": "arn:aws:iam::*:role/x"}, "ecr:*"))), "a principal is an ARN"),
        (PoliciesAround(resource=policy(grant("everybody", "ecr:*"))), "a Principal is"),
        (PoliciesAround(resource=policy(allow("ecr:*"))), "names its principal"),
        (PoliciesAround([policy(allow("ecr:*", on="arn:aws:ecr:*/app"))]), "ends a part of it"),
        (PoliciesAround([policy(allow("ecr:*", on="ecr"))]), "six parts"),
        (PoliciesAround([policy({"Effect": "allow", "Action": "*", "Resource": "*"})]), "Effect is Allow or Deny"),
        (PoliciesAround([policy({"Effect": "Allow", "Resource": "*"})]), "one of Action and NotAction"),
        (PoliciesAround([policy(allow("ecr:*", Rescource="*"))]), "no element Rescource"),
        (PoliciesAround([policy(allow("ecr:*", Condition={"IpAddress": {"aws:SourceIp": "home"}}))]), "CIDR form"),
    ],
)  # fmt: skip
def test_what_it_does_not_know_it_refuses(policies: PoliciesAround, says: str) -> None:
    with pytest.raises(CannotJudge, match=says):
        asked(policies, context={"aws:SourceIp": ["203.0.113.7"]})


def judged(question: Question) -> str | None:
    """Its answer to a question of the product's own tests, None where it refuses."""
    context = {
        "aws:SecureTransport": ["true"],
        "aws:ViaAWSService": ["false"],
        "aws:PrincipalIsAWSService": ["false"],
        "aws:ResourceAccount": [question.owner],
        **question.context,
    }
    levels = [[text] for text in question.scps]
    policies = PoliciesAround(
        question.identity, question.boundary, levels, question.repository, question.endpoint
    )
    request = SessionRequest(
        question.action, question.resource, ROLE, SESSION, question.owner, context=context
    )
    try:
        return NAMES[judge(request, policies).decision]
    except CannotJudge:
        return None


def differences(expected: Iterable[tuple[Question, str]]) -> tuple[int, list[str]]:
    """How many questions it answered, and the answers that are others."""
    answers = [(question.name, judged(question), other) for question, other in expected]
    known = [item for item in answers if item[1] is not None]
    return len(known), [f"{name}: {ours}, not {other}" for name, ours, other in known if ours != other]


def test_hand_written_questions() -> None:
    number, different = differences(COMPLETE)
    assert different == []
    assert number > len(COMPLETE) * 3 / 4


def test_random_questions_beside_another_evaluator(oracle: Path) -> None:
    questions = list(random_questions(20261130, 2000))
    theirs = [THEIR_NAMES[answer["decision"]] for answer in _theirs(oracle, questions)]
    number, different = differences(zip(questions, theirs, strict=True))
    assert different == []
    assert number > 700
