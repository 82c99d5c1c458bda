"""Blocks of commands: what is refused, and what bash and zsh make of what `chain` and its parts write."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from diagnostics.finding import LEFT_OUT, Fault, Fix, Outcome, Status
from diagnostics.write import Variable, asked, captured, chain, found, free_name, quoted, wait_for
from diagnostics.write.paste import complaints, variables_read
from diagnostics.write.script import WAITS
from diagnostics.write.snippets import PLACEHOLDERS, command
from tests.write.attack import SHELL, Room

SHELLS = [
    pytest.param(shutil.which(name), id=name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"NO {name} HERE"))
    for name in ("bash", "zsh")
]  # fmt: skip
GATEWAY = Variable("NAT_GATEWAY_ID")
FAULT = Fault(id="x", kind="network", title="X", why="", how="", source="")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A folder with programs that write down their arguments, and nothing else to run."""
    return Room.made_in(tmp_path)


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "commands",
    [
        "aws x",
        "aws x &&\naws y",
        "aws x --a 'it''s; # > | & $NOT \" ` \\' &&\naws y --b $'a\\'b; # $NOT'",
        "A=$(aws x --query 'a || b') &&\naws y --a \"$A\" --b '{\"c\":\"'\"$A\"'\"}'",
        "ID=\n: \"${ID:?fill in ID=, it's; > \\\" it}\" &&\naws x --a \"$ID\"",
        "aws x --a \\\n  b &&\naws y",
        "aws get-login-password | docker login --password-stdin 1.example.com",
        "for I in {1..3}; do aws x >/dev/null 2>&1 && break; sleep 1; done && aws y",
        "A=$(aws x) &&\n{ [ \"${A:-None}\" != None ] || ! echo 'none; # left' >&2; }",
        "B=2 && aws x --c \"$B\"",
        "",
    ],
)  # fmt: skip
def test_what_can_be_pasted(commands: str) -> None:
    assert list(complaints(commands)) == []


@pytest.mark.parametrize(
    ("commands", "says"),
    [
        ("# a comment\naws x", "a comment"),
        ("aws x &&\naws y # why", "a comment"),
        ("aws x\naws y", "what follows runs though this failed"),
        ("aws x &&\naws y;", "(;)"),
        ("aws x; aws y", "(;)"),
        ("aws x || aws y", "(||)"),
        ("aws x &", "in the background"),
        ("aws x > file", "writes a file"),
        ("aws x >> file", "writes a file"),
        ("aws x <<EOF &&\nEOF", "(<<)"),
        ("aws x --a 'b", "without its other half"),
        ("aws x --a `date`", "backtick"),
        ('aws x --a "$(date)"', "within double quotes"),
        ("aws x &&", "ends in nothing"),
        ("aws x &&\n", "ends in nothing"),
        ("aws x\n\naws y", "what follows runs though this failed"),
        ('aws x --a "$ID"', "$ID is not set"),
        ('aws x --a "$ID" &&\nID=$(aws y)', "$ID is not set"),
        ('aws x --a "a $ID b"', "$ID is not set"),
        ('ID=\naws x --a "$ID"', "while ID is empty"),
        ('aws x &&\nID=\naws y --a "$ID"', "does not stand first"),
        ("set -e &&\naws x", "changes the shell"),
        ("aws x &&\nexit", "ends or changes the shell"),
    ],
)
def test_what_cannot(commands: str, says: str) -> None:
    assert any(says in one for one in complaints(commands)), list(complaints(commands))


@pytest.mark.parametrize(
    ("fix", "says"),
    [
        (Fix(title="A", text="", cli="aws x\naws y", undo="aws z"), "cli: what follows"),
        (Fix(title="A", text="", cli="aws x", undo="aws y\naws z"), "undo: what follows"),
        (Fix(title="A", text="", cli="aws x"), "neither undo, nor undo_note"),
        (Fix(title="A", text="", cli="aws x", undo="aws y", verify="aws z"), "verify and expect"),
        (Fix(title="A", text="", cli="aws x", undo="aws y", expect="z"), "verify and expect"),
    ],
)
def test_no_room_answers_with_half_a_fix(fix: Fix, says: str) -> None:
    # The cause must not be lost with it.
    shown = Outcome(fault=FAULT, status=Status.FAIL, summary="", fix=fix, alternatives=(fix,))
    for item in (shown.fix, *shown.alternatives):
        assert item is not None
        assert f"{LEFT_OUT}: {says}" in item.text
        assert (item.cli, item.verify, item.expect, item.undo) == (None, None, None, None)
    assert Fix.model_validate(fix.model_dump()) == fix  # What an earlier version kept is still read.


def test_another_way_has_a_title() -> None:
    whole = Fix(title="A", text="", cli="aws x", undo_note="It only asks.", verify="aws y", expect="")
    outcome = Outcome(fault=FAULT, status=Status.FAIL, summary="", fix=whole, alternatives=(whole,))
    assert outcome.alternatives == (whole,)
    outcome = Outcome(
        fault=FAULT, status=Status.FAIL, summary="", fix=whole, alternatives=(Fix(text="Wait."),)
    )
    assert [item.title for item in outcome.alternatives] == ["Otherwise"]


# --- what is written ---------------------------------------------------------------------------------


def run(shell: str, script: str, room: Room, aws: str = "echo x") -> tuple[list[list[str]], int, str]:
    """What the programs were given, the exit status and what the shell said. `aws` also does what is said."""
    program = room.folder / "bin" / "aws"
    before = program.read_text("utf-8").removesuffix("echo x\n")
    program.write_text(f"{before}{aws}\n", "utf-8")
    # The one of the room notes that it was called.
    (room.folder / "bin" / "sleep").unlink(missing_ok=True)
    (room.folder / "bin" / "sleep").symlink_to("/bin/true")
    log = room.folder / "log"
    done = subprocess.run(
        [shell, "-f" if shell.endswith("zsh") else "--norc", "-c", script],
        cwd=room.folder / "work", env={"PATH": f"{room.folder / 'bin'}", "LOG": str(log)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    calls = log.read_text("utf-8").split("\0\1\0") if log.exists() else []
    return [call.split("\0")[1:] for call in calls if call], done.returncode, done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_an_id_that_is_made_on_the_way_is_taken_along(shell: str, room: Room) -> None:
    script = chain(
        captured("NAT_GATEWAY_ID", "aws make", "Nat.Id"),
        None,
        f"aws use --id {quoted(GATEWAY)} --filters {quoted([{'Name': SHELL, 'Values': [GATEWAY, 'b']}])}",
    )
    calls, status, _ = run(shell, script, room, "echo nat-1")
    assert not list(complaints(script))
    assert status == 0
    assert calls[0] == ["make", "--query", "Nat.Id", "--output", "text"]
    assert calls[1][:3] == ["use", "--id", "nat-1"]
    assert '"Values":["nat-1","b"]' in calls[1][4]
    assert not room.made()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_failure_stops(shell: str, room: Room) -> None:
    calls, status, _ = run(shell, chain(captured("ID", "aws make", "Id"), "aws use"), room, "false")
    assert [call[0] for call in calls] == ["make"]
    assert status != 0


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_person_knows_is_asked_for_first(shell: str, room: Room) -> None:
    vpc = asked("VPC_ID")
    script = chain("aws a", command("r", "ec2", "b", vpc_id=vpc, filters=[{"Values": [vpc]}]))
    first, *rest = script.split("\n")
    assert first == "VPC_ID="
    assert not list(complaints(script))
    calls, status, error = run(shell, script, room)
    assert (calls, status != 0) == ([], True)
    assert PLACEHOLDERS["VPC_ID"] in error
    calls, status, _ = run(shell, "\n".join((f"{first}vpc-1", *rest)), room)
    assert status == 0
    assert calls[1] == [
        "ec2",
        "b",
        "--vpc-id",
        "vpc-1",
        "--filters",
        '[{"Values":["vpc-1"]}]',
        "--region",
        "r",
    ]


def test_each_is_asked_for_once_and_means_what_is_said() -> None:
    own = asked("WHICH_TAG", "a tag that exists")
    script = chain(own, f"aws a --x {quoted(own)} --y {quoted(asked('VPC_ID'))}", f"aws b --x {quoted(own)}")
    assert script.split("\n")[:4] == [
        "WHICH_TAG=", "VPC_ID=", ': "${WHICH_TAG:?fill in WHICH_TAG=, a tag that exists}" &&',
        f': "${{VPC_ID:?fill in VPC_ID=, {PLACEHOLDERS["VPC_ID"]}}}" &&',
    ]  # fmt: skip


def test_nobody_is_asked_for_what_is_only_said() -> None:
    script = chain(f"aws a --x {quoted('$VPC_ID')} --y {quoted({'z': '${VPC_ID}'})}")
    assert script == f"aws a --x '$VPC_ID' --y {quoted({'z': '${VPC_ID}'})}"
    assert variables_read(script) == ()


def test_a_variable_that_nothing_sets_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing sets \\$LOST_ID"):
        chain(f"aws a --x {quoted(Variable('LOST_ID'))}")


@pytest.mark.parametrize("name", ["PATH", "a", "A-B", "1A", "HOME", 'A"$(x)'])
def test_a_variable_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="such as NAT_GATEWAY_ID"):
        Variable(name)


@pytest.mark.parametrize("meaning", ["it's", "a $(x)", 'a "b"', "a }", "a\nb", "`x`"])
def test_a_question_is_of_plain_words(meaning: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        asked("VPC_ID", meaning)


@pytest.mark.parametrize("shell", SHELLS)
def test_pasted_into_an_interactive_shell_it_stops_and_the_shell_stays(shell: str, room: Room) -> None:
    script = chain(f"aws a --x {quoted(asked('VPC_ID'))}", "aws b")
    log = room.folder / "log"
    done = subprocess.run(
        [shell, "-f" if shell.endswith("zsh") else "--norc", "-i"],
        input=f"{script}\necho still here\n", env={"PATH": f"{room.folder / 'bin'}", "LOG": str(log), "TERM": "dumb"},
        cwd=room.folder / "work", capture_output=True, text=True, check=False, start_new_session=True,
    )  # fmt: skip
    assert "still here" in done.stdout
    assert PLACEHOLDERS["VPC_ID"] in done.stderr
    assert not log.exists()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("answers", "looks", "goes_on"),
    [("echo deleted", 1, True), ("echo deleting", WAITS, False), ("false", 1, False)],
    ids=["there", "never", "fails"],
)
def test_a_wait_ends(shell: str, answers: str, looks: int, goes_on: bool, room: Room) -> None:
    script = chain(wait_for("aws look", "Vpcs[?State!=`deleted`].State", "deleted"), "aws go")
    assert not list(complaints(script))
    calls, status, _ = run(shell, script, room, answers)
    assert [call[0] for call in calls] == ["look"] * looks + ["go"] * goes_on
    assert (status == 0) is goes_on


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("answer", "goes_on"), [("eni-1", True), ("None", False), ("''", False)])
def test_what_is_looked_up_is_there_or_it_stops(shell: str, answer: str, goes_on: bool, room: Room) -> None:
    script = chain(found("ENI_ID", "aws look", "X[0].Id", "interface of that name"), "aws go")
    assert not list(complaints(script))
    calls, status, error = run(shell, script, room, f"echo {answer}")
    assert [call[0] for call in calls] == ["look"] + ["go"] * goes_on
    assert (status == 0) is goes_on
    assert ("There is no interface of that name." in error) is not goes_on


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ((), "pull"),
        (("x",), "pull"),
        (("pull",), "pull-2"),
        (("pull", "pull-2", "pull-4"), "pull-3"),
        (None, "pull-0b4c06cb20"),
    ],
)
def test_a_free_name(taken: tuple[str, ...] | None, name: str) -> None:
    assert free_name("pull", taken, "arn:aws:iam::1:role/r") == name


def test_a_free_name_is_short_enough_and_its_own() -> None:
    assert free_name("a" * 200, ("a" * 128,), "x") == "a" * 126 + "-2"
    assert len(free_name("a" * 200, None, "x")) == 128
    assert free_name("a", None, "x") != free_name("a", None, "y")
