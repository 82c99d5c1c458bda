"""Words of a shell command. What AWS or a person named is one argument, whatever it holds, and is taken as it stands.

For bash and zsh, pasted or run. Bash: https://www.gnu.org/software/bash/manual/bash.html#ANSI_002dC-Quoting
The AWS CLI reads a file where a value begins with `file://` or `fileb://`, and version 1 calls the address where one
begins with `http://` or `https://`:
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html,
https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html#cliv2-migration-paramfile
So it does behind `@=` in a structure: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
"""

from __future__ import annotations

import itertools
import json
import re
import shlex
import unicodedata
from collections.abc import Mapping
from typing import Any, Self

_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_READ_BY_THE_CLI = ("file://", "fileb://", "http://", "https://")
_WORD = re.compile(r"""(?:\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+""", re.DOTALL)
_READ_IN_A_STRUCTURE = re.compile(r"@(?=\s*=\s*[\"']?(?:fileb?|https?)://)")
_OPTION = re.compile(r"--[a-z][a-z0-9-]*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
_OF_THE_SHELL = frozenset(
    ("PATH", "HOME", "IFS", "CDPATH", "FPATH", "UID", "EUID", "PWD", "OLDPWD", "SHELL", "PROMPT", "RANDOM", "SECONDS", "LINENO",
     "STATUS", "USERNAME", "ENV", "HISTFILE")
)  # fmt: skip
_MEANS_MORE = re.compile(r'["$`\\]|!(?![ =])')
_IN_A_COMMENT = re.compile(r"[^\w ./:@=,+#-]")


class Variable(str):
    """A variable that the same commands set, by its name; as a value it stands for what the variable holds.

    Raises:
        ValueError: the name is not one of capitals, digits and `_`, or means something to a shell.
    """

    def __new__(cls, name: str) -> Self:
        if not _VARIABLE.fullmatch(name) or name in _OF_THE_SHELL:
            raise ValueError(f"a variable's name is of capitals, such as NAT_GATEWAY_ID; got {name!r}")
        return super().__new__(cls, name)


class OwnFile(str):
    """The name of a file that the commands themselves make, and that an option reads."""

    __slots__ = ()


def quoted(value: Any) -> str:
    """A value as one word of a command: text as it is, anything else as JSON.

    Line ends, control characters and direction marks are written as escapes (`$'a\\x0ab'`), so that a word never leaves its
    line, and a reader sees what the shell gets. No argument can hold a NUL; U+FFFD stands for it. A `Variable`, also one
    within JSON, is read by the shell.
    """
    if isinstance(value, Variable):
        return f'"${value}"'
    if reads_variables(value):
        return _with_variables(value)
    if isinstance(value, OwnFile):
        return shlex.quote(f"file://{value}")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.startswith(_READ_BY_THE_CLI):
        # No name of AWS looks like that, and the CLI knows no escape: with a space it is refused, not followed.
        text = f" {text}"
    elif not text.startswith(("{", "[")):
        text = _READ_IN_A_STRUCTURE.sub("%40", text)
    word = _word(text)
    return f"'{word}'" if word.startswith("-") else word


def reads_variables(value: Any) -> bool:
    """True if some text of a structure is a `Variable`."""
    if isinstance(value, Mapping):
        return any(map(reads_variables, value.values()))
    return (
        any(map(reads_variables, value)) if isinstance(value, (list, tuple)) else isinstance(value, Variable)
    )


def _word(text: str) -> str:
    # What can be printed has no harmful one, and is told at once.
    if not text.isprintable() and any(unicodedata.category(char) in _HARMFUL for char in text):
        return "$'" + "".join(map(_escaped, text)) + "'"
    if "'" in text and not text.startswith("-") and stays_in_double_quotes(text):
        return f'"{text}"'
    return shlex.quote(text)


def stays_in_double_quotes(text: str) -> bool:
    """True if a text in double quotes means itself to bash and zsh, also pasted, where `!` calls an earlier command back.

    https://www.gnu.org/software/bash/manual/bash.html#History-Interaction,
    https://zsh.sourceforge.io/Doc/Release/Expansion.html#History-Expansion
    """
    return text.isprintable() and not _MEANS_MORE.search(text)


def _with_variables(value: Any) -> str:
    """JSON as one word, with the shell's variables outside of its single quotes. What they hold is an id, of no quotes."""
    plain = json.dumps(value, ensure_ascii=False)
    mark = next(text for text in (f"@{number}@" for number in itertools.count()) if text not in plain)

    def marked(item: Any) -> Any:
        if isinstance(item, Variable):
            return f"{mark}{item}{mark}"
        if isinstance(item, Mapping):
            return {key: marked(one) for key, one in item.items()}
        return [marked(one) for one in item] if isinstance(item, (list, tuple)) else item

    parts = json.dumps(marked(value), ensure_ascii=False, separators=(",", ":")).split(mark)
    # Between two marks stands a name, since no other text holds the mark.
    return "".join(f'"${part}"' if place % 2 else _word(part) for place, part in enumerate(parts))


def bound(commands: str) -> str:
    """Commands in which no value of `quoted` is taken for an option: `--role-name '-x'` becomes `--role-name='-x'`.

    Role names, families and secrets may begin with `-`. Elsewhere than right behind an option (in a list of values, as an
    image) such a value gets a space before it and is refused by whatever reads it.
    """
    if "'-" not in commands:
        return commands
    parts: list[str] = []
    end, before = 0, ""
    for match in _WORD.finditer(commands):
        gap, word = commands[end : match.start()], match[0]
        if not word.startswith(("'-", "$'-")):
            parts += (gap, word)
        elif gap == " " and _OPTION.fullmatch(before):
            parts += ("=", word)
        else:
            parts += (gap, word.replace("'-", "' -", 1))
        end, before = match.end(), word
    return "".join((*parts, commands[end:]))


def named(text: str) -> str:
    """A name in a comment of a command, of Terraform or of YAML: on that line, and without what a shell would act on.

    An interactive zsh takes `#` for a command and reads the rest of the line (unless `INTERACTIVE_COMMENTS` is set), so a
    quote, `;` or `$(` must not stand in a comment either.
    """
    return _IN_A_COMMENT.sub("_", text)


def _escaped(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if char == "\0":
        char = "\ufffd"
    if unicodedata.category(char) not in _HARMFUL:
        return char
    # By bytes: the bash of macOS does not know \u.
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
