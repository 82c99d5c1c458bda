"""public.ecr.aws refuses the pull, since too much was pulled from this address."""

from __future__ import annotations

from diagnostics.faults.registry.ecr_public_rate_limit import PUBLIC_LIMIT
from tests.build import stopped
from tests.build.images import named
from tests.faults.judging import Table, case

PUBLIC_TEXT = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://public.ecr.aws/v2/nginx/nginx/manifests/1.27: 429 Too Many Requests - Server message: toomanyrequests: Rate exceeded"

TABLE = Table(
    PUBLIC_LIMIT,
    (
        case("the text shows it", "warn", named("public.ecr.aws/nginx/nginx:1.27"), stopped(PUBLIC_TEXT)),
        case("no text", "skipped", named("public.ecr.aws/nginx/nginx:1.27")),
        case("an ECR image", "skipped", stopped(PUBLIC_TEXT)),
    ),
)  # fmt: skip
