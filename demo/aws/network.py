"""Builds a VPC and what belongs to it, with ordinary EC2 calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

ANYWHERE = "0.0.0.0/0"

# The interface endpoints that a Fargate task needs besides S3's gateway endpoint, in a VPC without a way out.
# AWS: Amazon ECR interface VPC endpoints
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
PULL_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs")

Permission = dict[str, Any]


def tcp(
    port: int, *, cidr: str | None = None, group: str | None = None, prefix_list: str | None = None
) -> Permission:
    """A security group permission for one TCP port and one peer."""
    permission: Permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if cidr:
        permission["IpRanges"] = [{"CidrIp": cidr}]
    if group:
        permission["UserIdGroupPairs"] = [{"GroupId": group}]
    if prefix_list:
        permission["PrefixListIds"] = [{"PrefixListId": prefix_list}]
    return permission


def everything() -> Permission:
    """The egress permission that AWS gives a new security group."""
    return {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}


class Network:
    """One VPC with DNS support and host names on, and the ids of its parts by name."""

    def __init__(self, ec2: Any, name: str, cidr: str, region: str) -> None:
        self.ec2 = ec2
        self.name = name
        self.cidr = cidr
        self.region = region
        self.vpc_id = str(
            ec2.create_vpc(CidrBlock=cidr, TagSpecifications=self._tags("vpc", name))["Vpc"]["VpcId"]
        )
        ec2.modify_vpc_attribute(VpcId=self.vpc_id, EnableDnsHostnames={"Value": True})
        self.subnets: dict[str, str] = {}
        self.route_tables: dict[str, str] = {}
        self.security_groups: dict[str, str] = {}
        self.endpoints: dict[str, str] = {}
        self.internet_gateway = ""
        self.nat_gateway = ""

    def _tags(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]

    def add_internet_gateway(self) -> str:
        """Create an internet gateway and attach it."""
        created = self.ec2.create_internet_gateway(
            TagSpecifications=self._tags("internet-gateway", self.name)
        )
        self.internet_gateway = str(created["InternetGateway"]["InternetGatewayId"])
        self.ec2.attach_internet_gateway(InternetGatewayId=self.internet_gateway, VpcId=self.vpc_id)
        return self.internet_gateway

    def add_route_table(self, name: str) -> str:
        """Create a route table; it has the local route only."""
        created = self.ec2.create_route_table(
            VpcId=self.vpc_id, TagSpecifications=self._tags("route-table", f"{self.name}-{name}")
        )
        self.route_tables[name] = str(created["RouteTable"]["RouteTableId"])
        return self.route_tables[name]

    def add_subnet(self, name: str, cidr: str, zone: str = "a", table: str | None = None) -> str:
        """Create a subnet in the zone with that letter; without a table it uses the main route table."""
        created = self.ec2.create_subnet(
            VpcId=self.vpc_id,
            CidrBlock=cidr,
            AvailabilityZone=f"{self.region}{zone}",
            TagSpecifications=self._tags("subnet", f"{self.name}-{name}"),
        )
        self.subnets[name] = str(created["Subnet"]["SubnetId"])
        if table:
            self.ec2.associate_route_table(RouteTableId=self.route_tables[table], SubnetId=self.subnets[name])
        return self.subnets[name]

    def add_nat_gateway(self, subnet: str, connectivity: str = "public") -> str:
        """Create a NAT gateway in the named subnet, with an Elastic IP address when it is public."""
        request: dict[str, Any] = {"SubnetId": self.subnets[subnet], "ConnectivityType": connectivity}
        if connectivity == "public":
            request["AllocationId"] = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        created = self.ec2.create_nat_gateway(
            **request, TagSpecifications=self._tags("natgateway", self.name)
        )
        self.nat_gateway = str(created["NatGateway"]["NatGatewayId"])
        return self.nat_gateway

    def route_default(self, table: str, **target: str) -> None:
        """Send 0.0.0.0/0 of the named table to a target, for example `GatewayId="igw-0a1b2c3d"`."""
        self.ec2.create_route(RouteTableId=self.route_tables[table], DestinationCidrBlock=ANYWHERE, **target)

    def add_security_group(
        self,
        name: str,
        ingress: Sequence[Permission] = (),
        egress: Sequence[Permission] | None = None,
    ) -> str:
        """Create a security group; egress is open, as AWS makes it, unless `egress` says otherwise."""
        group = str(
            self.ec2.create_security_group(
                GroupName=f"{self.name}-{name}", Description=f"{name} of {self.name}", VpcId=self.vpc_id
            )["GroupId"]
        )
        if ingress:
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(ingress))
        if egress is not None:
            self.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything()])
            if egress:
                self.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=list(egress))
        self.security_groups[name] = group
        return group

    def add_interface_endpoint(
        self,
        service: str,
        subnets: Sequence[str],
        group: str,
        *,
        private_dns: bool = True,
        policy: dict[str, Any] | None = None,
    ) -> str:
        """Create an interface endpoint, for example for `ecr.api`, in named subnets and a named group."""
        created = self.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=self.vpc_id,
            ServiceName=f"com.amazonaws.{self.region}.{service}",
            SubnetIds=[self.subnets[name] for name in subnets],
            SecurityGroupIds=[self.security_groups[group]],
            PrivateDnsEnabled=private_dns,
            **({"PolicyDocument": json.dumps(policy)} if policy else {}),
            TagSpecifications=self._tags("vpc-endpoint", f"{self.name}-{service}"),
        )
        self.endpoints[service] = str(created["VpcEndpoint"]["VpcEndpointId"])
        return self.endpoints[service]

    def add_s3_gateway_endpoint(self, tables: Sequence[str], policy: dict[str, Any] | None = None) -> str:
        """Create S3's gateway endpoint on the named route tables."""
        created = self.ec2.create_vpc_endpoint(
            VpcEndpointType="Gateway",
            VpcId=self.vpc_id,
            ServiceName=f"com.amazonaws.{self.region}.s3",
            RouteTableIds=[self.route_tables[name] for name in tables],
            **({"PolicyDocument": json.dumps(policy)} if policy else {}),
            TagSpecifications=self._tags("vpc-endpoint", f"{self.name}-s3"),
        )
        self.endpoints["s3"] = str(created["VpcEndpoint"]["VpcEndpointId"])
        return self.endpoints["s3"]

    def set_endpoint_policy(self, service: str, policy: dict[str, Any]) -> None:
        """Replace the policy of an endpoint."""
        self.ec2.modify_vpc_endpoint(VpcEndpointId=self.endpoints[service], PolicyDocument=json.dumps(policy))

    def s3_prefix_list(self) -> str:
        """The id of the Region's prefix list of S3."""
        name = f"com.amazonaws.{self.region}.s3"
        found = self.ec2.describe_managed_prefix_lists(
            Filters=[{"Name": "prefix-list-name", "Values": [name]}]
        )
        return str(found["PrefixLists"][0]["PrefixListId"])

    def add_network_acl(self, subnets: Sequence[str], entries: Sequence[AclEntry]) -> str:
        """Create a network ACL with these entries and put the named subnets under it."""
        acl = str(
            self.ec2.create_network_acl(
                VpcId=self.vpc_id, TagSpecifications=self._tags("network-acl", self.name)
            )["NetworkAcl"]["NetworkAclId"]
        )
        for entry in entries:
            self.ec2.create_network_acl_entry(NetworkAclId=acl, **entry)
        ids = [self.subnets[name] for name in subnets]
        current = self.ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": ids}])
        for other in current["NetworkAcls"]:
            for association in other["Associations"]:
                if association["SubnetId"] in ids:
                    self.ec2.replace_network_acl_association(
                        AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
                    )
        return acl

    def endpoint_address(self, service: str, subnet: str | None = None) -> str:
        """The private address of an interface endpoint, in the named subnet or its first one."""
        endpoint = self.ec2.describe_vpc_endpoints(VpcEndpointIds=[self.endpoints[service]])["VpcEndpoints"][
            0
        ]
        found = self.ec2.describe_network_interfaces(NetworkInterfaceIds=endpoint["NetworkInterfaceIds"])
        by_subnet = {item["SubnetId"]: str(item["PrivateIpAddress"]) for item in found["NetworkInterfaces"]}
        return by_subnet[self.subnets[subnet]] if subnet else by_subnet[endpoint["SubnetIds"][0]]

    def resolver_address(self) -> str:
        """The address of Amazon's DNS server: the base of the VPC's network plus two."""
        base = self.cidr.partition("/")[0].rsplit(".", 1)[0]
        return f"{base}.2"


AclEntry = dict[str, Any]


def acl_entry(
    number: int,
    *,
    egress: bool,
    cidr: str = ANYWHERE,
    ports: tuple[int, int] | None = None,
    action: str = "allow",
) -> AclEntry:
    """One entry of a network ACL: TCP when `ports` are given, every protocol otherwise."""
    entry: AclEntry = {
        "RuleNumber": number,
        "Egress": egress,
        "CidrBlock": cidr,
        "RuleAction": action,
        "Protocol": "-1",
    }
    if ports:
        entry |= {"Protocol": "6", "PortRange": {"From": ports[0], "To": ports[1]}}
    return entry
