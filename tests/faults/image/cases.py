"""Worlds for the image checks, one table for each fault."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.base import Check
from diagnostics.faults.image.named import digest, tag
from diagnostics.faults.image.platform import platform
from diagnostics.faults.image.reference import reference
from diagnostics.faults.image.repository import key, repository
from diagnostics.faults.image.stored import stored
from tests.builders import (
    ACCOUNT,
    DIGEST,
    IMAGE,
    REGION,
    REGISTRY,
    REPOSITORY_ARN,
    absent,
    definition_of,
    ec2,
    image_of,
    known,
    stopped,
    task_of,
    unavailable,
)
from tests.faults.judging import Case, case, detail, facts, named, no_image, no_repository, rule, rules

OTHER = "sha256:" + "2b" * 32
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7"
HUB_IMAGE = f"{REGISTRY}/docker-hub/library/nginx:1.27"
TEAM_IMAGE = f"{REGISTRY}/team/payments-api:1.4.2"
UNREAD = unavailable("denied", "ecr:DescribeImages")
FAILED = unavailable("AWS answered with an error (500)", "ecr:DescribePullThroughCacheRules")

NOT_FOUND = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: {0}: not found"
NO_REPOSITORY = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: name unknown: "
    "The repository with name '{1}' does not exist in the registry with id '" + ACCOUNT + "'"
)
WRONG_PLATFORM = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {0}: image Manifest "
    "does not contain descriptor matching platform 'linux/arm64'"
)
REFUSED = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {}: pull access denied, "
    "repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
)
ATTESTATION = (
    "CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: "
    "failed to extract layer: failed to get stream processor for application/vnd.in-toto+json: no processor for media-type"
)


def injected(world: dict[str, Any]) -> None:
    """The container is in the task and not in its definition."""
    definition_of(world)["containerDefinitions"][0].update(name="other", image="nginx:1.27")


def tagged(*names: str) -> dict[str, Any]:
    return known([{"imageDigest": f"sha256:{name}", "imageTags": [name]} for name in names])


def there(region: str) -> dict[str, Any]:
    arn = REPOSITORY_ARN.replace(REGION, region)
    return known({"repositoryArn": arn, "repositoryName": "payments-api", "registryId": ACCOUNT})


def elsewhere(**regions: Any) -> Any:
    return facts(elsewhere={name.replace("_", "-"): fact for name, fact in regions.items()})


def encrypted(state: dict[str, Any], kind: str = "KMS") -> Any:
    def edit(world: dict[str, Any]) -> None:
        encryption = {"encryptionType": kind, "kmsKey": KEY}
        image_of(world)["repository"]["value"]["encryptionConfiguration"] = encryption
        image_of(world)["key"] = state

    return edit


def pinned(found: dict[str, Any], now: str = DIGEST) -> Any:
    """ECS resolved the tag to OTHER; `found` is what became of it, `now` the digest that the tag has."""

    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"][0]["imageDigest"] = OTHER
        image_of(world).update(counterpart_id=OTHER, counterpart=found)
        image_of(world)["detail"]["value"]["imageDigest"] = now

    return edit


def by_digest(found: dict[str, Any], tag_now: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """The task's image has a digest, and its task definition a tag where `tag_now` says what became of that."""
    image = f"{REGISTRY}/payments-api@{OTHER}"
    more: dict[str, Any] = {"detail": found, "tagged": tagged("1.4.2")}
    if tag_now is not None:
        more.update(counterpart_id="1.4.2", counterpart=tag_now)
    return named(image, None if tag_now is None else IMAGE), facts(**more)


def started_by(name: str | None, group: str | None = "service:payments-api") -> Any:
    return lambda world: task_of(world).update(startedBy=name, group=group)


def index(*platforms: dict[str, Any]) -> dict[str, Any]:
    media = "application/vnd.oci.image.index.v1+json"
    return known({"mediaType": media, "index": True, "platforms": list(platforms)})


def asked_for(machine: str, family: str = "LINUX") -> Any:
    platform_of = {"cpuArchitecture": machine, "operatingSystemFamily": family}
    return lambda world: definition_of(world).update(runtimePlatform=platform_of)


def on_arm(world: dict[str, Any]) -> None:
    world["instance"]["value"]["Architecture"] = "arm64"


AMD64 = {"os": "linux", "architecture": "amd64"}
ARM64 = {"os": "linux", "architecture": "arm64", "variant": "v8"}
SINGLE = known({"mediaType": "application/vnd.oci.image.manifest.v1+json", "index": False})
PLATFORM_TEXT = stopped(WRONG_PLATFORM.format(IMAGE))
ARM_TASK = (asked_for("ARM64"), PLATFORM_TEXT)
WINDOWS = "10.0.20348.1970"


def windows(build: str | None) -> dict[str, Any]:
    return {"os": "windows", "architecture": "amd64", "osVersion": build}


CASES: dict[str, tuple[Check, tuple[Case, ...]]] = {
    "invalid-image-reference": (
        reference,
        (
            case("valid", "pass"),
            case(
                "upper case", "fail", named(f"{REGISTRY}/Payments-API:1.4.2"),
                resources=(f"{REGISTRY}/Payments-API:1.4.2", DEFINITION), says="upper-case",
            ),
            case("placeholder", "fail", named(f"{REGISTRY}/payments-api:${{TAG}}"), says="placeholder"),
            case("scheme", "fail", named(f"https://{IMAGE}"), says="scheme"),
            case(
                "the task definition is denied", "fail", named(f"https://{IMAGE}"),
                lambda world: world.update(task_definition=UNREAD), resources=(f"https://{IMAGE}",),
            ),
        ),
    ),
    "repo-not-found": (
        repository,
        (
            case("it exists", "pass"),
            case("the image proves it", "pass", facts(repository=UNREAD)),
            case("it exists without the tag", "pass", no_image),
            case("it is missing", "fail", no_repository, resources=(REPOSITORY_ARN,)),
            case(
                "a like one exists", "fail", no_repository, facts(repository_names=known(["payment-api"])),
                says="nearest that exist: payment-api",
            ),
            case("denied", "unknown", facts(repository=UNREAD, detail=UNREAD), says="ecr:DescribeImages"),
            case("another Region has it", "fail", no_repository, elsewhere(eu_west_1=there("eu-west-1"))),
            case("another Region is denied", "fail", no_repository, elsewhere(eu_west_1=UNREAD)),
            case("a prefix without a rule", "fail", named(TEAM_IMAGE), no_repository, rules()),
            case("a cache rule makes it", "skipped", named(TEAM_IMAGE), no_repository, rules(rule("team", "quay.io"))),
            case("the rule of all names", "skipped", named(TEAM_IMAGE), no_repository, rules(rule("ROOT", "quay.io"))),
            case(
                "the rules are denied and no text", "unknown", named(TEAM_IMAGE), no_repository,
                facts(pull_through_cache_rules=UNREAD),
            ),
            case(
                "the rules are denied, whatever the text", "unknown", named(TEAM_IMAGE), no_repository,
                facts(pull_through_cache_rules=UNREAD), stopped(NO_REPOSITORY.format(TEAM_IMAGE, "team/payments-api")),
            ),
            case(
                "the question for rules fails and the text tells", "fail", named(TEAM_IMAGE), no_repository,
                facts(pull_through_cache_rules=FAILED), stopped(NO_REPOSITORY.format(TEAM_IMAGE, "team/payments-api")),
            ),
            case(
                "the question fails and the name is a cache's", "unknown", named(HUB_IMAGE), no_repository,
                facts(pull_through_cache_rules=FAILED), stopped(NOT_FOUND.format(HUB_IMAGE)),
            ),
            case("a cache's name without a rule", "skipped", named(HUB_IMAGE), no_repository, rules()),
            case("outside ECR", "skipped", named("nginx:1.27"), says="docker.io"),
            case("invalid", "skipped", named("NGINX:1.27")),
        ),
    ),
    "wrong-region": (
        repository,
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
    ),
    "tag-not-found": (
        tag,
        (
            case("it exists", "pass"),
            case("it is missing", "fail", no_image, resources=(REPOSITORY_ARN, "1.4.2"), says="no image with a tag"),
            case(
                "like ones exist", "fail", no_image, facts(tagged=tagged("main", "1.4.1")), says="nearest that exist: 1.4.1"
            ),
            case("only others exist", "fail", no_image, facts(tagged=tagged("main")), says="newest image that it has is main"),
            case("latest", "fail", named(f"{REGISTRY}/payments-api"), no_image, resources=(REPOSITORY_ARN, "latest")),
            case("denied", "unknown", facts(detail=UNREAD)),
            case("the repository is denied", "unknown", no_image, facts(repository=UNREAD)),
            case("the repository is missing", "skipped", no_repository, says="repo-not-found"),
            case("named by digest", "skipped", *by_digest(absent())),
            case("outside ECR", "skipped", named("nginx:1.27")),
            case(
                "a public image that was refused", "warn", named("public.ecr.aws/acme/shop:1"),
                stopped(REFUSED.format("public.ecr.aws/acme/shop:1")),
            ),
            case("an image that AWS adds", "skipped", facts(detail=UNREAD), injected, says="AWS adds this container"),
            case(
                "outside ECR and the text", "warn", named("nginx:9.9"),
                stopped(NOT_FOUND.format("docker.io/library/nginx:9.9")), resources=("nginx:9.9", "9.9"),
                says="docker.io answered that it has no library/nginx 9.9",
            ),
            case("a cache rule may fetch it", "skipped", named(TEAM_IMAGE), no_image, rules(rule("team", "quay.io"))),
            case(
                "the upstream may lack it", "unknown", named(TEAM_IMAGE), no_image, rules(rule("team", "quay.io")),
                stopped(NOT_FOUND.format(TEAM_IMAGE)), says="quay.io, which cannot be looked into",
            ),
            case("the rules are denied", "unknown", named(TEAM_IMAGE), no_image, facts(pull_through_cache_rules=UNREAD)),
            case(
                "the rules are denied, whatever the text", "unknown", named(TEAM_IMAGE), no_image,
                facts(pull_through_cache_rules=UNREAD), stopped(NOT_FOUND.format(TEAM_IMAGE)),
            ),
            case("the question fails and no text", "unknown", named(TEAM_IMAGE), no_image, facts(pull_through_cache_rules=FAILED)),
            case(
                "the question for rules fails and the text tells", "fail", named(TEAM_IMAGE), no_image,
                facts(pull_through_cache_rules=FAILED), stopped(NOT_FOUND.format(TEAM_IMAGE)),
            ),
        ),
    ),
    "digest-not-found": (
        digest,
        (
            case("it exists", "pass", *by_digest(known({"imageDigest": OTHER}))),
            case("it is missing", "fail", *by_digest(absent()), resources=(REPOSITORY_ARN, OTHER)),
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
    ),
    "image-digest-expired": (
        digest,
        (
            case("ECS resolved nothing", "skipped"),
            case("the tag still has it", "pass", pinned(known({"imageDigest": OTHER}), OTHER)),
            case("the tag still has it, which nothing else has to tell", "pass", pinned(UNREAD, OTHER)),
            case("the tag moved and it is kept", "pass", pinned(known({"imageDigest": OTHER}))),
            case(
                "the tag moved and it is gone", "fail", pinned(absent()), resources=(REPOSITORY_ARN, OTHER),
                says=f"1.4.2 is now {DIGEST}",
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
    ),
    "image-archived": (
        stored,
        (
            case("active", "pass"),
            case("archived", "fail", detail(imageStatus="ARCHIVED"), resources=(REPOSITORY_ARN, "1.4.2")),
            case("being restored", "fail", detail(imageStatus="ACTIVATING"), says="is being restored"),
            case("denied", "unknown", facts(detail=UNREAD)),
            case("missing", "skipped", no_image),
            case("outside ECR", "skipped", named("nginx:1.27")),
        ),
    ),
    "unsupported-artifact": (
        stored,
        (
            case("an image", "pass"),
            case("an index", "pass", detail(imageManifestMediaType="application/vnd.oci.image.index.v1+json")),
            case(
                "a chart", "fail", detail(artifactMediaType="application/vnd.cncf.helm.config.v1+json"),
                resources=(REPOSITORY_ARN, "1.4.2"), says="helm",
            ),
            case("an unknown manifest", "fail", detail(imageManifestMediaType="application/vnd.acme+json")),
            case("only the text shows it", "warn", stopped(ATTESTATION)),
            case("a chart and the text", "fail", detail(artifactMediaType="application/x"), stopped(ATTESTATION)),
            case("denied", "unknown", facts(detail=UNREAD), stopped(ATTESTATION)),
            case("outside ECR", "skipped", named("nginx:1.27")),
            case("outside ECR and the text", "warn", named("nginx:1.27"), stopped(ATTESTATION)),
        ),
    ),
    "repository-key-unusable": (
        key,
        (
            case("no key", "skipped"),
            case("enabled", "pass", encrypted(known({"KeyId": "1", "KeyState": "Enabled"}))),
            case(
                "disabled", "fail", encrypted(known({"KeyId": "1", "KeyState": "Disabled"})),
                resources=(KEY, REPOSITORY_ARN), says="is disabled",
            ),
            case(
                "to be deleted", "fail", encrypted(known({"KeyId": "1", "KeyState": "PendingDeletion"}), "KMS_DSSE"),
                says="scheduled for deletion",
            ),
            case("gone", "fail", encrypted(absent("kms:DescribeKey")), says="does not exist"),
            case("denied", "unknown", encrypted(unavailable("denied", "kms:DescribeKey")), says="kms:DescribeKey"),
            case("the repository is denied", "unknown", facts(repository=UNREAD)),
            case("the repository is missing", "skipped", no_repository),
        ),
    ),
    "platform-mismatch": (
        platform,
        (
            case("no such text", "skipped", facts(manifest=index(ARM64))),
            case("the index has it", "pass", *ARM_TASK, facts(manifest=index(AMD64, ARM64))),
            case(
                "the index lacks it", "fail", *ARM_TASK, facts(manifest=index(AMD64)),
                resources=(REPOSITORY_ARN, "1.4.2"), says="it has linux/amd64",
            ),
            case("X86_64 is the default", "fail", PLATFORM_TEXT, asked_for(""), facts(manifest=index(ARM64))),
            case("an empty index", "fail", *ARM_TASK, facts(manifest=index())),
            case("32-bit Arm", "unknown", *ARM_TASK, facts(manifest=index({"os": "linux", "architecture": "arm"}))),
            case("a newer variant", "unknown", *ARM_TASK, facts(manifest=index({**ARM64, "variant": "v9"}))),
            case("no platform in the index", "unknown", *ARM_TASK, facts(manifest=index({}))),
            case("one image on Fargate", "warn", *ARM_TASK, facts(manifest=SINGLE)),
            case("one image on EC2", "pass", PLATFORM_TEXT, on_arm, facts(manifest=SINGLE), start=ec2),
            case("EC2: the host decides", "fail", PLATFORM_TEXT, on_arm, facts(manifest=index(AMD64)), start=ec2),
            case("denied", "unknown", *ARM_TASK, facts(manifest=unavailable("denied", "ecr:BatchGetImage"))),
            case("the image is gone since", "skipped", *ARM_TASK, no_image),
            case("outside ECR", "warn", named("nginx:1.27"), *ARM_TASK[:1], stopped(WRONG_PLATFORM.format("nginx:1.27"))),
            case(
                "Windows of the same build", "pass", PLATFORM_TEXT, asked_for("X86_64", "WINDOWS_SERVER_2022_CORE"),
                facts(manifest=index(windows(WINDOWS))),
            ),
            case(
                "Windows of another build", "fail", PLATFORM_TEXT, asked_for("X86_64", "WINDOWS_SERVER_2019_FULL"),
                facts(manifest=index(windows(WINDOWS), AMD64)),
            ),
            case(
                "Windows 2025 and an earlier build", "unknown", PLATFORM_TEXT,
                asked_for("X86_64", "WINDOWS_SERVER_2025_CORE"), facts(manifest=index(windows(WINDOWS))),
            ),
            case(
                "Windows of no build", "unknown", PLATFORM_TEXT, asked_for("X86_64", "WINDOWS_SERVER_2022_CORE"),
                facts(manifest=index(windows(None))),
            ),
        ),
    ),
}  # fmt: skip
