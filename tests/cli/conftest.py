"""An emulated AWS that the command line reaches by its ordinary settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.aws import Account, EmulatedAws, build_demo


@pytest.fixture(scope="package")
def demo() -> Iterator[Account]:
    with EmulatedAws(sockets=False) as aws:
        yield build_demo(aws)


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS settings at all."""
    for name in (
        "PROFILE",
        "REGION",
        "DEFAULT_REGION",
        "ENDPOINT_URL",
        "ACCESS_KEY_ID",
        "SECRET_ACCESS_KEY",
        "SESSION_TOKEN",
    ):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def aws_settings(no_aws: None, demo: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The settings that lead to the emulated account."""
    for name, value in demo.aws.environment().items():
        monkeypatch.setenv(name, value)
    return demo
