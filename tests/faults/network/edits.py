"""Small differences from the healthy worlds, in AWS's own shapes, that several tables use."""

from __future__ import annotations

from typing import Any

from tests.build import (
    Edit,
    definition_of,
    endpoint_of,
    items_of,
    known,
    no_way_out,
    routes_of,
    task_of,
    vpc_of,
)

A = "subnet-private-a"


TABLE = "rtb-private"


SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:token-AbCdEf"


def default_route(**target: Any) -> Edit:
    """The private table's default route with other values; `None` takes one away."""

    def edit(world: dict[str, Any]) -> None:
        for route in routes_of(world, TABLE):
            if route.get("DestinationCidrBlock") == "0.0.0.0/0":
                route.update(target)

    return edit


def nat(**values: Any) -> Edit:
    """The NAT gateway with other values."""
    return lambda world: items_of(world, "nat_gateways")[0].update(values)


def drop_s3_route(world: dict[str, Any]) -> None:
    routes = routes_of(world, TABLE)
    routes[:] = [route for route in routes if not route.get("DestinationPrefixListId")]


def endpoint(service: str, **values: Any) -> Edit:
    """An endpoint with other values."""
    return lambda world: endpoint_of(world, service).update(values)


def off(attribute: str) -> Edit:
    """A DNS attribute of the VPC turned off."""
    return lambda world: vpc_of(world).update({attribute: known(False)})


def secret(value_from: str) -> Edit:
    """A container that reads a secret or parameter."""

    def edit(world: dict[str, Any]) -> None:
        definition_of(world)["containerDefinitions"][0]["secrets"] = [
            {"name": "TOKEN", "valueFrom": value_from}
        ]

    return edit


def dns_server(address: str) -> Edit:
    """DHCP options that name a DNS server of the VPC's own."""

    def edit(world: dict[str, Any]) -> None:
        options = vpc_of(world)["dhcp_options"]["value"]
        options["DhcpConfigurations"][0]["Values"] = [{"Value": address}]

    return edit


def image(reference: str) -> Edit:
    """Another image, of which ECR was not asked."""

    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"][0]["image"] = reference
        definition_of(world)["containerDefinitions"][0]["image"] = reference
        world["images"] = []

    return edit


def stopped(reason: str) -> Edit:
    """The task stopped with this text."""
    values = {"lastStatus": "STOPPED", "stopCode": "TaskFailedToStart", "stoppedReason": reason}
    return lambda world: task_of(world).update(values)


LOOKUP = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    "unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed "
    'caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp: lookup api.ecr.us-east-1.amazonaws.com on '
    "{server}:53: read udp 10.0.10.20:43210->{server}:53: i/o timeout"
)
"""What a DNS server that does not answer looks like."""


def no_nat(world: dict[str, Any]) -> None:
    no_way_out(world)
    vpc_of(world)["nat_gateways"] = known([])


def docker_hub(world: dict[str, Any]) -> None:
    task_of(world)["containers"][0]["image"] = "nginx:1.27"
    definition_of(world)["containerDefinitions"][0]["image"] = "nginx:1.27"
    world["images"] = []
