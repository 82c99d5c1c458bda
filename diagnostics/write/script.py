"""Commands that are pasted at once, in bash or zsh: joined so that a failure stops them, with the ids that are made on the way.

Each block stands alone: `undo` and `verify` are pasted hours later, in a shell that knows none of `cli`'s variables.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

from diagnostics.write.paste import variables_read
from diagnostics.write.query import word
from diagnostics.write.shell import Variable, quoted
from diagnostics.write.snippets import PLACEHOLDERS

WAITS = 60
"""How often a wait looks before it gives up."""
SECONDS = 10
"""How long a wait pauses between two looks."""


class Asked(Variable):
    """A value that nobody but a person knows: a variable that is filled in by hand, with what it means."""

    meaning: str


def asked(name: str, meaning: str | None = None) -> Asked:
    """A value that a person fills in; `meaning` says what it is, as a noun phrase, by default that of `PLACEHOLDERS`.

    It stands in commands and JSON documents like any other value. `chain` asks for it in one place, first.
    """
    value = Asked(name)
    value.meaning = _plain(meaning or PLACEHOLDERS[name])
    return value


def chain(*commands: str | None) -> str:
    """Commands of which each runs only if the one before worked. What a person fills in is asked for at the top.

    An `Asked` among the commands is asked for, and so is every name of `PLACEHOLDERS` that they read as a variable.

    Raises:
        ValueError: they read a variable that nothing sets and that nobody is asked for.
    """
    parts = [part for part in commands if part and not isinstance(part, Asked)]
    wanted = {str(part): part.meaning for part in commands if isinstance(part, Asked)}
    text = " &&\n".join(parts)
    for name in variables_read(text):
        if name in wanted:
            continue
        if name not in PLACEHOLDERS:
            raise ValueError(f"nothing sets ${name}, and PLACEHOLDERS does not say what it is")
        wanted[name] = PLACEHOLDERS[name]
    names = "".join(f"{name}=\n" for name in wanted)
    checks = "".join(f': "${{{name}:?fill in {name}=, {meaning}}}" &&\n' for name, meaning in wanted.items())
    return f"{names}{checks}{text}"


def captured(name: str, command: str, query: str) -> str:
    """A command with its answer put into a variable: `query` is the JMESPath of one id. Used later as `Variable(name)`."""
    return f"{Variable(name)}=$({_one(command, query)})"


def found(name: str, command: str, query: str, what: str) -> str:
    """The same for what is looked up and may not be there: it stops, and says that there is no `what`."""
    stop = f'{{ [ "${{{name}:-None}}" != None ] || ! echo {quoted(f"There is no {_plain(what)}.")} >&2; }}'
    return f"{captured(name, command, query)} &&\n{stop}"


def wait_for(command: str, query: str, value: str) -> str:
    """A wait until a command's answer is a value, for what the CLI has no waiter for; it gives up after ten minutes.

    A failing command ends it. Waiters of the CLI are commands as any other: `aws ec2 wait nat-gateway-available …`.
    """
    reached = f'[ "$STATE" = {quoted(value)} ]'
    look = f"STATE=$({_one(command, query)})"
    return f"for LOOK in {{1..{WAITS}}}; do {look} || break; {reached} && break; sleep {SECONDS}; done && {reached}"


def free_name(wanted: str, taken: Collection[str] | None, of: str, most: int = 128) -> str:
    """A name for something new that replaces nothing: the wanted one, or that with a number where it is taken.

    Args:
        wanted: the name, of letters, digits and `-_.`.
        taken: the names that are there; `None` where they could not be read. Then the name ends in a digest of `of`.
        of: what the new thing is for, such as the ARN of the fault's resource: the same name comes out for the same thing.
        most: how long a name may be.
    """
    if taken is None:
        ending = f"-{hashlib.sha256(of.encode()).hexdigest()[:10]}"
        return f"{wanted[: most - len(ending)]}{ending}"
    endings = ("", *(f"-{number}" for number in range(2, len(taken) + 3)))
    names = (f"{wanted[: most - len(ending)]}{ending}" for ending in endings)
    return next(name for name in names if name not in taken)


def _one(command: str, query: str) -> str:
    return f"{command} --query {word(query)} --output text"


def _plain(words: str) -> str:
    """Words of ours that stand in double quotes and in `${…}`."""
    if not re.fullmatch(r"[\w ,.:;/()+-]+", words):
        raise ValueError(f"words of a question are plain, such as 'the id of a public subnet'; got {words!r}")
    return words
