"""The real AWS CLI, loaded once: it serves the `aws` that `shell.Paste` puts on the PATH, each command in a fork of its own.

    python cli_server.py FOLDER

It runs in a process of its own, because the CLI brings its own botocore. Who calls makes `FOLDER/calls/N` with the file
`request` (NUL after each: access key, Region, directory, then the arguments) and the FIFO `status`, and writes N and a line
end into the FIFO `FOLDER/queue`. The answer is the files `out` and `err`, and the exit status in `status`.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import time
from pathlib import Path

from awscli.clidriver import create_clidriver

WARM = {
    "ec2": "describe-vpcs",
    "ecr": "describe-repositories",
    "ecs": "describe-clusters",
    "iam": "list-roles",
    "kms": "list-keys",
    "secretsmanager": "list-secrets",
    "ssm": "describe-parameters",
}
"""A command of each service that repairs often ask, so that its model is read once and not in every fork."""


def serve(folder: Path) -> None:
    """Answer until the queue is gone."""
    # A waiter looks as often as it would, and nobody waits.
    time.sleep = lambda seconds: None
    driver = create_clidriver()
    for service, operation in WARM.items():
        quiet(lambda words=(service, operation): driver.main([*words, "--generate-cli-skeleton"]))
        driver.session.create_client(service)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # For writing too: it does not end where nobody writes at the moment.
    with os.fdopen(os.open(folder / "queue", os.O_RDWR), "r", encoding="ascii", closefd=True) as queue:
        (folder / "ready").touch()
        for line in queue:
            name = line.strip()
            if name == "end":
                return
            if os.fork() == 0:
                answer(driver, folder / "calls" / name)


def quiet(run: object) -> None:
    """Call something whose output nobody wants."""
    kept, sys.stdout = sys.stdout, io.StringIO()
    try:
        run()  # type: ignore[operator]
    finally:
        sys.stdout = kept


def answer(driver: object, call: Path) -> None:
    """Run one command and end this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # One command makes little to collect, and looking for it would copy the memory of the process that was forked.
    gc.disable()
    status = 255
    try:
        for name, number in (("out", 1), ("err", 2)):
            os.dup2(os.open(call / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        key, region, directory, *words = (call / "request").read_text("utf-8").split("\0")[:-1]
        os.environ["AWS_ACCESS_KEY_ID"] = key
        os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = region
        os.chdir(directory)
        status = driver.main(words)  # type: ignore[attr-defined]
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        (call / "status").write_text(f"{status}\n", "ascii")
        os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
