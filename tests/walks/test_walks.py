"""The walks of CONTRIBUTING.md, followed in a copy of the tree: what they name is enough, and all of it is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.walks.scratch import ROOT, Scratch, changes

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Walk:
    """One walk, with an example as a patch.

    `title` is its heading, `files` how many a person changes, and `stands_for` what the example puts for NAME.
    """

    title: str
    patch: str
    files: int
    stands_for: str = ""

    @property
    def text(self) -> str:
        """What CONTRIBUTING.md says."""
        page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
        (found,) = re.findall(rf"^## {self.title}\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
        return str(found)

    @property
    def diff(self) -> str:
        """The example."""
        return (HERE / self.patch).read_text("utf-8")

    @property
    def touches(self) -> set[str]:
        """The files that a person changes by hand."""
        return {change.file for change in changes(self.diff)}


FAULT = Walk("How to add a fault", "network_fault.diff", 5, "carrier_gateway_on_route")
CALL = Walk("How to add a call and its fact", "call.diff", 8)
BUTTON = Walk("How to add a button", "button.diff", 7, "unread")
WALKS = pytest.mark.parametrize("walk", [FAULT, CALL, BUTTON], ids=lambda walk: walk.patch)


@WALKS
def test_the_page_names_the_files_that_are_touched_and_no_other(walk: Walk) -> None:
    by_hand = " ".join(re.findall(r"^> (.*)$", walk.text, re.MULTILINE))
    named = {path.replace("NAME", walk.stands_for) for path in re.findall(r"`([\w/.-]+)`", by_hand)}
    assert named == walk.touches
    assert len(named) == walk.files


def test_a_new_network_fault(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tree")
    scratch.apply(FAULT.diff)
    assert scratch.touched() == FAULT.touches
    # Its world and repair, what is asked of every fault, and reports of other worlds, which must stay as they are.
    scratch.tests(
        "tests/faults/network/test_worlds.py", "tests/faults/network/test_fixes.py", "tests/test_contracts.py",
        "tests/cases/test_saved_cases.py",
        "-k", "carrier or every_kind or means_one or in_two_places or (golden_report and (healthy-nat or blackhole))",
        golden=True,
    )  # fmt: skip
    assert scratch.touched() - FAULT.touches == {
        "tests/golden/checks/network/carrier-gateway-on-route.txt",
        "tests/golden/fixes/network/carrier-gateway-on-route.txt",
    }
    said = (scratch.folder / "tests/golden/checks/network/carrier-gateway-on-route.txt").read_text("utf-8")
    assert "sends 0.0.0.0/0 to carrier gateway cagw-1." in said
    assert "Send the route to a NAT gateway" in scratch.python(
        "-m", "diagnostics", "explain", "carrier-gateway-on-route"
    )


def test_a_new_call_and_its_fact(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tree")
    scratch.apply(CALL.diff)
    assert scratch.touched() == CALL.touches
    scratch.tests(
        "tests/collect/test_calls.py", "tests/collect/test_perform.py::test_there_is_a_sample_of_every_operation",
        "tests/collect/test_perform.py::test_an_answer_is_known",
        "tests/collect/test_plan.py::test_carrier_gateways_are_asked_for_only_where_a_route_leads_to_one",
        "tests/bot/test_check.py::test_every_action_of_the_table_has_a_probe_that_aws_would_take",
    )  # fmt: skip
    scratch.python("-m", "tools.docs")
    made = scratch.touched() - CALL.touches
    assert {"docs/permissions.md", "docs/iam-policy.json", "deploy/read-policy.json"} <= made
    assert all(not name.endswith(".py") for name in made)
    assert "`ec2:DescribeCarrierGateways`" in (scratch.folder / "docs/permissions.md").read_text("utf-8")


def test_a_new_button(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tree")
    scratch.apply(BUTTON.diff)
    assert scratch.touched() == BUTTON.touches
    scratch.tests(
        "tests/handlers/test_kinds.py", "tests/bot/test_manifest.py",
        "tests/handlers/test_jobs.py::test_a_run_that_was_told_elsewhere_is_not_told_here[unread]",
        "tests/handlers/test_jobs.py::test_every_kind_of_job_gives_its_answer[unread]",
        "tests/handlers/test_views.py::test_every_kind_of_job_answers_with_views_that_are_tested",
        "tests/handlers/test_views.py::test_every_button_stands_on_a_message",
        "tests/handlers/test_views.py::test_the_messages_of_each_outcome",
        golden=True,
    )  # fmt: skip
    made = scratch.touched() - BUTTON.touches
    assert "tests/golden/slack/cause_found.unread.json" in made
    assert "pullcheck.unread" in (scratch.folder / "tests/golden/slack/cause_found.parent.json").read_text(
        "utf-8"
    )
    assert all(name.startswith("tests/golden/slack/") for name in made)
