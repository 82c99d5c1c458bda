"""Faults of VPC endpoints: missing, on the wrong route table, without private DNS, with a denying policy."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import PULL_ENDPOINTS, Network
from demo.aws.payments import build_account
from demo.aws.policies import policy
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(build_account)

CIDR = "10.40.0.0/16"


def _endpoints_only(account: Account, name: str) -> Network:
    """A VPC without a way to the internet that has everything a pull needs."""
    return account.add_network(name, CIDR, internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True)


def _delete_endpoint(account: Account, network: Network, service: str) -> None:
    account.ec2.delete_vpc_endpoints(VpcEndpointIds=[network.endpoints[service]])


@catalogue.add("endpoint-missing-ecr-api", "Endpoints without ecr.api")
def endpoint_missing_ecr_api(account: Account) -> Broken:
    """A VPC with endpoints only, and none for ecr.api."""
    network = _endpoints_only(account, "without-api")
    task = account.fargate_task("without-api", network=network)
    _delete_endpoint(account, network, "ecr.api")
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))
    return Broken(
        task,
        {"vpc": network.vpc_id, "subnet private-a": network.subnets["private-a"]},
        lambda: network.add_interface_endpoint("ecr.api", ["private-a", "private-b"], "endpoints"),
    )


@catalogue.add("endpoint-missing-ecr-dkr", "Endpoints without ecr.dkr")
def endpoint_missing_ecr_dkr(account: Account) -> Broken:
    """A VPC with endpoints only, and none for ecr.dkr: the login works, the manifest does not come."""
    network = _endpoints_only(account, "without-dkr")
    task = account.fargate_task("without-dkr", network=network)
    _delete_endpoint(account, network, "ecr.dkr")
    task.stop(reasons.manifest_timeout(task, reasons.ECR_DKR_ADDRESS))
    return Broken(
        task,
        {"vpc": network.vpc_id, "subnet private-a": network.subnets["private-a"]},
        lambda: network.add_interface_endpoint("ecr.dkr", ["private-a", "private-b"], "endpoints"),
    )


@catalogue.add("endpoint-missing-s3", "Endpoints for ECR without one for S3")
def endpoint_missing_s3(account: Account) -> Broken:
    """A VPC with both ECR endpoints and none for S3, from which the layers come."""
    network = _endpoints_only(account, "without-s3")
    task = account.fargate_task("without-s3", network=network)
    _delete_endpoint(account, network, "s3")
    task.stop(reasons.layers_timeout(task, reasons.S3_ADDRESS))
    return Broken(
        task,
        {"vpc": network.vpc_id, "subnet private-a": network.subnets["private-a"]},
        lambda: network.add_s3_gateway_endpoint(["private"]),
    )


@catalogue.add("endpoint-missing-secretsmanager", "Endpoints for the pull, but none for the task's secret")
def endpoint_missing_secretsmanager(account: Account) -> Broken:
    """The task reads a secret before the pull, in a VPC that has the pull's endpoints only."""
    network = _endpoints_only(account, "without-secrets")
    secret, role = account.add_secret("without-secrets")
    task = account.fargate_task(
        "without-secrets",
        network=network,
        execution_role=role,
        secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": secret}],
    )
    task.stop(reasons.secret_unreachable(task, secret, "54.239.31.9"))
    return Broken(
        task,
        {"vpc": network.vpc_id, "subnet private-a": network.subnets["private-a"]},
        lambda: network.add_interface_endpoint("secretsmanager", ["private-a", "private-b"], "endpoints"),
    )


@catalogue.add("endpoint-s3-not-on-route-table", "An S3 endpoint on another route table")
def endpoint_s3_not_on_route_table(account: Account) -> Broken:
    """S3's gateway endpoint is on the main route table, and the private subnets have a table of their own."""
    network = account.add_network("other-table", CIDR, internet=False, endpoints=PULL_ENDPOINTS)
    network.add_route_table("unused")
    endpoint = network.add_s3_gateway_endpoint(["unused"])
    task = account.fargate_task("other-table", network=network)
    task.stop(reasons.layers_timeout(task, reasons.S3_ADDRESS))
    table = network.route_tables["private"]
    return Broken(
        task,
        {"endpoint": endpoint, "table": table},
        lambda: account.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[table]),
    )


@catalogue.add("endpoint-private-dns-off", "An ecr.dkr endpoint without private DNS")
def endpoint_private_dns_off(account: Account) -> Broken:
    """Private DNS is off on ecr.dkr, so the registry's name leads to public addresses, and there is no
    way to those.
    """
    network = account.add_network(
        "no-private-dns", CIDR, internet=False, endpoints=("ecr.api", "logs"), s3_endpoint=True
    )
    endpoint = network.add_interface_endpoint("ecr.dkr", ["private-a"], "endpoints", private_dns=False)
    task = account.fargate_task("no-private-dns", network=network)
    task.stop(reasons.manifest_timeout(task, reasons.ECR_DKR_ADDRESS))
    return Broken(
        task,
        {"endpoint": endpoint},
        lambda: account.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=True),
    )


@catalogue.add("endpoint-policy-denies", "An ecr.api endpoint whose policy leaves out the login")
def endpoint_policy_denies(account: Account) -> Broken:
    """The policy of ecr.api allows pulling from the account's repositories and forgets
    ecr:GetAuthorizationToken.
    """
    network = _endpoints_only(account, "strict-endpoint")
    task = account.fargate_task("strict-endpoint", network=network)
    pull = {
        "Sid": "OwnRepositories",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Resource": f"arn:aws:ecr:{account.region}:{account.account_id}:repository/*",
    }
    login = {"Effect": "Allow", "Principal": "*", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
    network.set_endpoint_policy("ecr.api", policy(pull))
    task.stop(reasons.login_denied(task, reasons.NO_ENDPOINT_POLICY))
    return Broken(
        task,
        {"endpoint ecr.api": network.endpoints["ecr.api"]},
        lambda: network.set_endpoint_policy("ecr.api", policy(pull, login)),
    )


@catalogue.add(
    "s3-endpoint-policy-denies-despite-nat",
    "An S3 endpoint that takes the layers from a working NAT gateway and refuses them",
)
def s3_endpoint_policy_denies_despite_nat(account: Account) -> Broken:
    """The S3 gateway endpoint on the route table allows only buckets of the own account, beside a NAT
    gateway.
    """
    network = account.add_network("own-buckets", CIDR, s3_endpoint=True)
    own = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"s3:ResourceAccount": account.account_id}},
    }
    task = account.fargate_task("own-buckets", network=network)
    network.set_endpoint_policy("s3", policy(own))
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
        lambda: network.set_endpoint_policy("s3", policy(own, layers)),
    )
