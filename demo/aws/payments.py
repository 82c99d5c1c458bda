"""The healthy account of a payments company, in which most scenarios break one thing."""

from __future__ import annotations

import json

from demo.aws import managed_policies
from demo.aws.account import Account
from demo.aws.network import tcp
from demo.aws.policies import policy
from demo.aws.registry import REPOSITORY, TAG
from demo.aws.server import REGION, EmulatedAws

FARGATE_CLUSTER = "payments"
EC2_CLUSTER = "payments-ec2"


def build_account(aws: EmulatedAws, region: str = REGION, account_id: str | None = None) -> Account:
    """Build a healthy account: everything in it can pull, and what looks broken in it is not in use.

    VPC 10.0.0.0/16 with public and private subnets in two zones and a NAT gateway; repositories
    `payments-api`, `ledger` and `web/frontend`; clusters `payments` (Fargate) and `payments-ec2` (one
    container instance); an execution role; a healthy service `ledger`; and decoys: a route table without a
    way out, a security group that lets nothing through, a Deny about something else.
    """
    account = Account(aws, account_id or aws.account_id, region)
    network = account.add_network("main")
    account.add_repository(REPOSITORY, ("1.4.0", "1.4.1", TAG, "latest"))
    account.add_repository("ledger", ("2.0.0", "2.1.0"))
    account.add_repository("web/frontend", ("main",))
    account.fargate_cluster, account.ec2_cluster = FARGATE_CLUSTER, EC2_CLUSTER
    account.log_group = f"/ecs/{FARGATE_CLUSTER}"
    account.execution_role = account.add_role(
        "ecsTaskExecutionRole",
        managed=[managed_policies.TASK_EXECUTION],
        inline={"no-deletion": _UNRELATED_DENY},
    )
    account.client("logs").create_log_group(logGroupName=account.log_group)
    account.ecs.create_cluster(clusterName=FARGATE_CLUSTER)
    account.ecs.create_cluster(clusterName=EC2_CLUSTER)
    account.add_instance_profile("ecsInstanceRole", managed=[managed_policies.CONTAINER_INSTANCE])
    account.add_host(EC2_CLUSTER, network, profile="ecsInstanceRole")
    _add_decoys(account)
    account.fargate_task("ledger", image=account.image("ledger", "2.1.0"))
    return account


_UNRELATED_DENY = policy(
    {"Effect": "Deny", "Action": ["ecr:DeleteRepository", "ecr:BatchDeleteImage"], "Resource": "*"}
)


def _add_decoys(account: Account) -> None:
    """Add what is broken but not in use, so that a diagnosis that looks at the wrong thing goes wrong."""
    network = account.network
    network.add_route_table("isolated")
    network.add_security_group("closed", egress=[])
    network.add_security_group(
        "database", ingress=[tcp(5432, group=network.security_groups["tasks"])], egress=[]
    )
    account.ecr.set_repository_policy(
        repositoryName="web/frontend",
        policyText=json.dumps(
            policy(
                {
                    "Sid": "KeepInterns",
                    "Effect": "Deny",
                    "Principal": {"AWS": f"arn:aws:iam::{account.account_id}:root"},
                    "Action": "ecr:BatchDeleteImage",
                }
            )
        ),
    )
