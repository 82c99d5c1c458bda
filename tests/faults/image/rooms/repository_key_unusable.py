"""The KMS key that encrypts the repository cannot be used, whoever pulls."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.image.repository_key_unusable import KEY_UNUSABLE
from tests.build import ACCOUNT, REGION, REPOSITORY_ARN, absent, image_of, known, stopped, unavailable
from tests.build.images import facts, no_repository
from tests.faults.image.worlds import UNREAD
from tests.faults.judging import Table, case

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
USABLE = known({"KeyId": "1", "KeyState": "Enabled"})
TOLD = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref: {}"


def encrypted(state: dict[str, Any], kind: str = "KMS") -> Any:
    def edit(world: dict[str, Any]) -> None:
        encryption = {"encryptionType": kind, "kmsKey": KEY}
        image_of(world)["repository"]["value"]["encryptionConfiguration"] = encryption
        image_of(world)["key"] = state

    return edit


TABLE = Table(
    KEY_UNUSABLE,
    (
        case("no key", "skipped"),
        case("enabled", "pass", encrypted(known({"KeyId": "1", "KeyState": "Enabled"}))),
        case(
            "disabled", "fail", encrypted(known({"KeyId": "1", "KeyState": "Disabled"})),
            resources=(KEY, REPOSITORY_ARN), says="is disabled",
        ),
        case(
            "to be deleted", "fail", encrypted(known({"KeyId": "1", "KeyState": "PendingDeletion"}), "KMS_DSSE"),
            says="scheduled for deletion",
        ),
        case("gone", "fail", encrypted(absent("kms:DescribeKey")), says="does not exist"),
        case("denied", "unknown", encrypted(unavailable("denied", "kms:DescribeKey")), says="kms:DescribeKey"),
        case(
            "denied, and the text tells", "warn", encrypted(unavailable("denied", "kms:DescribeKey")), stopped(TOLD.format("KMSKeyDisabledException")),
            resources=(KEY, REPOSITORY_ARN), says="whose state could not be read",
        ),
        case(
            "enabled, and ECR may not use it", "warn", encrypted(USABLE), stopped(TOLD.format("KmsException: the key cannot be used")),
            says="its policy or ECR's grant",
        ),
        case("the repository is denied", "unknown", facts(repository=UNREAD)),
        case("the repository is missing", "skipped", no_repository),
    ),
    repairs={"image": "disabled", "image/by-text": "denied, and the text tells"},
)  # fmt: skip
