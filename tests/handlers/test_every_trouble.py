"""Every action of a person or of ECS, against every trouble with Slack, wherever it strikes and however long it lasts.

Each cell goes through the real app, the real jobs and the real slack_sdk to the local Slack. Action, place, trouble and
duration are tried in full while the response_url works; what becomes of that one beside them is tried in pairs (each with each
place, each trouble and each duration), since it matters only where the channel has failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.handlers import matrix
from tests.handlers.matrix import Bench, Seen, World, bench

PAGE = "<html><body>upstream said <b>no</b> to hooks.example/secret</body></html>"
BROKEN = r"RemoteDisconnected|ConnectionResetError"


@dataclass(frozen=True)
class Trouble:
    """What Slack does.

    Attributes:
        fails: as `LocalSlack.fail` takes it; nothing where the message is deleted.
        codes: one of them must be logged.
        of_channel: it is the channel that refuses; elsewhere all is well.
    """

    fails: dict[str, Any]
    codes: tuple[str, ...]
    of_channel: bool = False

    @property
    def unanswered(self) -> bool:
        """The connection breaks, so that nobody can tell whether Slack did it."""
        return "lost" in self.fails or "dropped" in self.fails


def _code(error: str, *, of_channel: bool = False, **more: Any) -> Trouble:
    return Trouble({"error": error, **more}, (error,), of_channel)


NO_ANSWER = ("RemoteDisconnected", "ConnectionResetError")
TROUBLES = {
    "500": Trouble({"status": 500}, ("internal_error", "http_500")),
    "500 with a page": Trouble({"status": 500, "page": PAGE}, ("http_500",)),
    "502 with a page": Trouble({"status": 502, "page": PAGE}, ("http_502",)),
    "internal_error": _code("internal_error"),
    "fatal_error": _code("fatal_error"),
    "service_unavailable": _code("service_unavailable"),
    "request_timeout": _code("request_timeout"),
    "done, no answer": Trouble({"lost": True}, NO_ANSWER),
    "not done, no answer": Trouble({"dropped": True}, NO_ANSWER),
    "429": _code("ratelimited", retry_after=3),
    "429 without Retry-After": Trouble({"status": 429, "page": PAGE}, ("http_429",)),
    "is_archived": _code("is_archived", of_channel=True),
    "not_in_channel": _code("not_in_channel", of_channel=True),
    "channel_not_found": _code("channel_not_found", of_channel=True),
    "restricted_action": _code("restricted_action", of_channel=True),
    "msg_blocks_too_long": _code("msg_blocks_too_long", of_channel=True),
    "invalid_blocks": _code("invalid_blocks", of_channel=True),
    "deleted": Trouble({}, ("message_not_found", "thread_not_found"), of_channel=True),
    "cant_update_message": _code("cant_update_message", of_channel=True),
}
TIMES = {"once": 1, "twice": 2, "for ever": None}

POSTS, UPDATES, URL = "chat.postMessage", "chat.update", "response_url"
FIRST, VERDICT, DETAILS = (POSTS, 0), (UPDATES, 0), (POSTS, 1)
PLACES: dict[tuple[str, str], tuple[str, int]] = {
    **{
        (action, place): call
        for action in ("command", "shortcut", "rerun_alone", "event")
        for place, call in (("first", FIRST), ("verdict", VERDICT), ("details", DETAILS))
    },
    ("queued", "first"): FIRST,
    ("queued", "progress"): (UPDATES, 0),
    ("queued", "verdict"): (UPDATES, 1),
    ("queued", "details"): DETAILS,
    ("rerun", "progress"): (UPDATES, 0),
    ("rerun", "verdict"): (UPDATES, 1),
    ("rerun", "details"): (POSTS, 0),
    ("rerun_same", "progress"): (UPDATES, 0),
    ("rerun_same", "verdict"): (UPDATES, 1),
    ("rerun_same", "details"): (POSTS, 0),
    ("explain", "reply"): (POSTS, 0),
    ("post", "verdict"): (POSTS, 0),
    ("post", "details"): (POSTS, 1),
    ("show_details", "alone"): (URL, 0),
}
"""Where it strikes: the method, and how many of its calls go well before."""
RUNS = ("command", "queued", "shortcut", "rerun", "rerun_same", "rerun_alone", "event")
"""What makes a run."""

URLS: dict[str, dict[str, Any]] = {
    "expired": {"error": "expired_url", "status": 404},
    "404 with a page": {"status": 404, "page": PAGE},
    "500": {"status": 500, "page": PAGE},
    "done, no answer": {"lost": True},
    "not done, no answer": {"dropped": True},
}
"""What becomes of the response_url, for ever."""


@dataclass
class Cell:
    """What is tried, and what came of it."""

    action: str
    place: str
    trouble: str
    times: str
    url: str = "works"
    seen: Seen | None = None
    world: World | None = None
    wrong: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Trouble:
        return TROUBLES[self.trouble]

    @property
    def method(self) -> str:
        return PLACES[self.action, self.place][0]

    def __str__(self) -> str:
        return f"{self.action}, {self.place}: {self.trouble} {self.times}, response_url {self.url}: {self.wrong}, {self.seen}"

    def makes_sense(self) -> bool:
        """A message that was not there before cannot be deleted, and only an update asks whose a message is."""
        if self.trouble == "deleted":
            return self.place not in ("first", "alone") and (self.action, self.place) != ("post", "verdict")
        return self.trouble != "cant_update_message" or self.method == UPDATES


def do(here: Bench, cell: Cell) -> Cell:
    """Do what a cell says."""
    world = cell.world = World(here)
    method, after = PLACES[cell.action, cell.place]
    if cell.url != "works":
        here.slack.fail(URL, times=None, **URLS[cell.url])
    act = getattr(matrix, cell.action)
    if cell.kind.fails:
        where = {"channel": world.channel} if cell.kind.of_channel else {}
        here.slack.fail(method, times=TIMES[cell.times], after=after, **cell.kind.fails, **where)
    elif cell.place == "details":
        # Between the verdict and its details.
        here.slack.fail(
            POSTS, "thread_not_found", channel=world.channel, times=TIMES[cell.times], after=after
        )
    elif cell.place == "verdict":
        world.delete_meanwhile()
    act(world)
    if not cell.kind.fails and cell.place in ("progress", "reply"):
        world.delete_all()
    world.work()
    cell.seen = world.seen()
    cell.wrong = list(faults(cell, world, cell.seen))
    return cell


def faults(cell: Cell, world: World, seen: Seen) -> Iterator[str]:
    """What is not as it must be."""
    lines, log = world.audited(), world.log()
    if world.raised():
        yield f"raised {world.raised()}"
    if "html" in log:
        yield "a page was logged"
    if not any(code in log for code in cell.kind.codes):
        yield f"none of {cell.kind.codes} was logged"
    if max(seen.verdicts, seen.details, seen.private, seen.explained) > 1:
        yield "said twice"
    # What Slack's API cannot tell (docs/operations.md): whether the very first message was posted.
    unknown = cell.trouble == "done, no answer" and cell.place == "first"
    if seen.stale > (2 if unknown and cell.action == "queued" else unknown):
        yield "work is under way for ever"
    if cell.action in RUNS:
        if len(lines) != 1:
            yield f"{len(lines)} audit lines"
            return
        yield from _run_faults(cell, world, seen, lines[0])
    else:
        if lines:
            yield "an audit line without a run"
        yield from _press_faults(cell, world, seen)


def _run_faults(cell: Cell, world: World, seen: Seen, line: dict[str, Any]) -> Iterator[str]:
    told, reached = line["told"], seen.verdicts + seen.private
    if cell.action == "event" and cell.kind.of_channel and cell.place == "first" and cell.times == "for ever":
        # Nobody asked, and the channel refuses: AWS is not asked for nobody.
        if (line["verdict"], told, len(world.script.asked)) != ("failed", "nowhere", 0):
            yield f"asked for nobody: {line}"
        return
    if line["verdict"] != "cause_found" or len(world.script.asked) != 1:
        yield f"asked {len(world.script.asked)} times: {line}"
    if told == "nowhere":
        if reached or not may_be_unheard(cell):
            yield "told nowhere"
    elif told == "channel":
        if (seen.verdicts, seen.private) != (1, 0):
            yield "not told in the channel"
        if (
            not seen.details
            and not seen.offered
            and TROUBLES[cell.trouble].fails.get("error") not in ("msg_blocks_too_long", "invalid_blocks")
        ):
            yield "the details are nowhere"
    elif cell.kind.unanswered or cell.url.endswith("no answer"):
        # It may be there once for everybody and once for the person, or not at all: then how to get it is said,
        # unless nothing works by which that could be.
        if reached + seen.words == 0 and not (told == "unsure" and may_be_unheard(cell)):
            yield "silence"
    elif (seen.verdicts, seen.private) != (0, 1):
        yield f"not told the person alone, as {told} says"


def may_be_unheard(cell: Cell) -> bool:
    """Nobody can be told: nothing works by which anybody could be."""
    dead = cell.action == "event" or cell.url != "works"
    # A channel that refuses leaves the direct message.
    return cell.times == "for ever" and dead and (cell.action == "event" or not cell.kind.of_channel)


def _press_faults(cell: Cell, world: World, seen: Seen) -> Iterator[str]:
    answered = {
        "explain": seen.explained,
        "post": seen.verdicts + seen.private,
        "show_details": seen.private,
    }[cell.action]
    unsure = cell.kind.unanswered or cell.url.endswith("no answer")
    if answered > 1 and not unsure:
        yield "answered twice"
    if cell.action == "show_details" and unsure:
        return
    heard = answered + seen.words
    if not heard and not may_be_unheard(cell):
        yield "silence"


@pytest.fixture(scope="module")
def here() -> Iterator[Bench]:
    with bench() as running:
        yield running


@pytest.mark.parametrize(("action", "place"), PLACES, ids=[" ".join(key) for key in PLACES])
def test_each_trouble_at_each_place(here: Bench, action: str, place: str) -> None:
    cells = [Cell(action, place, trouble, times) for trouble in TROUBLES for times in TIMES]

    done = [do(here, cell) for cell in cells if cell.makes_sense()]

    assert [str(cell) for cell in done if cell.wrong] == []
    assert len(done) > 30


@pytest.mark.parametrize(
    ("action", "place"), [key for key in PLACES if key[0] not in ("event", "show_details")], ids=" ".join
)
def test_each_trouble_where_the_response_url_fails_as_well(here: Bench, action: str, place: str) -> None:
    row = list(PLACES).index((action, place))
    cells = [
        Cell(action, place, trouble, list(TIMES)[(row + column) % 3], list(URLS)[(row + column // 3) % 5])
        for column, trouble in enumerate(TROUBLES)
    ]

    done = [do(here, cell) for cell in cells if cell.makes_sense()]

    assert [str(cell) for cell in done if cell.wrong] == []
