"""Kinds of jobs are data: known in one place, and read back from jobs that an earlier version left in a queue."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from handlers.jobs import Job, Kind
from handlers.kinds import DIAGNOSE, EXPLAIN, KINDS, RERUN, read_job
from tests.build.reports import TARGET


def waiting(kind: Any) -> str:
    """A job as the first version wrote it."""
    return json.dumps(
        {
            "key": "action 1.2 0",
            "kind": kind,
            "target": TARGET.model_dump(),
            "channel": "C1",
            "user": "U1",
            "team": "T1",
            "thread_ts": "1.2",
            "message_ts": "1.2",
            "response_url": "https://hooks.slack.com/actions/x",
            "replaces": True,
            "run_id": "0a1b",
        }
    )


@pytest.mark.parametrize(("name", "kind"), [("diagnose", DIAGNOSE), ("rerun", RERUN), ("explain", EXPLAIN)])
def test_a_job_of_the_version_before_is_read(name: str, kind: Kind) -> None:
    job = read_job(waiting(name))

    assert job.kind is kind
    assert (job.key, job.run_id, job.replaces) == ("action 1.2 0", "0a1b", True)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_job_comes_back_from_its_queue_unchanged(kind: Kind) -> None:
    job = Job(key="k", kind=kind, target=TARGET, channel="C1", user="U1", response_url="https://x")

    assert read_job(job.model_dump_json(exclude_none=True)) == job
    assert "https://x" not in repr(job)


@pytest.mark.parametrize("kind", ["dignose", "", None, 1, ["diagnose"], {"name": "diagnose"}])
def test_what_is_no_kind_is_refused(kind: Any) -> None:
    with pytest.raises(ValidationError, match="not a kind of job"):
        read_job(waiting(kind))


def test_only_what_is_read_from_a_queue_names_its_kind() -> None:
    with pytest.raises(ValidationError, match="not a kind of job"):
        Job(key="k", kind="diagnose", target=TARGET, channel="C1", user="U1")  # type: ignore[arg-type]


def test_a_kind_is_known_by_its_own_name() -> None:
    """The names stand in jobs that wait while the app is replaced, so that none may change."""
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}
    assert set(KINDS) == {"diagnose", "rerun", "explain", "details", "post"}
    assert {kind.name for kind in KINDS.values() if kind.waits} == {"diagnose", "rerun"}
    assert {kind.name for kind in KINDS.values() if kind.needs_run} == {"explain", "details", "post"}
