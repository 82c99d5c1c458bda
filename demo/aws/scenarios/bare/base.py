"""Accounts with only what a scenario needs, in any Region: nothing healthy beside the fault, and no usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from demo.aws.account import Account
from demo.aws.network import PULL_ENDPOINTS, Network, tcp
from demo.aws.policies import LOGS, PULL, TOKEN, PolicyDocument, allow
from demo.aws.server import REGION, EmulatedAws

CLUSTER = "fleet"
CIDR = "10.90.0.0/16"


def bare_account(aws: EmulatedAws, region: str = REGION) -> Account:
    """An account with one cluster and an execution role that may pull everything; its tasks write no logs."""
    account = Account(aws, aws.account_id, region)
    account.fargate_cluster = account.ec2_cluster = CLUSTER
    account.ecs.create_cluster(clusterName=CLUSTER)
    account.execution_role = account.add_role("pull-role", allow(TOKEN, *PULL, *LOGS))
    return account


def behind_nat(account: Account, name: str = "lab", cidr: str = CIDR) -> Network:
    """A VPC whose private subnets reach the internet through one NAT gateway in `public-a`."""
    return account.add_network(name, cidr)


def sealed(
    account: Account,
    name: str = "lab",
    cidr: str = CIDR,
    services: Sequence[str] = PULL_ENDPOINTS,
    s3: bool = True,
    policies: Mapping[str, PolicyDocument] | None = None,
) -> Network:
    """A VPC without a way out, with endpoints in each of its private subnets, and a group for further ones."""
    network = account.add_network(
        name, cidr, internet=False, endpoints=services, s3_endpoint=s3, policies=policies
    )
    if not services:
        network.add_security_group("endpoints", ingress=[tcp(443, cidr=cidr)])
    return network
