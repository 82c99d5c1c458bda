"""A VPC in the shapes of EC2's answers: subnets, routes, ACLs, groups and endpoints.

`vpc_facts()` is the VPC of the healthy worlds; `add_endpoints` and `add_s3_endpoint` are edits that give it endpoints, and
`no_way_out` takes its default route.
"""

from __future__ import annotations

import json
from typing import Any

from tests.build.facts import World, known
from tests.build.names import REGION, S3_CIDRS, S3_LIST, VPC
from tests.build.places import items_of, routes_of, vpc_of


def _route(destination: str, **target: str) -> dict[str, Any]:
    return {"DestinationCidrBlock": destination, "State": "active", "Origin": "CreateRoute", **target}


def _local(cidr: str) -> dict[str, Any]:
    route = _route(cidr, GatewayId="local")
    return {**route, "Origin": "CreateRouteTable"}


def _subnet(name: str, cidr: str, zone: str) -> dict[str, Any]:
    return {
        "SubnetId": name, "VpcId": VPC, "CidrBlock": cidr, "AvailabilityZone": f"{REGION}{zone}",
        "AvailabilityZoneId": f"use1-az{'abc'.index(zone) + 1}", "MapPublicIpOnLaunch": False,
        "AvailableIpAddressCount": 200, "Ipv6Native": False, "Ipv6CidrBlockAssociationSet": [],
    }  # fmt: skip


def _open_acl(name: str, subnets: list[str]) -> dict[str, Any]:
    entries = [
        {
            "RuleNumber": number,
            "Protocol": "-1",
            "RuleAction": action,
            "Egress": egress,
            "CidrBlock": "0.0.0.0/0",
        }
        for egress in (True, False)
        for number, action in ((100, "allow"), (32767, "deny"))
    ]
    associations = [{"SubnetId": subnet} for subnet in subnets]
    return {
        "NetworkAclId": name,
        "VpcId": VPC,
        "IsDefault": True,
        "Associations": associations,
        "Entries": entries,
    }


def everything() -> dict[str, Any]:
    """A security group rule for everything everywhere."""
    return {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def tcp(port: int, **sources: Any) -> dict[str, Any]:
    """A security group rule for one TCP port: `tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/16"}])`."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **sources}


def group(name: str, egress: list[dict[str, Any]], ingress: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "GroupId": name, "GroupName": name.removeprefix("sg-"), "VpcId": VPC, "IpPermissions": ingress,
        "IpPermissionsEgress": egress,
    }  # fmt: skip


def vpc_facts() -> dict[str, Any]:
    subnets = [
        _subnet("subnet-public-a", "10.0.0.0/24", "a"), _subnet("subnet-public-b", "10.0.1.0/24", "b"),
        _subnet("subnet-private-a", "10.0.10.0/24", "a"), _subnet("subnet-private-b", "10.0.11.0/24", "b"),
    ]  # fmt: skip
    names = [item["SubnetId"] for item in subnets]
    tables = [
        {
            "RouteTableId": "rtb-main", "VpcId": VPC, "Associations": [{"Main": True}],
            "Routes": [_local("10.0.0.0/16")],
        },
        {
            "RouteTableId": "rtb-public", "VpcId": VPC,
            "Associations": [{"Main": False, "SubnetId": name} for name in names[:2]],
            "Routes": [_local("10.0.0.0/16"), _route("0.0.0.0/0", GatewayId="igw-main")],
        },
        {
            "RouteTableId": "rtb-private", "VpcId": VPC,
            "Associations": [{"Main": False, "SubnetId": name} for name in names[2:]],
            "Routes": [_local("10.0.0.0/16"), _route("0.0.0.0/0", NatGatewayId="nat-main")],
        },
    ]  # fmt: skip
    nat = {
        "NatGatewayId": "nat-main", "VpcId": VPC, "SubnetId": "subnet-public-a", "State": "available",
        "ConnectivityType": "public", "AvailabilityMode": "zonal",
        "NatGatewayAddresses": [{"PublicIp": "198.51.100.7", "PrivateIp": "10.0.0.9", "NetworkInterfaceId": "eni-nat"}],
    }  # fmt: skip
    dhcp = {
        "DhcpOptionsId": "dopt-main",
        "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}],
    }
    return {
        "vpc_id": VPC,
        "vpc": known(
            {
                "VpcId": VPC, "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-main", "IsDefault": False,
                "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}],
            }
        ),
        "enable_dns_support": known(True),
        "enable_dns_hostnames": known(True),
        "dhcp_options": known(dhcp),
        "subnets": known(subnets),
        "route_tables": known(tables),
        "network_acls": known([_open_acl("acl-main", names)]),
        "nat_gateways": known([nat]),
        "internet_gateways": known(
            [{"InternetGatewayId": "igw-main", "Attachments": [{"VpcId": VPC, "State": "available"}]}]
        ),
        "egress_only_internet_gateways": known([]),
        "vpc_endpoints": known([]),
        "security_groups": {"sg-tasks": known(group("sg-tasks", [everything()], []))},
        "prefix_lists": {},
        "service_prefix_lists": known(
            [{"PrefixListId": S3_LIST, "PrefixListName": f"com.amazonaws.{REGION}.s3", "Cidrs": S3_CIDRS}]
        ),
        "interfaces": {},
        "instances": {},
        "block_public_access": known({"InternetGatewayBlockMode": "off", "State": "default-state"}),
        "block_public_access_exclusions": known([]),
    }  # fmt: skip


INTERFACE_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs")


def interface_endpoint(service: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """An interface endpoint in both private subnets, and its network interfaces by id."""
    short = service.replace(".", "-")
    subnets = {"subnet-private-a": "10.0.10", "subnet-private-b": "10.0.11"}
    host = sum(map(ord, service)) % 100 + 100
    names = [f"eni-{short}-{subnet[-1]}" for subnet in subnets]
    endpoint = {
        "VpcEndpointId": f"vpce-{short}", "VpcEndpointType": "Interface", "VpcId": VPC,
        "ServiceName": f"com.amazonaws.{REGION}.{service}", "State": "available", "PolicyDocument": OPEN_POLICY,
        "SubnetIds": list(subnets), "Groups": [{"GroupId": "sg-endpoints", "GroupName": "endpoints"}],
        "IpAddressType": "ipv4", "PrivateDnsEnabled": True, "NetworkInterfaceIds": names,
        "DnsEntries": [{"DnsName": f"vpce-{short}.{service}.{REGION}.vpce.amazonaws.com"}],
    }  # fmt: skip
    interfaces = {
        name: known(
            {
                "NetworkInterfaceId": name, "InterfaceType": "vpc_endpoint", "Status": "in-use", "SubnetId": subnet,
                "VpcId": VPC, "PrivateIpAddress": f"{net}.{host}", "Groups": [{"GroupId": "sg-endpoints"}],
            }
        )
        for name, (subnet, net) in zip(names, subnets.items(), strict=True)
    }  # fmt: skip
    return endpoint, interfaces


OPEN_POLICY = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
)


def gateway_endpoint(tables: tuple[str, ...] = ("rtb-private",)) -> dict[str, Any]:
    """S3's gateway endpoint."""
    return {
        "VpcEndpointId": "vpce-s3", "VpcEndpointType": "Gateway", "VpcId": VPC,
        "ServiceName": f"com.amazonaws.{REGION}.s3", "State": "available", "PolicyDocument": OPEN_POLICY,
        "RouteTableIds": list(tables), "PrivateDnsEnabled": False,
    }  # fmt: skip


def add_endpoints(world: World, *services: str) -> None:
    """Interface endpoints for these services, and their group, which admits the VPC on 443."""
    for service in services:
        endpoint, interfaces = interface_endpoint(service)
        items_of(world, "vpc_endpoints").append(endpoint)
        vpc_of(world)["interfaces"].update(interfaces)
    ingress = [tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/16"}])]
    vpc_of(world)["security_groups"].setdefault(
        "sg-endpoints", known(group("sg-endpoints", [everything()], ingress))
    )


def add_s3_endpoint(world: World) -> None:
    """S3's gateway endpoint on the private route table, with its route."""
    items_of(world, "vpc_endpoints").append(gateway_endpoint())
    route = {
        "DestinationPrefixListId": S3_LIST,
        "GatewayId": "vpce-s3",
        "State": "active",
        "Origin": "CreateRoute",
    }
    routes_of(world, "rtb-private").append(route)


def no_way_out(world: World) -> None:
    """The private subnets have only the local route."""
    routes = routes_of(world, "rtb-private")
    routes[:] = [route for route in routes if route.get("DestinationCidrBlock") != "0.0.0.0/0"]
