"""The image reference names a Region that its repository is not in."""

from __future__ import annotations

from diagnostics.faults.image.wrong_region import WRONG_REGION
from tests.build import REPOSITORY_ARN, absent
from tests.build.images import named, no_repository, rule, rules
from tests.faults.image.worlds import TEAM_IMAGE, UNREAD, elsewhere, there
from tests.faults.judging import Table, case

TABLE = Table(
    WRONG_REGION,
    (
        case("it exists", "pass"),
        case(
            "another Region has it", "fail", no_repository,
            elsewhere(us_west_2=absent(), eu_west_1=there("eu-west-1")), resources=(REPOSITORY_ARN,),
            says="is in eu-west-1",
        ),
        case("no other Region has it", "skipped", no_repository, elsewhere(us_west_2=absent())),
        case("no other Region was asked", "skipped", no_repository),
        case("another Region is denied", "unknown", no_repository, elsewhere(us_west_2=UNREAD)),
        case(
            "one is denied and one has it", "fail", no_repository,
            elsewhere(us_west_2=UNREAD, eu_west_1=there("eu-west-1")),
        ),
        case("a cache rule makes it", "skipped", named(TEAM_IMAGE), no_repository, rules(rule("team", "quay.io"))),
    ),
)  # fmt: skip
