"""The command line: `python -m diagnostics TARGET` says why a task could not pull its image.

Exit status: 0 nothing stops a pull, or it was no pull failure; 1 a cause was found; 2 the input or usage is wrong;
3 undecided, or the task is gone and nothing else tells; 4 AWS could not be reached at all. 70 and 74 are those of
sysexits.h: pullcheck itself failed; its answer could not be written.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module

from diagnostics.commands.answering import (
    FAILED_ITSELF,
    NOT_READ_TO_THE_END,
    NOT_WRITTEN,
    NotWrittenError,
    drop_output,
    failing,
    say,
)
from diagnostics.render import show_what_can_be_shown

COMMANDS = {
    "audit": "auditing:command",
    "explain": "explaining:explain",
    "list": "explaining:list_all",
    "preflight": "preflighting:command",
}
"""By its first word: the module and the function in `diagnostics.commands`. Any other word is a target."""
DIAGNOSE = "diagnosing:command"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None:
        # Closed by the caller (`>&-`), who wants the status only.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    show_what_can_be_shown()
    try:
        if words and words[0] in COMMANDS:
            return _command(COMMANDS[words[0]])(words[1:])
        return _command(DIAGNOSE)(words)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        drop_output()
        return NOT_READ_TO_THE_END
    except NotWrittenError as error:
        drop_output()
        say(f"The answer could not be written to standard output: {error}.")
        return NOT_WRITTEN
    except Exception as error:
        # A status of 1 would say that a cause was found.
        say(traceback.format_exc())
        fail = failing("json" if "json" in words or "--format=json" in words else "text")
        what = (
            f"pullcheck itself failed ({type(error).__name__}); please report what stands on standard error."
        )
        return fail("internal", what, FAILED_ITSELF)


def _command(place: str) -> Callable[[Sequence[str]], int]:
    module, name = place.split(":")
    command: Callable[[Sequence[str]], int] = getattr(import_module(f"diagnostics.commands.{module}"), name)
    return command


if __name__ == "__main__":
    sys.exit(main())
