"""What a text names: hosts, addresses, statuses, images, roles, secrets and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.stop_reason import Denial, classify
from diagnostics.stop_reason.hosts import HostKind, is_s3_address, place_of

A = "111122223333"
HOST = f"{A}.dkr.ecr.us-east-1.amazonaws.com"
ROLE = f"arn:aws:sts::{A}:assumed-role/exec"
TASK = "8ff4fbc265ee40bba57f8f709c43fef3"

EVIDENCE: list[tuple[str, dict[str, Any]]] = [
    (
        f'failed to resolve ref {HOST}/app:1: failed to do request: Head "https://{HOST}/v2/app/manifests/1": dial tcp 10.0.1.7:443: i/o timeout',
        {"host": HOST, "image": f"{HOST}/app:1", "address": "10.0.1.7", "http_status": None},
    ),
    (
        'Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp: lookup api.ecr.us-east-1.amazonaws.com on 10.0.0.2:53: no such host',
        {"host": "api.ecr.us-east-1.amazonaws.com", "resolver": "10.0.0.2", "address": None},
    ),
    (
        f"Get https://{HOST}/v2/: dial tcp: lookup {HOST} on [fd00:ec2::253]:53: read udp [fd00::1]:4->[fd00:ec2::253]:53: i/o timeout",
        {"host": HOST, "resolver": "fd00:ec2::253"},
    ),
    (
        f'Get "https://{HOST}/v2/": dial tcp: lookup {HOST}: read udp 10.0.5.2:41->169.254.169.253:53: i/o timeout',
        {"host": HOST, "resolver": "169.254.169.253"},
    ),
    ("failed to resolve ref x/y:1: dial tcp: lookup registry-1.docker.io on 172.31.0...", {"resolver": None, "truncated": True}),
    (
        'Head "https://registry-1.docker.io/v2/": dial tcp [2600:1F18::1]:443: connect: network is unreachable',
        {"host": "registry-1.docker.io", "address": "2600:1f18::1"},
    ),
    (f"Get https://{HOST}/v2/: read tcp 10.0.0.4:5->52.1.2.3:443: read: connection reset by peer", {"address": "52.1.2.3"}),
    (
        f"ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get REDACTED ECR URL related to {HOST}/app:1 dial tcp 52.217.1.2:443: i/o timeout",
        {"host": "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com", "image": f"{HOST}/app:1", "address": "52.217.1.2"},
    ),
    (f"unexpected status from HEAD request to https://{HOST}/v2/app/manifests/1: 403 Forbidden", {"http_status": 403}),
    (f"pulling from host {HOST} failed with status code [manifests 1]: 403 Forbidden", {"http_status": 403, "host": HOST}),
    (f"API error (500): Get https://{HOST}/v2/: net/http: request canceled", {"http_status": None}),
    (f"API error (404): repository {HOST}/app not found", {"http_status": 404, "image": f"{HOST}/app"}),
    ("operation error ECR: GetAuthorizationToken, https response error StatusCode: 0, RequestID: ", {"http_status": None}),
    (
        "toomanyrequests: You may increase the limit: https://www.docker.com/increase-rate-limit. failed to resolve ref docker.io/library/nginx:1",
        {"host": "registry-1.docker.io", "image": "docker.io/library/nginx:1"},
    ),
    ("pull access denied for nginx, repository does not exist", {"image": "nginx", "host": "registry-1.docker.io"}),
    (f"The task can’t pull the image '{HOST}/a/b' from Amazon Elastic Container Registry. Status Code: 404.", {"image": f"{HOST}/a/b", "http_status": 404}),
    ("The task cannot pull ‘image’ from the Amazon ECR repository ‘uri’. There is a connection issue", {"host": None}),
    ("failed to resolve ref 111122223333.dkr.ecr.us-east-1.amaz...", {"image": None, "truncated": True}),
    (
        f"ECS was unable to assume the role 'arn:aws-cn:iam::{A}:role/exec' that was provided for this task.",
        {"role_arn": f"arn:aws-cn:iam::{A}:role/exec"},
    ),
    (
        f"failed to fetch secret arn:aws:secretsmanager:us-east-1:{A}:secret:db-AbCdEf from secrets manager: AccessDeniedException",
        {"secret": f"arn:aws:secretsmanager:us-east-1:{A}:secret:db-AbCdEf"},
    ),
    ("unable to retrieve secrets from ssm: invalid parameters: /app/key", {"secret": "/app/key"}),
    ("asm fetching secret from the service for regcred: RequestError", {"secret": "regcred"}),
    ("service call has been retried 5 time(s): RequestCanceled: caused by: context deadli...", {"truncated": True}),
    ("STOPPED (CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref x/y:1: x/y:1: not found)", {"truncated": False}),
    ("(error ECS was unable to assume the role 'arn:aws:iam::111122223333:ro...).", {"truncated": True, "role_arn": None}),
    ('Get "https://quay.io/v2/x/blobs/sha256:00', {"truncated": True}),
    # A host that the text ends in may be cut.
    (f'failed to resolve ref {HOST}/app:1: failed to do request: Head "https://1111...', {"host": HOST, "truncated": True}),
    (f'failed to resolve ref {HOST}/app:1: failed to do request: Head "https://1111', {"host": HOST, "truncated": True}),
    ("Post https://api.ecr....", {"host": None, "truncated": True}),
    # Errors wrap from the outside in: the last URL is the one that failed.
    (
        'Get "https://registry-1.docker.io/v2/a/b/blobs/sha256:0": Get "https://production.cloudflare.docker.com/x": EOF',
        {"host": "production.cloudflare.docker.com"},
    ),
    ("User: x is not authorized to perform: ecr:GetAuthorizationToken because no identity-based policy allows it", {"truncated": False}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EVIDENCE)
def test_evidence(text: str, expected: dict[str, Any]) -> None:
    found = classify(text).model_dump()
    assert {name: found[name] for name in expected} == expected


_REPO = f"arn:aws:ecr:us-east-1:{A}:repository/app"

DENIALS: list[tuple[str, Denial]] = [
    (
        f"User: {ROLE}/{TASK} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action",
        Denial(principal=f"{ROLE}/{TASK}", action="ecr:GetAuthorizationToken", resource="*", policy="identity"),
    ),
    (
        f"denied: User: {ROLE}/i-0a1b2c3d4e5f60718 is not authorized to perform: ecr:BatchGetImage on resource: {_REPO} with an explicit deny in an identity-based policy: arn:aws:iam::{A}:policy/no-pull.",
        Denial(
            principal=f"{ROLE}/i-0a1b2c3d4e5f60718", action="ecr:BatchGetImage", resource=_REPO, policy="identity", explicit=True,
            policy_arn=f"arn:aws:iam::{A}:policy/no-pull",
        ),
    ),
    (
        f"User: {ROLE}/{TASK} is not authorized to perform: ecr:BatchGetImage on resource: {_REPO} with an explicit deny in a service control policy: arn:aws:organizations::{A}:policy/o-a/service_control_policy/p-b",
        Denial(
            principal=f"{ROLE}/{TASK}", action="ecr:BatchGetImage", resource=_REPO, policy="scp", explicit=True,
            policy_arn=f"arn:aws:organizations::{A}:policy/o-a/service_control_policy/p-b",
        ),
    ),
    (
        f"User: {ROLE}/{TASK} is not authorized to perform: ecr:BatchGetImage on resource: {_REPO} because no resource-based policy allows the ecr:BatchGetImage action",
        Denial(principal=f"{ROLE}/{TASK}", action="ecr:BatchGetImage", resource=_REPO, policy="resource"),
    ),
    (
        f"User: {ROLE}/{TASK} is not authorized to perform: ecr:BatchGetImage on resource: {_REPO} with an explicit deny in a resource control policy",
        Denial(principal=f"{ROLE}/{TASK}", action="ecr:BatchGetImage", resource=_REPO, policy="rcp", explicit=True),
    ),
    # Cut in the session: the role is whole, the session is not.
    (f"AccessDeniedException: User: {ROLE}/8637b461f0f94d", Denial(principal=ROLE)),
    (f"AccessDeniedException: User: {ROLE}/{TASK}", Denial(principal=f"{ROLE}/{TASK}")),
    (f"AccessDeniedException: User: arn:aws:sts::{A}:assumed-rol...", Denial()),
    (f"User: {ROLE}/{TASK} is not authorized to perform: secretsmanager:Get", Denial(principal=f"{ROLE}/{TASK}")),
    ("An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation", Denial(action="ecr:GetAuthorizationToken")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DENIALS)
def test_denials(text: str, expected: Denial) -> None:
    assert classify(text).denial == expected


def test_a_registrys_bare_403_is_no_denial() -> None:
    assert (
        classify(
            f"unexpected status from HEAD request to https://{HOST}/v2/a/manifests/1: 403 Forbidden"
        ).denial
        is None
    )
    assert classify("error pulling image configuration: <Code>AccessDenied</Code>").denial is None


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("api.ecr.us-east-1.amazonaws.com", "ecr-api"),
        ("api.ecr-fips.us-gov-west-1.amazonaws.com", "ecr-api"),
        ("ecr.eu-west-1.api.aws", "ecr-api"),
        ("vpce-0a-b.api.ecr.us-east-1.vpce.amazonaws.com", "ecr-api"),
        (HOST, "ecr"),
        (f"{A}.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "ecr"),
        (f"{A}.dkr-ecr.us-east-1.on.aws", "ecr"),
        (f"{A}.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"),
        ("public.ecr.aws", "ecr-public"),
        ("prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com", "layers"),
        ("my-bucket.s3.eu-west-1.amazonaws.com", "s3"),
        ("secretsmanager.us-east-1.amazonaws.com", "secretsmanager"),
        ("ssm.us-east-1.amazonaws.com", "ssm"),
        ("logs.us-east-1.amazonaws.com", "logs"),
        ("auth.docker.io", "docker-hub"),
        ("production.cloudflare.docker.com", "docker-hub"),
        ("ghcr.io", "other"),
        ("registry.example.com:5000", "other"),
    ],
)
def test_places(host: str, place: HostKind) -> None:
    assert place_of(host) == place
    assert place_of(host.upper()) == place


def test_addresses_of_s3() -> None:
    assert is_s3_address("52.219.0.1")
    assert is_s3_address("3.5.9.9")
    assert not is_s3_address("52.46.1.1")
    assert not is_s3_address("2600::1")


@pytest.mark.parametrize(
    ("text", "about_pull"),
    [
        ("Essential container in task exited", False),
        ("Task failed ELB health checks in (target-group x)", False),
        ("hello", False),
        ("CannotPullContainerError: something new", True),
        ("failed to resolve ref x/y:1: something new", True),
        ("CannotPullContainerError: context canceled", True),
        ("ECS was unable to assume the role 'arn:aws:iam::1:role/x'", True),
        ("standard_init_linux.go:228: exec user process caused: exec format error", False),
        ("Task stopped before image pull could begin for task: x", False),
    ],
)
def test_about_pull(text: str, about_pull: bool) -> None:
    assert classify(text).about_pull is about_pull
