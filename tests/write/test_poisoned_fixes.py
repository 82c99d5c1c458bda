"""No text of a saved case becomes a command of a fix, an option or a file of the AWS CLI, or code.

Every case with each of its texts takes minutes: `POISON=all nice pytest tests/write/test_poisoned_fixes.py`. Otherwise
one case for each place that writes commands, as found by such a run.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from diagnostics.finding import Fix
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from tests import poison
from tests.build import saved
from tests.faults.network.rooms import CASES
from tests.faults.network.traces import fixed
from tests.write.attack import INSTEAD, SHELL, Room, commands, complaints, poisoned

ALL = os.environ.get("POISON") == "all"
ACCOUNT = "111122223333"
SHOWN = {
    "demo-repo-policy-denies": ("fraud-check",),
    "role-missing": (f"arn:aws:iam::{ACCOUNT}:role/orphaned-execution",),
    "endpoint-missing-ecr-dkr": ("vpc-c6859300c3cab2fe6",),
    "s3-endpoint-policy-denies-despite-nat": ("vpce-aa8e3fb170998201f",),
    "container-secret-missing": ("forgotten",),
    "instance-profile-missing": ("i-a2aa410579b672108",),
    "container-secret-access-denied": (
        f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:sealed-letter/database-ymGrNO",
    ),
    "public-subnet-no-public-ip": ("sg-7d167995d8407de7f",),
    "boundary-denies": (f"arn:aws:iam::{ACCOUNT}:policy/workload-boundary",),
    "tag-not-found": ("reports",),
}
NOTHING_TO_POISON = {
    # Their commands hold what the image's name says, and a name that Docker would not take makes another report.
    "image-region-unreachable",
    # No commands, or of instances only.
    "healthy-ec2-bridge", "healthy-ec2-closed-task-group", "instance-profile-permission-missing", "task-gone",
}  # fmt: skip


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A folder with programs that write down their arguments, and nothing else to run."""
    return Room.made_in(tmp_path)


@pytest.mark.parametrize("name", saved.NAMES if ALL else SHOWN)
def test_no_text_becomes_a_command(name: str, room: Room) -> None:
    content = saved.case_json(name)
    arrived = {SHELL: 0, **dict.fromkeys(INSTEAD, 0)}
    for value in poison.values(content) if ALL else SHOWN[name]:
        for text in arrived:
            report = poisoned(content, value, text)
            if report is None:
                continue
            told = list(complaints(report, text, room))
            assert not any(told), (value, text, *filter(None, told))
            arrived[text] += len(told)
    assert arrived[SHELL] or name in NOTHING_TO_POISON


@pytest.mark.parametrize("name", saved.NAMES)
def test_no_comment_acts_in_a_shell_that_takes_it_for_a_command(name: str) -> None:
    """An interactive zsh reads `#` as a command, unless `INTERACTIVE_COMMENTS` is set, and the words behind it."""
    for where, block in commands(build(Snapshot.model_validate(saved.case_json(name)))):
        for line in block.splitlines():
            assert not line.startswith("#") or not re.search(r"['\"`$!;&|<>()*?\\]", _prose(line)), (
                where,
                line,
            )


def _prose(line: str) -> str:
    """A comment without the second way that some still hold, a whole command."""
    return line if not line.startswith("# aws ") else "#"


@pytest.mark.parametrize("text", INSTEAD)
def test_nor_does_one_of_a_repair_that_no_saved_case_has(text: str, room: Room) -> None:
    """A repair that is another one with other commands, as a run over the rooms' own tables found it."""
    case = next(item for item in CASES if (item.fault, item.name) == ("endpoint-not-available", "failed"))
    blocker = replace(case.blocker, endpoint_id=text)  # type: ignore[call-arg]
    fix = fixed(case.snapshot, case.leg, blocker, case.via, text)

    report = SimpleNamespace(causes=[SimpleNamespace(id=case.fault, fix=fix, alternatives=())])
    told = list(complaints(report, text, room))  # type: ignore[arg-type]

    assert told
    assert not any(told)


def test_a_copy_of_a_fix_with_other_commands_is_held_against_the_same_rules() -> None:
    copy = Fix(text="Wait.").model_copy(
        update={"cli": "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids '-x'"}
    )
    assert copy == Fix(text="Wait.", cli="aws ec2 delete-vpc-endpoints --vpc-endpoint-ids='-x'")
