"""The shapes of EC2 answers that a VPC is made of: subnets, routes, filters, gateways and endpoints, by AWS's names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from diagnostics.snapshot.ec2 import Group
from diagnostics.snapshot.facts import PascalCaseKeys


def _added() -> Any:
    """A field that was added later: where AWS does not answer it, a saved snapshot is what it was."""
    return Field(None, exclude_if=lambda value: value is None)


class CidrState(PascalCaseKeys):
    """The state of an association, such as `associated`."""

    state: str | None = None


class CidrAssociation(PascalCaseKeys):
    """A CIDR block associated with a VPC or subnet."""

    cidr_block: str | None = None
    ipv6_cidr_block: str | None = None
    cidr_block_state: CidrState | None = None
    ipv6_cidr_block_state: CidrState | None = None


class Subnet(PascalCaseKeys):
    """A subnet."""

    subnet_id: str
    vpc_id: str
    cidr_block: str | None = None
    availability_zone: str | None = None
    availability_zone_id: str | None = None
    map_public_ip_on_launch: bool | None = None
    available_ip_address_count: int | None = None
    ipv6_native: bool = False
    ipv6_cidr_block_association_set: tuple[CidrAssociation, ...] = ()
    assign_ipv6_address_on_creation: bool = False
    enable_dns64: bool = Field(False, alias="EnableDns64")
    network_firewall_connectivity_type: str | None = _added()


class NetworkFirewallAssociation(PascalCaseKeys):
    """An Automated Internet Firewall between a VPC and its internet gateway, which no route table shows as a target.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkFirewallAssociation.html
    """

    firewall_arn: str | None = None
    firewall_onboarding_status: str | None = None
    firewall_mode: str | None = None


class Vpc(PascalCaseKeys):
    """A VPC."""

    vpc_id: str
    cidr_block: str | None = None
    dhcp_options_id: str | None = None
    is_default: bool | None = None
    cidr_block_association_set: tuple[CidrAssociation, ...] = ()
    ipv6_cidr_block_association_set: tuple[CidrAssociation, ...] = ()
    network_firewall_associations: tuple[NetworkFirewallAssociation, ...] = Field(
        (), exclude_if=lambda value: not value
    )


class DhcpValue(PascalCaseKeys):
    """One value of a DHCP option."""

    value: str | None = None


class DhcpConfiguration(PascalCaseKeys):
    """One DHCP option, such as `domain-name-servers`."""

    key: str | None = None
    values: tuple[DhcpValue, ...] = ()


class DhcpOptions(PascalCaseKeys):
    """A DHCP options set."""

    dhcp_options_id: str
    dhcp_configurations: tuple[DhcpConfiguration, ...] = ()

    def option(self, key: str) -> tuple[str, ...]:
        """The values of one option, empty where it is not set."""
        for item in self.dhcp_configurations:
            if item.key == key:
                return tuple(value.value for value in item.values if value.value)
        return ()


class IgwFirewall(PascalCaseKeys):
    """The Automated Internet Firewall that inspects what a route sends to an internet gateway."""

    firewall_arn: str | None = None


class Route(PascalCaseKeys):
    """A route. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html"""

    destination_cidr_block: str | None = None
    destination_ipv6_cidr_block: str | None = None
    destination_prefix_list_id: str | None = None
    gateway_id: str | None = None
    nat_gateway_id: str | None = None
    egress_only_internet_gateway_id: str | None = None
    transit_gateway_id: str | None = None
    vpc_peering_connection_id: str | None = None
    network_interface_id: str | None = None
    instance_id: str | None = None
    local_gateway_id: str | None = None
    carrier_gateway_id: str | None = None
    core_network_arn: str | None = None
    odb_network_arn: str | None = _added()
    igw_firewall: IgwFirewall | None = _added()
    origin: str | None = None
    state: str | None = None


class RouteTableAssociationState(PascalCaseKeys):
    """The state of an association, such as `associated`."""

    state: str | None = None


class RouteTableAssociation(PascalCaseKeys):
    """What a route table is associated with: a subnet, or a gateway whose packets into the VPC go by it."""

    main: bool = False
    subnet_id: str | None = None
    gateway_id: str | None = None
    association_state: RouteTableAssociationState | None = _added()

    @property
    def holds(self) -> bool:
        """False where the association was undone, or never came to be."""
        state = (self.association_state.state if self.association_state else None) or "associated"
        return state.lower() not in ("disassociated", "failed")


class RouteTable(PascalCaseKeys):
    """A route table."""

    route_table_id: str
    vpc_id: str | None = None
    associations: tuple[RouteTableAssociation, ...] = ()
    routes: tuple[Route, ...] = ()


class IpRange(PascalCaseKeys):
    """An IPv4 range of a security group rule."""

    cidr_ip: str


class Ipv6Range(PascalCaseKeys):
    """An IPv6 range of a security group rule."""

    cidr_ipv6: str


class PrefixListId(PascalCaseKeys):
    """A prefix list of a security group rule."""

    prefix_list_id: str


class UserIdGroupPair(PascalCaseKeys):
    """A security group that a rule refers to."""

    group_id: str | None = None
    user_id: str | None = None
    vpc_id: str | None = None
    vpc_peering_connection_id: str | None = None
    peering_status: str | None = None


class IpPermission(PascalCaseKeys):
    """A security group rule. Protocol `-1` is every protocol and port; ports are inclusive."""

    ip_protocol: str
    from_port: int | None = None
    to_port: int | None = None
    ip_ranges: tuple[IpRange, ...] = ()
    ipv6_ranges: tuple[Ipv6Range, ...] = ()
    prefix_list_ids: tuple[PrefixListId, ...] = ()
    user_id_group_pairs: tuple[UserIdGroupPair, ...] = ()


class SecurityGroup(PascalCaseKeys):
    """A security group."""

    group_id: str
    group_name: str | None = None
    vpc_id: str | None = None
    ip_permissions: tuple[IpPermission, ...] = ()
    ip_permissions_egress: tuple[IpPermission, ...] = ()


class PortRange(PascalCaseKeys):
    """Ports from and to, inclusive."""

    from_: int | None = Field(None, alias="From")
    to: int | None = None


class NetworkAclEntry(PascalCaseKeys):
    """A rule of a network ACL. Protocol `-1` is all, `6` is TCP; rule 32767 is the closing deny."""

    rule_number: int
    protocol: str
    rule_action: str
    egress: bool
    cidr_block: str | None = None
    ipv6_cidr_block: str | None = None
    port_range: PortRange | None = None


class NetworkAclAssociation(PascalCaseKeys):
    """A subnet that a network ACL is associated with."""

    subnet_id: str | None = None


class NetworkAcl(PascalCaseKeys):
    """A network ACL. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html"""

    network_acl_id: str
    vpc_id: str | None = None
    is_default: bool = False
    associations: tuple[NetworkAclAssociation, ...] = ()
    entries: tuple[NetworkAclEntry, ...] = ()


class NatGatewayAddress(PascalCaseKeys):
    """An address of a NAT gateway."""

    public_ip: str | None = None
    private_ip: str | None = None
    network_interface_id: str | None = None
    availability_zone: str | None = _added()
    availability_zone_id: str | None = _added()


class NatAppliance(PascalCaseKeys):
    """An appliance attached to a NAT gateway, such as a Network Firewall proxy, which no route shows."""

    appliance_arn: str | None = None
    attachment_state: str | None = None


class NatGateway(PascalCaseKeys):
    """A NAT gateway. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html"""

    nat_gateway_id: str
    vpc_id: str | None = None
    subnet_id: str | None = None
    state: str | None = None
    connectivity_type: str | None = None
    availability_mode: str | None = None
    auto_provision_zones: str | None = _added()
    route_table_id: str | None = None
    nat_gateway_addresses: tuple[NatGatewayAddress, ...] = ()
    attached_appliances: tuple[NatAppliance, ...] = ()
    failure_code: str | None = None
    failure_message: str | None = None


class VpcAttachment(PascalCaseKeys):
    """A VPC that an internet gateway is attached to."""

    vpc_id: str | None = None
    state: str | None = None


class InternetGateway(PascalCaseKeys):
    """An internet gateway."""

    internet_gateway_id: str
    attachments: tuple[VpcAttachment, ...] = ()


class EgressOnlyInternetGateway(PascalCaseKeys):
    """An egress-only internet gateway (IPv6)."""

    egress_only_internet_gateway_id: str
    attachments: tuple[VpcAttachment, ...] = ()

    def is_attached_to(self, vpc_id: str) -> bool:
        """True if it is a VPC's own."""
        return any(item.vpc_id == vpc_id for item in self.attachments)


class DnsEntry(PascalCaseKeys):
    """A DNS name of an endpoint."""

    dns_name: str | None = None


class DnsOptions(PascalCaseKeys):
    """DNS options of an endpoint."""

    dns_record_ip_type: str | None = None
    private_dns_only_for_inbound_resolver_endpoint: bool | None = None


class VpcEndpoint(PascalCaseKeys):
    """A VPC endpoint. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html"""

    vpc_endpoint_id: str
    vpc_endpoint_type: str | None = None
    vpc_id: str | None = None
    service_name: str = ""
    """Empty for the types `Resource` and `ServiceNetwork`, which have none."""
    service_region: str | None = None
    """The Region of the service, where it is not the VPC's own."""
    state: str | None = None
    policy_document: str | None = None
    route_table_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    ip_address_type: str | None = None
    dns_options: DnsOptions | None = None
    private_dns_enabled: bool | None = None
    creation_timestamp: datetime | None = None
    dns_entries: tuple[DnsEntry, ...] = ()
    network_interface_ids: tuple[str, ...] = ()


class PrefixList(PascalCaseKeys):
    """A prefix list and the CIDRs it stands for (AWS-managed or the customer's own)."""

    prefix_list_id: str
    prefix_list_name: str | None = None
    cidrs: tuple[str, ...] = ()


class BlockPublicAccessOptions(PascalCaseKeys):
    """VPC Block Public Access of the account in this Region.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessOptions.html
    """

    internet_gateway_block_mode: str | None = None
    exclusions_allowed: str | None = None
    state: str | None = None


class BlockPublicAccessExclusion(PascalCaseKeys):
    """A VPC or subnet that is exempt from VPC Block Public Access, and for which direction."""

    exclusion_id: str | None = None
    internet_gateway_exclusion_mode: str | None = None
    resource_arn: str | None = None
    state: str | None = None
