"""The emulated account of the demo, which the command line reaches by its ordinary settings."""

from __future__ import annotations

from tests.cli.conftest import aws_settings, demo, no_aws

__all__ = ["aws_settings", "demo", "no_aws"]
