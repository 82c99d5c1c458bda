"""Logs: lines for people, or JSON objects with the run id for machines. Neither holds a secret.

What could hold one is cut out of every line: tokens, and the response_urls that let anybody post.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TextIO

from handlers.context import current

LIBRARIES = ("slack_sdk", "slack_bolt", "boto3", "botocore", "urllib3")
"""Below warnings these log tokens and bodies."""

_SECRETS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]+"
    r"|xapp-[A-Za-z0-9-]+"
    r"|https://hooks\.slack(?:-gov)?\.com/[^\s\"'<>\\]+"
    r"|(?<=[?&]X-Amz-Signature=)[0-9a-fA-F]+"
    r"|(?<=[?&]X-Amz-Security-Token=)[^\s\"'&]+"
)
LONGEST = 30_000
"""Characters of one trace; a line of CloudWatch Logs holds 256 KiB and an error may quote a whole answer."""


def without_secrets(text: str) -> str:
    """A text in which tokens and response_urls are `***`."""
    return _SECRETS.sub("***", text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the run in hand, and the trace of an error.

    Args:
        always: members that every line has, such as the id of the Lambda request; read anew for each line.
    """

    def __init__(self, always: Mapping[str, str]) -> None:
        super().__init__()
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, str] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **self._always,
        }
        now = current()
        if now is not None:
            line["run_id"] = now.run_id
        if record.exc_info:
            line["exception"] = without_secrets(self.formatException(record.exc_info))[-LONGEST:]
        return json.dumps(line, ensure_ascii=False)


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
        else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    # force: Lambda's runtime puts a handler of its own there first.
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
