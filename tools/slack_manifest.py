"""Prints the Slack app's manifest for HTTP: `python -m tools.slack_manifest ADDRESS`.

manifest.json is for Socket Mode. Over HTTP Slack sends commands and clicks to an address.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MANIFEST = Path(__file__).parent.parent / "manifest.json"


def for_http(address: str) -> dict[str, Any]:
    """The manifest with everything sent to an address.

    Raises:
        ValueError: Slack takes no such address.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"{address!r} is no https address")
    manifest: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    for command in manifest["features"]["slash_commands"]:
        command["url"] = address
    manifest["settings"]["interactivity"]["request_url"] = address
    manifest["settings"]["socket_mode_enabled"] = False
    return manifest


def main() -> int:
    """Print it; the exit status."""
    if len(sys.argv) != 2:
        print("usage: python -m tools.slack_manifest https://…", file=sys.stderr)
        return 2
    try:
        print(json.dumps(for_http(sys.argv[1]), indent=2))
    except ValueError as error:
        print(f"pullcheck: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
