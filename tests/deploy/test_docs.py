"""The pages for operators: sums that are right, files and targets that exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.events.routes import Routes
from tests.deploy.conftest import ROOT
from tools.slack_manifest import for_http

OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
DEPLOY = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")

Row = tuple[str, str, str, str]


def cost_tables() -> list[list[Row]]:
    """The tables of costs, without their heads."""
    section = OPERATIONS.partition("## What it costs")[2]
    tables = re.split(r"\n\n", section)
    return [
        [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines()[2:]]  # type: ignore[misc]
        for table in tables
        if table.startswith("|")
    ]


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text))


def test_every_product_and_every_sum_of_the_costs_is_right() -> None:
    tables = cost_tables()
    assert len(tables) == 4
    for table in tables:
        *rows, (what, _, _, together) = table
        assert what == "**Together**"
        for what, quantity, price, dollars in rows:
            amount, _, unit = price.partition(" per ")
            each = {"": 1.0, "million": 1e6, "10,000": 1e4}[unit]
            assert number(quantity) * number(amount) / each == pytest.approx(number(dollars), abs=0.00005), (
                what
            )
        assert sum(number(row[3]) for row in rows) == pytest.approx(number(together), abs=0.00005)


def test_the_products_in_words_give_the_quantities() -> None:
    for table in cost_tables():
        for what, quantity, *_ in table:
            factors = what.partition(": ")[2]
            if not factors or "(" in factors or "KB" in factors:
                continue
            product = 1.0
            for factor in factors.split("×"):
                product *= number(factor.split()[0])
            assert product == pytest.approx(number(quantity.split()[0])), what


def test_as_many_alarms_are_paid_for_as_there_are(template: dict[str, Any]) -> None:
    alarms = [item for item in template["Resources"].values() if item["Type"] == "AWS::CloudWatch::Alarm"]
    (row,) = (row for table in cost_tables() for row in table if row[0] == "CloudWatch alarms")
    assert int(row[1]) == len(alarms)


@pytest.mark.parametrize("page", ["docs/deploy.md", "docs/operations.md"])
def test_every_link_into_the_project_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / page).parent.joinpath(link).exists(), link


def test_the_example_of_routes_is_one_that_the_bot_takes() -> None:
    (example,) = re.findall(r"```json\n(\[.*?\])\n```", DEPLOY, re.DOTALL)
    assert len(Routes.of(example).rules) == 4
    (short,) = re.findall(r"^PULLCHECK_ROUTES='(.+)'$", DEPLOY, re.MULTILINE)
    assert len(Routes.of(short).rules) == 1


def test_the_task_definition_fits_the_dockerfile() -> None:
    (example,) = re.findall(r"```json\n(\{.*?\n\})\n```", DEPLOY, re.DOTALL)
    (container,) = json.loads(example)["containerDefinitions"]
    assert container["healthCheck"]["command"] == ["CMD", "python", "-m", "bot.healthy"]
    assert container["readonlyRootFilesystem"] is True
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f'VOLUME ["{container["mountPoints"][0]["containerPath"]}"]' in dockerfile


def test_the_manifest_for_http_sends_everything_to_the_address() -> None:
    address = "https://abc.lambda-url.eu-central-1.on.aws/slack/events"
    manifest = for_http(address)
    assert [command["url"] for command in manifest["features"]["slash_commands"]] == [address]
    assert manifest["settings"]["interactivity"] == {"is_enabled": True, "request_url": address}
    assert manifest["settings"]["socket_mode_enabled"] is False
    plain = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["oauth_config"] == plain["oauth_config"]


@pytest.mark.parametrize("arguments", [[], ["http://example.com"], ["example.com"]])
def test_it_wants_an_https_address(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.slack_manifest", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2


@pytest.mark.parametrize(
    "path", ["package-lock.json", "package.json", "requirements.txt", "serverless.yml", "Dockerfile"]
)
def test_no_file_names_a_package_registry(path: str) -> None:
    text = Path(ROOT / path).read_text(encoding="utf-8")
    assert '"resolved"' not in text
    # Spelt apart, so that this file names none either.
    assert not re.search("registry" + r"\.npmjs|pypi\." + "org|python" + "hosted|yarn" + "pkg", text)
