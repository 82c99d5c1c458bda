"""One emulated AWS and one AWS CLI for all repairs of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.aws import EmulatedAws
from tests.repairs.shell import Paste


@pytest.fixture(scope="module")
def aws() -> Iterator[EmulatedAws]:
    """AWS as it answers, as far as that is corrected."""
    with EmulatedAws(sockets=False) as running:
        yield running


@pytest.fixture(scope="module")
def paste(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paste]:
    """A shell with the real AWS CLI."""
    with Paste(aws, tmp_path_factory.mktemp("paste")) as shell:
        yield shell
