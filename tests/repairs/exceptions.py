"""What the proof does not demand of a repair, and why. Whatever is no longer needed here fails."""

from __future__ import annotations

from collections.abc import Mapping

_GONE = "AWS takes no route to a NAT gateway that is deleted, so that the blackhole cannot come back"
_TEXT = "only the text of a task that stopped tells it, and the emulated AWS writes none for the next task"
EXCEPTIONS: Mapping[str, Mapping[str, str]] = {
    "platform-mismatch: platform-mismatch": {"cured": _TEXT},
    "platform-mismatch: platform-mismatch: Build the image for linux/arm64": {"cured": _TEXT},
    "hub: docker-hub-rate-limit": {"cured": _TEXT},
    "hub: docker-hub-rate-limit: Pull through a cache rule of ECR": {"cured": _TEXT},
    "hub-private: registry-credentials-missing": {"cured": _TEXT},
    "route-blackhole: route-blackhole": {"restored": _GONE},
    "pending-endpoint: endpoint-not-available": {
        "restored": "an endpoint that failed does not come back once it is deleted, and carried nothing"
    },
}
"""The steps that no repair can pass there, each with its reason."""
