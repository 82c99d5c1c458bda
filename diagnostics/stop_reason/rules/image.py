"""The image itself: its reference, its repository, its tag, its platform and its format."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.symptoms import SymptomId

IMAGE_FORMAT = (
    Rule(
        SymptomId.INVALID_REFERENCE,
        says=("invalid reference format", "failed to parse reference", "could not parse reference"),
        stage="manifest",
    ),
    Rule(SymptomId.UNSUPPORTED_ARTIFACT, says=("in-toto", "helm.config", "vnd.oci.empty"), stage="manifest"),
    Rule(
        SymptomId.WINDOWS_OS_MISMATCH,
        says=("operating system does not match", "windows version", "container operating system", "image operating system"),
        where=("pulling",),
        stage="manifest",
    ),
    Rule(
        SymptomId.WINDOWS_OS_MISMATCH,
        says=("no matching manifest for", "no match for platform", "matching platform", "find a descriptor for platform"),
        where=("windows",),
        stage="manifest",
    ),
    Rule(
        SymptomId.PLATFORM_MISMATCH,
        says=(
            "descriptor matching platform", "find a descriptor for platform", "no matching manifest for",
            "no match for platform", "no image found in manifest list for", "no matching platform",
            "does not match the specified platform", "does not match the detected host platform",
        ),
        stage="manifest",
    ),
    Rule(
        SymptomId.MANIFEST_UNSUPPORTED,
        says=(
            "unsupported manifest", "unsupported media type", "unsupported mediatype", "unknown media type",
            "manifest schema", "schema version 1", "schema 1", "mediatype in manifest should be",
            "unexpected media type", "manifest.v1+",
        ),
        where=("pulling",),
        stage="manifest",
    ),
    Rule(SymptomId.MANIFEST_UNSUPPORTED, says=("media type", "mediatype"), also=("not supported",), stage="manifest"),
)  # fmt: skip

_ABSENT = (
    ": not found",
    "not found: manifest",
    "manifest unknown",
    "requested image not found",
    "manifest not found",
)

IMAGE_FOUND = (
    Rule(SymptomId.PTC_CREATE_REPO_DENIED, says=("name unknown", "repository with name"), where=("cache",), stage="manifest"),
    Rule(
        SymptomId.REPO_NOT_FOUND,
        says=("name unknown", "the repository with name", "repositorynotfoundexception", "repository name not known"),
        stage="manifest",
    ),
    Rule(SymptomId.PTC_IMPORT_FAILED, says=_ABSENT, where=("cache",), stage="manifest"),
    # Docker's old sentence for an image: it quotes the tag.
    Rule(SymptomId.IMAGE_NOT_FOUND, says=("error: image ",), also=(" not found",), stage="manifest"),
    Rule(SymptomId.REPO_NOT_FOUND, where=("absent-repository",), never=("no pull access",), stage="manifest"),
    Rule(SymptomId.REPO_NOT_FOUND, says=("from amazon elastic container registry",), where=("status:404",), stage="manifest"),
    Rule(
        SymptomId.IMAGE_DIGEST_GONE,
        says=(*_ABSENT, "404 not found"),
        where=("digest",),
        unless=("status:5xx",),
        stage="manifest",
    ),
    Rule(
        SymptomId.IMAGE_NOT_FOUND,
        says=(*_ABSENT, "manifest_unknown", "imagenotfoundexception", "404 not found"),
        where=("pulling",),
        stage="manifest",
    ),
    Rule(
        SymptomId.IMAGE_NOT_FOUND,
        says=("not found in repository", "no such image", "image not found", "api error (404): manifest"),
        where=("pulling",),
        stage="manifest",
    ),
    Rule(SymptomId.IMAGE_NOT_FOUND, says=("not found",), also=("failed to resolve ref",), stage="manifest"),
    # Docker cuts its sentence here where the registry gives no reason.
    Rule(SymptomId.IMAGE_DIGEST_GONE, says=(" not found",), also=("manifest for ",), where=("digest",), stage="manifest"),
    Rule(SymptomId.IMAGE_NOT_FOUND, says=(" not found",), also=("manifest for ",), stage="manifest"),
)  # fmt: skip
