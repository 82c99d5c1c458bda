"""Tells a container's health: `python -m bot.healthy` exits with 0 while the bot is connected to Slack.

The bot touches the file that `PULLCHECK_HEALTH_FILE` names as long as its connection lives; the Dockerfile names one. A
process that hangs, or that lost Slack and does not find it again, stops touching it and is replaced.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PULLCHECK_HEALTH_FILE"

BEAT = 5.0
"""Seconds between two looks at the connection."""
STALE = 60.0
"""Seconds after which the file is too old. Slack asks an app to connect again every few hours, which takes some."""


@contextmanager
def beating(is_connected: Callable[[], bool], *, beat: float = BEAT) -> Iterator[None]:
    """Touch the health file while the connection lives, inside a `with`; nothing where no file is named."""
    name = os.environ.get(VARIABLE, "")
    if not name:
        yield
        return
    path = Path(name)
    end = threading.Event()

    def run() -> None:
        while True:
            if is_connected():
                path.touch()
            if end.wait(beat):
                return

    thread = threading.Thread(target=run, name="pullcheck-health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
        path.unlink(missing_ok=True)


def trouble(now: float) -> str | None:
    """What is wrong, `None` where nothing is. `now` is in seconds since 1970."""
    name = os.environ.get(VARIABLE, "")
    if not name:
        return f"{VARIABLE} is not set, so nobody can tell"
    try:
        age = now - Path(name).stat().st_mtime
    except FileNotFoundError:
        return "not connected to Slack yet"
    return None if age < STALE else f"not connected to Slack for {age:.0f} seconds"


def main() -> int:
    """Say whether the bot is connected; the exit status."""
    found = trouble(time.time())
    if found is not None:
        print(f"pullcheck: {found}", file=sys.stderr)
    return 0 if found is None else 1


if __name__ == "__main__":
    sys.exit(main())
