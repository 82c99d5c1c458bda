"""The command line: `python -m diagnostics TARGET` says why a task could not pull its image.

Exit status: 0 nothing stops a pull, or it was no pull failure; 1 a cause was found; 2 the input or usage is wrong;
3 undecided, or the task is gone and nothing else tells; 4 AWS could not be reached at all. 70 and 74 are those of
sysexits.h: pullcheck itself failed; its answer could not be written.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module

FAILED_ITSELF = 70
INTERRUPTED = 130

DIAGNOSE = "diagnosing:command"

_OBJECTS = 50_000
"""So many new ones before the collector looks at them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    try:
        return _main(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        # Also while it still loads what it needs.
        return INTERRUPTED


def _main(words: list[str]) -> int:
    # Closed by the caller (`>&-`), who wants the status only.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    # What is loaded stays: Python's collector would look through it again and again while it grows, a twentieth of the start.
    if gc.get_threshold()[0] < _OBJECTS:
        gc.set_threshold(_OBJECTS, 20, 20)
    # Else the first model looks through every installed package for plugins of Pydantic's, a twentieth of the start.
    # https://docs.pydantic.dev/latest/concepts/plugins/
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        # A part that is missing must not end with the status that means "a cause was found".
        answering = import_module("diagnostics.commands.answering")
        commands = import_module("diagnostics.commands.program").COMMANDS
        import_module("diagnostics.render").show_what_can_be_shown()
    except Exception as error:
        traceback.print_exc()
        print(f"pullcheck is not installed as a whole ({error}); install it again.", file=sys.stderr)
        return FAILED_ITSELF
    try:
        if words and words[0] in commands:
            return _command(commands[words[0]])(words[1:])
        return _command(DIAGNOSE)(words)
    except BrokenPipeError:
        answering.drop_output()
        return int(answering.NOT_READ_TO_THE_END)
    except answering.NotWrittenError as error:
        answering.drop_output()
        answering.say(f"The answer could not be written to standard output: {error}.")
        return int(answering.NOT_WRITTEN)
    except Exception as error:
        answering.say(traceback.format_exc())
        fail = answering.failing(answering.form_of(words))
        what = (
            f"pullcheck itself failed ({type(error).__name__}); please report what stands on standard error."
        )
        try:
            return int(fail("internal", what, FAILED_ITSELF))
        except (answering.NotWrittenError, OSError):
            answering.drop_output()
            return FAILED_ITSELF


def _command(place: str) -> Callable[[Sequence[str]], int]:
    module, name = place.split(":")
    command: Callable[[Sequence[str]], int] = getattr(import_module(f"diagnostics.commands.{module}"), name)
    return command


if __name__ == "__main__":
    sys.exit(main())
