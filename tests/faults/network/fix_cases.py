"""What is broken, for the repairs: a healthy world, what the trace says of it, and which way the leg takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from diagnostics.network import Blocker, Via
from diagnostics.pull import LegName
from diagnostics.snapshot import Snapshot
from tests.builders import (
    S3_LIST,
    Edit,
    acl_of,
    changed,
    definition_of,
    ec2,
    endpoint_of,
    endpoints,
    fargate,
    items_of,
    known,
    no_way_out,
    public,
    routes_of,
    task_of,
    vpc_of,
)
from tests.faults.network.traces import blocker_of
from tests.faults.network.worlds import acl, entry, group_egress

A = "subnet-private-a"
TABLE = "rtb-private"
VPC = "vpc-main"


@dataclass(frozen=True)
class Case:
    """One repair: `name` says what is special about it."""

    name: str
    blocker: Blocker
    world: Callable[[], Snapshot] = fargate
    edits: tuple[Edit, ...] = ()
    leg: LegName = "login"
    via: Via = "none"
    endpoint_id: str | None = None
    wants: tuple[str, ...] = field(default=())
    """Words that the commands must hold: what an engineer would look for first."""

    @property
    def snapshot(self) -> Snapshot:
        """The facts."""
        return changed(self.world(), *self.edits)


def _second_nat(world: dict[str, Any]) -> None:
    items_of(world, "nat_gateways").append(
        {
            "NatGatewayId": "nat-spare", "VpcId": VPC, "SubnetId": "subnet-public-b", "State": "available",
            "ConnectivityType": "public",
        }
    )  # fmt: skip


def _no_nat(world: dict[str, Any]) -> None:
    no_way_out(world)
    vpc_of(world)["nat_gateways"] = known([])


def _detached(world: dict[str, Any]) -> None:
    items_of(world, "internet_gateways")[0]["Attachments"] = []


def _alone(world: dict[str, Any]) -> None:
    world["service"] = {"kind": "absent", "call": None}
    task_of(world).update(group="family:payments-api", startedBy=None)


def _nat_inside(world: dict[str, Any]) -> None:
    items_of(world, "nat_gateways")[0]["SubnetId"] = "subnet-private-b"


def _table_of_its_own(world: dict[str, Any]) -> None:
    tables = items_of(world, "route_tables")
    private = next(item for item in tables if item["RouteTableId"] == TABLE)
    private["Associations"] = [item for item in private["Associations"] if item["SubnetId"] == A]
    association = {"Main": False, "SubnetId": "subnet-private-b"}
    tables.append({"RouteTableId": "rtb-b", "VpcId": VPC, "Associations": [association], "Routes": []})


def _numbers_taken(world: dict[str, Any]) -> None:
    taken = [
        {
            "RuleNumber": number,
            "Protocol": "-1",
            "RuleAction": "allow",
            "Egress": False,
            "CidrBlock": "192.0.2.0/24",
        }
        for number in (87, 88)
    ]
    acl_of(world)["Entries"].extend(taken)


def _checking_interface(world: dict[str, Any]) -> None:
    vpc_of(world)["interfaces"]["eni-nat"] = known({"NetworkInterfaceId": "eni-nat", "SourceDestCheck": True})


def _nothing_public(world: dict[str, Any]) -> None:
    routes_of(world, "rtb-public").pop()


def _image_in_ireland(world: dict[str, Any]) -> None:
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/payments-api:1.4.2"
    task_of(world)["containers"][0]["image"] = image
    definition_of(world)["containerDefinitions"][0]["image"] = image
    world["images"][0]["image"] = image


def _docker_hub(world: dict[str, Any]) -> None:
    task_of(world)["containers"][0]["image"] = "nginx:1.27"
    definition_of(world)["containerDefinitions"][0]["image"] = "nginx:1.27"
    world["images"] = []


def _secret(name: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        definition_of(world)["containerDefinitions"][0]["secrets"] = [{"name": "TOKEN", "valueFrom": name}]

    return edit


def _without(service: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        every = items_of(world, "vpc_endpoints")
        every[:] = [item for item in every if not item["ServiceName"].endswith(f".{service}")]

    return edit


def _endpoint(service: str, **values: Any) -> Edit:
    return lambda world: endpoint_of(world, service).update(values)


def _off(attribute: str) -> Edit:
    return lambda world: vpc_of(world).update({attribute: known(False)})


def _own_dns(world: dict[str, Any]) -> None:
    configurations = vpc_of(world)["dhcp_options"]["value"]["DhcpConfigurations"]
    configurations[0]["Values"] = [{"Value": "10.9.0.53"}]


SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:token-AbCdEf"
EVERY_ENDPOINT = ("ecr.api", "ecr.dkr")

CASES: tuple[Case, ...] = (
    # --- routes
    Case(
        "to the NAT gateway there is",
        blocker_of("route-no-egress", A, TABLE, route_table_id=TABLE, usable_nat_gateway_id="nat-main"),
        edits=(no_way_out,), wants=("create-route", "--nat-gateway-id nat-main"),
    ),
    Case(
        "endpoints, where there is no NAT gateway",
        blocker_of("route-no-egress", A, TABLE, route_table_id=TABLE),
        edits=(_no_nat,),
        wants=("ecr.api", "ecr.dkr", "us-east-1.s3", "us-east-1.logs", '"UserIdGroupPairs":[{"GroupId":"sg-tasks"}]'),
    ),
    Case(
        "to the internet gateway, for a task with a public address",
        blocker_of("route-no-egress", "subnet-public-a", "rtb-public", route_table_id="rtb-public"),
        world=public, edits=(lambda world: routes_of(world, "rtb-public").pop(),),
        wants=("create-route", "--gateway-id igw-main"),
    ),
    Case(
        "a new NAT gateway, for a registry that no endpoint serves",
        blocker_of("route-no-egress", A, TABLE, route_table_id=TABLE),
        edits=(_no_nat, _docker_hub), leg="manifest", wants=("create-nat-gateway", "--subnet-id subnet-public-a"),
    ),
    Case(
        "another NAT gateway takes over",
        blocker_of(
            "route-blackhole", A, TABLE, "nat-gone", route_table_id=TABLE, destination="0.0.0.0/0", target="nat-gone",
            usable_nat_gateway_id="nat-main",
        ),
        wants=("replace-route", "--nat-gateway-id nat-main"),
    ),
    Case(
        "the internet gateway is attached again",
        blocker_of(
            "route-blackhole", "subnet-public-a", "rtb-public", route_table_id="rtb-public", destination="0.0.0.0/0",
            target="igw-main",
        ),
        world=public, edits=(_detached,), via="internet_gateway",
        wants=("attach-internet-gateway", "--internet-gateway-id igw-main --vpc-id vpc-main"),
    ),
    Case(
        "no NAT gateway is left",
        blocker_of(
            "route-blackhole", A, TABLE, "nat-gone", route_table_id=TABLE, destination="0.0.0.0/0", target="nat-gone"
        ),
        edits=(_no_nat,), wants=("allocate-address", "wait nat-gateway-available", "replace-route"),
    ),
    Case(
        "a route for IPv6",
        blocker_of(
            "route-blackhole", A, TABLE, route_table_id=TABLE, destination="::/0", target="eigw-gone"
        ),
        wants=("create-egress-only-internet-gateway", "--destination-ipv6-cidr-block ::/0"),
    ),
    Case(
        "failed, and another one works",
        blocker_of(
            "nat-gateway-unusable", A, TABLE, "nat-main", route_table_id=TABLE, destination="0.0.0.0/0",
            target="nat-main", nat_gateway_id="nat-main", state="failed", usable_nat_gateway_id="nat-spare",
        ),
        edits=(_second_nat,), via="nat_gateway", wants=("replace-route", "--nat-gateway-id nat-spare"),
    ),
    Case(
        "pending",
        blocker_of(
            "nat-gateway-unusable", A, TABLE, "nat-main", route_table_id=TABLE, nat_gateway_id="nat-main",
            state="pending",
        ),
        via="nat_gateway", wants=("wait nat-gateway-available --nat-gateway-ids nat-main",),
    ),
    Case(
        "private, and no other one",
        blocker_of(
            "nat-gateway-unusable", A, TABLE, "nat-main", route_table_id=TABLE, nat_gateway_id="nat-main",
            state="available",
        ),
        via="nat_gateway", wants=("create-nat-gateway", "replace-route"),
    ),
    Case(
        "a route table of its own lacks the route",
        blocker_of(
            "nat-subnet-no-igw", "nat-main", "subnet-public-a", "rtb-public", nat_gateway_id="nat-main",
            nat_subnet_id="subnet-egress", nat_route_table_id="rtb-egress",
        ),
        via="nat_gateway", wants=("create-route --route-table-id rtb-egress", "--gateway-id igw-main"),
    ),
    Case(
        "it stands in a private subnet, and there is a public one",
        blocker_of(
            "nat-subnet-no-igw", "nat-main", "subnet-private-b", TABLE, nat_gateway_id="nat-main", route_table_id=TABLE,
            nat_subnet_id="subnet-private-b", nat_route_table_id=TABLE,
        ),
        edits=(_nat_inside,), via="nat_gateway", wants=("--subnet-id subnet-public-a", "replace-route"),
    ),
    Case(
        "it shares its table, and no subnet is public",
        blocker_of(
            "nat-subnet-no-igw", "nat-main", "subnet-public-a", TABLE, nat_gateway_id="nat-main", route_table_id=TABLE,
            nat_subnet_id="subnet-public-a", nat_route_table_id=TABLE,
        ),
        edits=(_nothing_public,), via="nat_gateway", wants=("create-route-table", "replace-route-table-association"),
    ),
    Case(
        "its own table, in a subnet where tasks run too",
        blocker_of(
            "nat-subnet-no-igw", "nat-main", "subnet-private-b", "rtb-b", nat_gateway_id="nat-main",
            route_table_id=TABLE, nat_subnet_id="subnet-private-b", nat_route_table_id="rtb-b",
        ),
        edits=(_nat_inside, _table_of_its_own), via="nat_gateway", wants=("create-nat-gateway", "replace-route"),
    ),
    Case(
        "another NAT gateway works",
        blocker_of(
            "nat-subnet-no-igw", "nat-main", "subnet-private-b", TABLE, nat_gateway_id="nat-main", route_table_id=TABLE,
            nat_subnet_id="subnet-private-b", nat_route_table_id=TABLE, usable_nat_gateway_id="nat-spare",
        ),
        edits=(_nat_inside, _second_nat), via="nat_gateway", wants=("replace-route", "nat-spare"),
    ),
    Case(
        "stopped",
        blocker_of("nat-instance-unusable", "i-nat", instance_id="i-nat", state="stopped"),
        via="nat_instance", wants=("start-instances --instance-ids i-nat",),
    ),
    Case(
        "its check is on",
        blocker_of("nat-instance-unusable", "i-nat", interface_id="eni-nat", instance_id="i-nat", state="running"),
        edits=(_checking_interface,),
        via="nat_instance", wants=("--network-interface-id eni-nat --no-source-dest-check",),
    ),
    Case(
        "its own group drops the packets",
        blocker_of("nat-instance-unusable", "i-nat", "sg-nat", route_table_id=TABLE, instance_id="i-nat", state="running"),
        via="nat_instance", wants=("create-nat-gateway", "replace-route"),
    ),
    # --- public addresses
    Case(
        "a service on Fargate",
        blocker_of("public-subnet-no-public-ip", "subnet-public-a"),
        world=public, via="internet_gateway",
        wants=("ecs update-service --cluster payments --service payments-api", '"assignPublicIp":"ENABLED"'),
    ),
    Case(
        "a task that was started alone",
        blocker_of("public-subnet-no-public-ip", "subnet-public-a"),
        world=public, edits=(_alone,), via="internet_gateway", wants=("ecs run-task", '"assignPublicIp":"ENABLED"'),
    ),
    Case(
        "a container instance",
        blocker_of("public-subnet-no-public-ip", A, "i-0aaaabbbbccccdddd", interface_id="eni-host"),
        world=ec2, via="internet_gateway", wants=("associate-address", "--network-interface-id eni-host"),
    ),
    Case(
        "through a NAT gateway",
        blocker_of("vpc-block-public-access", VPC, vpc_id=VPC, mode="block-bidirectional"),
        via="nat_gateway", wants=("--vpc-id vpc-main --internet-gateway-exclusion-mode allow-egress",),
    ),
    Case(
        "with a public address",
        blocker_of("vpc-block-public-access", VPC, vpc_id=VPC, mode="block-ingress"),
        world=public, via="internet_gateway",
        wants=("--subnet-id subnet-public-a --internet-gateway-exclusion-mode allow-bidirectional",),
    ),
    Case(
        "an exclusion for the other direction",
        blocker_of("vpc-block-public-access", VPC, mode="block-bidirectional", exclusion_id="vpcbpa-exclude-1"),
        world=public, via="internet_gateway",
        wants=("modify-vpc-block-public-access-exclusion --exclusion-id vpcbpa-exclude-1",),
    ),
    Case(
        "ECR",
        blocker_of("firewall-inspection", A, "vpce-firewall"),
        edits=(_no_nat,), via="appliance", wants=("create-vpc-endpoint",),
    ),
    Case(
        "another registry",
        blocker_of("firewall-inspection", A, "vpce-firewall"),
        edits=(_docker_hub,), leg="manifest", via="appliance",
    ),
    # --- security groups and network ACLs
    Case(
        "to an endpoint",
        blocker_of("sg-egress-blocked", "sg-tasks", group_id="sg-tasks", endpoint_group_id="sg-endpoints"),
        world=endpoints, via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=('"UserIdGroupPairs":[{"GroupId":"sg-endpoints"}]',),
    ),
    Case(
        "nothing at all is let out: to all that the pull needs",
        blocker_of("sg-egress-blocked", "sg-tasks", group_id="sg-tasks", endpoint_group_id="sg-endpoints"),
        world=endpoints, edits=(group_egress(),), via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=('"UserIdGroupPairs":[{"GroupId":"sg-endpoints"}]', f'"PrefixListIds":[{{"PrefixListId":"{S3_LIST}"}}]'),
    ),
    Case(
        "nothing at all is let out, and the internet is the way",
        blocker_of("sg-egress-blocked", "sg-tasks", group_id="sg-tasks", peer_cidr="0.0.0.0/0"),
        edits=(group_egress(),), via="nat_gateway", wants=("""'[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]'""",),
    ),
    Case(
        "to the internet",
        blocker_of("sg-egress-blocked", "sg-tasks", group_id="sg-tasks", peer_cidr="0.0.0.0/0"),
        via="nat_gateway", wants=('"IpRanges":[{"CidrIp":"0.0.0.0/0"}]',),
    ),
    Case(
        "to S3 through a NAT gateway",
        blocker_of("sg-egress-blocked", "sg-tasks", group_id="sg-tasks", peer_cidr="0.0.0.0/0"),
        leg="layers", via="nat_gateway", wants=(f'"PrefixListIds":[{{"PrefixListId":"{S3_LIST}"}}]',),
    ),
    Case(
        "to IPv6 addresses",
        blocker_of("sg-egress-blocked", "sg-tasks", group_id="sg-tasks", peer_cidr="::/0"),
        via="egress_only_internet_gateway", wants=('"Ipv6Ranges":[{"CidrIpv6":"::/0"}]',),
    ),
    Case(
        "to the gateway endpoint",
        blocker_of("sg-egress-s3-blocked", "sg-tasks", group_id="sg-tasks", prefix_list_id=S3_LIST),
        world=endpoints, leg="layers", via="gateway_endpoint", endpoint_id="vpce-s3",
        wants=("authorize-security-group-egress --group-id sg-tasks", f'"PrefixListId":"{S3_LIST}"'),
    ),
    Case(
        "out of the pulling subnet",
        blocker_of(
            "nacl-egress-blocked", "acl-main", network_acl_id="acl-main", direction="egress", rule_number="32767",
            free_rule_number="110", peer_cidr="0.0.0.0/0", ports="443",
        ),
        via="nat_gateway", wants=("--egress --rule-number 110", "From=443,To=443"),
    ),
    Case(
        "into the endpoint's subnets",
        blocker_of(
            "nacl-egress-blocked", "acl-main", network_acl_id="acl-main", direction="ingress", rule_number="90",
            free_rule_number="89", peer_cidr="10.0.10.0/24, 10.0.11.0/24", ports="443",
        ),
        world=endpoints, via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=("--ingress --rule-number 88", "--ingress --rule-number 89", "10.0.11.0/24"),
    ),
    Case(
        "into the endpoint's subnets, past numbers that are taken",
        blocker_of(
            "nacl-egress-blocked", "acl-main", network_acl_id="acl-main", direction="ingress", rule_number="90",
            free_rule_number="89", peer_cidr="10.0.10.0/24, 10.0.11.0/24", ports="443",
        ),
        world=endpoints, edits=(_numbers_taken,), via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=("--ingress --rule-number 86", "--ingress --rule-number 89"),
    ),
    Case(
        "only one number is left",
        blocker_of(
            "nacl-egress-blocked", "acl-main", network_acl_id="acl-main", direction="ingress", rule_number="2",
            free_rule_number="1", peer_cidr="10.0.10.0/24, 10.0.11.0/24", ports="443",
        ),
        world=endpoints, via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=("--rule-number 1 ", "--rule-number RULE_NUMBER"),
    ),
    Case(
        "to endpoints and S3",
        blocker_of(
            "nacl-egress-blocked", "acl-main", network_acl_id="acl-main", direction="egress", rule_number="32767",
            free_rule_number="110", peer_cidr="10.0.10.0/24", ports="443",
        ),
        world=endpoints, edits=(acl(entry(100, False), entry(100, True, (1024, 65535))),), via="interface_endpoint",
        endpoint_id="vpce-ecr-api", wants=("--egress --rule-number 110", "0.0.0.0/0"),
    ),
    Case(
        "answers from S3",
        blocker_of(
            "nacl-ephemeral-return-blocked", "acl-main", network_acl_id="acl-main", direction="ingress",
            rule_number="32767", free_rule_number="110", peer_cidr="52.216.0.0/15, 3.5.0.0/19, 54.231.0.0/16",
            ports="32768-60999", closed_ports="32768-60999",
        ),
        leg="layers", via="nat_gateway", wants=("--ingress --rule-number 110", "From=1024,To=65535", "0.0.0.0/0"),
    ),
    Case(
        "answers of an endpoint",
        blocker_of(
            "nacl-ephemeral-return-blocked", "acl-ends", network_acl_id="acl-ends", direction="egress",
            rule_number="100", free_rule_number="99", peer_cidr="10.0.10.0/24", ports="32768-60999",
        ),
        world=endpoints, via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=("--egress --rule-number 99", "10.0.10.0/24"),
    ),
    Case(
        "the group that pulls is known",
        blocker_of(
            "endpoint-sg-ingress-blocked", "sg-endpoints", endpoint_group_id="sg-endpoints", puller_group_id="sg-tasks"
        ),
        world=endpoints, via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=(
            "authorize-security-group-ingress --group-id sg-endpoints", '"UserIdGroupPairs":[{"GroupId":"sg-tasks"}]'
        ),
    ),
    # --- endpoints
    Case(
        "beside an ecr.dkr endpoint",
        blocker_of("endpoint-missing-ecr-api", VPC, A),
        world=endpoints, edits=(_without("ecr.api"),),
        wants=("com.amazonaws.us-east-1.ecr.api", "--security-group-ids sg-endpoints", "--private-dns-enabled"),
    ),
    Case(
        "beside an ecr.api endpoint, in a VPC without DNS host names",
        blocker_of("endpoint-missing-ecr-dkr", VPC, A),
        world=endpoints, edits=(_without("ecr.dkr"), _off("enable_dns_hostnames")), leg="manifest",
        wants=("--enable-dns-hostnames", "com.amazonaws.us-east-1.ecr.dkr"),
    ),
    Case(
        "a gateway endpoint",
        blocker_of("endpoint-missing-s3", VPC, A, route_table_id=TABLE),
        world=endpoints, edits=(_without("s3"),), leg="layers",
        wants=("--vpc-endpoint-type Gateway", f"--route-table-ids {TABLE}"),
    ),
    Case(
        "for a secret",
        blocker_of("endpoint-missing-secretsmanager", VPC, A),
        world=endpoints, edits=(_secret(SECRET),), leg="secretsmanager",
        wants=("com.amazonaws.us-east-1.secretsmanager",),
    ),
    Case(
        "for a parameter",
        blocker_of("endpoint-missing-ssm", VPC, A),
        world=endpoints, edits=(_secret("/payments/token"),), leg="ssm", wants=("com.amazonaws.us-east-1.ssm",),
    ),
    Case(
        "for the log driver",
        blocker_of("endpoint-missing-logs", VPC, A),
        world=endpoints, edits=(_without("logs"),), leg="logs", wants=("com.amazonaws.us-east-1.logs",),
    ),
    Case(
        "on another table",
        blocker_of(
            "endpoint-s3-not-on-route-table", "vpce-s3", TABLE, endpoint_id="vpce-s3", route_table_id=TABLE,
            gateway_table_ids="rtb-main",
        ),
        world=endpoints, leg="layers", wants=("--vpc-endpoint-id vpce-s3 --add-route-table-ids rtb-private",),
    ),
    Case(
        "both attributes are on",
        blocker_of("endpoint-private-dns-off", "vpce-ecr-dkr", endpoint_id="vpce-ecr-dkr"),
        world=endpoints, edits=(_endpoint("ecr.dkr", PrivateDnsEnabled=False),), leg="manifest",
        wants=("modify-vpc-endpoint --vpc-endpoint-id vpce-ecr-dkr --private-dns-enabled",),
    ),
    Case(
        "pending",
        blocker_of("endpoint-not-available", "vpce-ecr-api", endpoint_id="vpce-ecr-api", state="pending"),
        world=endpoints, via="interface_endpoint", endpoint_id="vpce-ecr-api", wants=("describe-vpc-endpoints",),
    ),
    Case(
        "failed",
        blocker_of("endpoint-not-available", "vpce-ecr-api", endpoint_id="vpce-ecr-api", state="failed"),
        world=endpoints, via="interface_endpoint", endpoint_id="vpce-ecr-api",
        wants=("delete-vpc-endpoints --vpc-endpoint-ids vpce-ecr-api", "create-vpc-endpoint"),
    ),
    Case(
        "going away",
        blocker_of("endpoint-not-available", "vpce-s3", endpoint_id="vpce-s3", state="deleting"),
        world=endpoints, leg="layers", via="gateway_endpoint", endpoint_id="vpce-s3",
        wants=("--vpc-endpoint-type Gateway",),
    ),
    Case(
        "no NAT gateway",
        blocker_of("image-region-unreachable", VPC, A, image_region="eu-west-1"),
        world=endpoints, edits=(_image_in_ireland, lambda world: vpc_of(world).update(nat_gateways=known([]))),
        wants=("create-repository --repository-name payments-api --region us-east-1", "docker push"),
    ),
    Case(
        "a NAT gateway that works",
        blocker_of("image-region-unreachable", VPC, A, image_region="eu-west-1", usable_nat_gateway_id="nat-main"),
        world=endpoints, edits=(_image_in_ireland,), wants=("create-route", "--nat-gateway-id nat-main"),
    ),
    Case(
        "the registry's name",
        blocker_of("ipv6-mismatch", A, subnet_id=A),
        leg="manifest", via="egress_only_internet_gateway", wants=("register-task-definition",),
    ),
    Case(
        "the route",
        blocker_of("ipv6-mismatch", A, TABLE, route_table_id=TABLE, destination="::/0"),
        leg="manifest", wants=("create-egress-only-internet-gateway", "--destination-ipv6-cidr-block ::/0"),
    ),
    Case(
        "an interface with both, and routes for IPv6 alone",
        blocker_of("ipv6-mismatch", A, TABLE, route_table_id=TABLE, target="eigw-1", usable_nat_gateway_id="nat-main"),
        edits=(no_way_out,), wants=("create-route", "--nat-gateway-id nat-main"),
    ),
    Case(
        "the endpoint",
        blocker_of("ipv6-mismatch", A, "vpce-ecr-dkr", endpoint_id="vpce-ecr-dkr"),
        world=endpoints, leg="manifest", via="interface_endpoint", endpoint_id="vpce-ecr-dkr",
        wants=("--ip-address-type dualstack",),
    ),
    # --- names
    Case(
        "no DNS at all",
        blocker_of("vpc-dns-off", VPC, vpc_id=VPC, attribute="enableDnsSupport"),
        edits=(_off("enable_dns_support"),), wants=("modify-vpc-attribute", "--enable-dns-support"),
    ),
    Case(
        "no host names",
        blocker_of("vpc-dns-off", VPC, vpc_id=VPC, attribute="enableDnsHostnames"),
        world=endpoints, edits=(_off("enable_dns_hostnames"),), wants=("--enable-dns-hostnames",),
    ),
    Case(
        "a server of their own",
        blocker_of("dns-server-unusable", VPC, "dopt-main", dns_servers="10.9.0.53", dhcp_options_id="dopt-main"),
        edits=(_own_dns,),
        wants=("create-dhcp-options", "AmazonProvidedDNS", "associate-dhcp-options"),
    ),
)  # fmt: skip
