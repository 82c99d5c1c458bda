"""Worlds in which nothing would stop a pull: a diagnosis that finds a cause here is wrong."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import ANYWHERE, PULL_ENDPOINTS
from demo.aws.payments import build_account
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(build_account)

CIDR = "10.70.0.0/16"


@catalogue.add("healthy-nat", "A running task behind a NAT gateway")
def healthy_nat(account: Account) -> Broken:
    """A private subnet, a NAT gateway, no endpoints."""
    return Broken(account.fargate_task("behind-nat", network=account.add_network("behind-nat", CIDR)))


@catalogue.add("healthy-endpoints", "A running task with endpoints only")
def healthy_endpoints(account: Account) -> Broken:
    """No way to the internet; ECR's two endpoints, the logs endpoint and S3's gateway endpoint."""
    network = account.add_network("sealed", CIDR, internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True)
    return Broken(account.fargate_task("sealed", network=network))


@catalogue.add("healthy-public-ip", "A running task with a public address")
def healthy_public_ip(account: Account) -> Broken:
    """A public subnet with assignPublicIp enabled, and no NAT gateway."""
    network = account.add_network("open", CIDR, nat=False)
    return Broken(account.fargate_task("open", network=network, subnets=["public-b"], assign_public_ip=True))


@catalogue.add("healthy-without-service", "A running task that no service started")
def healthy_without_service(account: Account) -> Broken:
    """A task started by hand, with a second container whose image comes from another repository."""
    sidecar = {"frontend": account.image("web/frontend", "main")}
    return Broken(account.fargate_task("by-hand", service=False, containers=sidecar))


@catalogue.add("healthy-ec2-bridge", "A running task in bridge mode")
def healthy_ec2_bridge(account: Account) -> Broken:
    """A task on a container instance, without an execution role: the instance's role pulls."""
    return Broken(account.ec2_task("bridge"))


@catalogue.add("healthy-ec2-closed-task-group", "A task on EC2 whose own group lets nothing out")
def healthy_ec2_closed_task_group(account: Account) -> Broken:
    """In awsvpc mode the task's group is closed; the container instance pulls, through its own interface."""
    return Broken(account.ec2_task("closed-group", network_mode="awsvpc", security_groups=["closed"]))


@catalogue.add("repaired-since", "A task that could not log in, in a network that was repaired since")
def repaired_since(account: Account) -> Broken:
    """The default route was missing when the task stopped, and is there again."""
    network = account.add_network("repaired", CIDR)
    task = account.fargate_task("repaired", network=network)
    account.ec2.delete_route(RouteTableId=network.route_tables["private"], DestinationCidrBlock=ANYWHERE)
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))
    network.route_default("private", NatGatewayId=network.nat_gateway)
    return Broken(task)


@catalogue.add("essential-container-exited", "A task whose program ended")
def essential_container_exited(account: Account) -> Broken:
    """The image was pulled, the container ran and exited with status 1."""
    task = account.fargate_task("crashing")
    task.stop(reasons.essential_container_exited(), stop_code="EssentialContainerExited")
    return Broken(task)


@catalogue.add("task-gone", "A task that ECS has forgotten")
def task_gone(account: Account) -> Broken:
    """A task without a service that stopped more than an hour ago: DescribeTasks answers MISSING."""
    task = account.fargate_task("gone", service=False)
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))
    task.expire()
    return Broken(task)


@catalogue.add("stopped-by-the-scheduler", "A task that its service stopped")
def stopped_by_the_scheduler(account: Account) -> Broken:
    """The service was scaled in: the task ran and was stopped by the service's scheduler."""
    task = account.fargate_task("scaled-in")
    task.stop(
        f"Scaling activity initiated by (deployment {task.describe()['startedBy']})",
        stop_code="ServiceSchedulerInitiated",
    )
    return Broken(task)
