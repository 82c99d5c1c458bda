"""Keeps what is set on this machine out of the tests."""

from __future__ import annotations

import os

# Before anything is imported: moto and boto3 read some of these at import, slack_sdk would send its calls to loopback
# through a proxy, and nobody's real account or workspace may ever be asked.
for _name in list(os.environ):
    if _name.startswith(("AWS_", "BOTO", "MOTO_", "SLACK_", "PULLCHECK_")) or _name.lower() in (
        "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    ):  # fmt: skip
        del os.environ[_name]
