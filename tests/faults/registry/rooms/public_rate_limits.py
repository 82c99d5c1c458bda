"""A public registry refuses the pull, since too much was pulled from this address: Docker Hub, or public.ecr.aws."""

from __future__ import annotations

from diagnostics.faults.registry.public_rate_limits import HUB_LIMIT, PUBLIC_LIMIT
from tests.build import stopped
from tests.build.images import named
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CREDENTIALS, HUB_TEXT, OUTAGE_TEXT, with_credentials

PUBLIC_TEXT = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://public.ecr.aws/v2/nginx/nginx/manifests/1.27: 429 Too Many Requests - Server message: toomanyrequests: Rate exceeded"

HUB_LIMIT_TABLE = Table(
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

PUBLIC_LIMIT_TABLE = Table(
    PUBLIC_LIMIT,
    (
        case("the text shows it", "warn", named("public.ecr.aws/nginx/nginx:1.27"), stopped(PUBLIC_TEXT)),
        case("no text", "skipped", named("public.ecr.aws/nginx/nginx:1.27")),
        case("an ECR image", "skipped", stopped(PUBLIC_TEXT)),
    ),
)  # fmt: skip
