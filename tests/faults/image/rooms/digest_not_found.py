"""The repository does not have a digest: the one that the task definition names, or the one that ECS resolved a tag to."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.image.digest_not_found import DIGEST_EXPIRED, DIGEST_NOT_FOUND
from tests.build import DIGEST, IMAGE, REPOSITORY_ARN, absent, image_of, known, stopped, task_of
from tests.build.images import facts, named, no_image, no_repository, rule, rules
from tests.faults.image.worlds import (
    NOT_FOUND,
    OTHER,
    TEAM_IMAGE,
    THEIRS,
    UNREAD,
    by_digest,
    drops,
    keeps,
    lifecycle,
)
from tests.faults.judging import Table, case


def pinned(found: dict[str, Any], now: str = DIGEST) -> Any:
    """ECS resolved the tag to OTHER; `found` is what became of it, `now` the digest that the tag has."""

    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"][0]["imageDigest"] = OTHER
        image_of(world).update(counterpart_id=OTHER, counterpart=found)
        image_of(world)["detail"]["value"]["imageDigest"] = now

    return edit


def started_by(name: str | None, group: str | None = "service:payments-api") -> Any:
    return lambda world: task_of(world).update(startedBy=name, group=group)


DIGEST_NOT_FOUND_TABLE = Table(
    DIGEST_NOT_FOUND,
    (
        case("it exists", "pass", *by_digest(known({"imageDigest": OTHER}))),
        case("it is missing", "fail", *by_digest(absent()), resources=(REPOSITORY_ARN, OTHER)),
        case(
            "a lifecycle rule may have removed it", "fail", *by_digest(absent()), facts(lifecycle_policy=lifecycle(drops(1, 1))),
            says="about 1 day ago, and may have removed it",
        ),
        case("named by tag", "skipped"),
        case("the task is denied", "unknown", lambda world: world.update(task=UNREAD)),
        case("ECS resolved it", "skipped", *by_digest(absent(), known({"imageDigest": DIGEST}))),
        case("ECS resolved it and the tag is gone too", "fail", *by_digest(absent(), absent())),
        case("ECS resolved it and the tag is denied", "unknown", *by_digest(absent(), UNREAD)),
        case("denied", "unknown", *by_digest(UNREAD)),
        case("the repository is missing", "skipped", *by_digest(absent()), no_repository),
        case("outside ECR", "skipped", named(f"nginx@{OTHER}")),
        case(
            "outside ECR and the text", "warn", named(f"nginx@{OTHER}"),
            stopped(NOT_FOUND.format(f"docker.io/library/nginx@{OTHER}")), resources=(f"nginx@{OTHER}", OTHER),
        ),
    ),
)  # fmt: skip

DIGEST_EXPIRED_TABLE = Table(
    DIGEST_EXPIRED,
    (
        case("ECS resolved nothing", "skipped"),
        case(
            "the text names the digest of another account's image", "warn", named(THEIRS),
            facts(detail=UNREAD, repository=UNREAD), stopped(NOT_FOUND.format(f"{THEIRS}@{OTHER}")), says="the tag v9",
        ),
        case(
            "the text names a digest, and the tag is another image", "warn", stopped(NOT_FOUND.format(f"{IMAGE}@{OTHER}")),
            resources=(REPOSITORY_ARN, OTHER),
        ),
        case(
            "the text names a digest, and the tag is denied", "unknown", facts(detail=UNREAD),
            stopped(NOT_FOUND.format(f"{IMAGE}@{OTHER}")),
        ),
        case("the text names a digest, and the tag is gone", "skipped", no_image, stopped(NOT_FOUND.format(f"{IMAGE}@{OTHER}"))),
        case("the tag still has it", "pass", pinned(known({"imageDigest": OTHER}), OTHER)),
        case("the tag still has it, which nothing else has to tell", "pass", pinned(UNREAD, OTHER)),
        case("the tag moved and it is kept", "pass", pinned(known({"imageDigest": OTHER}))),
        case(
            "the tag moved and it is gone", "fail", pinned(absent()), resources=(REPOSITORY_ARN, OTHER),
            says=f"1.4.2 is now {DIGEST}",
        ),
        case(
            "the tag moved, and a lifecycle rule may have removed it", "fail", pinned(absent()),
            facts(lifecycle_policy=lifecycle(keeps(1, 2, "1."), drops(2, 14))),
            says="Lifecycle rule 2 of the repository expires images without a tag that were pushed more than about 14 days ago, and may have removed it.",
        ),
        case("the digest is denied", "unknown", pinned(UNREAD)),
        case("the tag is gone", "skipped", pinned(absent()), no_image, says="tag-not-found"),
        case("no service", "skipped", pinned(absent()), started_by(None, "family:payments-api")),
        case("the deployment is over", "skipped", pinned(absent()), started_by("ecs-svc/0")),
        case("the task's image is a digest", "fail", *by_digest(absent(), known({"imageDigest": DIGEST}))),
        case("the digest was written", "skipped", *by_digest(absent())),
        case("the digest is there", "pass", *by_digest(known({"imageDigest": OTHER}))),
        case(
            "a cache rule may fetch it", "skipped", named(TEAM_IMAGE), pinned(absent()), rules(rule("team", "quay.io"))
        ),
    ),
    repairs={"image": "the tag moved and it is gone", "image/by-text": "the text names the digest of another account's image", "image/lifecycle": "the tag moved, and a lifecycle rule may have removed it"},
)  # fmt: skip
