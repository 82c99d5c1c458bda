"""Long texts as stores keep them: compressed, and of letters alone."""

from __future__ import annotations

import base64
import zlib


def packed_text(text: str) -> str:
    """A text, compressed, as an item or a note holds it."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def unpacked_text(text: str) -> str:
    """The same the other way round.

    Raises:
        ValueError: it is no such text.
    """
    try:
        return zlib.decompress(base64.b64decode(text, validate=True)).decode()
    except zlib.error as error:
        raise ValueError("no compressed text") from error
