"""The account that is audited, built once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.aws import EmulatedAws
from diagnostics.audit import AuditReport, run_audit
from tests.build import emulated

from . import worlds
from .worlds import AuditWorld


@pytest.fixture(scope="package")
def world() -> Iterator[AuditWorld]:
    with EmulatedAws(sockets=False) as aws:
        yield worlds.build(aws)


@pytest.fixture(scope="package")
def report(world: AuditWorld) -> AuditReport:
    """What an audit of all clusters says."""
    return run_audit(aws=emulated.clients(world.account.aws), clusters=None, region=world.region)
