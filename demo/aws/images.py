"""Makes container images for a registry: manifests whose digests are true, without any layer data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_CONFIG = "application/vnd.docker.container.image.v1+json"


def digest_of(text: str) -> str:
    """The digest of a document, `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Manifest:
    """A manifest as a registry stores it."""

    text: str
    media_type: str

    @property
    def digest(self) -> str:
        return digest_of(self.text)


def image(seed: str, *, layers: int = 3, megabytes: int = 48) -> Manifest:
    """A single-platform image; the same seed gives the same digest."""
    size = megabytes * 1_000_000 // layers
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": _CONFIG, "size": 7023, "digest": digest_of(f"{seed} config")},
        "layers": [
            {"mediaType": _LAYER, "size": size + 4096 * number, "digest": digest_of(f"{seed} layer {number}")}
            for number in range(layers)
        ],
    }
    return Manifest(json.dumps(document, indent=3), MANIFEST)


def index(variants: dict[str, Manifest]) -> Manifest:
    """An image index over variants by platform, for example `{"linux/amd64": …, "linux/arm64": …}`."""
    manifests: list[dict[str, Any]] = []
    for platform, manifest in variants.items():
        system, _, architecture = platform.partition("/")
        manifests.append(
            {
                "mediaType": manifest.media_type,
                "size": len(manifest.text),
                "digest": manifest.digest,
                "platform": {"architecture": architecture, "os": system},
            }
        )
    return Manifest(
        json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}, indent=3), INDEX
    )


def put(ecr: Any, repository: str, manifest: Manifest, *tags: str) -> str:
    """Store a manifest under each tag, or untagged, and return its digest."""
    for tag in tags or (None,):
        request = {
            "repositoryName": repository,
            "imageManifest": manifest.text,
            "imageManifestMediaType": manifest.media_type,
            "imageDigest": manifest.digest,
        }
        ecr.put_image(**request, **({"imageTag": tag} if tag else {}))
    return manifest.digest
