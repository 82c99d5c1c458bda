"""Keeps what is set on this machine out of the tests, and ends a run in which a test hangs."""

from __future__ import annotations

import gc
import importlib
import os
import threading
import time
from collections.abc import Iterator
from unittest import mock

import pytest

# Before anything is imported: moto and boto3 read some of these at import, slack_sdk would send its calls to loopback
# through a proxy, and nobody's real account or workspace may ever be asked.
for _name in list(os.environ):
    if _name.startswith(("AWS_", "BOTO", "MOTO_", "SLACK_", "PULLCHECK_")) or _name.lower() in (
        "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    ):  # fmt: skip
        del os.environ[_name]

HANGS_SECONDS = 240.0
"""How long one step of a test (set-up, call, tear-down) may take. pytest's own faulthandler_timeout, a minute later, is
for what holds the interpreter's lock; its dump ends with pytest's frames, and continuous integration keeps only the end."""


class _Watch:
    """Ends the process where a test hangs: the stack of each thread without the runner's frames, the test's own last."""

    def __init__(self) -> None:
        # What a test prints is caught, so a copy is made while nothing is.
        self._stderr = os.dup(2)
        self._running: tuple[str, float] | None = None
        threading.Thread(target=self._watch, name="hanging-tests", daemon=True).start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running = (nodeid, time.monotonic())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._running is not None:
            self._running = (report.nodeid, time.monotonic())

    def pytest_runtest_logfinish(self) -> None:
        self._running = None

    def _watch(self) -> None:
        while True:
            time.sleep(HANGS_SECONDS / 60)
            running = self._running
            if running is None or time.monotonic() - running[1] < HANGS_SECONDS:
                continue
            # Not before the environment is cleaned.
            from demo.stacks import all_stacks

            said = f"\n{all_stacks()}\n{running[0]} hangs: no step forward in {HANGS_SECONDS:.0f} s\n"
            os.write(self._stderr, said.encode("utf-8", "backslashreplace"))
            os._exit(3)


def pytest_collection_finish() -> None:
    # What is loaded by now, a million objects, stays to the end; Python's collector need not look at it again and again.
    # Hypothesis, which pytest's summary loads, asks the collector who refers to the generators of other packages.
    importlib.import_module("hypothesis")
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    # Once is enough for what was left to be finalized, and complained of: pytest and the interpreter look several times.
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def slacks_trigger_seconds() -> Iterator[float]:
    """How long a trigger id lives at Slack; in a test it outlives what a busy machine takes to open a view."""
    from demo.slack import triggers

    seconds = triggers.LIFETIME
    with mock.patch.object(triggers, "LIFETIME", 600.0):
        yield seconds


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    # One more than processors: many a test waits for a process or a server that it started.
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(_Watch(), "hanging-tests")
