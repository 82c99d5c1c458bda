"""What is built and packaged once for all of these tests, by whichever process comes first."""

from __future__ import annotations

import fcntl
import functools
import importlib.metadata
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tools import build_lambda
from tools.lambda_local import runtime_client

ROOT = Path(__file__).parent.parent.parent
Shared = Callable[[str, Callable[[Path], object]], Path]
Package = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Makes a folder once, though several processes may want it: `shared(name, make)`."""
    base = tmp_path_factory.getbasetemp()
    # Under pytest-xdist each process has its own folder in a common one.
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def share(name: str, make: Callable[[Path], object]) -> Path:
        folder = base / name
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (done := base / f"{name}.done").exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                done.touch()
        return folder

    return share


@pytest.fixture(scope="session")
def dist(shared: Shared) -> Path:
    """A dist/ for this machine: lambda.zip, lambda.json and the tree `task`."""
    return shared("dist", lambda folder: build_lambda.build(build_lambda.local_platform(), folder))


@pytest.fixture(scope="session")
def task_root(dist: Path) -> Path:
    """The built tree."""
    return dist / "task"


@pytest.fixture(scope="session")
def client(shared: Shared) -> Path:
    """AWS's runtime client; without it the tests that run functions are skipped."""
    try:
        return shared("runtime-client", runtime_client)
    except importlib.metadata.PackageNotFoundError as error:
        pytest.skip(f"NO LAMBDA RUNTIME CLIENT: {error.name} is not installed (it has wheels for Linux only)")


@pytest.fixture(scope="session")
def node_modules(shared: Shared) -> Path:
    """The locked osls, installed where it is not yet; without Node.js the tests that need it are skipped."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("NO NODE.JS: node and npm are needed to package serverless.yml with osls")
    # What `make package` installed, or an earlier run of these tests: it takes npm ten seconds.
    kept = build_lambda.DIST / "osls"
    for installed in (ROOT / "node_modules", kept / "node_modules"):
        if _matches_lock(installed):
            return installed

    def install(folder: Path) -> None:
        folder.mkdir()
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            whole = Path(scratch) / "osls"
            whole.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(ROOT / name, whole)
            done = subprocess.run(
                [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=whole,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                (folder / "why").write_text(done.stderr, encoding="utf-8")
                return
            shutil.rmtree(kept, ignore_errors=True)
            whole.rename(kept)

    folder = shared("node", install)
    if (why := folder / "why").exists():
        pytest.skip(f"NO OSLS: `npm ci` failed, so serverless.yml is not packaged: {why.read_text()[-300:]}")
    return kept / "node_modules"


def _matches_lock(installed: Path) -> bool:
    """Whether what is installed is what is locked."""
    try:
        have = json.loads((installed / ".package-lock.json").read_text(encoding="utf-8"))["packages"]
    except FileNotFoundError:
        return False
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return all(
        name in have and have[name].get("version") == package.get("version")
        for name, package in locked.items()
        if name and not package.get("optional")
    )


@pytest.fixture(scope="session")
def package(shared: Shared, node_modules: Path, dist: Path) -> Package:
    """Packages serverless.yml with some operator's choices, offline and without credentials; the template."""

    def run(name: str, choices: Mapping[str, str] | None = None) -> dict[str, Any]:
        def make(folder: Path) -> None:
            service_folder(folder, dist, node_modules)
            done = osls_package(folder, choices or {})
            if done.returncode:
                raise AssertionError(done.stdout + done.stderr)

        if name != "default":
            # The first run compiles the schema of serverless.yml, for several seconds, and keeps it for all others.
            run("default")
        folder = shared(f"package-{name}", make)
        text = template_in(folder).read_text(encoding="utf-8")
        template: dict[str, Any] = json.loads(text)
        return template

    return run


def service_folder(folder: Path, dist: Path, node_modules: Path) -> None:
    """Make a folder in which osls can package, apart from the working tree."""
    folder.mkdir(exist_ok=True)
    for name in ("serverless.yml", "package.json"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    (folder / "dist").symlink_to(dist)
    (folder / "node_modules").symlink_to(node_modules)


@functools.cache
def _without_network() -> tuple[str, ...]:
    """What to put before a command so that it has no network, where Linux allows that to this user."""
    prefix = ("unshare", "--map-root-user", "--net")
    if shutil.which(prefix[0]) is None:
        return ()
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if tried.returncode == 0 else ()


def osls_package(folder: Path, choices: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `osls package --stage test` in a folder, with no credentials, no network, and no other environment."""
    # osls keeps its compiled schema there, which takes it seconds to make.
    home = build_lambda.DIST / "osls-home"
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [*_without_network(), "node", "node_modules/osls/bin/serverless.js", "package", "--stage", "test"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "CI": "1", **choices},
        capture_output=True,
        text=True,
        check=False,
    )


def template_in(folder: Path) -> Path:
    """The template that osls made in a folder."""
    return folder / ".serverless" / "cloudformation-template-update-stack.json"


MANY_ACCOUNTS = {
    "PULLCHECK_OTHER_ACCOUNTS": "222233334444, 333344445555",
    "PULLCHECK_EXTERNAL_ID": "5f1c-nobody-guesses-this",
    "PULLCHECK_ENDPOINT": "http-api",
    "PULLCHECK_SLACK_SECRETS": "pullcheck/slack",
    "PULLCHECK_SECRETS_KEY_ARN": "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555",
    "PULLCHECK_ALARM_TOPIC_ARN": "arn:aws:sns:eu-central-1:111122223333:on-call",
    "PULLCHECK_AUTO_DIAGNOSIS": "DISABLED",
    "PULLCHECK_GROUP_SECONDS": "600",
}
"""Every choice made differently from the default."""


KEY = "arn:aws:kms:eu-central-1:111122223333:key/99999999-8888-7777-6666-555555555555"
STRICT = {
    "PULLCHECK_OTHER_ACCOUNTS": "222233334444,333344445555",
    "PULLCHECK_EXTERNAL_IDS": "222233334444=for-the-first-account,333344445555=for-the-second-account",
    "PULLCHECK_ENDPOINT": "http-api",
    "PULLCHECK_HTTP_RATE": "20",
    "PULLCHECK_HTTP_BURST": "40",
    "PULLCHECK_HTTP_ACCESS_LOGS": "on",
    "PULLCHECK_PERMISSIONS_BOUNDARY_ARN": "arn:aws:iam::111122223333:policy/boundary",
    "PULLCHECK_ROLE_PATH": "/security/bots/",
    "PULLCHECK_KEY_ARN": KEY,
    "PULLCHECK_SUBNET_IDS": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "PULLCHECK_SECURITY_GROUP_IDS": "sg-0123456789abcdef0",
    "PULLCHECK_SLACK_CONCURRENCY": "10",
    "PULLCHECK_WORKER_CONCURRENCY": "8",
    "PULLCHECK_READ_REGIONS": "eu-central-1,us-east-1",
    "PULLCHECK_READ_CLUSTER_ARNS": "arn:aws:ecs:*:111122223333:cluster/prod-*",
    "PULLCHECK_ROUTES_PARAMETER": "/pullcheck/test/routes-1,/pullcheck/test/routes-2",
}
"""Everything that a strict reviewer asks for."""


@pytest.fixture(scope="session")
def strict(package: Package) -> dict[str, Any]:
    """The template with everything that a strict reviewer asks for."""
    return package("strict", STRICT)


@pytest.fixture(scope="session")
def template(package: Package) -> dict[str, Any]:
    """The template with every choice at its default."""
    return package("default")


@pytest.fixture(scope="session")
def many_accounts(package: Package) -> dict[str, Any]:
    """The template with every choice made differently."""
    return package("many-accounts", MANY_ACCOUNTS)


@pytest.fixture(scope="session")
def hooked(package: Package) -> dict[str, Any]:
    """The template with the deployment hook."""
    return package("hook", {"PULLCHECK_DEPLOYMENT_HOOK": "on"})


@pytest.fixture(scope="session")
def strictly_hooked(package: Package) -> dict[str, Any]:
    """The strict template with the deployment hook, and with audits of which none is daily."""
    more = {
        "PULLCHECK_DEPLOYMENT_HOOK": "on",
        "PULLCHECK_HOOK_UNDECIDED": "FAILED",
        "PULLCHECK_AUDITS": "on",
    }
    return package("strict-hook", {**STRICT, **more})


@pytest.fixture(scope="session", params=["default", "many-accounts"])
def each_template(request: pytest.FixtureRequest, package: Package) -> dict[str, Any]:
    """Either of them."""
    return package(request.param, MANY_ACCOUNTS if request.param == "many-accounts" else None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was not tried."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if "tests/deploy" in report.nodeid and isinstance(report.longrepr, tuple)
    }
    for reason in sorted(reasons):
        terminalreporter.write_sep("*", "DEPLOYMENT NOT TRIED", red=True)
        terminalreporter.write_line(reason)
