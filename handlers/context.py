"""What a thread is working on, for whoever needs to say so: logs, metrics, and the session name in AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class CurrentJob:
    """The job in hand.

    Attributes:
        run_id: the id of its run, which its log lines, its message's buttons and its failure share.
        user: who asked; empty where nobody did, as for a task event.
        fresh: it is about what changed, so that no answer of before will do.
    """

    run_id: str
    user: str
    fresh: bool = False


_CURRENT: ContextVar[CurrentJob | None] = ContextVar("pullcheck_doing", default=None)


def current() -> CurrentJob | None:
    """The job that this thread works on, if it works on one."""
    return _CURRENT.get()


@contextmanager
def doing(run_id: str, user: str, fresh: bool = False) -> Iterator[None]:
    """Say what this thread works on, inside a `with`."""
    token = _CURRENT.set(CurrentJob(run_id, user, fresh))
    try:
        yield
    finally:
        _CURRENT.reset(token)
