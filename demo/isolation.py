"""Keeps the demo away from the AWS account and the Slack workspace of whoever starts it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_OURS = ("AWS_", "BOTO", "SLACK_", "PULLCHECK_", "MOTO_")
# slack_sdk sends even loopback requests through these.
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})


@contextmanager
def isolated_environment(folder: Path) -> Iterator[None]:
    """Inside, no variable of AWS, Slack, pullcheck or a proxy is set, and AWS's files are empty ones in `folder`.

    The environment is put back at the end.
    """
    before = dict(os.environ)
    for name in before:
        if name.upper().startswith(_OURS) or name.upper() in _PROXIES:
            del os.environ[name]
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        empty = folder / name.lower()
        empty.touch()
        os.environ[name] = str(empty)
    # botocore reads ~/.boto too, and looks for credentials at the address of an instance.
    os.environ["BOTO_CONFIG"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def set_environment(values: Mapping[str, str]) -> None:
    """Set variables, as a person would before `python -m bot`."""
    os.environ.update(values)
