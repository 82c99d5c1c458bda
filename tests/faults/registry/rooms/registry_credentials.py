"""A registry outside ECR refuses the pull: it was sent no credentials, or such as it does not take."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.registry.registry_credentials import CREDENTIALS_INVALID, CREDENTIALS_MISSING
from tests.build import ACCOUNT, REGION, absent, ec2, known, stopped, unavailable
from tests.build.images import facts, named
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CREDENTIALS, with_credentials

OWN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/payments-api"
OUTSIDE = "registry.example.com/acme/shop:1"
REFUSED_TEXT = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
WRONG_PASSWORD = "CannotPullContainerError: Error response from daemon: Get https://registry.example.com/v2/: unauthorized: incorrect username or password"


def definition_denied(world: dict[str, Any]) -> None:
    world["task_definition"] = unavailable("denied", "ecs:DescribeTaskDefinition")


CREDENTIALS_MISSING_TABLE = Table(
    CREDENTIALS_MISSING,
    (
        case("refused without credentials", "warn", named(OUTSIDE), stopped(REFUSED_TEXT.format(OUTSIDE)),
             resources=(OUTSIDE, f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7")),
        case("an ECR image without its host", "warn", named("payments-api:1.4.2"),
             facts(own_repository=known({"repositoryArn": OWN, "repositoryName": "payments-api"})),
             stopped(REFUSED_TEXT.format("docker.io/library/payments-api:1.4.2")), says="account's own ECR registry"),
        case("a commit's build without its host", "warn", named("shop:3f2a9c1d0b7e"), facts(own_repository=absent()),
             stopped(REFUSED_TEXT.format("docker.io/library/shop:3f2a9c1d0b7e")), says="the registry's host was probably left out"),
        case("a bare word that a template left", "skipped", named("repository"),
             stopped(REFUSED_TEXT.format("docker.io/library/repository:latest")), says="invalid-image-reference"),
        case("an image of Docker Hub", "warn", named("acme/shop:1"), facts(own_repository=absent()),
             stopped(REFUSED_TEXT.format("docker.io/acme/shop:1"))),
        case("a public image", "skipped", named("public.ecr.aws/acme/shop:1"),
             stopped(REFUSED_TEXT.format("public.ecr.aws/acme/shop:1")), says="tag-not-found"),
        case("the task definition is denied", "unknown", named(OUTSIDE), definition_denied, stopped(REFUSED_TEXT.format(OUTSIDE))),
        case("a wrong password of the host", "skipped", named(OUTSIDE), stopped(WRONG_PASSWORD), start=ec2),
        case("refused with credentials", "skipped", named(OUTSIDE), with_credentials, stopped(REFUSED_TEXT.format(OUTSIDE))),
        case("no text", "skipped", named(OUTSIDE)),
        case("an ECR image", "skipped", stopped(REFUSED_TEXT.format(OUTSIDE))),
        case("invalid", "skipped", named("NGINX:1.27")),
    ),
)  # fmt: skip

CREDENTIALS_INVALID_TABLE = Table(
    CREDENTIALS_INVALID,
    (
        case("a wrong password", "warn", named(OUTSIDE), with_credentials, stopped(WRONG_PASSWORD), resources=(CREDENTIALS,)),
        case("a wrong password of the host", "warn", named(OUTSIDE), stopped(WRONG_PASSWORD), start=ec2, says="kept on the container instance"),
        case("refused with credentials", "warn", named(OUTSIDE), with_credentials, stopped(REFUSED_TEXT.format(OUTSIDE))),
        case("refused without credentials", "skipped", named(OUTSIDE), stopped(REFUSED_TEXT.format(OUTSIDE)),
             says="registry-credentials-missing"),
        case("a login that is kept on the host", "warn", named(OUTSIDE), stopped(
            "CannotPullContainerError: Error response from daemon: denied: Your authorization token has expired. "
            "Reauthenticate and try again."), start=ec2, resources=("i-0aaaabbbbccccdddd",)),
        case("no text", "skipped", named(OUTSIDE)),
    ),
)  # fmt: skip
