"""Which image a subject needs, and what of it is worth a word: by rule, by roll-back, by tag. Facts by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from diagnostics.audit.images import ahead_of
from diagnostics.audit.subjects import AuditSubject, subjects_of
from diagnostics.collect import calls
from diagnostics.collect.inventory import ClusterFacts, Inventory
from diagnostics.collect.needed import NeededFor, NeededImage, NeedsOf, build_needed, with_digests
from diagnostics.image_reference import parse
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    ContainerDefinition,
    Fact,
    ImageDetail,
    Known,
    LifecyclePolicy,
    PlannedTask,
    Service,
    ServiceDeployment,
    ServiceRevision,
    Task,
    TaskDefinition,
    Unavailable,
    Why,
)
from diagnostics.target import Target
from tests.build.lifecycle import NOW, ago, policy, rule, tagged

DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
INDEX = "application/vnd.oci.image.index.v1+json"
TARGET = Target(kind="preflight", cluster="prod", service="api")
SUBJECT = AuditSubject("prod/api", "service", "prod", "api", NeedsOf(TARGET))
MONTH = rule(2, "any", "pushed", 30)
THREE = rule(1, "any", "count", 3)


def detail(digest: str = DIGEST, age: float = 27, tags: str = "v1", **more: Any) -> ImageDetail:
    return ImageDetail(image_digest=digest, image_tags=tuple(tags.split()), image_pushed_at=ago(age), **more)


def needed(
    *rules: dict[str, Any],
    image: Fact[ImageDetail] | None = None,
    others: tuple[ImageDetail, ...] | None = None,
    needed_for: NeededFor = "next",
    by: str = f"@{DIGEST}",
) -> NeededImage:
    found = image or Known(value=detail())
    text = policy(*rules)
    return NeededImage(
        parse(f"{HOST}/shop{by}"),
        needed_for,
        found,
        Known(value=LifecyclePolicy(lifecycle_policy_text=text)) if rules else Absent(),
        Unavailable() if others is None else Known(value=others),
    )


NEWER = tuple(detail(f"sha256:{n:064d}", age=n, tags=f"v{n + 2}") for n in (1, 2))
OLD = Known(value=detail(age=90))
NO_TAG = Known(value=detail(age=13, tags=""))
AN_INDEX = detail(OTHER, age=5, tags="v9", image_manifest_media_type=INDEX)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        # level, id, certain, pushes
        (needed(MONTH), ("soon", "image-expires", True, None)),
        (needed(rule(2, "any", "pushed", 60)), None),
        (needed(rule(2, "any", "pushed", 57)), ("soon", "image-expires", True, None)),
        (needed(tagged(1, "v", "count", 9999), MONTH), None),
        (needed(), None),
        (needed(MONTH, image=Known(value=detail(image_status="ARCHIVED"))), None),
        # By count: the next push is enough; or so much was pushed lately, and it is not the newest.
        (needed(THREE, others=NEWER), ("soon", "image-expires", True, 1)),
        (needed(rule(1, "any", "count", 4), others=NEWER), ("soon", "image-expires", True, 2)),
        (needed(rule(1, "any", "count", 9), others=NEWER), None),
        (needed(rule(1, "any", "count", 4), others=NEWER, image=Known(value=detail(age=0.5))), None),
        (needed(rule(1, "any", "count", 1), others=(), image=Known(value=detail(age=0.5))), ("soon", "image-expires", True, 1)),
        # A roll-back that may come by itself, one that only somebody may ask for, and the next deployment.
        (needed(MONTH, needed_for="roll_back"), ("risk", "image-expires", True, None)),
        (needed(MONTH, needed_for="deployment", by=":v1"), ("risk", "image-expires", True, None)),
        (needed(image=Absent(), needed_for="roll_back"), ("risk", "roll-back-image-gone", True, None)),
        (needed(image=Absent(), needed_for="deployment", by=":v1"), ("risk", "tag-gone", True, None)),
        (needed(image=Absent()), None),
        # No tag: a rule that acts soon outranks it; whether an index keeps it is not known.
        (needed(image=NO_TAG), ("risk", "image-only-untagged", True, None)),
        (needed(rule(1, "untagged", "pushed", 14), image=NO_TAG, others=()), ("soon", "image-expires", True, None)),
        (needed(rule(1, "untagged", "pushed", 14), image=NO_TAG, others=(AN_INDEX,)), ("risk", "image-expires", False, None)),
        # Of an image with a tag, too: an index may refer to it.
        (needed(tagged(1, "v9", "count", 99), MONTH, others=(AN_INDEX,)), ("risk", "image-expires", False, None)),
        # Which goes within the month, too.
        (needed(MONTH, others=(AN_INDEX,)), ("soon", "image-expires", True, None)),
        (needed(MONTH, others=NEWER), ("soon", "image-expires", True, None)),
        (needed(rule(1, "untagged", "pushed", 400), image=NO_TAG, others=()), ("risk", "image-only-untagged", True, None)),
        (needed(image=NO_TAG, needed_for="roll_back"), None),
    ],
)  # fmt: skip
def test_what_is_ahead_of_an_image(
    image: NeededImage, expected: tuple[str, str, bool, int | None] | None
) -> None:
    found = ahead_of(SUBJECT, image, NOW, 30).finding
    assert (found and (found.level, found.id, found.certain, found.pushes)) == expected


def test_a_roll_back_that_may_come_by_itself_needs_its_image_now() -> None:
    found = ahead_of(replace(SUBJECT, deploying=True), needed(MONTH, needed_for="roll_back"), NOW, 30).finding
    assert found is not None
    assert found.level == "soon"
    assert "A roll-back would pull it" in found.summary


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (replace(needed(), lifecycle_policy=Unavailable(reason=Why.DENIED, call="ecr:GetLifecyclePolicy")), "ecr:GetLifecyclePolicy could not be read: denied"),
        (replace(needed(THREE), images=Unavailable(reason=Why.TIMED_OUT, call="ecr:DescribeImages")), "timed out"),
        (replace(needed(MONTH), lifecycle_policy=Known(value=LifecyclePolicy(lifecycle_policy_text="{}"))), "is not understood here"),
        (needed(MONTH, image=Known(value=ImageDetail(image_digest=DIGEST, image_tags=("v1",)))), "does not tell when"),
        (needed(rule(1, "untagged", "pushed", 14), image=NO_TAG, others=(AN_INDEX,)), "refers to, and so keeps"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(image: NeededImage, words: str) -> None:
    seen = ahead_of(SUBJECT, image, NOW, 30)
    assert words in (seen.open or "")
    assert seen.finding is None or not seen.finding.certain


@pytest.mark.parametrize(
    ("age", "words"),
    [(31, "within 24 hours"), (29.5, "in about a day"), (27, "in about 3 days"), (5, "in about 25 days")],
)
def test_when_in_words(age: float, words: str) -> None:
    found = ahead_of(SUBJECT, needed(MONTH, image=Known(value=detail(age=age))), NOW, 30).finding
    assert found is not None
    assert found.clause == f"image expires {words} by rule 2"


# --- which digest the next task has ------------------------------------------------------------------

ARN = "arn:aws:ecs:us-east-1:111122223333"
DEFINITION = f"{ARN}:task-definition/api:7"
SERVICE = f"{ARN}:service/prod/api"


def revision(number: int, digest: str | None, definition: str = DEFINITION) -> ServiceRevision:
    return ServiceRevision.model_validate(
        {
            "serviceRevisionArn": f"{ARN}:service-revision/prod/api/{number}",
            "taskDefinition": definition,
            "containerImages": [{"containerName": "app", "image": f"{HOST}/shop:v1", "imageDigest": digest}],
        }
    )


def inventory(
    *revisions: ServiceRevision | Unavailable,
    tasks: tuple[Task, ...] = (),
    back: ServiceRevision | None = None,
    status: str = "IN_PROGRESS",
) -> Inventory:
    arns = [f"{ARN}:service-revision/prod/api/{number}" for number in range(1, len(revisions) + 1)]
    service = Service.model_validate(
        {
            "serviceArn": SERVICE, "serviceName": "api", "status": "ACTIVE", "taskDefinition": DEFINITION,
            "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY"}], "runningCount": len(tasks),
            "currentServiceRevisions": [{"arn": arn} for arn in arns],
            "currentServiceDeployment": "deployment" if back else None,
        }
    )  # fmt: skip
    known: dict[str, Fact[ServiceRevision]] = {
        arn: item if isinstance(item, Unavailable) else Known(value=item)
        for arn, item in zip(arns, revisions, strict=True)
    }
    if back is not None and back.service_revision_arn is not None:
        known[back.service_revision_arn] = Known(value=back)
    deployment = ServiceDeployment.model_validate(
        {"status": status, "sourceServiceRevisions": [{"arn": back.service_revision_arn}] if back else []}
    )
    return Inventory(
        region="us-east-1", partition="aws", account="111122223333", caller=Unavailable(),
        clusters=Known(value=(f"{ARN}:cluster/prod",)),
        contents=(
            ClusterFacts(
                f"{ARN}:cluster/prod", Known(value=(SERVICE,)), {SERVICE: Known(value=service)}, Known(value=tasks)
            ),
        ),
        deployments={"deployment": Known(value=deployment)},
        revisions=known,
    )  # fmt: skip


def task(name: str, digest: str, started_by: str = "ecs-svc/1", group: str = "service:api") -> Task:
    return Task.model_validate(
        {
            "taskArn": f"{ARN}:task/prod/{name}", "group": group, "startedBy": started_by,
            "taskDefinitionArn": DEFINITION, "containers": [{"name": "app", "imageDigest": digest}],
        }
    )  # fmt: skip


def only(found: Inventory) -> AuditSubject:
    (subject,) = subjects_of(found, NOW)
    return subject


@pytest.mark.parametrize(
    ("found", "digests"),
    [
        (inventory(revision(1, DIGEST)), {"app": DIGEST}),
        # versionConsistency is off: each task resolves its tag.
        (inventory(revision(1, None)), {}),
        # The digests of what runs stand in where the revision is not told, if they agree.
        (inventory(tasks=(task("1", DIGEST), task("2", DIGEST))), {"app": DIGEST}),
        (inventory(tasks=(task("1", DIGEST), task("2", OTHER))), {}),
        (inventory(tasks=(task("1", DIGEST), task("2", OTHER, started_by="ecs-svc/0"))), {"app": DIGEST}),
        # Of two revisions that are deployed, that of the service's task definition is the newer.
        (inventory(revision(1, OTHER, f"{ARN}:task-definition/api:6"), revision(2, DIGEST)), {"app": DIGEST}),
    ],
)
def test_the_digest_of_the_next_task(found: Inventory, digests: dict[str, str]) -> None:
    needs = only(found).needs
    assert needs is not None
    assert dict(needs.digests) == digests


def test_what_a_roll_back_returns_to_is_needed() -> None:
    old = revision(1, OTHER, f"{ARN}:task-definition/api:6")
    deployed = only(
        inventory(revision(1, DIGEST), back=old.model_copy(update={"service_revision_arn": "old"}))
    )
    assert deployed.needs is not None
    assert deployed.needs.others == (f"{HOST}/shop@{OTHER}",)
    assert deployed.deploying
    over = only(
        inventory(revision(1, DIGEST), back=old.model_copy(update={"service_revision_arn": "old"}), status="SUCCESSFUL")
    )  # fmt: skip
    assert not over.deploying


def test_a_revision_that_cannot_be_read_leaves_the_digest_open() -> None:
    denied = Unavailable(reason=Why.DENIED, call="ecs:DescribeServiceRevisions")
    assert only(inventory(denied)).open == (denied,)
    assert only(inventory(denied, tasks=(task("1", DIGEST),))).open == ()


def test_only_images_of_ecr_that_are_named_by_tag_get_a_digest() -> None:
    definition = TaskDefinition(
        task_definition_arn=DEFINITION,
        container_definitions=tuple(
            ContainerDefinition(name=name, image=image)
            for name, image in (("app", f"{HOST}/shop:v1"), ("pinned", f"{HOST}/shop@{OTHER}"), ("hub", "nginx:1"))
        ),
    )  # fmt: skip
    found = with_digests(definition, dict.fromkeys(("app", "pinned", "hub"), DIGEST))
    assert [item.image for item in found.container_definitions] == [
        f"{HOST}/shop@{DIGEST}", f"{HOST}/shop@{OTHER}", "nginx:1",
    ]  # fmt: skip


def test_tasks_that_no_service_runs_are_a_family_by_their_newest() -> None:
    old, new = (
        task(name, DIGEST, "me", "family:api").model_copy(update={"created_at": NOW - timedelta(hours=hours)})
        for name, hours in (("1", 9), ("2", 1))
    )
    families = [item for item in subjects_of(inventory(tasks=(new, old)), NOW) if item.kind == "family"]
    assert [(item.key, item.needs and item.needs.target.task_id) for item in families] == [
        ("prod/family api", "2")
    ]


# --- IAM's simulator ---------------------------------------------------------------------------------

ROLE = "arn:aws:iam::111122223333:role/shop"
SHOP = "arn:aws:ecs:us-east-1:111122223333:task-definition/shop:1"


@pytest.mark.parametrize(
    ("definition", "asked"),
    [
        (NOT_ASKED, []),
        (Unavailable(reason=Why.DENIED, call="ecs:DescribeTaskDefinition"), []),
        (Known(value=TaskDefinition(task_definition_arn=SHOP, execution_role_arn=ROLE)), [ROLE]),
        (Known(value=TaskDefinition(task_definition_arn=SHOP)), ["the hosts of prod"]),
    ],
)
def test_the_simulator_is_offered_a_role_once_it_is_known_whose(
    definition: Fact[TaskDefinition], asked: list[str]
) -> None:
    """A subject that takes the question before would not be looked at again where policies refuse its role."""
    offered: list[str] = []

    def simulates(role: str) -> bool:
        offered.append(role)
        return True

    def ask(call: Any) -> Any:
        return definition if call.operation is calls.DESCRIBE_TASK_DEFINITION else NOT_ASKED

    needs = NeedsOf(TARGET, PlannedTask(launch_type="FARGATE"), "shop:1")
    build_needed(ask, needs, region="us-east-1", simulates=simulates)
    assert offered == asked
