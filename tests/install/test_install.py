"""The command as people get it: from a wheel, in an environment of its own, away from the checkout."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from diagnostics import __version__
from tests.build.saved import FOLDER
from tests.install.conftest import Command

pytestmark = pytest.mark.xdist_group("install")


def test_the_wheel_holds_the_product_alone(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "bot",
        "diagnostics",
        "handlers",
        f"pullcheck-{__version__}.dist-info",
    }
    others = sorted(name for name in names if "dist-info" not in name and not name.endswith(".py"))
    assert others == ["bot/manifest.json", "bot/py.typed", "diagnostics/py.typed", "handlers/py.typed"]


def test_the_sdist_holds_what_the_wheel_is_built_from(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    assert tops == {
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "bot",
        "diagnostics",
        "handlers",
        "manifest.json",
        "pyproject.toml",
    }


@pytest.mark.parametrize("words", [("pullcheck",), ("python", "-m", "diagnostics")], ids=" ".join)
def test_a_saved_case_is_judged(plain: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    case = tmp_path / "a case.json"
    case.write_text((FOLDER / "demo-tag-not-found.json").read_text("utf-8"), encoding="utf-8")
    done = plain(*words, "--replay", str(case), "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    assert [cause["id"] for cause in json.loads(done.stdout)["causes"]] == ["tag-not-found"]


def test_it_says_its_version(plain: Command) -> None:
    done = plain("pullcheck", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"pullcheck {__version__}\n", "")


def test_aws_is_asked(plain: Command) -> None:
    done = plain("pullcheck", "payments/refunds-worker", "--region", "eu-west-1")
    assert (done.returncode, done.stdout) == (4, "")
    assert "credentials" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_plain_command_has_no_package_of_slack(plain: Command) -> None:
    listing = "from importlib.metadata import distributions as d; print(*sorted(x.name for x in d()))"
    names = plain("python", "-c", listing).stdout.split()
    assert "boto3" in names
    assert [name for name in names if "slack" in name] == []
    for words in (("pullcheck", "bot"), ("python", "-m", "bot", "--check")):
        done = plain(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"pip install './pullcheck-{__version__}-py3-none-any.whl[bot]'" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("pullcheck", "bot"), ("python", "-m", "bot")], ids=" ".join)
def test_the_bot_starts(with_bot: Command, words: tuple[str, ...]) -> None:
    done = with_bot(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pullcheck: settings ")
    assert "SLACK_BOT_TOKEN" in done.stderr


def test_the_bots_check_finds_the_manifest(with_bot: Command) -> None:
    done = with_bot("python", "-c", "from bot.probes import MANIFEST; print(MANIFEST.parent.name)")
    assert (done.stdout, done.stderr) == ("bot\n", "")
