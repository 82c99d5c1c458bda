"""Corrections of moto's VPC: addresses, blackhole routes, network ACLs and DHCP options."""

from __future__ import annotations

from contextlib import ExitStack
from ipaddress import ip_address, ip_network
from random import choice
from typing import Any
from unittest import mock

from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.network_acls import NetworkAcl
from moto.ec2.models.route_tables import Route
from moto.ec2.models.vpcs import VPC

# What the address of a subnet may not be: the network's own, AWS's three, and (at the end) the broadcast
# address.
# AWS: Subnet sizing https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
_RESERVED_AT_START = 4


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""
    _interfaces_lie_in_their_subnet(patches)
    _interfaces_without_public_address_have_no_association(patches)
    _routes_to_nothing_are_blackholes(patches)
    _nat_gateways_go_with_what_they_hold(patches)
    _network_acls_close(patches)
    _vpcs_have_dhcp_options(patches)


def _interfaces_lie_in_their_subnet(patches: ExitStack) -> None:
    """Give every network interface an unused address of its subnet.

    AWS: Subnet sizing https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
    moto: tasks, NAT gateways and interface endpoints get a random address under 10.0.0.0/8; an interface in a
    VPC without DNS hostnames has no private name, and asking for it fails.
    """
    create = NetworkInterface.__init__

    def created(
        interface: NetworkInterface,
        backend: Any,
        subnet: Any,
        private_ip_address: Any,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        home = backend.get_subnet(subnet) if isinstance(subnet, str) else subnet
        network = ip_network(home.cidr_block)
        given = (
            private_ip_address[0]
            if isinstance(private_ip_address, list) and private_ip_address
            else private_ip_address
        )
        addresses = args[0] if args else kwargs.get("private_ip_addresses")
        if not addresses and not (given and ip_address(given) in network):
            private_ip_address = unused_address(backend, home)
        create(interface, backend, subnet, private_ip_address, *args, **kwargs)

    patches.enter_context(mock.patch.object(NetworkInterface, "__init__", created))
    patches.enter_context(mock.patch.object(NetworkInterface, "private_dns_name", None, create=True))


def unused_address(backend: Any, subnet: Any) -> str:
    """An address of the subnet that no network interface has."""
    network = ip_network(subnet.cidr_block)
    taken = {interface.private_ip_address for interface in backend.enis.values()}
    while True:
        address = str(network[choice(range(_RESERVED_AT_START, network.num_addresses - 1))])
        if address not in taken:
            return address


def _interfaces_without_public_address_have_no_association(patches: ExitStack) -> None:
    """Leave `Association` out where there is no public address.

    AWS: InstanceNetworkInterface ("if applicable")
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterface.html
    moto: DescribeInstances shows an empty association.
    """
    original: Any = NetworkInterface.association  # a property, though moto types it as a method
    describe = original.fget

    def association(interface: NetworkInterface) -> dict[str, Any] | None:
        return dict(describe(interface)) if interface.public_ip else None

    patches.enter_context(mock.patch.object(NetworkInterface, "association", property(association)))


def _routes_to_nothing_are_blackholes(patches: ExitStack) -> None:
    """Show a route whose target is gone as `blackhole`.

    AWS: `state` of Route https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html ("the route's
    target isn't available"); a deleted or failed NAT gateway leaves its routes so
    (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html).
    moto: always `active`.
    """

    def state(route: Route) -> str:
        backend = route.route_table.ec2_backend
        gone = (
            (route.nat_gateway is not None and route.nat_gateway.state in ("deleting", "deleted", "failed"))
            or (isinstance(route.gateway, InternetGateway) and route.gateway.vpc is None)
            or (route.interface is not None and route.interface.id not in backend.enis)
            or (route.instance is not None and route.instance._state.name in ("stopped", "terminated"))
        )
        return "blackhole" if gone else "active"

    patches.enter_context(mock.patch.object(Route, "state", property(state)))


def _nat_gateways_go_with_what_they_hold(patches: ExitStack) -> None:
    """Find NAT gateways by tag, and take the interface with a deleted one; its address is free then.

    AWS: DescribeNatGateways (filter `tag:<key>`)
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html, and DeleteNatGateway ("disassociates
    its Elastic IP address, but does not release the address from your account")
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html
    moto: knows no such filter and answers with all of them; a deleted one keeps interface and address.
    """
    describe, delete = EC2Backend.describe_nat_gateways, EC2Backend.delete_nat_gateway

    def described(backend: EC2Backend, filters: Any, nat_gateway_ids: list[str] | None) -> list[Any]:
        wanted = {
            name.partition(":")[2]: values
            for name, values in (filters or {}).items()
            if name.startswith("tag:")
        }
        return [
            item
            for item in describe(backend, filters, nat_gateway_ids)
            if all(
                any(tag["key"] == key and tag["value"] in values for tag in item.get_tags())
                for key, values in wanted.items()
            )
        ]

    def deleted(backend: Any, nat_gateway_id: str) -> Any:
        gateway = delete(backend, nat_gateway_id)
        interface = gateway._eni
        for address in backend.addresses:
            if address.eni is interface:
                backend.disassociate_address(address=address.public_ip)
                break
        backend.enis.pop(interface.id, None)
        return gateway

    patches.enter_context(mock.patch.object(EC2Backend, "describe_nat_gateways", described))
    patches.enter_context(mock.patch.object(EC2Backend, "delete_nat_gateway", deleted))


def _network_acls_close(patches: ExitStack) -> None:
    """End a new network ACL with the entries that deny everything else.

    AWS: every network ACL has a rule whose number is an asterisk, 32767 in the API, which cannot be removed
    (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html).
    moto: only the default network ACL has it.
    """
    create = EC2Backend.create_network_acl

    def created(
        backend: EC2Backend, vpc_id: str, tags: list[dict[str, str]] | None = None, default: bool = False
    ) -> NetworkAcl:
        acl = create(backend, vpc_id, tags, default)
        if not default:
            for egress in (True, False):
                backend.create_network_acl_entry(
                    network_acl_id=acl.id,
                    rule_number=32767,
                    protocol="-1",
                    rule_action="deny",
                    egress=egress,
                    cidr_block="0.0.0.0/0",
                    icmp_code=None,
                    icmp_type=None,
                    port_range_from=None,
                    port_range_to=None,
                    ipv6_cidr_block=None,
                )
        return acl

    patches.enter_context(mock.patch.object(EC2Backend, "create_network_acl", created))


def _vpcs_have_dhcp_options(patches: ExitStack) -> None:
    """Give a new VPC the Region's default DHCP options set, whose DNS server is Amazon's, and free a set that it leaves.

    AWS: Default DHCP option set https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html
    moto: the VPC says `default` and DescribeDhcpOptions knows no set at all; a set that a VPC once had cannot be deleted.
    """
    create, associate = EC2Backend.create_vpc, EC2Backend.associate_dhcp_options

    def associated(backend: Any, dhcp_options: Any, vpc: VPC) -> None:
        before = vpc.dhcp_options
        associate(backend, dhcp_options, vpc)
        if before is not None and before is not dhcp_options and before.vpc is vpc:
            before.vpc = None

    patches.enter_context(mock.patch.object(EC2Backend, "associate_dhcp_options", associated))

    def created(backend: Any, *args: Any, **kwargs: Any) -> VPC:
        vpc = create(backend, *args, **kwargs)
        default = getattr(backend, "default_dhcp_options", None)
        if default is None:
            domain = (
                "ec2.internal"
                if backend.region_name == "us-east-1"
                else f"{backend.region_name}.compute.internal"
            )
            default = backend.create_dhcp_options(
                domain_name_servers=["AmazonProvidedDNS"], domain_name=[domain]
            )
            backend.default_dhcp_options = default
        backend.associate_dhcp_options(default, vpc)
        return vpc

    patches.enter_context(mock.patch.object(EC2Backend, "create_vpc", created))
