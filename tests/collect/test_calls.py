"""The table of calls against botocore's own description of each API, and the permissions made from it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from diagnostics.collect import permission_rows, policy_document
from diagnostics.collect.calls import OPERATIONS
from diagnostics.collect.operation import Operation
from tests.rows import every_row

FORBIDDEN = (
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "ecr:ValidatePullThroughCacheRule",
    "s3:GetObject",
    "s3:ListBucket",
)
EVERY_OPERATION = every_row(
    "operation", OPERATIONS, ids=[f"{item.method}-{number}" for number, item in enumerate(OPERATIONS)]
)


@pytest.fixture(scope="module")
def client() -> Callable[[str], Any]:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="eu-central-1")
    return functools.cache(lambda service: session.client(service))


@EVERY_OPERATION
def test_every_action_only_reads(operation: Operation[Any]) -> None:
    assert re.fullmatch(r"[a-z0-9]+:(Describe|List|Get|BatchGet|Simulate)[A-Za-z]+", operation.action)
    assert operation.action not in FORBIDDEN


@EVERY_OPERATION
def test_action_and_method_are_the_same_operation(
    operation: Operation[Any], client: Callable[[str], Any]
) -> None:
    api = client(operation.service)
    assert operation.action.partition(":")[2] == api.meta.method_to_api_mapping[operation.method]


@EVERY_OPERATION
def test_every_list_is_read_page_by_page(operation: Operation[Any], client: Callable[[str], Any]) -> None:
    if operation.list_key is None:
        return
    api = client(operation.service)
    shape = api.meta.service_model.operation_model(operation.action.partition(":")[2]).output_shape
    assert shape.members[operation.list_key].type_name == "list"
    tokens = {"NextToken", "nextToken", "IsTruncated", "Truncated"} & set(shape.members)
    assert len(tokens) == 1
    if api.can_paginate(operation.method):
        keys = [key.expression for key in api.get_paginator(operation.method).result_keys]
        assert keys == [operation.list_key]


@EVERY_OPERATION
def test_every_absent_code_is_one_that_the_service_documents(
    operation: Operation[Any], client: Callable[[str], Any]
) -> None:
    if operation.service == "ec2":
        # EC2's model lists no errors; its codes end alike.
        assert all(str(code).endswith(".NotFound") for code in operation.absent)
        return
    if operation.service == "s3":
        # S3's model lists almost none: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        assert set(operation.absent) <= {"NoSuchBucket", "NoSuchBucketPolicy"}
        return
    model = client(operation.service).meta.service_model.operation_model(operation.action.partition(":")[2])
    documented = {shape.name for shape in model.error_shapes}
    documented |= {shape.error_code for shape in model.error_shapes}
    for item in operation.absent:
        code = item if isinstance(item, str) else item[0]
        assert code in documented


def test_no_general_code_means_absent_by_itself() -> None:
    for operation in OPERATIONS:
        for item in operation.absent:
            code, part = (item, "") if isinstance(item, str) else item
            assert re.search("NotFound|NotInUse|^NoSuch[A-Z]", code) or part


def test_the_policy_allows_each_action_once_and_nothing_else() -> None:
    document = policy_document("aws-cn")
    allowed = [action for statement in document["Statement"] for action in statement["Action"]]
    assert sorted(allowed) == sorted({item.action for item in OPERATIONS})
    assert all(statement["Effect"] == "Allow" for statement in document["Statement"])
    resources = [statement["Resource"] for statement in document["Statement"]]
    assert len(resources) == len(set(resources))
    assert all(item == "*" or item.startswith("arn:aws-cn:") for item in resources)


def test_organizations_is_asked_in_one_place_for_all_regions_of_a_partition() -> None:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x")
    asked = {
        region: session.client("organizations", region_name=region).meta.endpoint_url
        for region in ("eu-west-1", "cn-north-1", "us-gov-east-1")
    }
    assert asked == {
        "eu-west-1": "https://organizations.us-east-1.amazonaws.com",
        "cn-north-1": "https://organizations.cn-northwest-1.amazonaws.com.cn",
        "us-gov-east-1": "https://organizations.us-gov-west-1.amazonaws.com",
    }


def test_the_partition_may_be_a_placeholder() -> None:
    resources = [item["Resource"] for item in policy_document("${AWS::Partition}")["Statement"]]
    assert "arn:${AWS::Partition}:iam::*:role/*" in resources


def test_the_table_has_one_row_for_each_action_and_says_what_it_is_for() -> None:
    rows = permission_rows()
    assert len({row.action for row in rows}) == len(rows)
    assert all(row.purpose for row in rows)
    assert ("ecs:DescribeTasks", "arn:aws:ecs:*:*:task/*") in {(row.action, row.resource) for row in rows}
