"""What a template leaves behind where nobody filled it in: words that are valid, and name nothing."""

from __future__ import annotations

import re

from diagnostics.image_reference import ImageReference

_EMPTY = ("undefined", "null", "none", "nil", "nan", "placeholder", "changeme", "change-me", "todo", "tbd")
"""What programs write for a variable that nobody set, and what people write until somebody does."""
_TAGS = frozenset(
    {*_EMPTY, "tag", "image_tag", "imagetag", "image-tag", "version", "commit_sha", "git_sha", "sha"}
)
_NAMES = frozenset(
    {
        *_EMPTY,
        "repository",
        "repo",
        "image",
        "image-name",
        "imagename",
        "image_name",
        "image-uri",
        "image_uri",
    }
    | {
        "repository-url",
        "repository_url",
        "container-image",
        "my-image",
        "your-image",
        "repository-name",
        "image-url",
    }
)
_COMMIT = re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{7,40}")


def is_placeholder_tag(tag: str | None) -> bool:
    """True of a tag that is what a template left behind, such as `undefined` or `__TAG__`."""
    return tag is not None and tag.strip("_-.").lower() in _TAGS


def is_placeholder_image(text: str, reference: ImageReference) -> bool:
    """True of an image that is a bare word which a template left behind: no host, no path, and no tag that says more."""
    name = text.partition("@")[0].partition(":")[0].lower()
    bare = reference.kind == "docker-hub" and "/" not in text and reference.digest is None
    return (
        bare and name in _NAMES and (reference.tag in (None, "latest") or is_placeholder_tag(reference.tag))
    )


def is_commit(tag: str | None) -> bool:
    """True of a tag that looks like a commit's hash, as somebody's own builds have and published images do not."""
    return tag is not None and _COMMIT.fullmatch(tag) is not None
