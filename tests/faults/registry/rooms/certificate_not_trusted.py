"""The machine that pulls does not trust the certificate that it was shown."""

from __future__ import annotations

from diagnostics.faults.registry.certificate_not_trusted import CERTIFICATE_NOT_TRUSTED
from tests.build import REGISTRY, ec2, stopped, unavailable
from tests.build.images import named
from tests.faults.judging import Table, case

OWN = "registry.corp.example:5000/team/api:1"
X509 = 'CannotPullContainerError: Error response from daemon: Get "https://{}/v2/": x509: certificate signed by unknown authority'
SLOW = f'CannotPullContainerError: Error response from daemon: Get "https://{REGISTRY}/v2/": net/http: TLS handshake timeout'

TABLE = Table(
    CERTIFICATE_NOT_TRUSTED,
    (
        case(
            "a registry of one's own", "warn", named(OWN), stopped(X509.format("registry.corp.example:5000")), start=ec2,
            says="registry.corp.example",
        ),
        case("the same on Fargate", "warn", named(OWN), stopped(X509.format("registry.corp.example:5000"))),
        case("ECR behind an inspection", "warn", stopped(X509.format(REGISTRY)), says=REGISTRY),
        case("a handshake that took too long", "skipped", stopped(SLOW)),
        case("no text", "skipped", named(OWN)),
        case("a reference that is not valid", "skipped", named("https://a/b")),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    repairs={
        "registry": "a registry of one's own", "registry/fargate": "the same on Fargate",
        "registry/inspected": "ECR behind an inspection",
    },
)  # fmt: skip
