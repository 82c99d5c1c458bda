"""An account with services, rules and schedules that are broken now, will be soon, or only look so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.ecr.models import ecr_backends

from demo.aws import Account, EmulatedAws, build_account, images, managed_policies
from demo.aws.policies import policy as allow
from tests.build.lifecycle import policy, rule, tagged

CLUSTER = "payments"
SMALL = "small"
"""A cluster of four subjects, for what takes several audits."""


@dataclass
class AuditWorld:
    """An account that is built for an audit; ages are days before `now`."""

    account: Account
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def region(self) -> str:
        return self.account.region

    def repository(self, name: str, *rules: dict[str, Any], region: str | None = None) -> None:
        """An empty repository, with a lifecycle policy if rules are given."""
        ecr = self.account.client("ecr", region or self.region)
        ecr.create_repository(repositoryName=name)
        if rules:
            # moto takes no rules that archive, or that look into the archive.
            backend = ecr_backends[self.account.account_id][region or self.region]
            backend.repositories[name].lifecycle_policy = policy(*rules)

    def push(self, name: str, seed: str, age: float, *tags: str, region: str | None = None) -> str:
        """An image of so many days; a tag that another image has moves to it. Returns the digest."""
        ecr = self.account.client("ecr", region or self.region)
        return self._pushed(name, images.put(ecr, name, images.image(seed), *tags), age, region)

    def push_index(self, name: str, seed: str, age: float, *tags: str, children: int = 2) -> tuple[str, ...]:
        """An image index with its children, which have no tag: its digest, and theirs."""
        ecr = self.account.ecr
        variants = {f"linux/{number}": images.image(f"{seed} {number}") for number in range(children)}
        inner = [self._pushed(name, images.put(ecr, name, item), age + 0.001) for item in variants.values()]
        outer = self._pushed(name, images.put(ecr, name, images.index(variants), *tags), age)
        return (outer, *inner)

    def _pushed(self, name: str, digest: str, age: float, region: str | None = None) -> str:
        for item in self._images(name, region):
            if item.get_image_digest() == digest:
                item.image_pushed_at = int((self.now - timedelta(days=age)).timestamp())
        return digest

    def untag(self, name: str, digest: str) -> None:
        """What becomes of an image whose only tag moves to another one: moto would delete it."""
        for item in self._images(name):
            if item.get_image_digest() == digest:
                item.image_tag, item.image_tags = None, []

    def delete(self, name: str, digest: str) -> None:
        """What a lifecycle rule or somebody does to an image."""
        self.account.ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageDigest": digest}])

    def _images(self, name: str, region: str | None = None) -> list[Any]:
        backend = ecr_backends[self.account.account_id][region or self.region]
        found: list[Any] = backend.repositories[name].images
        return found

    def set_policy(self, name: str, text: str) -> None:
        """A policy as AWS may answer it one day, whatever moto takes."""
        ecr_backends[self.account.account_id][self.region].repositories[name].lifecycle_policy = text

    def service(self, name: str, image: str, **more: Any) -> None:
        """A Fargate service that runs."""
        repository, _, reference = image.partition("@" if "@" in image else ":")
        self.account.fargate_task(name, image=self.account.image(repository, reference), **more)

    def definition(self, name: str, image: str) -> str:
        repository, _, reference = image.partition(":")
        return self.account.register(
            name,
            {name: self.account.image(repository, reference)},
            execution_role=self.account.execution_role,
            requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256", memory="512",
        )  # fmt: skip

    def network(self) -> tuple[list[str], list[str]]:
        home = self.account.network
        return [home.subnets["private-a"]], [home.security_groups["tasks"]]

    def event_rule(self, name: str, definition: str, *, enabled: bool = True, bus: str = "default") -> None:
        """An EventBridge rule that runs a task; on the default bus every day."""
        events = self.account.client("events")
        subnets, groups = self.network()
        when: dict[str, str] = {"ScheduleExpression": "rate(1 day)"}
        if bus != "default":
            when = {"EventPattern": json.dumps({"source": ["shop"]})}
            if bus not in [item["Name"] for item in events.list_event_buses()["EventBuses"]]:
                events.create_event_bus(Name=bus)
        events.put_rule(Name=name, EventBusName=bus, State="ENABLED" if enabled else "DISABLED", **when)
        events.put_targets(
            Rule=name,
            EventBusName=bus,
            Targets=[
                {
                    "Id": "1", "Arn": self.cluster_arn, "RoleArn": self.account.execution_role,
                    "EcsParameters": {
                        "TaskDefinitionArn": definition, "LaunchType": "FARGATE",
                        "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": subnets, "SecurityGroups": groups, "AssignPublicIp": "DISABLED"}},
                    },
                }
            ],
        )  # fmt: skip

    def schedule(self, name: str, definition: str, group: str | None = None) -> None:
        """A schedule of EventBridge Scheduler that runs a task every day."""
        subnets, groups = self.network()
        scheduler = self.account.client("scheduler")
        if group is not None:
            scheduler.create_schedule_group(Name=group)
        scheduler.create_schedule(
            Name=name, **({"GroupName": group} if group else {}), ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": self.cluster_arn, "RoleArn": self.account.execution_role,
                "EcsParameters": {
                    "TaskDefinitionArn": definition, "LaunchType": "FARGATE",
                    "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": subnets, "SecurityGroups": groups, "AssignPublicIp": "DISABLED"}},
                },
            },
        )  # fmt: skip

    @property
    def cluster_arn(self) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account.account_id}:cluster/{CLUSTER}"


KEEP_THREE = rule(1, "any", "count", 3)
A_MONTH = rule(2, "any", "pushed", 30)


def build(aws: EmulatedAws) -> AuditWorld:
    """Twenty subjects: what each of them is, its name says."""
    world = AuditWorld(build_account(aws))
    _broken_now(world)
    _broken_soon(world)
    _decoys(world)
    _scheduled(world)
    _small(world)
    return world


def _broken_now(world: AuditWorld) -> None:
    world.repository("gone")
    world.push("gone", "gone", 3, "v1")
    world.service("now-tag-never-pushed", "gone:v2")
    old = world.push("gone", "moved 1", 9, "moving")
    world.service("now-digest-gone", "gone:moving")
    world.delete("gone", old)
    world.push("gone", "moved 2", 1, "moving")
    secrets = world.account.client("secretsmanager")
    secret = secrets.create_secret(Name="token", SecretString="never read")["ARN"]
    role = world.account.add_role(
        "reads-secrets",
        managed=[managed_policies.TASK_EXECUTION],
        inline={
            "read": allow({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
        },
    )
    world.service(
        "now-secret-going", "gone:v1", execution_role=role, secrets=({"name": "TOKEN", "valueFrom": secret},)
    )
    secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=7)


def _broken_soon(world: AuditWorld) -> None:
    world.repository("aging", A_MONTH)
    world.push("aging", "aging", 27, "v1")
    world.push("aging", "aging 2", 2, "v2")
    world.service("soon-by-age", "aging:v1")
    world.service("soon-by-age-too", "aging:v1")
    world.repository("counted", KEEP_THREE)
    for number, age in enumerate((20, 10, 5)):
        world.push("counted", f"counted {number}", age, f"v{number}")
    world.service("soon-by-count", "counted:v0")
    world.repository("untagged", rule(1, "untagged", "pushed", 14))
    old = world.push("untagged", "untagged 1", 20, "latest")
    world.service("soon-untagged", "untagged:latest")
    world.untag("untagged", old)
    world.push("untagged", "untagged 2", 1, "latest")
    world.repository("archiving", rule(1, "any", "pulled", 30, archives=True))
    world.push("archiving", "archiving", 25, "v1")
    world.service("soon-archived", "archiving:v1")


def _decoys(world: AuditWorld) -> None:
    world.repository("shielded", rule(1, "tagged", "count", 9999, patterns="prod*"), A_MONTH)
    world.push("shielded", "shielded", 400, "prod-1")
    world.service("fine-shielded", "shielded:prod-1")
    world.push("gone", "still tagged 1", 9, "latest", "kept")
    world.service("fine-tag-moved", "gone:latest")
    world.push("gone", "still tagged 2", 1, "latest")
    world.repository("newest", KEEP_THREE)
    for number, age in enumerate((20, 10, 5, 1)):
        world.push("newest", f"newest {number}", age, f"v{number}")
    world.service("fine-newest", "newest:v3")
    world.repository("multi", rule(1, "untagged", "pushed", 1), rule(2, "any", "count", 4))
    for number, age in enumerate((20, 10, 5)):
        world.push_index("multi", f"multi {number}", age, f"v{number}")
    world.service("fine-index", "multi:v2")
    # The policy of the other Region is not that of the replica's.
    world.repository("replica", tagged(1, "v", "pushed", 1))
    world.push("replica", "replica", 20, "v1")
    world.repository("replica", region="eu-west-1")
    world.push("replica", "replica", 20, "v1", region="eu-west-1")
    world.account.fargate_task("fine-replica", image=world.account.image("replica", "v1", region="eu-west-1"))
    old = world.push("gone", "only untagged 1", 9, "floating")
    world.service("risk-only-untagged", "gone:floating")
    world.untag("gone", old)
    world.push("gone", "only untagged 2", 1, "floating")
    world.repository("strange")
    world.push("strange", "strange", 9, "v1")
    world.set_policy(
        "strange", json.dumps({"rules": [{"rulePriority": 1, "selection": {"tagStatus": "signed"}}]})
    )
    world.service("undecided-policy", "strange:v1")


def _scheduled(world: AuditWorld) -> None:
    world.event_rule("now-nightly", world.definition("nightly", "gone:v9"))
    world.event_rule("off", world.definition("off", "gone:v9"), enabled=False)
    world.event_rule("fine-hourly", world.definition("hourly", "gone:v1"))
    world.schedule("now-weekly", world.definition("weekly", "gone:v9"))
    # Two buses have a rule, two groups a schedule of one name.
    world.event_rule("fine-hourly", world.definition("ordered", "gone:v8"), bus="now-orders")
    world.event_rule("off", world.definition("never", "gone:v8"), bus="now-orders", enabled=False)
    world.schedule("now-weekly", world.definition("weekly-too", "gone:v8"), group="now-team")
    world.account.fargate_task("alone", image=world.account.image("aging", "v1"), service=False)


def _small(world: AuditWorld) -> None:
    world.account.ecs.create_cluster(clusterName=SMALL)
    world.service("now-small", "gone:v7", cluster=SMALL)
    world.service("soon-small", "counted:v0", cluster=SMALL)
    world.service("fine-small", "shielded:prod-1", cluster=SMALL)
    world.service("fine-other", "gone:v1", cluster=SMALL)


def names(keys: Sequence[str]) -> list[str]:
    """Subjects without their cluster and kind."""
    return sorted(key.rpartition("/")[2].rpartition(" ")[2] for key in keys)
