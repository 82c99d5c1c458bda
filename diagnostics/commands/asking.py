"""What every command does that asks AWS: credentials first, then a line of progress, and words for what went wrong."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from diagnostics.collect import AwsClients, AwsUnreachableError, OnProgress
from diagnostics.collect.credentials import has_terminal, obtain
from diagnostics.collect.reaching import region_of
from diagnostics.collect.troubles import trouble_of
from diagnostics.commands.answering import say
from diagnostics.redaction import redact
from diagnostics.target import Target

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

DEADLINE = 20.0
"""Seconds, where nobody says otherwise."""
MOST_SHOWN = 40
"""Errors that `--debug` shows."""
_AS_IF_A_TERMINAL = frozenset(("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"))
"""Variables by which Rich takes what is no terminal for one: https://rich.readthedocs.io/en/stable/console.html"""

HowFar = TypeVar("HowFar")
Read = Callable[[AwsClients, float, HowFar | None], T]
"""Reads with clients, within so many seconds, and tells how far it is."""
Show = Callable[["Console", Callable[[HowFar], T]], T]
"""Runs something that tells how far it is, and shows it on a terminal."""


def ask(options: argparse.Namespace, target: Target, read: Read[OnProgress, T]) -> T:
    """What `read` gives about one target; see `ask_showing`."""
    return ask_showing(options, target, read, _reading)


def ask_showing(
    options: argparse.Namespace, target: Target, read: Read[HowFar, T], show: Show[HowFar, T]
) -> T:
    """What `read` gives, asked with the credentials of the options.

    Credentials are got before the line of progress begins, which would write over a prompt for an MFA code, and within the
    deadline, unless somebody types.

    Args:
        options: `profile`, `region`, `deadline` and `debug`.
        target: what is asked about, which may name its Region.
        read: does the asking.
        show: tells on a terminal how far it is.

    Raises:
        RegionNeededError: nothing names a Region.
        AwsUnreachableError: nothing at all could be read, with a sentence that says what to do.
    """
    deadline = options.deadline or DEADLINE
    failures: list[BaseException] = []
    started = time.monotonic()
    try:
        where = region_of(target, AwsClients.of_profile(options.profile), options.region)
        clients = AwsClients.of_profile(options.profile, where)
        clients.on_failure = failures.append
        asked = obtain(
            clients, profile=options.profile, region=where, seconds=deadline, terminal=has_terminal
        )
        left = max(deadline - (time.monotonic() - started), deadline / 4)
        try:
            return _with_progress(lambda progress: read(clients, left, progress), show)
        except AwsUnreachableError as error:
            if error.kind == "wrong_region":
                raise
            told = trouble_of(failures, asked)
            if told is not None:
                raise AwsUnreachableError(*told) from error
            if error.kind == "unreachable" and time.monotonic() - started >= left:
                raise AwsUnreachableError("unreachable", _too_short(deadline)) from error
            raise
    except AwsUnreachableError as error:
        if error.__cause__ is not None and not isinstance(error.__cause__, AwsUnreachableError):
            failures.insert(0, error.__cause__)
        raise
    finally:
        if options.debug:
            _show(failures)


def cut_off(deadline: float | None) -> str:
    """That the deadline was the limit of a report which lacks something for it."""
    limit = deadline or DEADLINE
    return f"What is missing was cut off by --deadline {limit:g}; give it longer, for example --deadline {_longer(limit):g}."


def _too_short(deadline: float) -> str:
    return (
        f"AWS did not answer within the {deadline:g} seconds of --deadline; give it longer, for example "
        f"--deadline {_longer(deadline):g}, or check the network."
    )


def _longer(deadline: float) -> float:
    return min(max(DEADLINE, 3 * deadline), 900)


def _show(failures: list[BaseException]) -> None:
    """Each error of botocore once, without secrets."""
    told = dict.fromkeys(
        f"{type(error).__name__}: {' '.join(redact(str(error)).split())}" for error in failures
    )
    for line in list(told)[:MOST_SHOWN]:
        say(f"debug: {line}")
    if len(told) > MOST_SHOWN:
        say(f"debug: and {len(told) - MOST_SHOWN} more")


def _with_progress(read: Callable[[HowFar | None], T], show: Show[HowFar, T]) -> T:
    """On a terminal a line on standard error tells how far it is."""
    if not sys.stderr.isatty() and not os.environ.keys() & _AS_IF_A_TERMINAL:
        return read(None)
    from diagnostics.render.console import HarmlessConsole

    stderr = HarmlessConsole(stderr=True)
    if not stderr.is_terminal or stderr.is_dumb_terminal:
        return read(None)
    with _ended_in_order():
        return show(stderr, read)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Told to end (`timeout 10 pullcheck …`), it takes its line away first: else the terminal's cursor stays hidden."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: object) -> None:
        # As a shell says of who was ended by a signal.
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _reading(stderr: Console, read: Callable[[OnProgress], T]) -> T:
    from rich.text import Text

    with stderr.status("Reading AWS …") as status:
        return read(
            lambda answered, asked, action: status.update(
                Text(f"Reading AWS: {answered} of {asked}, {action}")
            )
        )
