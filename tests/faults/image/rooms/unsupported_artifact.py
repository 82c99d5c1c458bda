"""What the tag or digest names is no container image."""

from __future__ import annotations

from diagnostics.faults.image.unsupported_artifact import UNSUPPORTED_ARTIFACT
from tests.build import REPOSITORY_ARN, stopped
from tests.build.images import detail, facts, named
from tests.faults.image.worlds import UNREAD, immutable
from tests.faults.judging import Table, case

ATTESTATION = (
    "CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: "
    "failed to extract layer: failed to get stream processor for application/vnd.in-toto+json: no processor for media-type"
)

TABLE = Table(
    UNSUPPORTED_ARTIFACT,
    (
        case("an image", "pass"),
        case("an index", "pass", detail(imageManifestMediaType="application/vnd.oci.image.index.v1+json")),
        case(
            "a chart", "fail", detail(artifactMediaType="application/vnd.cncf.helm.config.v1+json"),
            resources=(REPOSITORY_ARN, "1.4.2"), says="helm",
        ),
        case("an unknown manifest", "fail", detail(imageManifestMediaType="application/vnd.acme+json")),
        case("only the text shows it", "warn", stopped(ATTESTATION)),
        case("a chart and the text", "fail", detail(artifactMediaType="application/x"), stopped(ATTESTATION)),
        case("an attestation in a repository of immutable tags", "fail", detail(artifactMediaType="application/vnd.in-toto+json"), immutable, says="an attestation"),
        case("denied", "unknown", facts(detail=UNREAD), stopped(ATTESTATION)),
        case("outside ECR", "skipped", named("nginx:1.27")),
        case("outside ECR and the text", "warn", named("nginx:1.27"), stopped(ATTESTATION)),
    ),
    repairs={"image": "a chart", "image/immutable": "an attestation in a repository of immutable tags"},
)  # fmt: skip
