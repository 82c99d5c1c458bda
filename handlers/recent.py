"""A person's last runs, for their App Home: a word on a claim in the store, which is there wherever runs are kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from handlers.ports import RunsStore

if TYPE_CHECKING:
    from handlers.saved_run import SavedRun

MOST = 5


class RecentRun(BaseModel):
    """One of somebody's runs, in as few words as a list needs.

    Attributes:
        run_id: the run.
        name: its target as people know it.
        verdict: the headline.
        channel: where the answer is.
        thread_ts: its message, `None` where it has no thread.
        at: when AWS was read.
        about: the task, and what was asked about, each as it is known everywhere: of two runs about the same one the newer stands.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    run_id: str
    name: str
    verdict: str
    channel: str
    thread_ts: str | None = None
    at: datetime | None = None
    about: tuple[str, ...] = ()


_LIST = TypeAdapter(tuple[RecentRun, ...])


def remember(runs: RunsStore, run: SavedRun, name: str) -> None:
    """Put a run on its asker's list, in place of what stood there of it.

    Args:
        name: the target as people know it.
    """
    if not run.user or run.report is None:
        return
    key = _key(run.user)
    # For no time: it makes the word's place. Of two answers to one person at the same moment the list may miss one.
    runs.claim(key, 0.0)
    now = RecentRun(
        run_id=run.run_id,
        name=name[:200],
        verdict=run.report.verdict.headline[:300],
        channel=run.channel,
        thread_ts=run.thread_ts,
        at=run.taken_at,
        about=_about(run),
    )
    others = tuple(
        item
        for item in recent(runs, run.user)
        if item.run_id != run.run_id and not set(item.about) & set(now.about)
    )
    runs.note(key, _LIST.dump_json((now, *others)[:MOST], exclude_none=True).decode())


def recent(runs: RunsStore, user: str) -> tuple[RecentRun, ...]:
    """A person's last runs, the newest first."""
    noted = runs.noted(_key(user))
    if noted is None:
        return ()
    try:
        return _LIST.validate_json(noted)
    except ValidationError:
        return ()


def _about(run: SavedRun) -> tuple[str, ...]:
    """The task by its id, which is given once; a service by its account, its Region and its cluster."""
    target, shot = run.target, run.snapshot
    task_id = run.task_id or target.task_id
    place = (
        target.account_id or (shot.account_id if shot else None),
        target.region or (shot.region if shot else None),
        target.cluster,
        target.service,
    )
    service = "/".join(item or "" for item in place) if target.kind == "service" else None
    return tuple(item[:300] for item in (task_id, service) if item)


def _key(user: str) -> str:
    return f"recent {user}"
