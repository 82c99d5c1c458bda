"""What is pulled, and from where: images, repositories, other registries."""

from __future__ import annotations

from moto.kms.models import kms_backends

from demo.aws import images, reasons
from demo.aws.account import Account
from demo.aws.policies import LOGS, allow
from demo.aws.scenarios.bare.base import bare_account, behind_nat
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(bare_account)

HUB = "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/redis/manifests/sha256:2bb501e6429: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit"


@catalogue.add("latest", "no tag in the reference, and no latest", region="ap-south-1", plain_only=True)
def latest(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("v1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", ""))
    task.stop(
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {task.image}:latest: {task.image}:latest: not found"
    )
    return Broken(task, {"repository": account.repository_arn("api"), "tag": "latest"})


@catalogue.add(
    "tag-and-digest",
    "tag and digest, the digest is gone, the tag is there",
    region="ap-south-1",
    plain_only=True,
)
def tag_and_digest(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("v1",))
    digest = images.image("never pushed").digest
    task = account.fargate_task("worker", network=network, image=f"{account.image('api', 'v1')}@{digest}")
    task.stop(
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {task.image}: {task.image.split(':v1')[0]}@{digest}: not found"
    )
    return Broken(task, {"repository": account.repository_arn("api"), "digest": digest})


@catalogue.add(
    "three",
    "three containers of three registries, the last one's tag missing",
    region="eu-west-1",
    plain_only=True,
)
def three(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("web", ("9",))
    account.add_repository("agent", ("2",))
    broken = account.image("agent", "3")
    task = account.fargate_task(
        "web",
        network=network,
        image=account.image("web", "9"),
        containers={"redis": "public.ecr.aws/docker/library/redis:7", "agent": broken},
    )
    task.stop(
        reasons.image_not_found(task, broken),
        container_reasons={"agent": reasons.image_not_found(task, broken)},
    )
    return Broken(task, {"repository": account.repository_arn("agent"), "tag": "3"})


@catalogue.add("hub", "Docker Hub's limit, beside an ECR image in order", region="eu-west-1", truth_only=True)
def hub(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("web", ("9",))
    task = account.fargate_task(
        "web", network=network, image=account.image("web", "9"), containers={"redis": "redis:7"}
    )
    task.stop(HUB, container_reasons={"redis": HUB})
    return Broken(task)


@catalogue.add("hub-private", "a Docker Hub image that may be private", region="eu-west-1", truth_only=True)
def hub_private(account: Account) -> Broken:
    network = behind_nat(account)
    task = account.fargate_task("worker", network=network, image="acme/secret-app:1")
    task.stop(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/acme/secret-app:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
    )
    return Broken(task)


@catalogue.add("invalid", "an image reference with a capital letter", region="eu-west-1", truth_only=True)
def invalid(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("Api", "1"))
    task.stop("CannotPullContainerError: invalid reference format: repository name must be lowercase")
    return Broken(task)


@catalogue.add("no-cache-rule", "no cache rule for the prefix", region="eu-west-1", truth_only=True)
def no_cache_rule(account: Account) -> Broken:
    network = behind_nat(account)
    account.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    role = account.add_role("exec", allow("ecr:*", *LOGS))
    task = account.fargate_task(
        "worker", network=network, image=account.image("docker-hub/library/redis", "7"), execution_role=role
    )
    task.stop(reasons.repository_unknown(task))
    return Broken(task)


@catalogue.add("throttled", "ECR throttled", region="eu-west-1", truth_only=True)
def throttled(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
        + task.image
        + ": unexpected status from HEAD request to https://"
        + task.image.replace("/api:1", "/v2/api/manifests/1")
        + ": 429 Too Many Requests: toomanyrequests: Rate exceeded"
    )
    return Broken(task)


@catalogue.add("oom", "out of memory while a tag is missing", region="eu-west-1", truth_only=True)
def oom(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "2"))
    task.stop(
        "OutOfMemoryError: Container killed due to memory usage",
        stop_code="EssentialContainerExited",
        container_reasons={task.container: "OutOfMemoryError: Container killed due to memory usage"},
    )
    return Broken(task)


@catalogue.add(
    "by-service",
    "a service by name: its newest stopped task lacks its tag",
    region="eu-west-1",
    plain_only=True,
)
def by_service(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "8"))
    task.stop(reasons.image_not_found(task))
    return Broken(task, {"repository": account.repository_arn("api"), "tag": "8"}, target="fleet/worker")


@catalogue.add("repaired", "an image pushed since, healthy now", region="eu-west-1", plain_only=True)
def repaired(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "2"))
    task.stop(reasons.image_not_found(task))
    images.put(account.ecr, "api", images.image("late"), "2")
    return Broken(task)


@catalogue.add("key-disabled", "the repository's key is disabled", region="eu-west-1", plain_only=True)
def key_disabled(account: Account) -> Broken:
    network = behind_nat(account)
    kms = account.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    account.ecr.create_repository(
        repositoryName="api", encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key}
    )
    images.put(account.ecr, "api", images.image("x"), "1")
    kms_backends[account.account_id][account.region].keys[key.rpartition("/")[2]].key_state = "Disabled"
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.layers_forbidden(task))
    return Broken(task, {"key": key})
