"""One emulated AWS for the tests of a module, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.aws import Account, EmulatedAws, build_account
from tests.build.emulated import built


@pytest.fixture(scope="module")
def served() -> Iterator[EmulatedAws]:
    with EmulatedAws(sockets=False) as aws:
        yield aws


@pytest.fixture
def aws(served: EmulatedAws) -> EmulatedAws:
    served.reset()
    return served


@pytest.fixture
def account(aws: EmulatedAws) -> Account:
    return built(aws, build_account, aws.region)
