"""Small differences to the healthy worlds of `tests.build`, by what they break or add."""

from __future__ import annotations

from typing import Any

from tests.build.facts import Edit, World, known, unavailable
from tests.build.names import REGION, S3_LIST, VPC
from tests.build.places import (
    acl_of,
    endpoint_of,
    group_of,
    items_of,
    routes_of,
    task_of,
    vpc_of,
)
from tests.build.vpc import everything, interface_endpoint, no_way_out, tcp

ANYWHERE = "0.0.0.0/0"


def all_of(*edits: Edit) -> Edit:
    """Several edits one after the other."""

    def edit(world: World) -> None:
        for item in edits:
            item(world)

    return edit


# --- routes ------------------------------------------------------------------------------------------


def default_route(table: str = "rtb-private", state: str = "active", **target: str) -> Edit:
    """0.0.0.0/0 of the table leads to another target."""

    def edit(world: World) -> None:
        routes = routes_of(world, table)
        routes[:] = [item for item in routes if item.get("DestinationCidrBlock") != ANYWHERE]
        if target:
            routes.append(
                {"DestinationCidrBlock": ANYWHERE, "State": state, "Origin": "CreateRoute", **target}
            )

    return edit


def change_default_route(**target: Any) -> Edit:
    """The private table's default route with other values; `None` takes one away."""

    def edit(world: World) -> None:
        for item in routes_of(world, "rtb-private"):
            if item.get("DestinationCidrBlock") == ANYWHERE:
                item.update(target)

    return edit


def drop_s3_route(world: World) -> None:
    """The private table has no route to S3's gateway endpoint."""
    routes = routes_of(world, "rtb-private")
    routes[:] = [item for item in routes if not item.get("DestinationPrefixListId")]


def no_way_out_and_no_nat(world: World) -> None:
    """The private subnets have only the local route, and the VPC has no NAT gateway to lead one to."""
    no_way_out(world)
    items_of(world, "nat_gateways").clear()


def route(destination: str, table: str = "rtb-private", **target: str) -> Edit:
    """One more route."""
    name = (
        "DestinationPrefixListId"
        if destination.startswith("pl-")
        else "DestinationIpv6CidrBlock"
        if ":" in destination
        else "DestinationCidrBlock"
    )
    item = {name: destination, "State": "active", "Origin": "CreateRoute", **target}
    return lambda world: routes_of(world, table).append(item)


def nat(name: str = "nat-main", **more: Any) -> Edit:
    """The NAT gateway differs."""
    return lambda world: next(
        item for item in items_of(world, "nat_gateways") if item["NatGatewayId"] == name
    ).update(more)


def no_nat_gateway(world: World) -> None:
    """The NAT gateway is gone, and its route is a blackhole."""
    items_of(world, "nat_gateways").clear()
    default_route(state="blackhole", NatGatewayId="nat-main")(world)


def no_internet_gateway(world: World) -> None:
    """The internet gateway was detached."""
    items_of(world, "internet_gateways").clear()


def edge_table(destination: str, state: str = "active", **target: str) -> Edit:
    """The internet gateway has a route table of its own, with one route besides the local one."""

    def edit(world: World) -> None:
        routes = [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}]
        routes = [item for item in routes if item["DestinationCidrBlock"] != destination]
        routes.append(
            {"DestinationCidrBlock": destination, "State": state, "Origin": "CreateRoute", **target}
        )
        items_of(world, "route_tables").append(
            {
                "RouteTableId": "rtb-edge",
                "VpcId": VPC,
                "Associations": [{"GatewayId": "igw-main", "AssociationState": {"State": "associated"}}],
                "Routes": routes,
            }
        )

    return edit


def own_table(subnet: str, destination: str, state: str = "active", **target: str) -> Edit:
    """A subnet gets a table of its own, with one route more specific than the local one."""
    route = {"DestinationCidrBlock": destination, "State": state, "Origin": "CreateRoute", **target}
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    item = {
        "RouteTableId": f"rtb-of-{subnet}",
        "VpcId": VPC,
        "Associations": [{"SubnetId": subnet}],
        "Routes": [local, route],
    }
    return lambda world: items_of(world, "route_tables").insert(0, item)


def internet_firewall(mode: str = "enforce", status: str = "active", **treatment: str) -> Edit:
    """An Automated Internet Firewall between the VPC and its internet gateway; `treatment` by the end of a subnet's name."""
    arn = "arn:aws:network-firewall:us-east-1:111122223333:firewall/nsm"

    def edit(world: World) -> None:
        vpc_of(world)["vpc"]["value"]["NetworkFirewallAssociations"] = [
            {"FirewallArn": arn, "FirewallOnboardingStatus": status, "FirewallMode": mode}
        ]
        for table in items_of(world, "route_tables"):
            for route in table["Routes"]:
                if str(route.get("GatewayId")).startswith("igw-"):
                    route["IgwFirewall"] = {"FirewallArn": arn, "Status": status}
        for subnet in items_of(world, "subnets"):
            name = subnet["SubnetId"].removeprefix("subnet-").replace("-", "_")
            subnet["NetworkFirewallConnectivityType"] = treatment.get(name, "bidirectional")

    return edit


def regional_nat(*zones: str, **more: Any) -> Edit:
    """The NAT gateway is a regional one with an address in each of these zones; its table leads to the internet gateway."""
    addresses = [
        {"PublicIp": f"198.51.100.{20 + place}", "AvailabilityZone": zone} for place, zone in enumerate(zones)
    ]
    return nat(
        **{
            "AvailabilityMode": "regional", "SubnetId": None, "RouteTableId": "rtb-public",
            "NatGatewayAddresses": addresses, **more,
        }
    )  # fmt: skip


def prefix_list(name: str, *cidrs: str) -> Edit:
    """A prefix list that routes or rules name."""
    value = {"PrefixListId": name, "PrefixListName": "ours", "Cidrs": list(cidrs)}
    return lambda world: vpc_of(world)["prefix_lists"].update({name: known(value)})


# --- security groups ---------------------------------------------------------------------------------


def egress(*rules: dict[str, Any], group: str = "sg-tasks") -> Edit:
    """The egress rules of a group, instead of everything."""
    return lambda world: group_of(world, group).update(IpPermissionsEgress=list(rules))


def ingress(*rules: dict[str, Any], group: str = "sg-endpoints") -> Edit:
    """The ingress rules of a group."""
    return lambda world: group_of(world, group).update(IpPermissions=list(rules))


def new_group(name: str, out: list[dict[str, Any]], into: list[dict[str, Any]]) -> Edit:
    """One more security group."""
    value = {"GroupId": name, "VpcId": VPC, "IpPermissions": into, "IpPermissionsEgress": out}
    return lambda world: vpc_of(world)["security_groups"].update({name: known(value)})


def puller_groups(*names: str) -> Edit:
    """The service gives its tasks these groups."""

    def edit(world: World) -> None:
        service = world["service"]["value"]
        for holder in (service, service["deployments"][0]):
            holder["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] = list(names)

    return edit


def to_cidr(cidr: str) -> dict[str, Any]:
    """TCP 443 and a range."""
    return tcp(443, IpRanges=[{"CidrIp": cidr}])


def to_group(name: str) -> dict[str, Any]:
    """TCP 443 and a security group."""
    return tcp(443, UserIdGroupPairs=[{"GroupId": name}])


def to_list(name: str) -> dict[str, Any]:
    """TCP 443 and a prefix list."""
    return tcp(443, PrefixListIds=[{"PrefixListId": name}])


# --- network ACLs ------------------------------------------------------------------------------------


def entry(
    number: int,
    egress: bool,
    action: str = "allow",
    cidr: str = ANYWHERE,
    ports: tuple[int, int] | None = None,
    protocol: str | None = None,
) -> dict[str, Any]:
    """An entry of a network ACL; TCP where ports are given."""
    item: dict[str, Any] = {
        "RuleNumber": number, "Egress": egress, "RuleAction": action, "CidrBlock": cidr,
        "Protocol": protocol or ("6" if ports else "-1"),
    }  # fmt: skip
    if ports:
        item["PortRange"] = {"From": ports[0], "To": ports[1]}
    return item


def acl(*entries: dict[str, Any], name: str = "acl-main") -> Edit:
    """The entries of an ACL; the closing denies come by themselves."""
    closing = [entry(32767, egress, "deny") for egress in (True, False)]
    return lambda world: acl_of(world, name).update(Entries=[*entries, *closing])


def own_acl(name: str, subnets: list[str], *entries: dict[str, Any]) -> Edit:
    """These subnets get an ACL of their own."""

    def edit(world: World) -> None:
        for item in items_of(world, "network_acls"):
            item["Associations"] = [
                other for other in item["Associations"] if other["SubnetId"] not in subnets
            ]
        items_of(world, "network_acls").append(
            {
                "NetworkAclId": name,
                "VpcId": VPC,
                "Associations": [{"SubnetId": item} for item in subnets],
                "Entries": [],
            }
        )
        acl(*entries, name=name)(world)

    return edit


# --- endpoints ---------------------------------------------------------------------------------------


def endpoint(service: str, **more: Any) -> Edit:
    """An endpoint differs."""
    return lambda world: endpoint_of(world, service).update(more)


def without_endpoint(*services: str) -> Edit:
    """Endpoints are missing, and so are the routes to them."""

    def edit(world: World) -> None:
        for service in services:
            gone = endpoint_of(world, service)
            items_of(world, "vpc_endpoints").remove(gone)
            for table in items_of(world, "route_tables"):
                table["Routes"] = [
                    item for item in table["Routes"] if item.get("GatewayId") != gone["VpcEndpointId"]
                ]

    return edit


def s3_on_table(*tables: str) -> Edit:
    """S3's gateway endpoint is on these route tables only."""

    def edit(world: World) -> None:
        endpoint_of(world, "s3").update(RouteTableIds=list(tables))
        for table in items_of(world, "route_tables"):
            table["Routes"] = [item for item in table["Routes"] if item.get("GatewayId") != "vpce-s3"]
            if table["RouteTableId"] in tables:
                table["Routes"].append(
                    {"DestinationPrefixListId": S3_LIST, "GatewayId": "vpce-s3", "State": "active"}
                )

    return edit


def in_subnet_of_their_own(world: World) -> None:
    """The endpoints stand in subnet-endpoints, and not where the tasks are."""
    items_of(world, "subnets").append(
        {
            "SubnetId": "subnet-endpoints",
            "VpcId": VPC,
            "CidrBlock": "10.0.40.0/24",
            "AvailabilityZone": f"{REGION}a",
        }
    )
    acl_of(world)["Associations"].append({"SubnetId": "subnet-endpoints"})
    for item in items_of(world, "vpc_endpoints"):
        if item["VpcEndpointType"] == "Interface":
            item["SubnetIds"] = ["subnet-endpoints"]
            item["NetworkInterfaceIds"] = item["NetworkInterfaceIds"][:1]
            interface = vpc_of(world)["interfaces"][item["NetworkInterfaceIds"][0]]["value"]
            host = interface["PrivateIpAddress"].rsplit(".", 1)[-1]
            interface.update(SubnetId="subnet-endpoints", PrivateIpAddress=f"10.0.40.{host}")


def firewall_endpoint(world: World) -> None:
    """A Gateway Load Balancer endpoint takes the default route."""
    items_of(world, "vpc_endpoints").append(
        {"VpcEndpointId": "vpce-fw", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": VPC, "State": "available",
         "ServiceName": f"com.amazonaws.vpce.{REGION}.vpce-svc-0123456789abcdef0"}
    )  # fmt: skip
    default_route(GatewayId="vpce-fw")(world)


def s3_interface_endpoint(**more: Any) -> Edit:
    """An interface endpoint for S3."""

    def edit(world: World) -> None:
        item, interfaces = interface_endpoint("s3")
        item["VpcEndpointId"] = "vpce-s3-interface"
        items_of(world, "vpc_endpoints").append({**item, **more})
        vpc_of(world)["interfaces"].update(interfaces)

    return edit


# --- names, addresses, the task ----------------------------------------------------------------------


def attribute(name: str, value: bool) -> Edit:
    """A DNS attribute of the VPC: `enable_dns_support`, `enable_dns_hostnames`."""
    return lambda world: vpc_of(world).update({name: known(value)})


def secondary_range(world: World) -> None:
    """The VPC has a second range, and the task's subnet is in it."""
    vpc_of(world)["vpc"]["value"]["CidrBlockAssociationSet"] = [
        {"CidrBlock": block, "CidrBlockState": {"State": "associated"}}
        for block in ("10.0.0.0/16", "100.64.0.0/16")
    ]
    for table in items_of(world, "route_tables"):
        table["Routes"].append(
            {"DestinationCidrBlock": "100.64.0.0/16", "GatewayId": "local", "State": "active"}
        )
    subnet = next(item for item in items_of(world, "subnets") if item["SubnetId"] == "subnet-private-a")
    subnet["CidrBlock"] = "100.64.10.0/24"
    world["subnets"]["subnet-private-a"]["value"]["CidrBlock"] = "100.64.10.0/24"
    for item in task_of(world)["attachments"][0]["details"]:
        if item["name"] == "privateIPv4Address":
            item["value"] = "100.64.10.20"


def dns_servers(*servers: str, dhcp_options: str = "dopt-own") -> Edit:
    """The DHCP options name these DNS servers."""
    options = {
        "DhcpOptionsId": dhcp_options,
        "DhcpConfigurations": [
            {"Key": "domain-name-servers", "Values": [{"Value": server} for server in servers]}
        ],
    }
    return lambda world: vpc_of(world).update({"dhcp_options": known(options)})


def block_public_access(mode: str, *exclusions: tuple[str, str, str]) -> Edit:
    """VPC Block Public Access with exclusions: resource, mode, state."""
    items = [
        {
            "ExclusionId": f"vpcbpa-exclude-{place}", "InternetGatewayExclusionMode": allowed, "State": state,
            "ResourceArn": f"arn:aws:ec2:{REGION}:111122223333:{resource}",
        }
        for place, (resource, allowed, state) in enumerate(exclusions)
    ]  # fmt: skip

    def edit(world: World) -> None:
        vpc_of(world)["block_public_access"] = known({"InternetGatewayBlockMode": mode})
        vpc_of(world)["block_public_access_exclusions"] = known(items)

    return edit


def unread(name: str, why: str = "denied", call: str | None = None) -> Edit:
    """A fact of the VPC could not be read."""
    return lambda world: vpc_of(world).update({name: unavailable(why, call)})


def unread_group(name: str) -> Edit:
    """A security group could not be read."""
    return lambda world: vpc_of(world)["security_groups"].update(
        {name: unavailable("denied", "ec2:DescribeSecurityGroups", name)}
    )


def ipv6(native: bool = False, subnet: str = "subnet-private-a", **more: Any) -> Edit:
    """The VPC and the pulling subnet have IPv6."""

    def edit(world: World) -> None:
        block = [{"Ipv6CidrBlock": "2600:1f18:aaaa:bb00::/64", "Ipv6CidrBlockState": {"State": "associated"}}]
        vpc_of(world)["vpc"]["value"]["Ipv6CidrBlockAssociationSet"] = [
            {"Ipv6CidrBlock": "2600:1f18:aaaa:bb00::/56"}
        ]
        for holder in (
            next(item for item in items_of(world, "subnets") if item["SubnetId"] == subnet),
            world["subnets"][subnet]["value"],
        ):
            holder.update(Ipv6CidrBlockAssociationSet=block, Ipv6Native=native, **more)
        if native:
            details = task_of(world)["attachments"][0]["details"]
            details[:] = [item for item in details if item["name"] != "privateIPv4Address"]

    return edit


def egress_only_gateway(world: World) -> None:
    """The VPC has an egress-only internet gateway."""
    vpc_of(world)["egress_only_internet_gateways"] = known(
        [{"EgressOnlyInternetGatewayId": "eigw-1", "Attachments": [{"VpcId": VPC, "State": "attached"}]}]
    )


def ipv6_filters(world: World) -> None:
    """The tasks' group and the main ACL let IPv6 through."""
    group_of(world, "sg-tasks")["IpPermissionsEgress"].append(
        {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    )
    acl_of(world)["Entries"] += [
        {"RuleNumber": 101, "Egress": out, "RuleAction": "allow", "Protocol": "-1", "Ipv6CidrBlock": "::/0"}
        for out in (True, False)
    ]


def nat_instance(**more: Any) -> Edit:
    """The default route leads to a NAT instance in a public subnet, in good order."""

    def edit(world: World) -> None:
        interface = {
            "NetworkInterfaceId": "eni-nat", "SubnetId": "subnet-public-a", "VpcId": VPC, "SourceDestCheck": False,
            "PrivateIpAddress": "10.0.0.9", "Groups": [{"GroupId": "sg-nat"}],
            "Association": {"PublicIp": "198.51.100.9"}, "Attachment": {"DeviceIndex": 0},
        }  # fmt: skip
        interface.update({name: value for name, value in more.items() if name != "State"})
        vpc_of(world)["interfaces"]["eni-nat"] = known(interface)
        vpc_of(world)["instances"]["i-nat"] = known(
            {"InstanceId": "i-nat", "State": {"Name": more.get("State", "running")}, "SubnetId": "subnet-public-a",
             "NetworkInterfaces": [interface]}
        )  # fmt: skip
        new_group("sg-nat", [everything()], [to_cidr("10.0.0.0/16")])(world)
        default_route(InstanceId="i-nat", NetworkInterfaceId="eni-nat")(world)

    return edit
