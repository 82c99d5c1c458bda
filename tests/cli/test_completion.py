"""The completion of the shells, tried by bash itself where it is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from diagnostics.__main__ import main
from diagnostics.commands.completing import SHELLS, whole
from diagnostics.commands.program import COMMANDS


def completion(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def test_every_command_is_completed() -> None:
    (commands,) = (action for action in whole()._actions if action.dest == "command")
    assert set(commands.choices or ()) == {*COMMANDS, "bot"}


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["pullcheck", "aud"], ["audit"]),
        (["pullcheck", "audit", "--c"], ["--cluster"]),
        (["pullcheck", "explain", "tag-not-f"], ["tag-not-found"]),
        (["pullcheck", "--format", "j"], ["json", "junit"]),
        (["pullcheck", "preflight", "--launch-type", "E"], ["EC2"]),
    ],
    ids=" ".join,
)
def test_bash_offers(
    words: list[str], offered: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "completion"
    script.write_text(completion("bash", capsys), encoding="utf-8")
    ask = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _shtab_pullcheck; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "-c", ask, str(script), *words], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert sorted(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_takes_what_is_printed(
    shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = completion(shell, capsys)
    assert "preflight" in text
    if shutil.which(shell):
        script = tmp_path / "completion"
        script.write_text(text, encoding="utf-8")
        subprocess.run([shell, "-n", str(script)], check=True)


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["completion", "tcsh"])
    assert left.value.code == 2
    assert "bash" in capsys.readouterr().err
