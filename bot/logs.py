"""Logs: lines for people, or JSON objects with the run id for machines. Neither holds a secret, and a record is one line.

What could hold a secret is cut out of every line: tokens, passwords, and the response_urls that let anybody post. What
could end a line or steer a terminal is written as an escape: texts of AWS, of Slack and of strangers stand in messages.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from diagnostics.redaction import redact
from handlers.audit import MEMBERS
from handlers.context import current

LIBRARIES = ("slack_sdk", "slack_bolt", "boto3", "botocore", "urllib3")
"""Below warnings these log tokens and bodies."""

_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]",
)
"""Control characters, line and paragraph separators, marks of direction, what takes no room, and halves of characters, with which
a line could not be written at all."""
LONGEST = 30_000
"""Characters of one trace; a line of CloudWatch Logs holds 256 KiB and an error may quote a whole answer."""


def without_secrets(text: str) -> str:
    """A text in which tokens, passwords and response_urls are `***` (`diagnostics.redaction`)."""
    return redact(text, "***")


def in_one_line(text: str) -> str:
    """A text in which what could end a line or steer a terminal is an escape of Python's."""
    return _STEERING.sub(lambda found: repr(found[0])[1:-1], text)


def _members(record: logging.LogRecord) -> Mapping[str, Any]:
    """What stands beside a message as members of its own (`handlers.audit`)."""
    found = getattr(record, MEMBERS, None)
    return found if isinstance(found, Mapping) else {}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return without_secrets(value)
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        members = [
            f" {name}={json.dumps(value, ensure_ascii=False)}" for name, value in _members(record).items()
        ]
        return in_one_line(without_secrets(super().format(record) + "".join(members)))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the run in hand, and the trace of an error.

    Args:
        always: members that every line has, such as the id of the Lambda request; read again for each line.
    """

    def __init__(self, always: Mapping[str, str]) -> None:
        super().__init__()
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **self._always,
        }
        now = current()
        if now is not None:
            line["run_id"] = now.run_id
        line |= {name: _clean(value) for name, value in _members(record).items()}
        if record.exc_info:
            line["exception"] = without_secrets(self.formatException(record.exc_info))[-LONGEST:]
        text = json.dumps(line, ensure_ascii=False)
        return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def configure_logging(
    level: str,
    form: Literal["text", "json"] = "text",
    *,
    stream: TextIO | None = None,
    always: Mapping[str, str] | None = None,
) -> None:
    """Log to a stream (by default stderr), and to nothing else.

    Args:
        level: how much is logged; Slack's and AWS's libraries are kept at warnings.
        form: lines for people or JSON.
        stream: where to.
        always: see `JsonLines`.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        JsonLines(always if always is not None else {})
        if form == "json"
        else _TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    # force: Lambda's runtime puts a handler of its own there first.
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    # What had which account read is no matter of how much is logged.
    logging.getLogger("audit").setLevel(logging.INFO)
