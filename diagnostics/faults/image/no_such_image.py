"""Where an image that does not exist is named, for the faults of what is stored under a tag or digest."""

from __future__ import annotations

from diagnostics.faults.image.digest_not_found import DIGEST_NOT_FOUND
from diagnostics.faults.image.repo_not_found import REPO_NOT_FOUND
from diagnostics.faults.image.tag_not_found import TAG_NOT_FOUND

NO_IMAGE = f"there is no such image: {TAG_NOT_FOUND.id}, {DIGEST_NOT_FOUND.id} or {REPO_NOT_FOUND.id}"
NO_MANIFEST = f"there is no such image: {TAG_NOT_FOUND.id} or {DIGEST_NOT_FOUND.id}"
