"""Corrections of moto's VPC endpoints: private DNS, network interfaces, routes and deletion."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import EC2Response


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""
    _endpoints_start_as_in_aws(patches)
    _modify_reaches_dns_interfaces_and_routes(patches)
    _deleted_endpoints_are_gone(patches)


def _is_interface(endpoint: VPCEndPoint) -> bool:
    return (endpoint.vpc_endpoint_type or "Gateway").lower() == "interface"


def _endpoints_start_as_in_aws(patches: ExitStack) -> None:
    """Turn private DNS off on a gateway endpoint; put an endpoint's interfaces into its groups.

    AWS: CreateVpcEndpoint https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
    (without groups, the VPC's default group) and VpcEndpoint
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
    moto: private DNS is on for both kinds, and the interfaces are in the VPC's default group.
    """
    create = EC2Backend.create_vpc_endpoint

    def created(backend: Any, *args: Any, **kwargs: Any) -> VPCEndPoint:
        endpoint = create(backend, *args, **kwargs)
        if not _is_interface(endpoint):
            endpoint.vpc_endpoint_type = "Gateway"
            endpoint.private_dns_enabled = False
            return endpoint
        if not endpoint.security_group_ids:
            endpoint.security_group_ids = [backend.get_default_security_group(endpoint.vpc_id).id]
        _dress_interfaces(endpoint)
        return endpoint

    patches.enter_context(mock.patch.object(EC2Backend, "create_vpc_endpoint", created))


def _dress_interfaces(endpoint: VPCEndPoint) -> None:
    backend = endpoint.ec2_backend
    groups = [backend.get_security_group_from_id(group) for group in endpoint.security_group_ids]
    for identifier in endpoint.network_interface_ids:
        interface = backend.enis[identifier]
        interface._group_set = groups
        interface.description = f"VPC Endpoint Interface {endpoint.id}"
        interface.interface_type = "vpc_endpoint"
        interface.requester_managed = True
        interface.status = "in-use"


def _modify_reaches_dns_interfaces_and_routes(patches: ExitStack) -> None:
    """Let ModifyVpcEndpoint switch private DNS, move interfaces with subnets, routes with tables.

    AWS: ModifyVpcEndpoint https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html,
    and Gateway endpoints https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html (AWS adds
    and removes the route to the prefix list).
    moto: ignores PrivateDnsEnabled and ResetPolicy, and changes the lists of subnets, groups and route tables
    only.
    """
    modify = EC2Response.modify_vpc_endpoint

    def modified(self: EC2Response) -> ActionResult:
        backend = self.ec2_backend
        endpoint = backend.describe_vpc_endpoints([self._get_param("VpcEndpointId")])[0]
        routed = set(endpoint.route_table_ids)
        result = modify(self)
        private_dns = self._get_bool_param("PrivateDnsEnabled")
        if private_dns is not None and _is_interface(endpoint):
            endpoint.private_dns_enabled = private_dns
        if self._get_bool_param("ResetPolicy"):
            endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
        if _is_interface(endpoint):
            _place_interfaces(endpoint)
            _dress_interfaces(endpoint)
        else:
            _place_routes(endpoint, routed)
        return result

    patches.enter_context(mock.patch.object(EC2Response, "modify_vpc_endpoint", modified))


def _place_interfaces(endpoint: VPCEndPoint) -> None:
    backend = endpoint.ec2_backend
    by_subnet = {
        backend.enis[identifier].subnet.id: identifier for identifier in endpoint.network_interface_ids
    }
    for subnet in set(by_subnet) - set(endpoint.subnet_ids or []):
        backend.enis.pop(by_subnet.pop(subnet))
    for subnet in endpoint.subnet_ids or []:
        if subnet not in by_subnet:
            by_subnet[subnet] = backend.create_network_interface(subnet, "").id
    endpoint.network_interface_ids = list(by_subnet.values())


def _place_routes(endpoint: VPCEndPoint, routed: set[str]) -> None:
    backend, prefix_list = endpoint.ec2_backend, endpoint.destination_prefix_list_id
    for table in routed - set(endpoint.route_table_ids):
        backend.delete_route(table, None, destination_prefix_list_id=prefix_list)
    for table in set(endpoint.route_table_ids) - routed:
        backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)


def _deleted_endpoints_are_gone(patches: ExitStack) -> None:
    """Forget a deleted endpoint.

    AWS: a deleted endpoint disappears from DescribeVpcEndpoints
    (https://docs.aws.amazon.com/vpc/latest/privatelink/delete-interface-endpoint.html).
    moto: keeps showing it in the state `deleted`.
    """
    delete = EC2Backend.delete_vpc_endpoints

    def deleted(backend: EC2Backend, vpce_ids: list[str] | None = None) -> None:
        delete(backend, vpce_ids)
        for identifier in vpce_ids or []:
            backend.vpc_end_points.pop(identifier, None)

    patches.enter_context(mock.patch.object(EC2Backend, "delete_vpc_endpoints", deleted))
