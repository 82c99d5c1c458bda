"""Emulated AWS for these tests: one at a time, as AWS answers or as moto does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.aws import EmulatedAws


@pytest.fixture(scope="module")
def true_aws() -> Iterator[EmulatedAws]:
    """AWS as it answers, as far as that is corrected."""
    with EmulatedAws(sockets=False) as aws:
        yield aws


@pytest.fixture(scope="module")
def plain_aws() -> Iterator[EmulatedAws]:
    """moto as it is."""
    with EmulatedAws(truth=False, sockets=False) as aws:
        yield aws
