"""Whole worlds in which what stopped the pull is shown by no API, each beside a healthy twin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from diagnostics import report
from diagnostics.snapshot import Snapshot
from tests.build import ACCOUNT, IMAGE, Edit, changed, ec2, fargate, stopped
from tests.build.images import named

NEARLY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonawss.com"
CORP = "registry.corp.internal"
TIMED_OUT = 'CannotPullContainerError: Error response from daemon: Get "https://{}/v2/": dial tcp 3.33.139.32:443: i/o timeout'
NO_HOST = 'CannotPullContainerError: Error response from daemon: Get "https://{0}/v2/": dial tcp: lookup {0} on 10.0.0.2:53: no such host'
X509 = 'CannotPullContainerError: Error response from daemon: Get "https://{}/v2/": x509: certificate signed by unknown authority'
REGISTER = "CannotPullContainerError: failed to register layer: {}"


@pytest.mark.parametrize(
    ("start", "edits", "expected"),
    [
        (fargate, [named(f"{NEARLY}/api:1"), stopped(TIMED_OUT.format(NEARLY))], "cause confirmed invalid-image-reference"),
        (fargate, [named(f"{NEARLY}/api:1"), stopped(NO_HOST.format(NEARLY))], "cause confirmed invalid-image-reference"),
        (fargate, [named(f"{CORP}/api:1"), stopped(NO_HOST.format(CORP))], "cause likely registry-name-not-found"),
        (fargate, [named(f"{CORP}/api:1"), stopped(TIMED_OUT.format(CORP))], "undecided"),
        (ec2, [named(f"{CORP}:5000/api:1"), stopped(X509.format(f"{CORP}:5000"))], "cause likely certificate-not-trusted"),
        (ec2, [stopped(REGISTER.format("archive/tar: invalid tar header"))], "cause likely layer-not-unpackable"),
        (ec2, [stopped(REGISTER.format("write /a: no space left on device"))], "cause likely disk-full"),
        (ec2, [stopped("CannotPullContainerError: context canceled")], "undecided"),
        (fargate, [named(f"{CORP}/api:1")], "nothing_wrong"),
        (ec2, [], "nothing_wrong"),
        (fargate, [stopped(f"CannotPullContainerError: failed to resolve ref {IMAGE}: {IMAGE}: not found")], "nothing_wrong"),
    ],
    ids=[
        "nearly ECR's, no answer", "nearly ECR's, no name", "a private name", "a private registry", "a certificate", "a tar header",
        "no room", "given up on a host", "a private registry and no text", "a host and no text", "a tag that is there now",
    ],
)  # fmt: skip
def test_what_is_said(start: Callable[[], Snapshot], edits: list[Edit], expected: str) -> None:
    found = report.build(changed(start(), *edits))
    first = found.cause
    shown = f"{first.role} {first.certainty} {first.id}" if first else found.verdict.outcome
    assert shown == expected
    assert found.verdict.outcome == ("cause_found" if first else expected)
