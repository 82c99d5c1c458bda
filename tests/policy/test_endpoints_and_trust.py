"""One policy alone: VPC endpoint policies, above all for ECR's layer bucket, and role trust policies."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.policy import (
    ContextValue,
    Document,
    Missing,
    Principal,
    evaluate_endpoint,
    evaluate_trust,
    layer_bucket_request,
    parse_document,
    service_context,
    through_endpoint,
    token_request,
)
from tests.rows import every_row

from .questions import ACCOUNT, OTHER, ROLE, SESSION, allow, deny, policy

BUCKET = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket"
LAYER = layer_bucket_request(
    "us-east-1", own_accounts=(ACCOUNT,), context=through_endpoint("vpce-1", "vpc-1", "10.0.0.5")
)
EVERYTHING = policy({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"})


def endpoint(*statements: dict[str, Any]) -> Document:
    found = parse_document("endpoint", "vpce-1", policy(*({"Principal": "*"} | one for one in statements)))
    assert isinstance(found, Document), found
    return found


def if_equals(key: str, *values: str, operator: str = "StringEquals") -> dict[str, Any]:
    return allow("s3:*", condition={operator: {key: list(values)}})


# AWS: Amazon ECR interface VPC endpoints: minimum Amazon S3 bucket permissions for Amazon ECR
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
@every_row(
    ("statements", "expected"),
    [
        ([allow("*")], "allowed"),
        ([allow("s3:GetObject", f"{BUCKET}/*")], "allowed"),
        ([allow("s3:GetObject", [f"{BUCKET}/*", "arn:aws:s3:::mine/*"])], "allowed"),
        ([allow("s3:GetObject", "arn:aws:s3:::prod-*-starport-layer-bucket/*")], "allowed"),
        ([allow("s3:GetObject", f"{BUCKET}*")], "allowed"),
        ([allow("s3:GetObject", "arn:aws:s3:::*")], "allowed"),
        ([allow("s3:Get*", "*")], "allowed"),
        ([allow("s3:GetObject", BUCKET)], "denied"),
        ([allow("s3:GetObject", "arn:aws:s3:::mine/*")], "denied"),
        ([allow("s3:GetObject", "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*")], "denied"),
        ([allow("s3:ListBucket", "*")], "denied"),
        ([allow("s3:GetObject", f"{BUCKET}/some/prefix/*")], "cannot_tell"),
        ([allow("s3:GetObject", f"{BUCKET}/*.tar")], "cannot_tell"),
        ([allow("*"), deny("s3:*", "arn:aws:s3:::mine/*")], "allowed"),
        ([allow("*"), deny("s3:*", f"{BUCKET}/*")], "denied"),
        ([allow("*"), deny("s3:*", f"{BUCKET}/private/*")], "cannot_tell"),
        ([allow("*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::mine/*"}], "denied"),
        ([allow("*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": f"{BUCKET}/*"}], "allowed"),
        # The bucket and the signer of the URL belong to AWS: conditions on one's own cannot be met.
        ([if_equals("s3:ResourceAccount", ACCOUNT)], "denied"),
        ([if_equals("aws:ResourceAccount", ACCOUNT)], "denied"),
        ([if_equals("s3:ResourceAccount", ACCOUNT, OTHER)], "cannot_tell"),
        ([if_equals("s3:ResourceAccount", f"{ACCOUNT[:4]}*", operator="StringLike")], "cannot_tell"),
        ([if_equals("aws:ResourceOrgID", "o-a1b2c3d4e5")], "denied"),
        ([if_equals("aws:ResourceOrgID", "o-a1b2c3d4e5", "o-zzzzzzzzzz")], "denied"),
        ([if_equals("aws:ResourceOrgID", "o-*", operator="StringLike")], "cannot_tell"),
        ([if_equals("aws:PrincipalOrgID", "o-a1b2c3d4e5")], "denied"),
        ([if_equals("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*", operator="ForAnyValue:StringLike")], "denied"),
        ([if_equals("aws:PrincipalAccount", ACCOUNT)], "denied"),
        ([if_equals("aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*", operator="ArnLike")], "denied"),
        ([if_equals("aws:PrincipalArn", f"arn:aws:iam::{OTHER}:role/*", operator="ArnLike")], "cannot_tell"),
        (
            [allow("s3:*"), deny("s3:*", condition={"StringNotEquals": {"s3:ResourceAccount": ACCOUNT}})],
            "denied",
        ),
        (
            [
                allow("s3:*"),
                deny("s3:*", condition={"StringNotEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}),
            ],
            "denied",
        ),
        (
            [allow("s3:*"), deny("s3:*", condition={"StringEquals": {"s3:ResourceAccount": ACCOUNT}})],
            "allowed",
        ),
        ([if_equals("s3:ResourceAccount", ACCOUNT), allow("s3:GetObject", f"{BUCKET}/*")], "allowed"),
        ([allow("s3:*", principal={"AWS": ACCOUNT})], "denied"),
        ([allow("s3:*", principal={"AWS": ROLE})], "denied"),
        ([allow("s3:*", principal={"AWS": OTHER})], "cannot_tell"),
        ([allow("s3:*", principal={"AWS": "AROAEXAMPLEROLEID0001"})], "denied"),
        ([allow("s3:*", principal={"AWS": "*"})], "allowed"),
        ([allow("s3:*", principal={"Service": "ecr.amazonaws.com"})], "denied"),
        # What is known of the network counts.
        ([if_equals("aws:SourceVpce", "vpce-1")], "allowed"),
        ([if_equals("aws:SourceVpc", "vpc-2")], "denied"),
        ([if_equals("aws:SecureTransport", "true", operator="Bool")], "allowed"),
    ],
)
def test_layers_through_an_s3_endpoint(statements: list[dict[str, Any]], expected: str) -> None:
    decision = evaluate_endpoint(endpoint(*statements), LAYER)
    assert decision.outcome == expected, decision.reason


def test_the_bucket_is_named_after_partition_and_region() -> None:
    request = layer_bucket_request("cn-north-1", "aws-cn")
    assert request.resource == "arn:aws-cn:s3:::prod-cn-north-1-starport-layer-bucket/"
    hub = layer_bucket_request("us-east-1", bucket="docker-images-prod")
    assert evaluate_endpoint(endpoint(allow("s3:GetObject", f"{BUCKET}/*")), hub).outcome == "denied"


def test_an_endpoint_without_a_policy_lets_everything_through() -> None:
    assert evaluate_endpoint(None, LAYER).outcome == "allowed"


def test_an_endpoint_policy_that_was_not_read_tells_nothing() -> None:
    decision = evaluate_endpoint(Missing(what="the policy of vpce-1", why="throttled"), LAYER)
    assert decision.outcome == "cannot_tell"
    assert decision.missing == ("the policy of vpce-1",)


def test_the_login_through_an_endpoint_with_the_default_policy() -> None:
    document = parse_document("endpoint", "vpce-1", EVERYTHING)
    assert isinstance(document, Document)
    assert (
        evaluate_endpoint(document, token_request(Principal(role_arn=ROLE), "us-east-1")).outcome == "allowed"
    )


# AWS: AWS JSON policy elements: NotPrincipal: it spares no role with a permissions boundary
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
def test_not_principal_in_an_endpoint_policy_depends_on_the_boundary() -> None:
    sparing = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    everyone_else = {"NotPrincipal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", ROLE, SESSION]}}
    document = parse_document(
        "endpoint", "vpce-1", policy(allow("*", principal="*"), sparing | everyone_else)
    )
    assert isinstance(document, Document)
    request = token_request(Principal(role_arn=ROLE, session_name=SESSION.rsplit("/", 1)[1]), "us-east-1")
    decision = evaluate_endpoint(document, request)
    assert decision.outcome == "cannot_tell"
    assert decision.missing == ("the role's permissions boundary",)


# AWS: Amazon ECS task execution IAM role, and Cross-service confused deputy prevention
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
ECS = {"Service": "ecs-tasks.amazonaws.com"}
KNOWN = service_context("aws", "us-east-1", ACCOUNT)


def trust(*statements: dict[str, Any]) -> Document:
    found = parse_document("trust", "ecsTaskExecutionRole", policy(*statements))
    assert isinstance(found, Document), found
    return found


def assume(
    principal: Any = ECS, effect: str = "Allow", action: Any = "sts:AssumeRole", **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Principal": principal} | more


@pytest.mark.parametrize(
    ("statements", "context", "expected"),
    [
        ([assume()], {}, "allowed"),
        ([assume({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]})], {}, "allowed"),
        ([assume(action="sts:*")], {}, "allowed"),
        ([assume("*")], {}, "allowed"),
        ([assume({"Service": "ecs.amazonaws.com"})], {}, "denied"),
        ([assume({"Service": "ec2.amazonaws.com"})], {}, "denied"),
        ([assume({"AWS": ACCOUNT})], {}, "denied"),
        ([assume(action="sts:TagSession")], {}, "denied"),
        ([assume(), assume(effect="Deny")], {}, "denied"),
        ([assume(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})], KNOWN, "allowed"),
        ([assume(Condition={"StringEquals": {"aws:SourceAccount": OTHER}})], KNOWN, "denied"),
        ([assume(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})], {}, "cannot_tell"),
        (
            [assume(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"}})],
            KNOWN,
            "allowed",
        ),
        ([assume(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:*:{ACCOUNT}:*"}})], KNOWN, "allowed"),
        (
            [assume(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*"}})],
            KNOWN,
            "denied",
        ),
        (
            [assume(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{OTHER}:*"}})],
            KNOWN,
            "denied",
        ),
        (
            [
                assume(
                    Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/prod"}}
                )
            ],
            KNOWN,
            "cannot_tell",
        ),
        ([assume(Condition={"StringEquals": {"sts:ExternalId": "secret"}})], KNOWN, "denied"),
        ([assume({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), assume()], {}, "allowed"),
    ],
)
def test_trust(statements: list[dict[str, Any]], context: dict[str, ContextValue], expected: str) -> None:
    decision = evaluate_trust(trust(*statements), context=context)
    assert decision.outcome == expected, decision.reason


def test_trust_of_another_service() -> None:
    document = trust(assume({"Service": "ec2.amazonaws.com"}))
    assert evaluate_trust(document, "ec2.amazonaws.com").outcome == "allowed"
