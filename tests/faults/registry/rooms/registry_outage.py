"""The registry answers with an error of its own, or drops the connection."""

from __future__ import annotations

from diagnostics.faults.registry.registry_outage import OUTAGE
from tests.build import stopped
from tests.build.images import named
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import OUTAGE_TEXT

TABLE = Table(
    OUTAGE,
    (
        case("the text shows it", "warn", named("nginx:1.27"), stopped(OUTAGE_TEXT), says="504"),
        case("the connection was dropped", "warn", named("nginx:1.27"), stopped(
            "CannotPullContainerError: Error response from daemon: Get https://registry-1.docker.io/v2/: read tcp "
            "10.0.0.1:4711->34.226.69.105:443: read: connection reset by peer")),
        case("no text", "skipped"),
    ),
)  # fmt: skip
