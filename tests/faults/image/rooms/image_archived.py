"""The image is in ECR's archive storage class."""

from __future__ import annotations

from diagnostics.faults.image.image_archived import IMAGE_ARCHIVED
from tests.build import REPOSITORY_ARN
from tests.build.images import detail, facts, named, no_image
from tests.faults.image.worlds import UNREAD
from tests.faults.judging import Table, case

TABLE = Table(
    IMAGE_ARCHIVED,
    (
        case("active", "pass"),
        case("archived", "fail", detail(imageStatus="ARCHIVED"), resources=(REPOSITORY_ARN, "1.4.2")),
        case("being restored", "fail", detail(imageStatus="ACTIVATING"), says="is being restored"),
        case("denied", "unknown", facts(detail=UNREAD)),
        case("missing", "skipped", no_image),
        case("outside ECR", "skipped", named("nginx:1.27")),
    ),
)  # fmt: skip
