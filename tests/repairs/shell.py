"""A real bash or zsh into which a repair is pasted, with the real AWS CLI on its PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from demo.aws import EmulatedAws
from demo.aws.images import image

SHELLS = {"bash": ("--noprofile", "--norc"), "zsh": ("-f",)}
HERE = tuple(name for name in SHELLS if shutil.which(name))
"""The shells that are installed: bash everywhere, zsh perhaps."""
PATIENCE = 120
"""Seconds after which the CLI, or what was pasted, is given up."""

_AWS = """#!{shell}
# The number of a process comes back after some thousands of them.
name=$$
while ! mkdir "{folder}/calls/$name" 2>/dev/null; do name=$name-; done
call={folder}/calls/$name
mkfifo "$call/status" || exit 255
printf '%s\\0' "$AWS_ACCESS_KEY_ID" "$AWS_REGION" "$PWD" "$@" > "$call/request"
echo "$name" > {folder}/queue
read -r status < "$call/status"
while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done < "$call/out"
while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done < "$call/err" >&2
exit "$status"
"""
_DOCKER = """#!{shell}
# Pushes an image that nobody built: its manifest, without layers. Everything else works.
if [ "$1" = push ]; then
  name=${{2#*/}}
  manifest=$(cat {folder}/manifest)
  exec aws ecr put-image --repository-name "${{name%:*}}" --image-tag "${{name##*:}}" --image-manifest "$manifest"
fi
"""
_NOTHING = "#!{shell}\nexit 0\n"
PROGRAMS = {"aws": _AWS, "docker": _DOCKER, "sleep": _NOTHING}
BORROWED = ("cat", "grep", "jq", "mkdir", "mkfifo", "seq", "date")


class Pasted(NamedTuple):
    """What came of it."""

    status: int
    out: str
    err: str


class Paste:
    """Pastes commands into a shell whose `aws` asks the emulated AWS."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws, self.folder = aws, folder
        self.shell = "bash"
        for name in ("bin", "calls", "home"):
            (folder / name).mkdir()
        shell = shutil.which("bash") or "/bin/bash"
        for name, text in PROGRAMS.items():
            file = folder / "bin" / name
            file.write_text(text.format(shell=shell, folder=folder), "utf-8")
            file.chmod(0o755)
        for name in BORROWED:
            found = shutil.which(name)
            if found:
                (folder / "bin" / name).symlink_to(found)
        (folder / "manifest").write_text(image("pushed").text, "utf-8")
        # What a person makes with an editor before a repair that needs a log-in.
        login = {"username": "someone", "password": "secret", "accessToken": "secret"}
        (folder / "home" / "credentials.json").write_text(json.dumps(login), "utf-8")
        # What a person wrote down before: a secret is read from a file, so that no history keeps it.
        (folder / "home" / "secret.txt").write_text("not-a-secret", "utf-8")
        os.mkfifo(folder / "queue")

    def __enter__(self) -> Self:
        server = Path(__file__).with_name("cli_server.py")
        self._server = subprocess.Popen(
            [sys.executable, str(server), str(self.folder)],
            env={
                **_without_aws(),
                **self.aws.environment(),
                "HOME": str(self.folder / "home"),
                "AWS_CONFIG_FILE": str(self.folder / "no-config"),
                "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1",
            },
            cwd=self.folder / "home",
            stdin=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not (self.folder / "ready").exists():
            if self._server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the AWS CLI did not start; `make dev` installs it")
            time.sleep(0.02)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with (self.folder / "queue").open("w", encoding="ascii") as queue:
            queue.write("end\n")
        self._server.wait(PATIENCE)

    def into(self, commands: str, *, region: str, account: str) -> Pasted:
        """Paste the commands into a new shell, in a directory of its own."""
        keys = self.aws.environment(account, region)
        done = subprocess.run(
            [shutil.which(self.shell) or self.shell, *SHELLS[self.shell], "-c", commands],
            cwd=self.folder / "home",
            env={
                **keys,
                "PATH": str(self.folder / "bin"),
                "HOME": str(self.folder / "home"),
                "LC_ALL": "C.UTF-8",
            },
            capture_output=True,
            check=False,
            timeout=PATIENCE,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return Pasted(done.returncode, done.stdout, done.stderr)


def _without_aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
