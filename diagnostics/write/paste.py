"""What keeps commands from being pasted at once into an interactive bash or zsh, and from stopping at the first failure.

Bash: https://www.gnu.org/software/bash/manual/bash.html#Lists
zsh takes `#` for a command unless `INTERACTIVE_COMMENTS` is set: https://zsh.sourceforge.io/Doc/Release/Options.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_QUOTED = re.compile(
    r"""\$'(?:[^'\\]|\\.)*' | '[^']*' | (?P<double>"(?:[^"\\]|\\.)*") | (?P<line>\\\n[ ]*) | \\.""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_READ = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)")
_ASSIGNED = re.compile(r"(?:^|[\s;&|({])(?P<name>[A-Za-z_]\w*)=(?!=)|\bfor (?P<each>\w+) in\b", re.MULTILINE)
_TO_FILL_IN = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=")
_LOOP = re.compile(r"\b(?:for|while|until)\b[^\n]*?;\s*do\b[^\n]*;\s*done\b")
_TOLD = re.compile(r"\|\| ! (?:echo|printf)\b")
_HARMLESS_REDIRECTIONS = re.compile(r"[012&]?>(?:\s*/dev/null|&[12])")

_NESTED = "\0"
_NEVER: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:^|[\s;&|(])#", re.MULTILINE), "a comment, which an interactive zsh takes for a command"),
    (re.compile(r"['\"`]"), "a quote without its other half, or a backtick"),
    (re.compile(_NESTED), "a command within double quotes"),
    (re.compile(r"\\"), "a backslash that continues nothing"),
    (re.compile(r"<<"), "text for a command's input (<<), which depends on how it is pasted"),
    (re.compile(r">"), "it writes a file, which may be there already"),
    (re.compile(r"(?<!&)&(?!&)"), "a command in the background"),
    (re.compile(r"\|\|"), "it goes on after a failure (||)"),
    (re.compile(r";"), "commands that run whether those before failed or not (;)"),
    (re.compile(r"(?:^|&&|\{)\s*(?:exit|return|exec|set|logout)\b", re.MULTILINE), "it ends or changes the shell it is pasted into"),
)  # fmt: skip


def bare(commands: str) -> str:
    """Commands without what stands in quotes: of a text in double quotes only the variables that it reads are left."""
    return _QUOTED.sub(_bare_word, commands)


@lru_cache(1024)
def variables_read(commands: str) -> tuple[str, ...]:
    """The variables that commands read and do not set themselves before that, in their order."""
    text = bare(commands)
    set_at: dict[str, int] = {}
    for match in _ASSIGNED.finditer(text):
        set_at.setdefault(match["name"] or match["each"], match.end())
    read = ((match["name"], match.start()) for match in _READ.finditer(text))
    return tuple(dict.fromkeys(name for name, at in read if set_at.get(name, at + 1) > at))


# A repair is checked when it is made and whenever a copy of it is, and every leg that it repairs makes it again.
@lru_cache(1024)
def complaints(commands: str) -> tuple[str, ...]:
    """What is wrong with commands that are to be pasted at once, each in words."""
    return tuple(_complaints(commands)) if commands else ()


def _complaints(commands: str) -> Iterator[str]:
    text = bare(commands)
    without = _HARMLESS_REDIRECTIONS.sub("", _TOLD.sub("", _LOOP.sub("", text))).replace("; }", " }")
    for pattern, words in _NEVER:
        if pattern.search(without):
            yield words
    lines = text.split("\n")
    to_fill_in = [line for line in lines if _TO_FILL_IN.fullmatch(line)]
    if lines[: len(to_fill_in)] != to_fill_in:
        yield "what a person fills in does not stand first"
    for line in to_fill_in:
        if f"${{{line[:-1]}:?" not in commands:
            yield f"it runs while {line[:-1]} is empty"
    rest = lines[len(to_fill_in) :]
    for line in rest[:-1]:
        if not line.endswith((" &&", " |")):
            yield f"what follows runs though this failed: {line[:80]}"
    if not rest or not rest[-1].strip() or rest[-1].endswith(("&&", "|")):
        yield "it ends in nothing"
    for name in variables_read(commands):
        yield f"${name} is not set by these commands"


def _bare_word(match: re.Match[str]) -> str:
    if match["line"]:
        return " "
    if not match["double"]:
        return ""
    inside = _ESCAPED.sub("", match["double"][1:-1])
    return " ".join(item[0] for item in _READ.finditer(inside)) + (_NESTED if "$(" in inside else "")
