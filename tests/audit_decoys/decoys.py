"""A second account, of things that look like something else: each service's name begins with how it stands."""

from __future__ import annotations

import json
from datetime import timedelta

from moto.ecs.models import ecs_backends

from demo.aws import EmulatedAws, build_account
from tests.audit.worlds import CLUSTER, AuditWorld
from tests.build.lifecycle import rule, tagged

OTHER = "other"
SOON = 30
RUN_TASK = "arn:aws:scheduler:::aws-sdk:ecs:runTask"


def build(aws: EmulatedAws) -> AuditWorld:
    """Its images with their rules, its services, and its schedules."""
    world = AuditWorld(build_account(aws))
    _claimed_by_a_higher_rule(world)
    _tags_that_move(world)
    _counted_exactly(world)
    _at_the_boundary(world)
    _archived(world)
    _by_digest(world)
    _indexes(world)
    _not_running(world)
    _schedules(world)
    return world


def _claimed_by_a_higher_rule(world: AuditWorld) -> None:
    # The higher rule keeps ninety; that it keeps nothing from being old is not its business, and the lower one's neither.
    world.repository("claimed", tagged(1, "rel", "count", 90), rule(2, "any", "pushed", 10))
    world.push("claimed", "claimed", 300, "rel-1")
    world.push("claimed", "unclaimed", 8, "dev-1")
    world.service("fine-claimed", "claimed:rel-1")
    world.service("soon-not-claimed", "claimed:dev-1")
    # All entries of a list must fit: one tag for each.
    world.repository("both", rule(1, "tagged", "pushed", 5, patterns="prod* *stable"))
    world.push("both", "both 1", 90, "prod-1")
    world.push("both", "both 2", 90, "prod-2", "now-stable")
    world.service("fine-one-of-two-patterns", "both:prod-1")
    world.service("soon-both-patterns", "both:prod-2")


def _tags_that_move(world: AuditWorld) -> None:
    world.repository("moving", rule(1, "untagged", "pushed", 5))
    old = world.push("moving", "moving 1", 20, "live", "v1")
    world.service("fine-tag-moved-but-kept", "moving:live")
    world.push("moving", "moving 2", 2, "live")
    lost = world.push("moving", "moving 3", 20, "edge")
    world.service("soon-tag-moved-and-lost", "moving:edge")
    world.untag("moving", lost)
    world.push("moving", "moving 4", 2, "edge")
    assert old != lost
    # One image by two tags: the kept one shields both.
    world.repository("shared", tagged(1, "keep", "count", 9999), tagged(2, "tmp", "pushed", 3))
    world.push("shared", "shared", 60, "tmp-1", "keep-1")
    world.push("shared", "not shared", 60, "tmp-2")
    world.service("fine-digest-shared-with-a-kept-tag", "shared:tmp-1")
    world.service("soon-tag-alone", "shared:tmp-2")


def _counted_exactly(world: AuditWorld) -> None:
    # With exactly five nothing goes; the oldest goes with the next push, the newest is far from it.
    world.repository("exact", rule(1, "any", "count", 5))
    for number, age in enumerate((50, 40, 30.5, 20, 10)):
        world.push("exact", f"exact {number}", age, f"v{number}")
    world.service("soon-oldest-of-exactly-five", "exact:v0")
    world.service("fine-newest-of-five", "exact:v4")
    world.repository("beyond", rule(1, "any", "count", 2))
    for number, age in enumerate((9, 6, 3)):
        world.push("beyond", f"beyond {number}", age, f"v{number}")
    world.service("soon-third-of-two", "beyond:v0")


def _at_the_boundary(world: AuditWorld) -> None:
    # It goes in exactly thirty days, in thirty and a half, and a minute ago it would have been a day more than the rule says.
    for name, days in (("in", 40), ("out", 41)):
        world.repository(f"bound-{name}", rule(1, "any", "pushed", days))
        world.push(f"bound-{name}", name, 10.5, "v1")
    world.service("soon-inside-of-the-days", "bound-in:v1")
    world.service("fine-outside-of-the-days", "bound-out:v1")
    world.repository("reached", rule(1, "any", "pushed", 10))
    world.push("reached", "reached", 10, "v1")
    world.service("soon-age-just-reached", "reached:v1")


def _archived(world: AuditWorld) -> None:
    world.repository(
        "class", rule(1, "any", "transitioned", 5, archive_class=True), tagged(2, "x", "pushed", 1)
    )
    world.push("class", "class", 400, "v1")
    world.service("fine-rule-of-the-archive", "class:v1")
    world.repository("cold")
    world.push("cold", "cold", 400, "v1")
    world.service("now-archived", "cold:v1")
    for item in world._images("cold"):
        item.image_status = "ARCHIVED"


def _by_digest(world: AuditWorld) -> None:
    world.repository("pinned", rule(1, "untagged", "count", 1))
    first = world.push("pinned", "pinned 1", 9, "a")
    second = world.push("pinned", "pinned 2", 4, "b")
    for digest in (first, second):
        world.untag("pinned", digest)
    world.service("soon-pinned-older-of-one", f"pinned@{first}")
    world.service("soon-pinned-newest-of-one", f"pinned@{second}")
    world.repository("free")
    only = world.push("free", "free", 9, "a")
    world.untag("free", only)
    world.service("risk-pinned-without-a-rule", f"free@{only}")


def _indexes(world: AuditWorld) -> None:
    """Of a child of an index ECR does not tell that it is one: with a tag or without it may be kept."""
    world.repository("platforms", rule(1, "any", "pushed", 20))
    world.push("platforms", "platforms amd64", 19, "v1-amd64")
    _, *children = world.push_index("platforms", "platforms", 18, "v1")
    world.push("platforms", "platforms late", 17, "later")
    # Whichever index keeps them goes within the month, too.
    world.service("soon-tagged-child-of-what-goes", "platforms:v1-amd64")
    world.service("soon-child-of-what-goes", f"platforms@{children[0]}")
    world.service("soon-index", "platforms:v1")
    world.service("soon-after-the-index", "platforms:later")
    world.repository("kept", tagged(1, "rel-", "count", 99), rule(2, "any", "pushed", 20))
    world.push("kept", "kept amd64", 19, "amd64")
    _, *children = world.push_index("kept", "kept", 18, "rel-1")
    world.service("undecided-tagged-child", "kept:amd64")
    world.service("undecided-child", f"kept@{children[0]}")
    world.service("fine-index-that-is-kept", "kept:rel-1")


def _not_running(world: AuditWorld) -> None:
    world.repository("gone")
    world.push("gone", "gone", 3, "v1")
    world.service("now-missing", "gone:v2")
    world.service("started-missing", "gone:v2")
    world.service("fine-parked", "gone:v1")
    world.service("risk-deregistered", "gone:v1")
    ecs = world.account.ecs
    for name in ("started-missing", "fine-parked"):
        ecs.update_service(cluster=CLUSTER, service=name, desiredCount=0)
    used = ecs.describe_services(cluster=CLUSTER, services=["risk-deregistered"])["services"][0]
    _deregister(world, used["taskDefinition"])


def _deregister(world: AuditWorld, arn: str) -> None:
    world.account.ecs.deregister_task_definition(taskDefinition=arn)
    definitions = ecs_backends[world.account.account_id][world.region].task_definitions
    family, _, revision = arn.rpartition("/")[2].partition(":")
    assert definitions[family][int(revision)].status == "INACTIVE"


def _schedules(world: AuditWorld) -> None:
    missing, good = world.definition("job", "gone:v8"), world.definition("good", "gone:v1")
    world.account.ecs.create_cluster(clusterName=OTHER)
    scheduler = world.account.client("scheduler")
    subnets, groups = world.network()
    network = {"Subnets": subnets, "SecurityGroups": groups, "AssignPublicIp": "DISABLED"}

    def create(name: str, definition: str, cluster: str = CLUSTER, **more: object) -> None:
        said = {
            "Cluster": cluster,
            "TaskDefinition": definition,
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {"AwsvpcConfiguration": network},
        }
        target = {"Arn": RUN_TASK, "RoleArn": world.account.execution_role, "Input": json.dumps(said)}
        scheduler.create_schedule(
            Name=name, ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target, **more
        )  # fmt: skip

    create("now-run-task", missing)
    create("fine-run-task", good)
    create("over-run-task", missing, EndDate=world.now - timedelta(days=1))
    create("off-run-task", missing, State="DISABLED")
    # The family is the same; the cluster is another one, which is looked at too.
    create("now-elsewhere", "job", OTHER)
    old = world.definition("old", "gone:v1")
    world.event_rule("now-deregistered", old)
    _deregister(world, old)
