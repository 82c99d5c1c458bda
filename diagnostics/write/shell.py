"""Words of a shell command. What AWS or a person named is one argument, whatever it holds.

For bash and zsh, pasted or run. Bash: https://www.gnu.org/software/bash/manual/bash.html#ANSI_002dC-Quoting
"""

from __future__ import annotations

import json
import re
import shlex
import unicodedata
from typing import Any

_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_IN_A_COMMENT = re.compile(r"[^\w ./:@=,+#-]")


def quoted(value: Any) -> str:
    """A value as one word of a command: text as it is, anything else as JSON.

    Line ends, control characters and direction marks are written as escapes (`$'a\\x0ab'`), so that a word never leaves its
    line, and a reader sees what the shell gets. No argument can hold a NUL; U+FFFD stands for it.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not any(unicodedata.category(char) in _HARMFUL for char in text):
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


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
