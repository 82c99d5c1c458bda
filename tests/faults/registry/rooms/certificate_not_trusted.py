"""The machine that pulls does not trust the certificate that it was shown."""

from __future__ import annotations

from diagnostics.faults.registry.certificate_not_trusted import CERTIFICATE_NOT_TRUSTED
from tests.build import REGISTRY, ec2, stopped, unavailable
from tests.build.images import named
from tests.faults.judging import Table, case

CORP = "registry.corp.example:5000"
OWN = f"{CORP}/team/api:1"
X509 = 'CannotPullContainerError: Error response from daemon: Get "https://{}/v2/": x509: certificate signed by unknown authority'
GET = f'CannotPullContainerError: Error response from daemon: Get "https://{CORP}/v2/": '
EXPIRED = "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-24T09:15:00Z is after 2026-11-01T00:00:00Z"
EARLY = EXPIRED.replace("is after 2026-11-01T00:00:00Z", "is before 2026-12-01T00:00:00Z")
NAME = "x509: certificate is valid for registry.internal, not registry.corp.example"
ADDRESS = "x509: cannot validate certificate for 10.0.0.9 because it doesn't contain any IP SANs"
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
        case("expired", "warn", named(OWN), stopped(f"{GET}{EXPIRED}"), start=ec2, says="showed has expired, so the machine that pulls"),
        case("expired, on Fargate", "warn", named(OWN), stopped(f"{GET}{EXPIRED}"), says="showed has expired"),
        case("not yet valid", "warn", named(OWN), stopped(f"{GET}{EARLY}"), start=ec2, says="is not valid yet by the clock of the machine"),
        case("of another name", "warn", named(OWN), stopped(f"{GET}{NAME}"), start=ec2, says="is of another name"),
        case("of no address", "warn", named(OWN), stopped(f"{GET}{ADDRESS}"), start=ec2, says="is of another name"),
        case("expired at ECR, on a host", "warn", stopped(f"{GET}{EXPIRED}".replace(CORP, REGISTRY)), start=ec2, says="showed has expired"),
        case("expired at ECR, on Fargate", "warn", stopped(f"{GET}{EXPIRED}".replace(CORP, REGISTRY)), says="is not trusted by the machine"),
        case("something else about a certificate", "warn", named(OWN), stopped(f"{GET}x509: unhandled critical extension"), start=ec2, says="is not trusted by the machine"),
        case("a handshake that took too long", "skipped", stopped(SLOW)),
        case("no text", "skipped", named(OWN)),
        case("a reference that is not valid", "skipped", named("https://a/b")),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    repairs={
        "registry": "a registry of one's own", "registry/fargate": "the same on Fargate",
        "registry/inspected": "ECR behind an inspection",
        "registry/expired": "expired", "registry/clock": "expired at ECR, on a host", "registry/name": "of another name",
    },
)  # fmt: skip
