"""The account of a participant in a shared VPC: what it may not see silences nothing that it can."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from demo.aws import Credentials, EmulatedAws, TaskHandle, build_account, reasons
from demo.aws.network import PULL_ENDPOINTS, tcp
from diagnostics import report
from diagnostics.collect import AwsClients, collect
from diagnostics.finding import Report
from diagnostics.target import parse
from tests.build.emulated import PATIENCE

OWNER = "999988887777"
CIDR = "10.90.0.0/16"
HIDDEN: Mapping[str, str] = {
    "DescribeNatGateways": "NatGateways",
    "DescribeVpcEndpoints": "VpcEndpoints",
    "DescribeInternetGateways": "InternetGateways",
    "DescribeEgressOnlyInternetGateways": "EgressOnlyInternetGateways",
}
"""What belongs to the owner of the VPC, so that a participant is shown none of it. Route tables, network ACLs and the subnets
that are shared a participant may describe. AWS: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html
"""
MORE_HIDDEN = {**HIDDEN, "DescribeRouteTables": "RouteTables", "DescribeNetworkAcls": "NetworkAcls"}
"""The same where an owner's policies hide the rest."""


class Participant:
    """A session of an account in whose VPC somebody else owns what is hidden: EC2 answers with empty lists."""

    def __init__(self, aws: EmulatedAws, account_id: str, hidden: Mapping[str, str]) -> None:
        keys = Credentials(account_id)
        self._url, self._hidden = aws.endpoint_url, hidden
        self._session = boto3.Session(
            aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key
        )

    def client(self, service: str, **options: Any) -> Any:
        client = self._session.client(service, endpoint_url=self._url, **options)
        if service == "ec2":
            client.meta.events.register("after-call.ec2.*", self._hide)
        return client

    def _hide(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        key = self._hidden.get(model.name)
        if key is not None:
            parsed[key] = []
        for vpc in parsed.get("Vpcs", ()) if model.name == "DescribeVpcs" else ():
            vpc["OwnerId"] = OWNER

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


@dataclass(frozen=True)
class Shared:
    """Tasks in shared VPCs, by what is wrong with them, and who asks about them."""

    tasks: Mapping[str, TaskHandle]
    groups: Mapping[str, str]
    ask: Callable[[TaskHandle, Mapping[str, str]], Report]


@pytest.fixture(scope="module")
def shared(true_aws: EmulatedAws) -> Shared:
    account = build_account(true_aws)
    nat = account.add_network("shared-nat", CIDR)
    inside = account.add_network(
        "shared-endpoints", "10.91.0.0/16", internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True
    )
    tasks, groups = {}, {}
    for network, where in ((nat, "nat"), (inside, "endpoints")):
        shut = network.add_security_group("shut", egress=[tcp(5432, cidr="10.0.0.0/8")])
        tasks[f"shut-{where}"] = account.fargate_task(
            f"shut-{where}", network=network, security_groups=["shut"]
        )
        tasks[f"open-{where}"] = account.fargate_task(f"open-{where}", network=network)
        groups[f"shut-{where}"] = shut
    for task in tasks.values():
        task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))

    asking: dict[tuple[str, ...], AwsClients] = {}

    def ask(task: TaskHandle, hidden: Mapping[str, str]) -> Report:
        # Clients are slow to make, and who asks is the same for each task.
        if tuple(hidden) not in asking:
            session = Participant(true_aws, account.account_id, hidden)
            asking[tuple(hidden)] = AwsClients(lambda _: session)
        return report.build(collect(parse(task.arn), asking[tuple(hidden)], deadline=PATIENCE))

    return Shared(tasks, groups, ask)


@pytest.mark.parametrize("hidden", [HIDDEN, MORE_HIDDEN], ids=["usual", "more"])
@pytest.mark.parametrize("where", ["nat", "endpoints"])
def test_its_own_group_without_a_rule_for_443_is_the_cause(shared: Shared, where: str, hidden: Any) -> None:
    told = shared.ask(shared.tasks[f"shut-{where}"], hidden)
    assert [(item.role, item.id, item.resources) for item in told.causes] == [
        ("cause", "sg-egress-blocked", (shared.groups[f"shut-{where}"],))
    ], told.verdict.headline


@pytest.mark.parametrize("hidden", [HIDDEN, MORE_HIDDEN], ids=["usual", "more"])
@pytest.mark.parametrize("where", ["nat", "endpoints"])
def test_its_healthy_twin_is_undecided_and_says_what_cannot_be_seen(
    shared: Shared, where: str, hidden: Any
) -> None:
    told = shared.ask(shared.tasks[f"open-{where}"], hidden)
    assert told.verdict.outcome == "undecided"
    assert told.causes == ()
    assert f"shared by account {OWNER}" in told.verdict.headline
