"""The image is in ECR's archive storage class."""

from __future__ import annotations

from diagnostics.faults.image.image_archived import IMAGE_ARCHIVED
from tests.build import REPOSITORY_ARN
from tests.build.images import detail, facts, named, no_image
from tests.faults.image.worlds import UNREAD, archives, drops, lifecycle
from tests.faults.judging import Table, case

TABLE = Table(
    IMAGE_ARCHIVED,
    (
        case("active", "pass"),
        case("archived", "fail", detail(imageStatus="ARCHIVED"), resources=(REPOSITORY_ARN, "1.4.2")),
        case(
            "a lifecycle rule archived it", "fail", detail(imageStatus="ARCHIVED", lastArchivedAt="2026-11-20T03:00:00Z"),
            facts(lifecycle_policy=lifecycle(archives(1, 30))), says="Lifecycle rule 1 (“archive the unused”) of the repository archives all images",
        ),
        case("no lifecycle rule archives it", "fail", detail(imageStatus="ARCHIVED"), facts(lifecycle_policy=lifecycle(drops(1, 30)))),
        case("being restored", "fail", detail(imageStatus="ACTIVATING"), says="is being restored"),
        case("denied", "unknown", facts(detail=UNREAD)),
        case("missing", "skipped", no_image),
        case("outside ECR", "skipped", named("nginx:1.27")),
    ),
    repairs={"image": "archived", "image/lifecycle": "a lifecycle rule archived it"},
)  # fmt: skip
