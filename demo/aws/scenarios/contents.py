"""Faults of what is pulled: repositories, tags, digests, platforms, Regions, secrets."""

from __future__ import annotations

import json

from demo.aws import images, managed_policies, reasons
from demo.aws.account import Account
from demo.aws.network import PULL_ENDPOINTS
from demo.aws.payments import build_account
from demo.aws.policies import policy
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(build_account)


@catalogue.add("tag-not-found", "An image tag that a later push took away")
def tag_not_found(account: Account) -> Broken:
    """The task asks for the tag stable; the image is still there, without its tag."""
    account.add_repository("reports", ("5.0", "5.1"))
    moved = images.image("reports:stable")
    images.put(account.ecr, "reports", moved, "stable")
    task = account.fargate_task("reports", image=account.image("reports", "stable"))
    account.ecr.batch_delete_image(repositoryName="reports", imageIds=[{"imageTag": "stable"}])
    task.stop(reasons.image_not_found(task))
    return Broken(
        task,
        {"repository": account.repository_arn("reports"), "tag": "stable"},
        lambda: images.put(account.ecr, "reports", images.image("reports:5.1"), "stable"),
    )


@catalogue.add("repo-not-found", "A repository name with a typing error")
def repo_not_found(account: Account) -> Broken:
    """The image names the repository payment-api; the account has payments-api."""
    task = account.fargate_task("misspelt", image=account.image("payment-api"))
    task.stop(reasons.repository_not_found(task))
    return Broken(
        task,
        {"repository": account.repository_arn("payment-api")},
        lambda: account.add_repository("payment-api", ("1.4.2",)),
    )


@catalogue.add("wrong-region", "An image named in a Region where its repository is not")
def wrong_region(account: Account) -> Broken:
    """The image's host names another Region, and the repository payments-api is in the account's own."""
    region = "eu-west-1" if account.region != "eu-west-1" else "us-east-1"
    task = account.fargate_task("elsewhere", image=account.image(region=region))
    task.stop(reasons.repository_not_found(task))
    return Broken(
        task,
        {"repository": f"arn:aws:ecr:{region}:{account.account_id}:repository/payments-api"},
        lambda: account.add_repository("payments-api", ("1.4.2",), region=region),
    )


@catalogue.add("image-region-unreachable", "An image in another Region, from a VPC that has endpoints only")
def image_region_unreachable(account: Account) -> Broken:
    """The image is in another Region, and endpoints reach services of their own Region only."""
    region = "us-west-2" if account.region != "us-west-2" else "us-east-1"
    account.add_repository("archive", ("2025",), region=region)
    network = account.add_network(
        "own-region", "10.50.0.0/16", internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True
    )
    task = account.fargate_task(
        "own-region", network=network, image=account.image("archive", "2025", region=region)
    )
    task.stop(reasons.login_timeout(task, "52.94.184.143"))

    def bring_home() -> None:
        account.add_repository("archive", ("2025",))
        task_definition = account.register(
            "own-region", {"own-region": account.image("archive", "2025")}, account.execution_role
        )
        account.ecs.update_service(cluster=task.cluster, service=task.service, taskDefinition=task_definition)

    return Broken(task, {"vpc": network.vpc_id}, bring_home)


@catalogue.add("tag-not-found-second-container", "A missing tag of the second container's image")
def tag_not_found_second_container(account: Account) -> Broken:
    """The first container's image is there; its companion asks for ledger:2.2.0, which ends at 2.1.0."""
    image = account.image("ledger", "2.2.0")
    task = account.fargate_task("paired", containers={"ledger-client": image})
    text = reasons.image_not_found(task, image)
    task.stop(text, container_reasons={"ledger-client": text})
    return Broken(
        task,
        {"repository": account.repository_arn("ledger"), "tag": "2.2.0"},
        lambda: images.put(account.ecr, "ledger", images.image("ledger:2.2.0"), "2.2.0"),
    )


@catalogue.add("digest-not-found", "An image digest that is gone")
def digest_not_found(account: Account) -> Broken:
    """The task definition pins a digest that a lifecycle rule removed."""
    account.add_repository("scanner", ("1", "2"))
    pinned = images.image("scanner pinned")
    images.put(account.ecr, "scanner", pinned)
    task = account.fargate_task("scanner", image=account.image("scanner", pinned.digest))
    account.ecr.batch_delete_image(repositoryName="scanner", imageIds=[{"imageDigest": pinned.digest}])
    task.stop(reasons.image_not_found(task))
    return Broken(
        task,
        {"repository": account.repository_arn("scanner"), "digest": pinned.digest},
        lambda: images.put(account.ecr, "scanner", pinned, "restored"),
    )


@catalogue.add("platform-mismatch", "An image without the task's architecture")
def platform_mismatch(account: Account) -> Broken:
    """The task asks for ARM64, and the image index holds linux/amd64 only."""
    account.add_repository("gateway", ())
    amd64, arm64 = images.image("gateway amd64"), images.image("gateway arm64")
    images.put(account.ecr, "gateway", amd64)
    images.put(account.ecr, "gateway", images.index({"linux/amd64": amd64}), "7.2")
    task = account.fargate_task("gateway", image=account.image("gateway", "7.2"), cpu_architecture="ARM64")
    task.stop(reasons.platform_mismatch(task, "linux/arm64"))

    def add_arm64() -> None:
        images.put(account.ecr, "gateway", arm64)
        both = images.index({"linux/amd64": amd64, "linux/arm64": arm64})
        images.put(account.ecr, "gateway", both, "7.2")

    return Broken(task, {"repository": account.repository_arn("gateway"), "tag": "7.2"}, add_arm64)


@catalogue.add("container-secret-missing", "A secret that was deleted")
def container_secret_missing(account: Account) -> Broken:
    """The container takes its password from a secret that is gone."""
    secret, role = account.add_secret("forgotten")
    task = account.fargate_task(
        "forgotten", execution_role=role, secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": secret}]
    )
    account.client("secretsmanager").delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    task.stop(reasons.secret_not_found(secret))

    def start_with_a_new_secret() -> None:
        new_secret, new_role = account.add_secret("remembered-again")
        task_definition = account.register(
            "forgotten",
            task.images,
            new_role,
            secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": new_secret}],
        )
        account.ecs.update_service(cluster=task.cluster, service=task.service, taskDefinition=task_definition)

    return Broken(task, {"secret": secret}, start_with_a_new_secret)


@catalogue.add("task-gone-service-events", "A forgotten task whose service still tells why", truth_only=True)
def task_gone_service_events(account: Account) -> Broken:
    """The task is forgotten; the service's events still carry the stop text, and the tag is still missing."""
    task = account.fargate_task("remembered", image=account.image(reference="1.5.0-rc1"))
    task.stop(reasons.image_not_found(task))
    task.expire()
    return Broken(
        task,
        {"repository": account.repository_arn(), "tag": "1.5.0-rc1"},
        lambda: images.put(account.ecr, "payments-api", images.image("payments-api:1.5.0-rc1"), "1.5.0-rc1"),
        target=f"{task.cluster}/{task.service}",
    )


@catalogue.add("rolled-back", "A deployment that the circuit breaker rolled back", truth_only=True)
def rolled_back(account: Account) -> Broken:
    """The new revision named a tag that was never pushed; the older one runs again, and ECS forgot the tasks that failed."""
    runs = account.fargate_task("storefront")
    failed = account.deploy(runs, account.image(reference="2.0.0-rc3"))
    failed.stop(reasons.image_not_found(failed))
    failed.expire()
    account.roll_back(failed)
    return Broken(
        failed,
        {"repository": account.repository_arn(), "tag": "2.0.0-rc3"},
        lambda: images.put(account.ecr, "payments-api", images.image("payments-api:2.0.0-rc3"), "2.0.0-rc3"),
        target=f"{failed.cluster}/{failed.service}",
    )


@catalogue.add("container-secret-access-denied", "An execution role that may not read the container's secret")
def container_secret_access_denied(account: Account) -> Broken:
    """The secret is there, and the execution role lost the inline policy that allows reading it."""
    secret, role = account.add_secret("sealed-letter")
    name = role.rpartition("/")[2]
    document = account.iam.get_role_policy(RoleName=name, PolicyName="secret")["PolicyDocument"]
    task = account.fargate_task(
        "sealed-letter", execution_role=role, secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": secret}]
    )
    account.iam.delete_role_policy(RoleName=name, PolicyName="secret")
    task.stop(reasons.secret_denied(task, secret))
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.put_role_policy(
            RoleName=name, PolicyName="secret", PolicyDocument=json.dumps(document)
        ),
    )


@catalogue.add(
    "pull-through-cache-permission-missing",
    "A first pull through the cache by a role that may not import",
    truth_only=True,
)
def pull_through_cache_permission_missing(account: Account) -> Broken:
    """A cache rule serves the prefix quay; the repository is not there yet, and the role cannot create it."""
    account.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    name = "cached-execution"
    role = account.add_role(name, managed=[managed_policies.TASK_EXECUTION])
    repository = "quay/prometheus/node-exporter"
    task = account.fargate_task("cached", image=account.image(repository, "v1.9.0"), execution_role=role)
    task.stop(reasons.repository_unknown(task))
    allow = {
        "Effect": "Allow",
        "Action": ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
        "Resource": account.repository_arn("quay/*"),
    }
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.put_role_policy(
            RoleName=name, PolicyName="import", PolicyDocument=json.dumps(policy(allow))
        ),
    )
