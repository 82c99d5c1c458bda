"""The host: its disk, its layers and its patience."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.symptoms import SymptomId

HOST = (
    Rule(
        SymptomId.DISK_FULL,
        says=("no space left on device", "not enough space on the disk", "insufficient space", "thin pool has", "disk quota exceeded"),
        never=("has been retried",),
        stage="unpack",
    ),
    Rule(SymptomId.DISK_FULL, says=("extract layer", "register layer"), also=("no space left on device",), stage="unpack"),
    # "has been retried N time(s)" is Fargate's wording (platform version 1.4.0 and later).
    Rule(SymptomId.FARGATE_EPHEMERAL_FULL, says=("no space left on device",), stage="unpack"),
    Rule(
        SymptomId.LAYER_VERIFICATION_FAILED,
        says=("layer verification failed", "filesystem verification failed", "unexpected commit digest", "failed size validation"),
        stage="unpack",
    ),
    Rule(
        SymptomId.LAYER_REGISTER_FAILED,
        says=("failed to register layer", "failed to extract layer", "applylayer exit status", "diffids don't match"),
        stage="unpack",
    ),
    Rule(
        SymptomId.PULL_TIMEOUT,
        says=(
            "could not transition to pullbegin", "could not transition to manifest_pulled",
            "could not transition to manifestpulled",
        ),
        usually="manifest",
    ),
    Rule(
        SymptomId.PULL_TIMEOUT,
        says=("could not transition to pull", "timeout while pulling image"),
        usually="layers",
    ),
)  # fmt: skip
