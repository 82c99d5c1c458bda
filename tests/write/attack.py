"""Saved cases whose texts somebody else chose, and the fixes that follow from them in a real bash.

The programs of a fix are stand-ins that write down what they are given and do nothing.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from diagnostics.finding import Fix, Report
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from tests import poison

SHELL = "'\"`>pwned`$(>pwned);>pwned\n>pwned #\u202e\x1b&& >pwned|>pwned ${x}%{y} *\\ !-- \x9b\rzzz"
"""What a shell, Terraform or a terminal would act on."""
INSTEAD = ("file:///pwned", "http://127.0.0.1:9/pwned", "-pwned", "--endpoint-url=http://127.0.0.1:9/pwned")
"""What the AWS CLI would act on; it stands in the place of a value, not behind it."""
PROGRAMS = ("aws", "docker", "jq", "sudo", "curl", "sleep")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+=,.@-]*")
"""A new name that was made of a text, such as that of a policy."""
BASH = shutil.which("bash") or "/bin/bash"


class Room(NamedTuple):
    """A folder to run commands in, with nothing but stand-ins to run."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path) -> Room:
        """The room, with its programs written."""
        (folder / "bin").mkdir()
        (folder / "work").mkdir()
        for name in PROGRAMS:
            file = folder / "bin" / name
            file.write_text(
                f'#!{BASH}\nprintf \'%s\\0\' "${{0##*/}}" "$@" $\'\\1\' >> "$LOG"\necho x\n', encoding="utf-8"
            )
            file.chmod(0o755)
        return cls(folder)

    def run(self, script: str) -> tuple[list[list[str]], str]:
        """What the programs were given, and what bash complained about."""
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        done = subprocess.run(
            [BASH, "--noprofile", "--norc", "-c", script],
            cwd=self.folder / "work",
            env={"PATH": str(self.folder / "bin"), "LOG": str(log), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            check=False,
        )
        words = log.read_bytes().decode("utf-8", "surrogateescape").split("\0\1\0") if log.exists() else []
        return [item.split("\0") for item in words if item], done.stderr.decode()

    def made(self) -> list[str]:
        """The names of files that the commands made which they should not."""
        return [item.name for item in (self.folder / "work").iterdir() if "pwned" in item.name]


def commands(report: Report) -> Iterator[tuple[str, str]]:
    """Every block to paste, with its place."""
    for cause, fix in fixes(report):
        for name in ("cli", "verify", "undo"):
            text = getattr(fix, name)
            if text:
                yield f"{cause} {name}", text


def fixes(report: Report) -> Iterator[tuple[str, Fix]]:
    """Every way to repair each cause."""
    for cause in report.causes:
        yield from ((cause.id, fix) for fix in (cause.fix, *cause.alternatives))


def poisoned(content: Any, value: str, text: str) -> Report | None:
    """The report on a case with the text behind the value, or in its place; none where it is no case any more."""
    change = poison.replaced if text in INSTEAD else poison.poisoned
    try:
        return build(Snapshot.model_validate(change(content, value, text)))
    except ValidationError:
        return None


def complaints(report: Report, text: str, room: Room) -> Iterator[str]:
    """What is wrong with the fixes of a report on a case that holds the text; an empty one for each word that is right."""
    for where, block in commands(report):
        if "pwned" in block:
            yield from (f"{why}: {where}: {block}" if why else "" for why in _of_block(block, text, room))
    for cause, fix in fixes(report):
        terraform = fix.terraform or ""
        if re.search(r"(?<!\$)\$\{x|(?<!%)%\{y", terraform):
            yield f"a template: {cause} terraform: {terraform}"
        for code in (terraform, fix.cloudformation or ""):
            if re.search("^>pwned|[\u202e\x1b\x9b\r]", code, re.MULTILINE):
                yield f"a line of its own, or a control character: {cause}: {code}"


def _of_block(block: str, text: str, room: Room) -> Iterator[str]:
    if not block.replace("\n", "").isprintable() or "\n>pwned" in block:
        yield "a control character, or a line of its own"
    # What a person fills in is a plain text.
    calls, error = room.run(re.sub(r"^([A-Z][A-Z0-9_]*)=$", r"\1=filled-in", block, flags=re.MULTILINE))
    if room.made():
        yield "it ran"
    if re.search("syntax error|command not found|unexpected", error):
        yield error.strip()
    if not calls:
        yield "nothing was called"
    if not {item[0] for item in calls} <= set(PROGRAMS):
        yield "another program was called"
    for word in (word for item in calls for word in item if "pwned" in word):
        rest = word
        for form in _forms(text):
            rest = rest.replace(form, "")
        if "pwned" in rest and text == SHELL and not _PLAIN.fullmatch(word):
            yield f"{word!r} is not as it was"
        elif re.match("(?:--[a-z0-9-]+=)?(?:fileb?|https?)://", word):
            yield f"the AWS CLI reads {word!r}"
        elif word.startswith("-") and (word.startswith(INSTEAD) or not re.match("--[a-z0-9-]+=", word)):
            yield f"{word!r} is taken for an option"
        else:
            yield ""


def _forms(text: str) -> tuple[str, ...]:
    """The text, and as it stands inside of JSON, once and twice, in either of JSON's ways to write it."""
    found = [text]
    for ensure_ascii in (False, True):
        once = json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]
        found += [once, json.dumps(once, ensure_ascii=ensure_ascii)[1:-1]]
        # In a query, whose JSON ends at a backtick and stands in single quotes.
        found.append(once.replace("`", "\\u0060").replace("'", "\\u0027"))
    return tuple(found)
