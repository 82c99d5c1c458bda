"""Which processes that share a database are alive, told by the operating system and not by a clock.

Each process holds a lock (`flock`) on a file of its own beside the database. The system gives the lock back the moment the
process ends, however it ends; a process that hangs or is stopped keeps it. So a crash is noticed at the very next start,
and nothing is taken away from a process that is only slow. This holds for containers that share a volume of one machine
too, where process ids would not.

https://man7.org/linux/man-pages/man2/flock.2.html
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Alive:
    """This process among those that share a database.

    Args:
        database: the database's file.

    Raises:
        OSError: the lock's file cannot be made.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self.id = secrets.token_hex(8)
        self._lock: int | None = self._hold()
        self._sweep()

    def _path(self, process: str) -> Path:
        return self._database.with_name(f"{self._database.name}.{process}.alive")

    def _hold(self) -> int:
        path = self._path(self.id)
        while True:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock), path.stat()):
                    return lock
            # Somebody swept the file away between its making and its locking.
            os.close(lock)

    @contextmanager
    def dead(self, process: str) -> Iterator[bool]:
        """Tell whether another process is dead; nobody else is told so inside the `with`."""
        if process == self.id:
            yield False
            return
        path = self._path(process)
        try:
            lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            yield True
            return
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
            path.unlink(missing_ok=True)
        finally:
            os.close(lock)

    def _sweep(self) -> None:
        """Take away the files of processes that are dead."""
        prefix = f"{self._database.name}."
        for path in self._database.parent.glob(f"{self._database.name}.*.alive"):
            with suppress(OSError), self.dead(path.name.removeprefix(prefix).removesuffix(".alive")):
                pass

    def end(self) -> None:
        """This process takes no more part."""
        if self._lock is not None:
            self._path(self.id).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None
