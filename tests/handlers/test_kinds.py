"""Kinds of jobs are data: known in one place, and read back from jobs that an earlier version left in a queue."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import ValidationError

from handlers import ids
from handlers.buttons import queue_run
from handlers.doing import DEEDS
from handlers.jobs import Job, Kind
from handlers.kinds import DIAGNOSE, EXPLAIN, KINDS, RERUN, read_job
from handlers.ports import Listening
from handlers.run_buttons import register
from handlers.views.message import MessageContent
from handlers.views.values import ButtonValue
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
    assert {"diagnose", "rerun", "explain", "details", "post"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_about_a_run_or_its_message_is_asked_for_with_a_button(kind: Kind) -> None:
    """Nothing else carries the id of a run, or stands on a message that can be replaced."""
    asked = kind.button is not None or kind.option is not None
    assert asked or not (kind.needs_run or kind.replaces)


def test_every_kind_of_job_does_something() -> None:
    assert {kind.name for kind in DEEDS} == set(KINDS)
    assert len(DEEDS) == len(KINDS)


def test_each_choice_of_the_menu_asks_for_one_thing() -> None:
    options = [kind.option for kind in KINDS.values() if kind.option]

    assert len(set(options)) == len(options) > 0
    assert max(map(len, options)) <= 150


def test_each_button_asks_for_one_thing_and_is_an_id_of_ours() -> None:
    buttons = [kind.button for kind in KINDS.values() if kind.button]

    assert len(set(buttons)) == len(buttons) > 0
    assert set(buttons) <= {value for name, value in vars(ids).items() if name.isupper()}
    assert not [
        button for button in buttons if ids.CHOOSE_ACTIONS.match(button) or ids.CONSOLE_ACTIONS.match(button)
    ]


def test_a_command_asks_for_what_waits_and_needs_nothing() -> None:
    assert (DIAGNOSE.waits, DIAGNOSE.needs_run, DIAGNOSE.replaces, DIAGNOSE.button) == (
        True,
        False,
        False,
        None,
    )


# --- every button, pressed ---------------------------------------------------------------------------

BUTTONS = {kind.name: kind for kind in KINDS.values() if kind.button}


@dataclass
class Line:
    """A queue that remembers."""

    jobs: list[Job] = field(default_factory=list)

    def submit(self, job: Job, /) -> int:
        self.jobs.append(job)
        return 0


def press(kind: Kind, **value: Any) -> tuple[list[Job], MessageContent | None]:
    line = Line()
    body = {
        "trigger_id": "1.2",
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "container": {"message_ts": "1.2"},
        "message": {"ts": "1.2"},
        "actions": [{"value": ButtonValue(target=TARGET, **value).text()}],
    }
    return line.jobs, queue_run(body, kind, Listening(line))


@pytest.mark.parametrize("kind", BUTTONS.values(), ids=BUTTONS)
def test_a_press_queues_the_kind_of_its_button(kind: Kind) -> None:
    (job,), answer = press(kind, run_id="0a1b")

    assert answer is None
    assert (job.kind, job.run_id, job.channel, job.thread_ts) == (kind, "0a1b", "C1", "1.2")
    assert (job.message_ts, job.replaces) == (("1.2", True) if kind.replaces else (None, False))


OPTIONS = {kind.name: kind for kind in KINDS.values() if kind.option}


def choose(option: str, block_id: str = "pullcheck.0a1b") -> tuple[list[Job], list[str]]:
    """A choice of the menu of a parent message, through Bolt's own listener."""
    line, said = Line(), list[str]()
    held = {"block_id": "pullcheck.0a1b", "elements": [
        {"type": "button", "value": ButtonValue(target=TARGET, run_id="0a1b").text()}, {"type": "overflow"}
    ]}  # fmt: skip
    body = {
        "trigger_id": "1.2",
        "user": {"id": "U1", "name": "alice"},
        "channel": {"id": "C1"},
        "container": {"message_ts": "1.2"},
        "message": {"ts": "1.2", "blocks": [{"type": "section"}, held]},
        "actions": [{"block_id": block_id, "selected_option": {"value": option}}],
    }
    listeners: dict[str, Any] = {}

    class Bolt:
        def action(self, name: Any) -> Any:
            return lambda listener: listeners.setdefault(name, listener)

    register(Bolt(), Listening(line))  # type: ignore[arg-type]
    listeners[ids.MORE](lambda: None, body, lambda **message: said.append(message["text"]))
    return line.jobs, said


@pytest.mark.parametrize("kind", OPTIONS.values(), ids=OPTIONS)
def test_a_choice_is_about_the_run_of_the_buttons_beside_it(kind: Kind) -> None:
    (job,), said = choose(str(kind.option))

    assert said == []
    assert (job.kind, job.run_id, job.channel, job.thread_ts, job.user_name) == (
        kind,
        "0a1b",
        "C1",
        "1.2",
        "alice",
    )


@pytest.mark.parametrize(("option", "block_id"), [("nothing", "pullcheck.0a1b"), ("report.file", "another")])
def test_a_choice_that_names_no_work_or_no_run_is_stale(option: str, block_id: str) -> None:
    assert choose(option, block_id) == (
        [],
        ["That button is from an older version of this app; give the task to /pullcheck again."],
    )


@pytest.mark.parametrize("kind", BUTTONS.values(), ids=BUTTONS)
def test_a_press_without_a_run_is_stale_where_one_is_needed(kind: Kind) -> None:
    jobs, answer = press(kind)

    assert (len(jobs), answer is None) == ((0, False) if kind.needs_run else (1, True))
