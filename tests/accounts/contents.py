"""Accounts whose fault, or oddity, is in the image, its registry or the host."""

from __future__ import annotations

from moto.kms.models import kms_backends

from demo.aws import images, reasons
from tests.accounts.land import LOGS, Land, allow
from tests.accounts.model import Answer, Cases

cases = Cases()

HUB = "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/redis/manifests/sha256:2bb501e6429: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit"


@cases.add("no tag in the reference, and no latest", region="ap-south-1", worlds="plain")
def latest(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "v1")
    ran = land.fargate(network, land.image("api"))
    land.stop(
        ran,
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {ran.image}:latest: {ran.image}:latest: not found",
    )
    return Answer(ran, {"tag-not-found": [land.repository_arn("api"), "latest"]})


@cases.add("tag and digest, the digest is gone, the tag is there", region="ap-south-1", worlds="plain")
def tag_and_digest(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "v1")
    digest = images.image("never pushed").digest
    ran = land.fargate(network, f"{land.image('api', 'v1')}@{digest}")
    land.stop(
        ran,
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {ran.image}: {ran.image.split(':v1')[0]}@{digest}: not found",
    )
    return Answer(ran, {"digest-not-found": [land.repository_arn("api"), digest]})


@cases.add(
    "three containers of three registries, the last one's tag missing", region="eu-west-1", worlds="plain"
)
def three(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("web", "9")
    land.repository("agent", "2")
    broken = land.image("agent", "3")
    ran = land.fargate(
        network,
        [
            {"name": "web", "image": land.image("web", "9")},
            {"name": "redis", "image": "public.ecr.aws/docker/library/redis:7"},
            {"name": "agent", "image": broken},
        ],
    )
    land.stop(ran, reasons.image_not_found(ran, broken), container="agent")
    return Answer(ran, {"tag-not-found": [land.repository_arn("agent"), "3"]})


@cases.add("Docker Hub's limit, beside an ECR image in order", region="eu-west-1")
def hub(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("web", "9")
    ran = land.fargate(
        network, [{"name": "web", "image": land.image("web", "9")}, {"name": "redis", "image": "redis:7"}]
    )
    land.stop(ran, HUB, container="redis")
    return Answer(ran, {"docker-hub-rate-limit": []})


@cases.add("a Docker Hub image that may be private", region="eu-west-1")
def hub_private(land: Land) -> Answer:
    network = land.behind_nat()
    ran = land.fargate(network, "acme/secret-app:1")
    land.stop(
        ran,
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/acme/secret-app:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    )
    return Answer(ran, {"registry-credentials-missing": []})


@cases.add("an image reference with a capital letter", region="eu-west-1")
def invalid(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("Api", "1"))
    land.stop(ran, "CannotPullContainerError: invalid reference format: repository name must be lowercase")
    return Answer(ran, {"invalid-image-reference": []})


@cases.add("no cache rule for the prefix", region="eu-west-1")
def no_cache_rule(land: Land) -> Answer:
    network = land.behind_nat()
    land.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    role = land.role("exec", allow("ecr:*", *LOGS))
    ran = land.fargate(network, land.image("docker-hub/library/redis", "7"), role=role)
    land.stop(ran, reasons.repository_unknown(ran))
    return Answer(ran, {"pull-through-cache-rule-missing": []})


@cases.add("ECR throttled", region="eu-west-1")
def throttled(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(
        ran,
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
        + ran.image
        + ": unexpected status from HEAD request to https://"
        + ran.image.replace("/api:1", "/v2/api/manifests/1")
        + ": 429 Too Many Requests: toomanyrequests: Rate exceeded",
    )
    return Answer(ran, {"ecr-throttled": []})


@cases.add("out of memory while a tag is missing", region="eu-west-1")
def oom(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "2"))
    land.stop(
        ran,
        "OutOfMemoryError: Container killed due to memory usage",
        code="EssentialContainerExited",
        container="",
    )
    return Answer(ran, outcome="not_a_pull_failure", also={"tag-not-found": []})


@cases.add("a service by name: its newest stopped task lacks its tag", region="eu-west-1", worlds="plain")
def by_service(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "8"))
    land.stop(ran, reasons.image_not_found(ran))
    return Answer(ran, {"tag-not-found": [land.repository_arn("api"), "8"]}, target="fleet/worker")


@cases.add("an image pushed since, healthy now", region="eu-west-1", worlds="plain")
def repaired(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "2"))
    land.stop(ran, reasons.image_not_found(ran))
    images.put(land.ecr, "api", images.image("late"), "2")
    return Answer(ran)


@cases.add("the repository's key is disabled", region="eu-west-1", worlds="plain")
def key_disabled(land: Land) -> Answer:
    network = land.behind_nat()
    kms = land.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    land.ecr.create_repository(
        repositoryName="api", encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key}
    )
    images.put(land.ecr, "api", images.image("x"), "1")
    kms_backends[land.account_id][land.region].keys[key.rpartition("/")[2]].key_state = "Disabled"
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.layers_forbidden(ran))
    return Answer(ran, {"repository-key-unusable": [key]})
