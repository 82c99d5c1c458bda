"""Small differences to a healthy world, each about a file in S3 and its bucket."""

from __future__ import annotations

from typing import Any

from tests.build import REGION, ROLE_ARN, Edit, World, absent, known, policy_text, unavailable, vpc_of
from tests.build.policies import Json, allow
from tests.build.tasks import container

BUCKET = "conf"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
FILE = f"{BUCKET_ARN}/app.env"
ROUTER_FILE = f"{BUCKET_ARN}/router.conf"
MAY_READ = allow("s3:GetObject", f"{BUCKET_ARN}/*")
MAY_LOCATE = allow("s3:GetBucketLocation", BUCKET_ARN)
S3_ENDPOINT = "vpce-s3"

env_file = container(environmentFiles=[{"type": "s3", "value": FILE}])
"""The container takes an environment file."""


def router(**options: str) -> Edit:
    """The container is the log router, with these options."""
    return container(firelensConfiguration={"type": "fluentbit", "options": options})


s3_router = router(**{"config-file-type": "s3", "config-file-value": ROUTER_FILE})
"""The container is the log router, and its configuration is a file in S3."""


def bucket(*statements: Json, region: str = REGION, name: str = BUCKET) -> Edit:
    """The bucket exists, is the account's own, and has this policy; without a statement it has none."""

    def edit(world: World) -> None:
        policy = known(policy_text(*statements)) if statements else absent("s3:GetBucketPolicy")
        world.setdefault("bucket_regions", {})[name] = known(region)
        world.setdefault("bucket_policies", {})[name] = policy

    return edit


def no_bucket(world: World) -> None:
    """There is no such bucket."""
    world["bucket_regions"] = {BUCKET: absent("s3:GetBucketLocation")}
    world["bucket_policies"] = {BUCKET: absent("s3:GetBucketPolicy")}


def foreign_bucket(world: World) -> None:
    """The bucket belongs to another account, which lets nobody else read its policy."""
    of_another = {"kind": "unavailable", "reason": {"why": "bucket_of_another"}, "call": "s3:GetBucketPolicy"}
    world["bucket_regions"] = {BUCKET: unavailable("denied", "s3:GetBucketLocation", BUCKET)}
    world["bucket_policies"] = {BUCKET: of_another}


def unread(region: bool = True, policy: bool = True) -> Edit:
    """What was asked about the bucket was denied."""

    def edit(world: World) -> None:
        bucket()(world)
        if region:
            world["bucket_regions"] = {BUCKET: unavailable("denied", "s3:GetBucketLocation", BUCKET)}
        if policy:
            world["bucket_policies"] = {BUCKET: unavailable("denied", "s3:GetBucketPolicy", BUCKET)}

    return edit


def for_all(effect: str, action: str, resource: str, **more: Any) -> Json:
    """A statement of a bucket's or an endpoint's policy about everybody."""
    return {"Effect": effect, "Principal": "*", "Action": action, "Resource": resource, **more}


FOR_THE_ROLE: Json = {
    "Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": "s3:GetObject", "Resource": f"{BUCKET_ARN}/*",
}  # fmt: skip


def endpoint_policy(*statements: Json) -> Edit:
    """The S3 gateway endpoint has this policy, and the layers' bucket in it."""

    def edit(world: World) -> None:
        layers = for_all("Allow", "s3:GetObject", f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/*")
        for endpoint in vpc_of(world)["vpc_endpoints"]["value"]:
            if endpoint["ServiceName"].endswith(".s3"):
                endpoint["PolicyDocument"] = policy_text(layers, *statements)

    return edit
