"""How much a reader meets before they unfold anything, in every world of the saved cases: verdict, command, how to see that it worked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from handlers.views.details import details
from handlers.views.parent import parent
from handlers.views.size import SHORT, VISIBLE, visible
from tests.build.reports import TARGET
from tests.cases.saved import NAMES, judged
from tests.handlers.answers import ALICE
from tests.handlers.test_views import sent


class Longer(NamedTuple):
    """Why a reply is longer than `VISIBLE`, and how long it may be."""

    why: str
    most: int


LONGER: Mapping[str, Longer] = {
    "image-region-unreachable": Longer(
        "two registries are logged in to, a repository made and an image copied before a revision names it",
        2650,
    ),
    "container-secret-missing": Longer(
        "a secret is made and the role allowed to read it before a revision names it", 2050
    ),
    "role-explicit-deny": Longer(
        "a Deny of ecr:* is written without three of its actions, which IAM can only say by naming the others",
        1550,
    ),
    "repo-not-found": Longer("it looks first whether the other repository has the tag", 1400),
}
"""The worlds whose command alone leaves no room for what stands around it."""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_seen_of_a_reply_is_short(name: str) -> None:
    report = judged(name)
    seen = visible(sent(details(report))["blocks"])
    if name not in LONGER:
        assert seen <= VISIBLE
        return
    assert VISIBLE < seen <= LONGER[name].most
    assert report.cause is not None
    assert len(report.cause.fix.cli or "") > 1000


@pytest.mark.parametrize("name", NAMES)
def test_what_is_seen_of_a_parent_is_short(name: str) -> None:
    assert visible(sent(parent(judged(name), run_id="1", target=TARGET, by=ALICE))["blocks"]) <= SHORT


def test_an_exception_is_of_a_world_and_has_a_reason() -> None:
    assert set(LONGER) <= set(NAMES)
    assert all(len(item.why.split()) > 6 for item in LONGER.values())
