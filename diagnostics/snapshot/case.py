"""A saved case: the facts of a run as text, read back or refused with a sentence."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from diagnostics.snapshot import SCHEMA_VERSION, Snapshot

LARGEST = 64 * 1024 * 1024
"""Bytes of a case that are read; that of a large account has about two million."""
_SAVED = "a case saved with --save"


class CaseError(ValueError):
    """A text that is no case of this version; the message is the rest of a sentence about the file."""


def as_case(snapshot: Snapshot) -> str:
    """The facts as the text of a case."""
    return snapshot.model_dump_json(by_alias=True, indent=1) + "\n"


def parse_case(data: bytes) -> Snapshot:
    """The facts of a saved case.

    Raises:
        CaseError: it is no case, or one of another version.
    """
    if len(data) > LARGEST:
        raise CaseError(f"is not {_SAVED}: it is larger than {LARGEST // 1024**2} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(f"is not {_SAVED}: it is not text in UTF-8") from error
    found = _version(text)
    if found != SCHEMA_VERSION or isinstance(found, bool):
        raise CaseError(
            f"is a case of version {str(json.dumps(found))[:40]}, and this pullcheck understands version {SCHEMA_VERSION}: "
            "replay it with the pullcheck that saved it, or save it again with --save"
        )
    try:
        return Snapshot.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part)[:60] for part in first["loc"][:8]) or "the file"
        raise CaseError(f"is not {_SAVED} ({place}: {first['msg'][:200]})") from error


def _version(text: str) -> Any:
    try:
        content = json.loads(text, parse_constant=_refused)
    except RecursionError as error:
        raise CaseError(f"is not {_SAVED}: it is nested too deeply") from error
    except ValueError as error:
        why = f"{error.msg} in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise CaseError(f"is not {_SAVED}: it is no JSON ({why[:200]})") from error
    if not isinstance(content, dict) or "target" not in content:
        raise CaseError(f"is not {_SAVED}: it is no object with a target")
    return content.get("schema_version", SCHEMA_VERSION)


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")
