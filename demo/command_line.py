"""Runs the commands that a thread shows, as a person would who pastes them into a shell on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from demo.aws import Account
from demo.aws.images import image
from demo.aws.repairing import filled_in, open_answers
from demo.page import Printed

PATIENCE = 180
"""Seconds after which a command is given up."""
_MOST = 4000
"""Characters shown of what it printed."""

# Repairs push images; the demo has no daemon and builds nothing, so that the manifest alone is pushed.
_DOCKER = """#!/bin/sh
if [ "$1" = push ]; then
  name=${2#*/}
  aws ecr put-image --repository-name "${name%:*}" --image-tag "${name##*:}" \\
    --image-manifest "$(cat "$(dirname "$0")/manifest")" --output text --query image.imageId.imageDigest
else
  echo "(the demo has no Docker: pretending that “docker $1” worked)"
fi
"""


def find_cli() -> Path | None:
    """The AWS CLI: the one beside this Python, else that of the machine."""
    beside = Path(sys.executable).with_name("aws")
    found = str(beside) if beside.exists() else shutil.which("aws")
    return Path(found) if found else None


class CommandLine:
    """A shell whose `aws` asks the emulated AWS; `folder` is an empty one of its own."""

    def __init__(self, folder: Path, cli: Path) -> None:
        self.folder = folder
        for name in ("bin", "home"):
            (folder / name).mkdir(parents=True)
        (folder / "bin" / "aws").symlink_to(cli)
        docker = folder / "bin" / "docker"
        docker.write_text(_DOCKER, "utf-8")
        docker.chmod(0o755)
        (folder / "bin" / "manifest").write_text(image("pushed in the demo").text, "utf-8")

    def run(self, account: Account, commands: str) -> Printed:
        """Run the commands in an account and its Region; what they leave open is filled in, and said."""
        answers = open_answers(account, commands)
        try:
            done = subprocess.run(
                [shutil.which("bash") or "/bin/sh", "-c", filled_in(commands, answers)],
                cwd=self.folder / "home",
                env=self._environment(account.aws.environment(account.account_id, account.region)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                text=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Printed(1, f"(it was given up after {PATIENCE} seconds)")
        said = [f"(the demo filled in {name}={value})" for name, value in answers.items()]
        out = done.stdout.strip()
        said.append(out if len(out) <= _MOST else f"{out[:_MOST]}\n…")
        return Printed(done.returncode, "\n".join(filter(None, said)))

    def _environment(self, keys: Mapping[str, str]) -> dict[str, str]:
        return {
            **keys,
            "PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "AWS_CONFIG_FILE": str(self.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-credentials"),
            "AWS_PAGER": "",
            "LC_ALL": "C.UTF-8",
        }
