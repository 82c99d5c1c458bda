"""What may reach a terminal: text without control characters and without characters that reorder or hide text.

The one gate of the command line. Names, reasons and paths come from AWS, from a saved case or from an argument, and may
hold escape sequences (ECMA-48), C1 controls, Unicode's direction marks and characters of no width. They are shown as
escapes (`\\x1b`, `\\u202e`) and not dropped: a mark of no width in an image's name may be the very fault.
Unicode: https://www.unicode.org/reports/tr36/ (section 3, bidirectional text spoofing)
"""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata

_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_OURS = {"✗": "x", "✓": "v", "→": "->", "·": "-", "…": "...", "–": "-", "—": "-", "’": "'"}
"""Our own marks where the output cannot show them."""
ON_PLAIN_TERMINALS = "pullcheck-plain"
"""The name of the error handler for streams that cannot encode a character."""


def harmless(text: str) -> str:
    """The text with each control, direction and invisible character written as an escape; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    # By the few characters that a text is made of: a report holds thousands.
    escapes = {
        ord(char): _escaped(char)
        for char in set(text)
        if char not in "\n\t" and unicodedata.category(char) in _HARMFUL
    }
    return text.translate(escapes) if escapes else text


def one_line(text: str) -> str:
    """`harmless`, with line ends as escapes too: a name must not draw a line of its own."""
    return harmless(text).replace("\n", "\\n")


def escaped_json(text: str, *, ascii_only: bool = False) -> str:
    """JSON text, the same values, with C1 controls, DEL, direction marks and the like as `\\u` escapes.

    `ascii_only` escapes whatever an ASCII terminal cannot show. Such characters only stand inside of JSON's strings.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    escapes = {
        ord(char): _as_json(char)
        for char in set(text)
        if char == "\x7f" or (not char.isascii() and (ascii_only or unicodedata.category(char) in _HARMFUL))
    }
    return text.translate(escapes) if escapes else text


def _escaped(char: str) -> str:
    if char == "\r":
        return "\\r"
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _as_json(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _shown_plainly(error: UnicodeError) -> tuple[str, int]:
    """The error handler of streams without Unicode: our marks in ASCII, other characters as escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_OURS.get(char, _escaped(char)) for char in text), error.end


codecs.register_error(ON_PLAIN_TERMINALS, _shown_plainly)


def show_what_can_be_shown() -> None:
    """Let standard output and error write every character in some form, whatever their encoding (`LC_ALL=C`)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=ON_PLAIN_TERMINALS)


def shows_ascii_only() -> bool:
    """That standard output cannot show what is outside of ASCII."""
    return not re.match(r"utf", (getattr(sys.stdout, "encoding", None) or "utf-8"), re.IGNORECASE)
