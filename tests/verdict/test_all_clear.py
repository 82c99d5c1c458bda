"""That nothing is wrong is said only of texts whose every origin AWS's API can refute: over all symptoms and all real texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache

import pytest

from diagnostics import report
from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot
from diagnostics.stop_reason import SymptomId, classify
from diagnostics.verdict.table import TEXTS
from tests.build import ACCOUNT, IMAGE, ROLE_ARN, Edit, changed, ec2, fargate, permissions, stopped, tasks
from tests.build.images import named
from tests.build.policies import allow
from tests.faults.secrets import secret_edits as secrets
from tests.rows import every_row
from tests.stop_reason.corpora import EVERY
from tests.stop_reason.test_catalogue import CATALOGUE

STARTS: Mapping[str, Callable[[], Snapshot]] = {"Fargate": fargate, "EC2": ec2}

NEVER = {
    SymptomId.TLS_FAILURE, SymptomId.DNS_FAILURE, SymptomId.PROXY_MISCONFIGURED, SymptomId.SECRET_MALFORMED_REFERENCE,
    SymptomId.ENV_FILE_DOWNLOAD_FAILED, SymptomId.DISK_FULL, SymptomId.LAYER_REGISTER_FAILED,
    SymptomId.AGENT_INTERNAL_IMAGE, SymptomId.DAEMON_UNAVAILABLE, SymptomId.UNRECOGNISED,
}  # fmt: skip
"""What also comes from things that no API shows, whatever the image and the machine."""

OUTSIDE = {
    SymptomId.REGISTRY_UNREACHABLE, SymptomId.REGISTRY_ACCESS_DENIED, SymptomId.REGISTRY_CREDS_INVALID,
    SymptomId.AUTH_TOKEN_EXPIRED, SymptomId.NO_BASIC_AUTH,
    SymptomId.REGISTRY_SECRET_FAILED, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
}  # fmt: skip
"""The same where the image is in a registry outside AWS."""

ON_A_HOST = {
    SymptomId.PULL_CONTEXT_CANCELED, SymptomId.LAYER_VERIFICATION_FAILED, SymptomId.PULL_TIMEOUT, SymptomId.NO_BASIC_AUTH,
}  # fmt: skip
"""The same on a container instance, whose disk, agent and log-ins no API shows."""

REPAIRED = {SymptomId.ECR_API_UNREACHABLE, SymptomId.ECR_DKR_UNREACHABLE, SymptomId.IMAGE_NOT_FOUND}
"""A few whose every origin is refuted in a healthy account, so that it is said."""

BY_SYMPTOM: Mapping[str, list[str]] = defaultdict(list)
for _text in (*(line["text"] for line in EVERY), *(text for text, _, _ in CATALOGUE)):
    BY_SYMPTOM[classify(_text).id].append(_text)


ECR_HOST = re.compile(r"[\w<>*-]+\.dkr[.-]ecr(?:-fips)?\.[\w<>*-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)")
PRIVATE = re.compile(r"tcp (?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.")


@cache
def told(start: Callable[[], Snapshot], text: str, image: str | None = None) -> Report:
    """What is said of a task that stopped with a text."""
    edits = (named(image),) if image else ()
    return report.build(changed(start(), *edits, stopped(text)))


def outcomes(
    start: Callable[[], Snapshot], symptom: str, image: str | None = None, *, private: bool | None = None
) -> set[str]:
    """What is said of every text that shows a symptom, or of those alone that name a private address, or none."""
    assert BY_SYMPTOM[symptom], "no text shows it, so that nothing would be tested"
    texts = [text for text in BY_SYMPTOM[symptom] if private is None or bool(PRIVATE.search(text)) is private]
    return {told(start, text, image).verdict.outcome for text in texts}


def about_own_images(symptom: str) -> list[str]:
    """The texts that show a symptom, of a pull from the healthy task's registry or from one that they do not name."""
    registry = IMAGE.partition("/")[0]
    texts = (ECR_HOST.sub(registry, text) for text in BY_SYMPTOM[symptom])
    shown = ((text, classify(text)) for text in texts)
    return [text for text, item in shown if registry in text or (item.host is None and item.image is None)]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("symptom", sorted(NEVER))
def test_what_no_api_shows_is_never_called_nothing(symptom: SymptomId, start: str) -> None:
    assert "nothing_wrong" not in outcomes(STARTS[start], symptom)


@pytest.mark.parametrize("symptom", sorted(OUTSIDE))
def test_a_registry_outside_aws_cannot_be_looked_into(symptom: SymptomId) -> None:
    assert "nothing_wrong" not in outcomes(fargate, symptom, "registry.corp.example/team/api:1")


@pytest.mark.parametrize("symptom", sorted(ON_A_HOST))
def test_a_host_cannot_be_looked_into(symptom: SymptomId) -> None:
    assert "nothing_wrong" not in outcomes(ec2, symptom)


@pytest.mark.parametrize("symptom", sorted(REPAIRED))
def test_what_was_refuted_is_called_repaired(symptom: SymptomId) -> None:
    texts = about_own_images(symptom)
    said = {text: report.build(changed(fargate(), stopped(text))).verdict.outcome for text in texts}
    assert {
        text for text, outcome in said.items() if outcome != "nothing_wrong" and not PRIVATE.search(text)
    } == set()
    # A private address may lead to another network.
    assert set(said.values()) <= {"nothing_wrong", "undecided"}


LOG_IN = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve "
    "ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post "
    '"https://api.ecr.{}.amazonaws.com/": dial tcp 44.213.79.104:443: i/o timeout'
)
REFUSED_REPOSITORY = (
    f"CannotPullContainerError: Error response from daemon: denied: User: arn:aws:sts::{ACCOUNT}:assumed-role/payments-execution/x is "
    f"not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{{}} because no "
    "identity-based policy allows the ecr:BatchGetImage action"
)


@pytest.mark.parametrize(
    ("text", "registry"),
    [
        ("CannotPullContainerError: failed to resolve ref docker.io/acme/api:1: docker.io/acme/api:1: not found", "docker.io"),
        ("CannotPullContainerError: Error response from daemon: manifest for acme/api:1 not found: manifest unknown", "docker.io"),
        ('CannotPullContainerError: Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp 3.94.224.37:443: i/o timeout', "docker.io"),
        ("CannotPullContainerError: failed to resolve ref ghcr.io/acme/api:1: ghcr.io/acme/api:1: not found", "ghcr.io"),
        (f"CannotPullContainerError: failed to resolve ref {IMAGE.replace('111122223333', '999988887777')}: not found",
         IMAGE.partition("/")[0].replace("111122223333", "999988887777")),
        ("CannotPullContainerError: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit", "docker.io"),
        ("CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://docker-images-prod.s3.dualstack.us-east-1.amazonaws.com/registry-v2/x: 403 Forbidden", "docker.io"),
        ("CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://prod-registry-k8s-io-us-east-1.s3.dualstack.us-east-1.amazonaws.com/x: 403 Forbidden", "registry.k8s.io"),
        (LOG_IN.format("eu-west-1"), "api.ecr.eu-west-1.amazonaws.com"),
        (LOG_IN.format("us-east-1"), None),
        (REFUSED_REPOSITORY.format("payments-api-old"), "repository payments-api-old"),
        (REFUSED_REPOSITORY.format("payments-api"), None),
        (f"CannotPullContainerError: failed to resolve ref {IMAGE}: {IMAGE}: not found", None),
        ("CannotPullContainerError: manifest unknown", None),
        ('CannotPullContainerError: failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com/x": dial tcp 52.216.1.2:443: i/o timeout', None),
    ],
)  # fmt: skip
def test_a_registry_that_the_task_does_not_use_is_said(text: str, registry: str | None) -> None:
    verdict = report.build(changed(fargate(), stopped(text))).verdict
    if registry is None:
        assert verdict.outcome == "nothing_wrong"
    else:
        assert verdict.outcome == "undecided"
        assert f"names {registry}, from which no image of this task is pulled" in verdict.headline
        assert "another revision" in " ".join(verdict.caveats)


@every_row("symptom", sorted(TEXTS))
def test_no_fault_that_is_not_shown_is_passed_over(symptom: SymptomId) -> None:
    """Every fault that nothing refutes and that can produce a text of its image's kind leaves the verdict open."""
    assert BY_SYMPTOM[symptom], "no text shows it, so that nothing would be tested"
    for text in BY_SYMPTOM[symptom][:3]:
        for start in STARTS.values():
            found = told(start, text)
            open_ = {
                item.fault
                for item in found.findings
                if item.unseen and symptom in ALL_FAULTS[item.fault].explains.symptoms
            }
            if any(not ALL_FAULTS[name].refutable for name in open_):
                assert found.verdict.outcome != "nothing_wrong", (symptom, open_)


TASK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/payments-task"
ASSUMED = (
    "ECS was unable to assume the role '{}' that was provided for this task. Please verify that the role being passed has the "
    "proper trust relationship and permissions and that your IAM user has permissions to pass this role."
)
DENIED_SECRET = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
    "retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {} from secrets manager: "
    "AccessDeniedException: User is not authorized to perform: secretsmanager:GetSecretValue"
)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        (ASSUMED.format(TASK_ROLE), tasks.definition(taskRoleArn=TASK_ROLE)),
        (ASSUMED.format(f"arn:aws:iam::{ACCOUNT}:role/somebody-else"), tasks.definition()),
        (DENIED_SECRET.format(f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf"), tasks.definition()),
        ("CannotPullContainerError: Error response from daemon: invalid reference format", tasks.definition()),
    ],
    ids=["the task role", "a role of others", "a secret that it does not name", "a reference that is valid"],
)  # fmt: skip
@pytest.mark.parametrize("start", STARTS)
def test_a_text_about_what_the_task_does_not_have_is_not_refuted(text: str, edit: Edit, start: str) -> None:
    found = report.build(changed(STARTS[start](), edit, stopped(text)))
    assert found.verdict.outcome == "undecided"
    assert not found.causes


def test_a_secret_that_exists_may_have_no_value() -> None:
    """The words are Secrets Manager's for a secret whose value was never set, or whose version is gone."""
    text = "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
    edits = (secrets.taking(secrets.SECRET_ARN), permissions.managed(allow("*", "*")))
    found = report.build(changed(fargate(), *edits, stopped(f"unable to retrieve secret from asm: {text}")))
    assert found.verdict.outcome == "undecided"


def test_a_role_of_the_task_that_is_in_order_now_was_repaired() -> None:
    found = report.build(changed(fargate(), stopped(ASSUMED.format(ROLE_ARN))))
    assert found.verdict.outcome == "nothing_wrong"


def test_what_to_look_at_next_is_said() -> None:
    text = BY_SYMPTOM[SymptomId.DNS_FAILURE][0]
    found = report.build(changed(fargate(), stopped(text)))
    assert found.verdict.outcome == "undecided"
    assert ALL_FAULTS["registry-name-not-found"].how in found.verdict.caveats[0]


@pytest.mark.parametrize(
    "text",
    [
        f'CannotPullContainerError: Error response from daemon: Head "https://{IMAGE.replace(":1.4.2", "/manifests/1.4.2")}": no basic auth credentials',
        f"CannotPullContainerError: failed to resolve ref {IMAGE}: failed to do request: dial tcp [2600:1f18::1]:443: connect: network is unreachable",
    ],
    ids=["no credentials, though the role may log in", "an IPv6 address where there is no IPv6"],
)
def test_what_nothing_here_explains_is_not_called_repaired(text: str) -> None:
    assert report.build(changed(fargate(), stopped(text))).verdict.outcome == "undecided"
