"""S3's gateway endpoint on other route tables."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import GatewayOffTable
from tests.build import endpoint_of, endpoints
from tests.build.network import drop_s3_route
from tests.faults.network.tables import SAYS, TABLE, Broken, Case


def _s3_on_another_table(world: dict[str, Any]) -> None:
    endpoint_of(world, "s3")["RouteTableIds"] = ["rtb-main"]
    drop_s3_route(world)


WORLDS = (
    Broken("endpoint-s3-not-on-route-table", "layers", ("vpce-s3", TABLE), endpoints, _s3_on_another_table),
)
REPAIRS = (
    Case(
        "endpoint-s3-not-on-route-table",
        "on another table",
        GatewayOffTable(
            resources=(
                "vpce-s3",
                TABLE,
            ),
            says=SAYS,
            endpoint_id="vpce-s3",
            route_table_id=TABLE,
            gateway_table_ids=("rtb-main",),
            endpoint_service="com.amazonaws.us-east-1.s3",
        ),
        world=endpoints,
        leg="layers",
        wants=("--vpc-endpoint-id vpce-s3 --add-route-table-ids rtb-private",),
    ),
)
