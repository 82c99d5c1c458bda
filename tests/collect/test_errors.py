"""What each of botocore's errors says about the thing that was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from pydantic import ValidationError

from diagnostics.collect import calls
from diagnostics.collect.errors import read_error
from diagnostics.collect.operation import Call, Operation
from diagnostics.snapshot import Absent, Subnet, Unavailable


def call(operation: Operation[Any]) -> Call[Any]:
    return Call.to(operation, {}, region="eu-central-1", resource="the thing")


def refused(
    code: str | None, status: int = 400, message: str = "", operation: str = "DescribeTasks"
) -> boto.ClientError:
    error: dict[str, Any] = {"Message": message}
    if code is not None:
        error["Code"] = code
    return boto.ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("AccessDenied", 403, "denied"),
        ("AccessDeniedException", 400, "denied"),
        ("UnauthorizedOperation", 403, "denied"),
        ("Client.UnauthorizedOperation", 403, "denied"),
        ("AuthorizationError", 403, "denied"),
        ("403", 403, "denied"),
        ("SomethingNew", 403, "denied"),
        (None, 403, "denied"),
        ("ThrottlingException", 400, "throttled"),
        ("Throttling", 400, "throttled"),
        ("RequestLimitExceeded", 503, "throttled"),
        ("TooManyRequestsException", 429, "throttled"),
        ("SomethingNew", 429, "throttled"),
        ("ExpiredToken", 403, "the credentials have expired"),
        ("ExpiredTokenException", 400, "the credentials have expired"),
        ("RequestExpired", 400, "the credentials have expired"),
        ("UnrecognizedClientException", 400, "no valid credentials"),
        ("InvalidClientTokenId", 403, "no valid credentials"),
        ("AuthFailure", 401, "no valid credentials"),
        ("SignatureDoesNotMatch", 403, "no valid credentials"),
        ("OptInRequired", 403, "the Region does not exist or is not enabled for this account"),
        ("ServerException", 500, "AWS answered with an error (ServerException)"),
        ("500", 500, "AWS answered with an error (500)"),
        ("InternalFailure", 500, "AWS answered with an error (InternalFailure)"),
        ("InvalidParameterException", 400, "AWS answered with an error (InvalidParameterException)"),
        ("TaskNotFoundException", 400, "AWS answered with an error (TaskNotFoundException)"),
        ("RepositoryNotFoundException", 400, "AWS answered with an error (RepositoryNotFoundException)"),
        (None, 400, "AWS answered with an error (400)"),
    ],
)
def test_a_code_is_read(code: str | None, status: int, why: str) -> None:
    fact = read_error(refused(code, status), call(calls.DESCRIBE_TASKS))
    assert fact == Unavailable(why=why, call="ecs:DescribeTasks", resource="the thing")


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (
            calls.DESCRIBE_TASK_DEFINITION,
            refused(
                "ClientException",
                message="Unable to describe task definition.",
                operation="DescribeTaskDefinition",
            ),
        ),
        (calls.DESCRIBE_IMAGE, refused("ImageNotFoundException", operation="DescribeImages")),
        (calls.GET_ROLE, refused("NoSuchEntity", 404, operation="GetRole")),
        (
            calls.DESCRIBE_NETWORK_INTERFACES,
            refused("InvalidNetworkInterfaceID.NotFound", operation="DescribeNetworkInterfaces"),
        ),
    ],
)
def test_only_the_codes_of_the_call_mean_absent(operation: Operation[Any], error: boto.ClientError) -> None:
    assert read_error(error, call(operation)) == Absent(call=operation.action)
    other = call(calls.DESCRIBE_SUBNETS)
    error.operation_name = "DescribeSubnets"
    assert isinstance(read_error(error, other), Unavailable)


@pytest.mark.parametrize(
    "operation",
    [calls.DESCRIBE_TASKS, calls.LIST_TASKS, calls.DESCRIBE_SERVICES, calls.DESCRIBE_CONTAINER_INSTANCES],
)
def test_what_is_in_no_cluster_is_absent_without_it(operation: Operation[Any]) -> None:
    error = refused("ClusterNotFoundException", operation=operation.action.partition(":")[2])
    assert read_error(error, call(operation)) == Absent(call=operation.action, without="cluster")


def test_a_general_code_needs_its_message_to_mean_absent() -> None:
    error = refused(
        "ClientException", message="You are not allowed to do this.", operation="DescribeTaskDefinition"
    )
    fact = read_error(error, call(calls.DESCRIBE_TASK_DEFINITION))
    assert isinstance(fact, Unavailable)
    assert fact.why == "AWS answered with an error (ClientException)"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("AccessDenied", "no valid credentials"),
        ("NoSuchEntity", "no valid credentials"),
        ("ExpiredToken", "the credentials have expired"),
        ("Throttling", "throttled"),
    ],
)
def test_a_role_that_cannot_be_assumed_is_not_about_the_thing_asked_for(code: str, why: str) -> None:
    fact = read_error(refused(code, 403, operation="AssumeRole"), call(calls.GET_ROLE))
    assert fact == Unavailable(why=why, call="sts:AssumeRole", resource="the thing")


WRONG_REGION = "the Region does not exist or is not enabled for this account"


def _invalid() -> ValidationError:
    try:
        Subnet.model_validate({})
    except ValidationError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (boto.NoCredentialsError(), "no valid credentials"),
        (boto.PartialCredentialsError(provider="env", cred_var="X"), "no valid credentials"),
        (boto.ProfileNotFound(profile="nobody"), "no valid credentials"),
        (boto.UnauthorizedSSOTokenError(), "the credentials have expired"),
        (boto.TokenRetrievalError(provider="sso", error_msg="expired"), "the credentials have expired"),
        (boto.ConnectTimeoutError(endpoint_url="https://x"), "timed out"),
        (boto.ReadTimeoutError(endpoint_url="https://x"), "timed out"),
        (boto.EndpointConnectionError(endpoint_url="https://x"), "AWS could not be reached"),
        (boto.ConnectionClosedError(endpoint_url="https://x"), "AWS could not be reached"),
        (boto.SSLError(endpoint_url="https://x", error="certificate"), "AWS could not be reached"),
        (boto.ProxyConnectionError(proxy_url="http://p"), "AWS could not be reached"),
        (boto.InvalidRegionError(region_name="no where"), WRONG_REGION),
        (ResponseParserError("<html>"), "AWS answered with an error (the answer could not be read)"),
        (KeyError("tasks"), "the answer could not be read"),
        (_invalid(), "the answer could not be read"),
        (RuntimeError("?"), "the call failed (RuntimeError)"),
    ],
)  # fmt: skip
def test_what_never_reached_an_answer_is_never_absent(error: Exception, why: str) -> None:
    fact = read_error(error, call(calls.GET_ROLE))
    assert fact == Unavailable(why=why, call="iam:GetRole", resource="the thing")
