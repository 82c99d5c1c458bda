"""Where every thread stands, for the message about something that takes too long."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
import traceback

_RUNNERS = ("/_pytest/", "/pluggy/", "/xdist/", "/execnet/")
"""Who calls a test, which tells nothing."""


def all_stacks(loop: asyncio.AbstractEventLoop | None = None) -> str:
    """The stacks of all threads, the main one last, and first the tasks of an event loop. The latest call ends each."""
    parts = []
    for task in asyncio.all_tasks(loop) if loop is not None else ():
        written = io.StringIO()
        task.print_stack(file=written)
        parts.append(written.getvalue())
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    main = threading.main_thread().ident
    frames = sys._current_frames()
    for ident in sorted(frames, key=lambda ident: ident == main):
        stack = [
            frame
            for frame in traceback.extract_stack(frames[ident])
            if not any(part in frame.filename for part in _RUNNERS)
        ]
        parts.append(f"Thread {names.get(ident, ident)}:\n{''.join(traceback.format_list(stack))}")
    return "\n".join(parts)
