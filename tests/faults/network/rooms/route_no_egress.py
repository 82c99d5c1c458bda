"""No way out at all."""

from __future__ import annotations

from diagnostics.network.blockers import NoWayOut
from tests.build import add_endpoints, add_s3_endpoint, endpoints, fargate, no_way_out, public, routes_of
from tests.build.network import no_way_out_and_no_nat, route
from tests.build.tasks import unread_image
from tests.faults.network.tables import OPENS, SAYS, TABLE, A, Broken, Case

WORLDS = (
    Broken("route-no-egress", "login", (A, TABLE), fargate, no_way_out),
    Broken(
        "route-no-egress",
        "manifest",
        (A, TABLE),
        endpoints,
        unread_image("nginx:1.27"),
        name="for Docker Hub",
    ),
)
REPAIRS = (
    Case(
        "route-no-egress",
        "to the NAT gateway there is",
        NoWayOut(
            resources=(
                A,
                TABLE,
            ),
            says=SAYS,
            route_table_id=TABLE,
            usable_nat_gateway_id="nat-main",
        ),
        edits=(no_way_out,),
        wants=("create-route", "--nat-gateway-id nat-main"),
    ),
    Case(
        "route-no-egress",
        "endpoints, where there is no NAT gateway",
        NoWayOut(
            resources=(
                A,
                TABLE,
            ),
            says=SAYS,
            route_table_id=TABLE,
        ),
        edits=(no_way_out_and_no_nat,),
        wants=(
            "ecr.api",
            "ecr.dkr",
            "us-east-1.s3",
            "us-east-1.logs",
            '"IpRanges":[{"CidrIp":"10.0.0.0/16"}]',
        ),
    ),
    Case(
        "route-no-egress",
        "to the internet gateway, for a task with a public address",
        NoWayOut(
            resources=(
                "subnet-public-a",
                "rtb-public",
            ),
            says=SAYS,
            route_table_id="rtb-public",
        ),
        world=public,
        edits=(lambda world: routes_of(world, "rtb-public").pop(),),
        wants=("create-route", "--gateway-id igw-main"),
    ),
    Case(
        "route-no-egress",
        "a new NAT gateway, for a registry that no endpoint serves",
        NoWayOut(
            resources=(
                A,
                TABLE,
            ),
            says=SAYS,
            route_table_id=TABLE,
        ),
        edits=(no_way_out_and_no_nat, unread_image("nginx:1.27")),
        leg="manifest",
        wants=("create-nat-gateway", "--subnet-id subnet-public-a"),
    ),
    *(
        Case(
            "route-no-egress",
            name,
            NoWayOut(resources=(A, TABLE), says=SAYS, route_table_id=TABLE, usable_nat_gateway_id="nat-main"),
            edits=(no_way_out, edit),
            wants=("ecr.api", "ecr.dkr"),
            never=OPENS,
        )
        for name, edit in (
            (
                "endpoints, for a subnet that leads to a peered network",
                route("10.99.0.0/16", VpcPeeringConnectionId="pcx-1"),
            ),
            ("endpoints, for a subnet that leads to a hub", route("10.0.0.0/8", TransitGatewayId="tgw-1")),
            ("endpoints, for a subnet that leads to on-premises", route("10.99.0.0/16", GatewayId="vgw-1")),
            ("endpoints, for a VPC that has some of its own", lambda world: add_endpoints(world, "logs")),
            ("endpoints, for a subnet with S3's", add_s3_endpoint),
        )
    ),
    Case(
        "route-no-egress",
        "the image in ECR, for an outside registry and a VPC with endpoints",
        NoWayOut(resources=(A, TABLE), says=SAYS, route_table_id=TABLE, usable_nat_gateway_id="nat-main"),
        world=endpoints,
        edits=(unread_image("nginx:1.27"),),
        leg="manifest",
        wants=("create-repository --registry-id 111122223333 --repository-name library/nginx", "docker push"),
        never=OPENS,
    ),
)
