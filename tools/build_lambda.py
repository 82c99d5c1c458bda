"""Builds dist/lambda.zip, what both Lambda functions run: `python -m tools.build_lambda`.

The locked wheels for the functions' platform, pullcheck without its demo and its command lines, bytecode, and of botocore
only the services that are asked. The same sources give the same bytes. Beside the zip, dist/lambda.json says what it was
built for; serverless.yml takes runtime and architecture from there, so the two cannot disagree.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from diagnostics.collect.calls import OPERATIONS

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"

RUNTIMES = ("3.13", "3.12", "3.11", "3.14")
"""Python versions that Lambda runs and pullcheck supports, the preferred one first."""

MACHINES: Mapping[str, str] = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's names of architectures, and the names that wheels use."""

OWN_SERVICES = frozenset({"dynamodb", "secretsmanager", "sqs", "ssm", "sts"})
"""What the bot asks for itself: its table, its secrets, its queue, and roles in other accounts."""

TERMINAL_ONLY = frozenset({"markdown-it-py", "mdurl", "pygments", "rich", "shtab"})
"""Requirements that only the command lines need."""

PACKAGES = ("bot", "diagnostics", "handlers")
FILES = ("manifest.json",)
"""The functions' check of themselves compares the token's scopes with it."""
LEFT_OUT = (
    "bot/__main__.py",
    "bot/check.py",
    "bot/command.py",
    "bot/healthy.py",
    "bot/socket_mode.py",
    "diagnostics/__main__.py",
    "diagnostics/commands",
    "diagnostics/render",
)
"""What only Socket Mode and the command lines need."""

UNPACKED_LIMIT = 250 * 1024 * 1024
"""Bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_EPOCH = (1980, 1, 1, 0, 0, 0)


class BuildError(Exception):
    """The build cannot go on; the message says what to do."""


@dataclass(frozen=True)
class BuildTarget:
    """What the functions run on.

    Attributes:
        version: Python's minor version, such as 3.13.
        arch: `arm64` or `x86_64`, as Lambda calls it.
        python: an interpreter of that version, of this machine, which compiles the bytecode.
    """

    version: str
    arch: str
    python: str

    @property
    def runtime(self) -> str:
        """Lambda's name for it."""
        return f"python{self.version}"

    @property
    def is_local(self) -> bool:
        """True if what is built also runs on this machine, under this interpreter."""
        return self.arch == local_arch() and self.version == _running_version()


def local_arch() -> str:
    """This machine's architecture, as Lambda calls it."""
    machine = platform.machine().lower()
    return "arm64" if machine in ("aarch64", "arm64") else "x86_64"


def _running_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def local_platform() -> BuildTarget:
    """This machine and this interpreter."""
    return BuildTarget(_running_version(), local_arch(), sys.executable)


def find_platform(arch: str, version: str | None = None) -> BuildTarget:
    """The platform to build for: the asked version, else the first of RUNTIMES that has an interpreter here.

    Raises:
        BuildError: no interpreter of a fitting version is here, so no bytecode could be made.
    """
    for candidate in (version,) if version else RUNTIMES:
        python = _interpreter(candidate)
        if python:
            return BuildTarget(candidate, arch, python)
    wanted = version or " or ".join(RUNTIMES)
    raise BuildError(f"no Python {wanted} here to compile the bytecode with; install one, or give --python")


def _interpreter(version: str) -> str | None:
    if version == _running_version():
        return sys.executable
    python = shutil.which(f"python{version}")
    if python is None:
        return None
    say = "import sys; print('%d.%d' % sys.version_info[:2])"
    # A shim of a version manager may be there without the version behind it.
    told = subprocess.run([python, "-I", "-c", say], capture_output=True, text=True, check=False)
    return python if told.stdout.strip() == version else None


# --- requirements ------------------------------------------------------------------------------------


def services() -> frozenset[str]:
    """Every AWS service that is asked, as botocore calls it."""
    return OWN_SERVICES | {operation.service for operation in OPERATIONS}


def locked(text: str) -> dict[str, str]:
    """The blocks of a hashed requirements file that Lambda needs, by the distribution's name."""
    blocks = re.findall(r"^[a-z0-9][^\n]*(?:\n[ ]+[^\n]*)*", text, re.MULTILINE | re.IGNORECASE)
    named = {block.partition("==")[0].strip().lower(): block for block in blocks}
    return {name: block for name, block in named.items() if name not in TERMINAL_ONLY}


def dependencies(target: BuildTarget, cache: Path | None = None) -> Path:
    """A folder with the locked requirements for a platform, trimmed and compiled; kept between builds.

    Raises:
        BuildError: the wheels cannot be had.
    """
    blocks = locked((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    recipe = json.dumps(
        [blocks, sorted(services()), Path(__file__).read_text(encoding="utf-8"), target.python]
    )
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    cache = cache or DIST / "dependencies"
    ready = cache / f"{target.version}-{target.arch}-{digest}"
    if ready.is_dir():
        return ready
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        folder = Path(scratch) / "tree"
        folder.mkdir()
        _install(target, blocks, folder)
        _trim(folder)
        _compile(target, folder)
        try:
            folder.rename(ready)
        except OSError:
            # Another build was faster; what it made is the same.
            if not ready.is_dir():
                raise
    return ready


def _forget_older(target: BuildTarget, cache: Path = DIST / "dependencies") -> None:
    """Remove what builds for the same platform have left that are no longer current."""
    current = dependencies(target, cache)
    for folder in cache.glob(f"{target.version}-{target.arch}-*"):
        if folder != current:
            shutil.rmtree(folder, ignore_errors=True)


def _install(target: BuildTarget, blocks: Mapping[str, str], folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        requirements = Path(scratch) / "requirements.txt"
        requirements.write_text("\n".join(blocks.values()) + "\n", encoding="utf-8")
        machine = MACHINES[target.arch]
        # Amazon Linux 2023, under every runtime since Python 3.12, has glibc 2.34; 3.11 has Amazon Linux 2's 2.26.
        libraries = ["manylinux_2_17", "manylinux2014"]
        if target.version != "3.11":
            libraries.insert(0, "manylinux_2_28")
        platforms = [option for library in libraries for option in ("--platform", f"{library}_{machine}")]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--no-compile", "--no-deps", "--require-hashes", "--only-binary=:all:"),
                *("--implementation", "cp", "--python-version", target.version, *platforms),
                *("--target", str(folder), "--requirement", str(requirements)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode == 0:
        return
    if not target.is_local:
        raise BuildError(
            f"pip could not get the wheels for {target.runtime} on {target.arch}:\n{done.stderr.strip()}"
        )
    shutil.rmtree(folder)
    folder.mkdir()
    _copy_installed(blocks, folder)


def _copy_installed(blocks: Mapping[str, str], folder: Path) -> None:
    """Take the requirements from the running environment, where no wheel can be fetched."""
    for name, block in blocks.items():
        wanted = re.split(r"[\s;\\]", block.partition("==")[2])[0]
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise BuildError(
                f"{name} can neither be fetched nor is it installed; run make dev first"
            ) from None
        if distribution.version != wanted:
            raise BuildError(
                f"{name} {distribution.version} is installed, {wanted} is locked; run make dev first"
            )
        for file in distribution.files or ():
            if ".." in file.parts or file.suffix == ".pyc":
                continue
            copy = folder / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(distribution.locate_file(file)), copy)


def _trim(folder: Path) -> None:
    kept = services()
    for data in ("botocore/data", "boto3/data"):
        for entry in (folder / data).iterdir():
            if entry.is_dir() and entry.name not in kept:
                shutil.rmtree(entry)
    names = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
    unwanted = [
        "bin",
        "boto3/examples",
        ".lock",
        "**/__pycache__",
        *(f"*.dist-info/{name}" for name in names),
    ]
    for pattern in unwanted:
        for path in list(folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _compile(target: BuildTarget, folder: Path) -> None:
    """Lambda cannot write bytecode beside read-only code: without this, each cold start would compile everything.

    Unchecked, because the zip's times are not those of the sources.
    """
    done = subprocess.run(
        [
            *(target.python, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", "/var/task", str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    if done.returncode:
        raise BuildError(f"some modules could not be compiled:\n{done.stdout}{done.stderr}")


# --- the tree and the zip ----------------------------------------------------------------------------


def build_tree(target: BuildTarget, folder: Path, cache: Path | None = None) -> None:
    """Write everything that a function's task root holds into `folder`, which is emptied first.

    Raises:
        BuildError: something is missing, or too large.
    """
    installed = dependencies(target, cache)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(installed, folder)
    with tempfile.TemporaryDirectory() as scratch:
        own = Path(scratch) / "own"
        for package in PACKAGES:
            shutil.copytree(ROOT / package, own / package, ignore=_left_out)
        for name in FILES:
            shutil.copy(ROOT / name, own)
        _compile(target, own)
        shutil.copytree(own, folder, dirs_exist_ok=True)
    size = sum(path.stat().st_size for path in _files(folder))
    if size > UNPACKED_LIMIT:
        raise BuildError(f"{size:,} bytes unpacked are more than Lambda takes ({UNPACKED_LIMIT:,})")


def _left_out(folder: str, names: list[str]) -> set[str]:
    inside = Path(folder).relative_to(ROOT)
    return {
        name
        for name in names
        if name == "__pycache__" or name.startswith(".") or (inside / name).as_posix() in LEFT_OUT
    }


def pack(folder: Path, out: Path) -> str:
    """Zip a tree, the same bytes for the same tree; its SHA-256."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in _files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return hashlib.sha256(out.read_bytes()).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def build(target: BuildTarget, dist: Path = DIST, cache: Path | None = None) -> dict[str, str]:
    """Build lambda.zip and lambda.json into `dist`; what lambda.json says.

    Raises:
        BuildError: something is missing, or too large.
    """
    tree = dist / "task"
    build_tree(target, tree, cache)
    says = {"runtime": target.runtime, "architecture": target.arch, "sha256": pack(tree, dist / "lambda.zip")}
    (dist / "lambda.json").write_text(json.dumps(says, indent=2) + "\n", encoding="utf-8")
    return says


def main() -> int:
    """Build; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.build_lambda", description="Builds dist/lambda.zip."
    )
    parser.add_argument("--arch", choices=sorted(MACHINES), help="the functions' architecture (arm64)")
    parser.add_argument(
        "--python", metavar="VERSION", help=f"their Python version ({RUNTIMES[0]} where it is installed)"
    )
    options = parser.parse_args()
    try:
        target = find_platform(options.arch or "arm64", options.python)
        try:
            says = build(target)
        except BuildError as error:
            if options.arch or options.python:
                raise
            target = local_platform()
            print(f"{error}\nBuilding for this machine: {target.runtime} on {target.arch}.", file=sys.stderr)
            says = build(target)
    except BuildError as error:
        print(f"pullcheck: {error}", file=sys.stderr)
        return 1
    _forget_older(target)
    size = (DIST / "lambda.zip").stat().st_size
    print(
        f"dist/lambda.zip: {size / 1e6:.1f} MB for {says['runtime']} on {says['architecture']}, sha256 {says['sha256']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
