"""Items: every store gives the same answers to the same conditions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from bot.events.groups import EventGroup, EventGroups
from bot.stores.items import NOT_THERE, Items, Where, absent, at_most, equal, present
from bot.stores.sqlite import SqliteRuns
from bot.stores.table import DAY, Table
from demo.aws.remembered import remembering

REGION = "us-east-1"


class Clock:
    """Time that passes when it is told to."""

    now = 1_795_600_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def in_file(path: Path, clock: Clock) -> Iterator[Items]:
    runs = SqliteRuns(path / "runs.sqlite3", clock=clock)
    yield runs.items
    runs.close()


def in_memory(path: Path, clock: Clock) -> Iterator[Items]:
    runs = SqliteRuns(":memory:", clock=clock)
    yield runs.items
    runs.close()


def in_a_table(path: Path, clock: Clock) -> Iterator[Items]:
    with mock_aws(), remembering():
        client = boto3.client(
            "dynamodb", region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        client.create_table(
            TableName="items",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        yield Table(client, "items", clock=clock)


@pytest.fixture(params=[in_file, in_memory, in_a_table], ids=["file", "memory", "dynamodb"])
def items(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Items]:
    made: Callable[[Path, Clock], Iterator[Items]] = request.param
    yield from made(tmp_path, clock)


def test_what_is_written_is_read(items: Items) -> None:
    whole = {
        "name": "ünï 'q'",
        "number": 1795600000.123456,
        "yes": True,
        "set": frozenset({"b", "a"}),
        "data": "x",
    }
    assert items.read("k") is None

    assert items.write("k", whole)

    assert items.read("k") == whole
    assert items.write("k", {"name": "other"})
    assert items.read("k") == {"name": "other"}
    items.delete("k")
    items.delete("k")
    assert items.read("k") is None


def test_what_is_added(items: Items) -> None:
    assert items.alter("k", {"at": 1.0}, more={"seen": 1.0, "names": frozenset({"a"})}) == {
        "at": 1.0, "seen": 1.0, "names": frozenset({"a"}),
    }  # fmt: skip
    after = items.alter("k", {"at": 2.0}, more={"seen": 2.5, "names": frozenset({"b", "a"})})
    assert after == {"at": 2.0, "seen": 3.5, "names": frozenset({"a", "b"})}
    assert items.read("k") == after


A, B = equal("a", "x"), at_most("n", 5.0)


@pytest.mark.parametrize(
    ("where", "nothing", "there"),
    [
        ((), True, True),
        ((NOT_THERE,), True, False),
        (((equal("a", "x"),),), False, True),
        (((equal("a", "y"),),), False, False),
        (((equal("n", 5.0),),), False, True),
        (((equal("n", "5"),),), False, False),
        (((at_most("n", 5.0),),), False, True),
        (((at_most("n", 4.9),),), False, False),
        (((absent("b"),),), True, True),
        (((absent("a"),),), True, False),
        (((present("a"),),), False, True),
        (((present("b"),),), False, False),
        (((A, B),), False, True),
        (((A, at_most("n", 4.0)),), False, False),
        (((equal("a", "y"), B), (A,)), False, True),
        ((NOT_THERE, (A, B)), True, True),
        ((NOT_THERE, (equal("a", "y"), B), (at_most("n", 1.0),)), True, False),
    ],
)
def test_conditions(items: Items, where: Where, nothing: bool, there: bool) -> None:
    for key in ("write", "alter"):
        assert items.write(key, {"a": "x", "n": 5.0})
    assert items.write("write", {"new": True}, where) is there
    assert (items.alter("alter", {"new": True}, where) is not None) is there
    assert "new" in (items.read("write") or {}) or not there
    assert items.read("alter") == ({"a": "x", "n": 5.0} | ({"new": True} if there else {}))

    assert items.write("none", {"new": True}, where) is nothing
    assert (items.alter("no", {"new": True}, where) is not None) is nothing
    assert (items.read("none"), items.read("no")) == (({"new": True},) * 2 if nothing else (None, None))


def test_an_item_ends(items: Items, clock: Clock) -> None:
    items.write("k", {"a": "x"})
    clock.now += 29 * DAY
    assert items.alter("k", {"b": "y"}) == {"a": "x", "b": "y"}
    clock.now += 29 * DAY
    assert items.read("k") is not None
    clock.now += 2 * DAY

    assert items.read("k") is None
    assert items.write("k", {"a": "new"}, (NOT_THERE,))


def test_of_many_at_once_each_is_counted_and_one_is_first(items: Items) -> None:
    won: list[int] = []

    def work(number: int) -> None:
        if items.write("first", {"by": float(number)}, (NOT_THERE,)):
            won.append(number)
        items.alter("count", {"last": float(number)}, more={"seen": 1.0, "by": frozenset({str(number)})})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    counted = items.read("count")
    assert counted is not None
    assert counted["seen"] == 8
    assert counted["by"] == frozenset(map(str, range(8)))


# --- groups, which stand on items --------------------------------------------------------------------


def opened(groups: EventGroups, key: str, count: int = 1) -> EventGroup:
    group = groups.open(key, f"leader of {key}", datetime(2026, 11, 24, tzinfo=UTC), None)
    assert group is not None
    for _ in range(count - 1):
        group = groups.count(group) or group
    return group


def test_a_group_that_finds_its_home_is_counted_there_once(items: Items) -> None:
    groups = EventGroups(items, 1800)
    group, home = opened(groups, "a", 3), opened(groups, "home", 2)

    for _ in range(2):
        assert groups.find_home(group, home)
        group = groups.get("a") or group
        assert (group.home, group.moved) == (("home", "leader of home"), 3)
        assert (groups.get("home") or home).count == 5


def test_whoever_ended_before_the_home_counted_is_made_up_for(items: Items) -> None:
    groups = EventGroups(items, 1800)
    group, home = opened(groups, "a", 3), opened(groups, "home")
    items.alter("group#a", {"home": "home", "home_leader": home.leader, "moved": 3.0})
    # One more since, which its own event counts at home.
    group = groups.count(group) or group

    assert groups.find_home(group, home)

    assert (groups.get("home") or home).count == 1 + 3


def test_a_group_that_counted_meanwhile_is_looked_at_again(items: Items) -> None:
    groups = EventGroups(items, 1800)
    group, home = opened(groups, "a"), opened(groups, "home")
    later = groups.count(group)
    assert later is not None

    assert not groups.find_home(group, home)
    assert groups.find_home(later, home)

    assert (groups.get("home") or home).count == 3


def test_of_several_who_find_the_home_at_once_it_is_counted_once(items: Items) -> None:
    groups = EventGroups(items, 1800)
    group, home = opened(groups, "a", 4), opened(groups, "home")
    threads = [threading.Thread(target=groups.find_home, args=(group, home)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (groups.get("home") or home).count == 5
