"""A registry outside AWS does not answer; why, no API of AWS shows."""

from __future__ import annotations

from diagnostics.faults.registry.registry_unreachable import REGISTRY_UNREACHABLE
from tests.build import stopped
from tests.build.images import named
from tests.faults.judging import Table, case

SILENT = (
    'CannotPullContainerError: Error response from daemon: Get "https://registry.corp.example/v2/": dial tcp '
    "203.0.113.7:443: i/o timeout"
)

TABLE = Table(
    REGISTRY_UNREACHABLE,
    (
        case("never claimed", "skipped", named("registry.corp.example/a:1"), stopped(SILENT), says="does not show"),
        case("ECR", "skipped", says="a registry of AWS"),
        case("a reference that is not valid", "skipped", named("https://a/b"), says="not valid"),
    ),
    statuses=frozenset({"skipped"}), repairs={},
)  # fmt: skip
