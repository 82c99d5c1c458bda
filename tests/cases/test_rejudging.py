"""Judging a world again where only what differs is judged: the answer is that of judging all of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

import pytest
from pydantic import Field

from diagnostics import engine
from diagnostics.snapshot import Absent, Fact, Known, Model, known_or
from tests.build import changed, fargate, network, stopped
from tests.build.images import named
from tests.build.saved import case
from tests.cases.rejudging import Rejudging, alike, differences, judgement, reading
from tests.cases.saved import HIDDEN, without_one
from tests.faults.network.verdicts import HUB, PUBLIC, dialled


@pytest.mark.parametrize("name", ["demo-route-no-egress", "scp-denies", "healthy-ec2-bridge"])
def test_a_world_without_a_fact_is_judged_as_if_it_were_the_first(name: str) -> None:
    world = Rejudging(case(name))
    assert world.before == judgement(case(name))
    different = [path for path, less in without_one(case(name)) if world.judgement(less) != judgement(less)]
    assert different == []


class Inner(Model):
    fact: Fact[int] = Known[int](value=1)
    unread: int = 1

    @property
    def twice(self) -> int:
        return 2 * known_or(self.fact, 0)


class Outer(Model):
    inner: Inner = Inner()
    many: Mapping[str, Inner] = Field(default_factory=lambda: {"a": Inner(), "b": Inner()})
    listed: tuple[int, ...] = (1, 2)
    kept: str = "kept"


Read = Callable[[Outer], Any]
READ_THE_FACT: dict[str, Read] = {
    "its value": lambda outer: outer.inner.fact.value,
    "a property": lambda outer: outer.inner.twice,
    "through a helper": lambda outer: known_or(outer.inner.fact, 0),
    "compared": lambda outer: outer == Outer(),
    "compared inside": lambda outer: outer.inner in [Inner()],
    "hashed": lambda outer: {outer.inner},
    "dumped": lambda outer: outer.model_dump(),
    "as JSON": lambda outer: outer.model_dump_json(),
    "copied": lambda outer: outer.inner.model_copy(update={"unread": 2}),
    "copied by copy": lambda outer: copy.copy(outer),
    "copied in depth": lambda outer: copy.deepcopy(outer),
    "printed": repr,
    "gone through": dict,
    "as variables": lambda outer: vars(outer.inner),
    "by name": lambda outer: attrgetter("inner.fact.value")(outer),
    "matched": lambda outer: matched(outer.inner),
}


def matched(inner: Inner) -> int:
    match inner:
        case Inner(fact=Known(value=value)):
            return value
        case _:
            return 0


@pytest.mark.parametrize("read", READ_THE_FACT.values(), ids=READ_THE_FACT.keys())
def test_whichever_way_a_fact_is_read_it_is_seen(read: Read) -> None:
    outer = Outer()
    with reading() as reads:
        read(outer)
    for fact in (HIDDEN, Known[int](value=2)):
        other = outer.model_copy(update={"inner": Inner(fact=fact)})
        assert reads.any_of(list(differences(outer, other)))


NOT_READ: dict[str, Read] = {
    "nothing": lambda outer: None,
    "beside it": lambda outer: outer.inner.unread,
    "above it": lambda outer: outer.inner,
    "its type": lambda outer: isinstance(outer.inner, Absent),
    "another of its kind": lambda outer: outer.many["a"].fact,
}


@pytest.mark.parametrize("read", NOT_READ.values(), ids=NOT_READ.keys())
def test_what_is_not_read_is_not(read: Read) -> None:
    outer = Outer()
    with reading() as reads:
        read(outer)
    other = outer.model_copy(update={"inner": Inner(fact=HIDDEN)})
    assert not reads.any_of(list(differences(outer, other)))


def where(outer: Outer, other: Outer) -> list[tuple[int, str]]:
    """How many models deep each difference is, and the field."""
    return [(len(item.inside), item.name) for item in differences(outer, other)]


def test_what_differs_is_named_where_it_stands() -> None:
    def but(**fields: Any) -> Outer:
        return Outer().model_copy(update=fields)

    two = {"a": Inner(), "b": Inner(unread=2)}
    assert where(Outer(), Outer()) == []
    assert where(Outer(), but(kept="other")) == [(1, "kept")]
    assert where(Outer(), but(inner=Inner(unread=2))) == [(2, "unread")]
    assert where(Outer(), but(inner=Inner(fact=Known[int](value=2)))) == [(3, "value")]
    assert where(Outer(), but(inner=Inner(fact=HIDDEN))) == [(2, "fact")]
    assert where(Outer(), but(many=two)) == [(2, "unread")]
    assert where(Outer(), but(many=dict(reversed(two.items())))) == [(1, "many")]
    assert where(Outer(), but(many={"a": Inner()})) == [(1, "many")]
    assert where(Outer(), but(listed=(1, 3))) == [(1, "listed")]
    assert where(Outer(), but(listed=(1,))) == [(1, "listed")]
    # Equal, and still not the same.
    assert where(Outer(), but(listed=(True, 2))) == [(1, "listed")]


def test_only_what_looked_at_the_difference_is_judged_again() -> None:
    world = Rejudging(fargate())
    ran = {}
    for path, less in without_one(fargate()):
        world.judgement(less)
        ran[path[-1]] = set(world.ran)
    assert ran["pull_through_cache_rules"] == set()
    assert ran["inline_policy_names"] == {"permissions.pull"}
    assert "network.leg" in ran["route_tables"]
    assert "image.platform" not in ran["route_tables"]
    # Every leg is followed with both of them, and comes out as it was without.
    assert ran["vpc"] == ran["enable_dns_hostnames"] == set()


def test_traces_differ_also_in_what_blockers_leave_out_where_they_are_compared() -> None:
    world = engine.world_of(changed(fargate(), network.egress()))
    trace = world.trace(world.pull.legs[0], world.interfaces()[0])
    other = replace(trace, blockers=(replace(trace.blockers[0], peer_cidrs=("192.0.2.0/24",)),))
    assert trace == other
    assert alike(trace, replace(trace))
    assert not alike(trace, other)


def test_who_pulls_is_derived_again_only_where_what_tells_it_differs() -> None:
    world = Rejudging(fargate())
    pulls = {path[-1]: world.last.pull for path, less in without_one(fargate()) if world.judgement(less)}
    first = world.last.pull if world.judgement(fargate()) else None
    assert pulls["route_tables"] is first
    assert pulls["task_definition"] is not first


def test_a_text_or_another_image_is_judged_whole() -> None:
    world = Rejudging(changed(fargate(), dialled(PUBLIC)))
    for edit in (dialled(HUB), stopped("manifest unknown"), named("registry.corp.example/api:1")):
        other = changed(fargate(), edit)
        assert world.judgement(other) == judgement(other)
