"""Told to end, by Ctrl-C or by a signal, it ends at once, with the status that a shell expects and the terminal as it was."""

from __future__ import annotations

import os
import signal
import sys
from io import StringIO
from typing import Any

import pytest

import bot.command
import bot.telemetry
import diagnostics.__main__
from diagnostics.__main__ import main
from diagnostics.commands import asking


class Terminal(StringIO):
    """What standard error is, where a person looks at it."""

    def isatty(self) -> bool:
        return True


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_it_still_loads_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(diagnostics.__main__, "import_module", interrupt)
    assert main(["list"]) == 130

    monkeypatch.setattr(bot.telemetry, "begin", interrupt)
    assert bot.command.main(["list"]) == 130

    assert capfd.readouterr() == ("", "")


def test_told_to_end_it_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    before = signal.getsignal(signal.SIGTERM)

    def read(_: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit) as ended:
        asking._with_progress(read, asking._reading)

    assert ended.value.code == 128 + signal.SIGTERM
    hidden, shown = stderr.getvalue().rfind("\x1b[?25l"), stderr.getvalue().rfind("\x1b[?25h")
    assert 0 <= hidden < shown
    assert signal.getsignal(signal.SIGTERM) == before
