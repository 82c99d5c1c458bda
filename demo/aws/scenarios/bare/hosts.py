"""Container instances: who pulls there, and through which interface."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import ANYWHERE, tcp
from demo.aws.policies import LOGS, PULL, TOKEN, allow
from demo.aws.scenarios.bare.base import CLUSTER, bare_account, behind_nat
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(bare_account)


@catalogue.add("ec2-public-ip", "a healthy EC2 host with a public address", plain_only=True)
def ec2_public_ip(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    account.add_instance_profile("node", allow(TOKEN, *PULL))
    account.add_host(CLUSTER, network, subnet="public-a", profile="node", public=True)
    return Broken(
        account.ec2_task("worker", image=account.image("api", "1"), network_mode="host", service=False)
    )


@catalogue.add(
    "ec2-task-subnet",
    "an EC2 host in awsvpc mode: the task's subnet has no route, the host's has",
    truth_only=True,
)
def ec2_task_subnet(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    network.add_security_group("shut", egress=[])
    account.add_repository("api", ("1",))
    account.add_instance_profile("node", allow(TOKEN, *PULL))
    account.add_host(CLUSTER, network, subnet="private-a", profile="node")
    task = account.ec2_task(
        "worker",
        image=account.image("api", "9"),
        network_mode="awsvpc",
        network=network,
        subnets=["cut"],
        security_groups=["shut"],
        service=False,
    )
    text = f"CannotPullContainerError: Error response from daemon: manifest for {task.image} not found: manifest unknown: Requested image not found"
    task.stop(text)
    return Broken(task, {"repository": account.repository_arn("api"), "tag": "9"})


@catalogue.add("ec2-group", "an EC2 host whose own group is shut", region="eu-west-1", plain_only=True)
def ec2_group(account: Account) -> Broken:
    network = behind_nat(account)
    shut = network.add_security_group("shut", egress=[tcp(80, cidr=ANYWHERE)])
    account.add_repository("api", ("1",))
    account.add_instance_profile("node", allow(TOKEN, *PULL))
    account.add_host(CLUSTER, network, subnet="private-a", groups=["shut"], profile="node")
    task = account.ec2_task(
        "worker",
        image=account.image("api", "1"),
        network_mode="awsvpc",
        network=network,
        subnets=["private-b"],
        service=False,
    )
    task.stop(reasons.docker_timeout(task))
    return Broken(task, {"group": shut})


@catalogue.add("profile-empty", "an instance profile without a role", region="eu-west-1", plain_only=True)
def profile_empty(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    profile = account.add_instance_profile("hollow", role=False)
    account.add_host(CLUSTER, network, subnet="private-a", profile="hollow")
    task = account.ec2_task("worker", image=account.image("api", "1"), service=False)
    task.stop(reasons.agent_without_credentials())
    return Broken(task, {"profile": profile})


@catalogue.add(
    "instance-role",
    "an instance role that lacks the pull, in bridge mode",
    region="eu-west-1",
    plain_only=True,
)
def instance_role(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    profile = account.add_instance_profile("node", allow("ecs:*", TOKEN))
    account.add_host(CLUSTER, network, subnet="private-a", profile="node")
    task = account.ec2_task("worker", image=account.image("api", "1"), service=False)
    task.stop(reasons.docker_denied(task, reasons.NO_IDENTITY_POLICY))
    role = f"arn:aws:iam::{account.account_id}:role/node"
    return Broken(task, {"profile": profile, "role": role})


@catalogue.add(
    "ec2-execution-role-denied",
    "the execution role on EC2 is named by the refusal",
    region="eu-west-1",
    truth_only=True,
)
def ec2_execution_role_denied(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    account.add_instance_profile("node", allow("ecs:*", TOKEN, *PULL))
    role = account.add_role("exec", allow(*LOGS))
    account.add_host(CLUSTER, network, subnet="private-a", profile="node")
    task = account.ec2_task("worker", image=account.image("api", "1"), execution_role=role, service=False)
    text = f"CannotPullECRContainerError: AccessDeniedException: User: {task.session_arn} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action\n\tstatus code: 400, request id: 75567eb3-6abb-11e6-9d4c-cb4ccd1cee97"
    task.stop(text)
    return Broken(task, {"role": role})
