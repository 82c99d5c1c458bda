"""Docker Hub refuses the pull, since too many came from this address."""

from __future__ import annotations

from diagnostics.faults.registry.docker_hub_rate_limit import HUB_LIMIT
from tests.build import stopped
from tests.build.images import named
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CREDENTIALS, HUB_TEXT, OUTAGE_TEXT, with_credentials

TABLE = Table(
    HUB_LIMIT,
    (
        case("the text shows it", "warn", named("nginx:1.27"), stopped(HUB_TEXT), resources=("nginx:1.27",),
             says="without credentials"),
        case("with credentials", "warn", named("nginx:1.27"), with_credentials, stopped(HUB_TEXT), says=CREDENTIALS),
        case("no text", "skipped", named("nginx:1.27")),
        case("another text", "skipped", named("nginx:1.27"), stopped(OUTAGE_TEXT)),
        case("an ECR image", "skipped", stopped(HUB_TEXT), says="is not Docker Hub"),
        case("invalid", "skipped", named("NGINX:1.27"), stopped(HUB_TEXT)),
    ),
)  # fmt: skip
