"""The five usual reasons, one of each kind, which the demo shows side by side in one account."""

from __future__ import annotations

import json

from demo.aws import images, managed_policies, reasons
from demo.aws.account import Account
from demo.aws.network import PULL_ENDPOINTS
from demo.aws.payments import build_account
from demo.aws.policies import policy
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(build_account)


@catalogue.add("demo-route-no-egress", "A private subnet without a route to a NAT gateway")
def route_no_egress(account: Account) -> Broken:
    """The service refunds-worker moved to a private subnet whose route table has only the local route."""
    network = account.network
    table = network.add_route_table("refunds")
    subnet = network.add_subnet("refunds", "10.0.12.0/24", "a", "refunds")
    task = account.fargate_task("refunds-worker", subnets=["refunds"])
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))
    return Broken(
        task,
        {"subnet": subnet, "table": table},
        lambda: network.route_default("refunds", NatGatewayId=network.nat_gateway),
    )


@catalogue.add("demo-repo-policy-denies", "A repository policy with an explicit Deny")
def repo_policy_denies(account: Account) -> Broken:
    """The repository fraud-check carries a Deny for the execution role, left from an incident."""
    repository = account.add_repository("fraud-check", ("3.0.1", "3.0.2"))
    role = account.add_role("fraud-check-execution", managed=[managed_policies.TASK_EXECUTION])
    task = account.fargate_task(
        "fraud-check", image=account.image("fraud-check", "3.0.2"), execution_role=role
    )
    account.ecr.set_repository_policy(
        repositoryName="fraud-check",
        policyText=json.dumps(
            policy(
                {
                    "Sid": "LockedDuringIncident",
                    "Effect": "Deny",
                    "Principal": {"AWS": role},
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                }
            )
        ),
    )
    task.stop(reasons.manifest_forbidden(task))
    return Broken(
        task,
        {"repository": repository},
        lambda: account.ecr.delete_repository_policy(repositoryName="fraud-check"),
    )


@catalogue.add("demo-role-permission-missing", "An execution role that may not pull")
def role_permission_missing(account: Account) -> Broken:
    """The service invoice-mailer got a new execution role that may write logs and nothing else."""
    name = "invoice-mailer-execution"
    role = account.add_role(name, managed=[managed_policies.CLOUDWATCH_AGENT])
    task = account.fargate_task("invoice-mailer", execution_role=role)
    task.stop(reasons.login_denied(task))
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.attach_role_policy(RoleName=name, PolicyArn=managed_policies.TASK_EXECUTION),
    )


@catalogue.add("demo-tag-not-found", "An image tag that was never pushed")
def tag_not_found(account: Account) -> Broken:
    """The service payments-api was deployed with the tag 1.4.3, while the repository ends at 1.4.2."""
    task = account.fargate_task("payments-api", image=account.image(reference="1.4.3"))
    task.stop(reasons.image_not_found(task))
    return Broken(
        task,
        {"repository": account.repository_arn(), "tag": "1.4.3"},
        lambda: images.put(account.ecr, "payments-api", images.image("payments-api:1.4.3"), "1.4.3"),
    )


@catalogue.add(
    "demo-s3-endpoint-policy-denies", "An S3 gateway endpoint whose policy leaves out ECR's layers"
)
def s3_endpoint_policy_denies(account: Account) -> Broken:
    """The VPC vault has endpoints only, and its S3 endpoint allows the company's own bucket only."""
    network = account.add_network(
        "vault", "10.60.0.0/16", internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True
    )
    own = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::acme-vault-backups/*",
    }
    task = account.fargate_task("card-vault", network=network)
    network.set_endpoint_policy("s3", policy({"Sid": "OwnBucketsOnly", **own}))
    task.stop(reasons.layers_forbidden(task))
    layers = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{reasons.layer_bucket(account.region)}/*",
    }
    return Broken(
        task,
        {"endpoint s3": network.endpoints["s3"]},
        lambda: network.set_endpoint_policy("s3", policy({"Sid": "OwnBucketsOnly", **own}, layers)),
    )
