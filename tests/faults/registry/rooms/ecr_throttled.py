"""ECR throttles the pull, since the account makes too many requests at once."""

from __future__ import annotations

from diagnostics.faults.registry.ecr_throttled import THROTTLED
from tests.build import ACCOUNT, REGION, stopped
from tests.build.images import named
from tests.faults.judging import Table, case

ECR_TEXT = "CannotPullECRContainerError: ThrottlingException: Rate exceeded"

TABLE = Table(
    THROTTLED,
    (
        case("the text shows it", "warn", stopped(ECR_TEXT),
             resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/payments-api",)),
        case("no text", "skipped"),
        case("not ECR", "skipped", named("nginx:1.27"), stopped(ECR_TEXT)),
    ),
)  # fmt: skip
