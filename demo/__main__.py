"""`python -m demo` runs the whole thing on this machine: no AWS account, no Slack workspace.

Exit status: 0 stopped when told to; 1 it could not start, said in one sentence.
"""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from demo.isolation import isolated_environment

NEEDED = "the demo needs the packages of requirements-demo.txt ({name} is missing); run it with `make demo`"
_NO_PORT = "the demo could not listen on 127.0.0.1:{port}: {why}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo until SIGINT or SIGTERM; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m demo",
        description="Runs pullcheck against an emulated AWS and a local Slack, and serves the page to try it on.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port of the page on 127.0.0.1 (default: any free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")
    parser.add_argument("--verbose", action="store_true", help="log what the bot does")
    options = parser.parse_args(arguments)
    stop = _stop_on_signals()
    handler = logging.StreamHandler(sys.stderr)
    # On the handler, because the bot's loggers have levels of their own.
    handler.setLevel(logging.INFO if options.verbose else logging.ERROR)
    logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(levelname)s %(name)s: %(message)s")
    with tempfile.TemporaryDirectory(prefix="pullcheck-demo-") as folder, isolated_environment(Path(folder)):
        return _run(options.port, stop, browser=not options.no_browser)


def _run(port: int, stop: threading.Event, *, browser: bool) -> int:
    # Before all that takes seconds.
    try:
        _try_port(port)
    except OSError as error:
        return _fail(_NO_PORT.format(port=port, why=error.strerror or error))
    # Imported here, in the emptied environment: moto asks for AWS_PROFILE while it is imported.
    try:
        from demo.wiring import Demo
    except ModuleNotFoundError as error:
        return _fail(NEEDED.format(name=error.name))
    print("Starting the emulated AWS, the local Slack and the bot …", flush=True)
    try:
        with Demo(port=port) as demo:
            print(_welcome(demo.url), flush=True)
            if browser:
                webbrowser.open(demo.url)
            stop.wait()
            print("Stopping …", flush=True)
    except FileNotFoundError as error:
        return _fail(f"the file {error.filename} is missing")
    except OSError as error:
        return _fail(_NO_PORT.format(port=port, why=error.strerror or error))
    return 0


def _try_port(port: int) -> None:
    """Raises OSError where the port is taken; somebody may still take it before the page does."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(("127.0.0.1", port))
        tried.listen()


def _stop_on_signals() -> threading.Event:
    """An event that is set by Ctrl-C and SIGTERM; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
    return stop


def _welcome(url: str) -> str:
    return f"""
  pullcheck demo        {url}

  Open the address, press Check beside a broken task and send the command.
  Everything is made up and stays on this machine. Ctrl-C stops it.
"""


def _fail(sentence: str) -> int:
    print(f"pullcheck demo: {sentence}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
