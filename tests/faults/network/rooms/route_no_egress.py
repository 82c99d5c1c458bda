"""No way out at all."""

from __future__ import annotations

from diagnostics.network.blockers import NoWayOut
from tests.build import endpoints, fargate, no_way_out, public, routes_of
from tests.build.network import no_way_out_and_no_nat
from tests.build.tasks import unread_image
from tests.faults.network.tables import SAYS, TABLE, A, Broken, Case

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
            '"UserIdGroupPairs":[{"GroupId":"sg-tasks"}]',
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
)
