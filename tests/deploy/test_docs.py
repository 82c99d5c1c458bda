"""The pages for operators: sums that are right, files and targets that exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.aws_lambda.work import SOON
from bot.events.routes import Routes
from bot.socket_mode import STOP_SECONDS
from bot.stores.table_jobs import BEAT, LEASE
from tests.aws_cli import check_cli
from tests.deploy.conftest import ROOT
from tests.deploy.yaml_forms import load
from tools.slack_manifest import for_http

OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
DEPLOY = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
REVIEW = (ROOT / "docs/security-review.md").read_text(encoding="utf-8")
PAGES = ["README.md", "SECURITY.md", "docs/deploy.md", "docs/operations.md", "docs/security-review.md"]

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


def test_the_example_of_routes_is_one_that_the_bot_takes() -> None:
    (example,) = re.findall(r"```json\n(\[.*?\])\n```", DEPLOY, re.DOTALL)
    assert len(Routes.of(example).rules) == 4
    short = re.findall(r"^PULLCHECK_ROUTES='(.+)'$", DEPLOY, re.MULTILINE)
    assert [len(Routes.of(item).rules) for item in short] == [1, 1]


def test_the_service_of_a_container_fits_the_dockerfile() -> None:
    template = load((ROOT / "deploy/container.yml").read_text(encoding="utf-8"))
    task = template["Resources"]["TaskDefinition"]["Properties"]
    (container,) = task["ContainerDefinitions"]
    assert container["HealthCheck"]["Command"] == ["CMD", "python", "-m", "bot.healthy"]
    assert container["ReadonlyRootFilesystem"] is True
    # SIGTERM is answered within STOP_SECONDS.
    assert container["StopTimeout"] > STOP_SECONDS
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f'VOLUME ["{container["MountPoints"][0]["ContainerPath"]}"]' in dockerfile
    told = {item["Name"]: item["Value"] for item in container["Environment"] if "Name" in item}
    assert told["PULLCHECK_STORE"] == "dynamodb"
    table = template["Resources"]["Table"]["Properties"]
    assert told["PULLCHECK_TABLE"] == {"Ref": "Table"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    # One at a time: two would each take the other's jobs for lost.
    deployment = template["Resources"]["Service"]["Properties"]["DeploymentConfiguration"]
    assert (deployment["MinimumHealthyPercent"], deployment["MaximumPercent"]) == (0, 100)


def test_the_manifest_for_http_sends_everything_to_the_address() -> None:
    address = "https://abc.lambda-url.eu-central-1.on.aws/slack/events"
    manifest = for_http(address)
    assert [command["url"] for command in manifest["features"]["slash_commands"]] == [address]
    assert manifest["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": address,
        "message_menu_options_url": address,
    }
    assert manifest["settings"]["event_subscriptions"]["request_url"] == address
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


# --- commands ----------------------------------------------------------------------------------------


def blocks(text: str) -> list[str]:
    """The shell blocks of a page, without their indent."""
    found = re.findall(r"^( *)```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def aws_commands(text: str) -> list[str]:
    """Every `aws …` of the shell blocks and of the code in a line, alone or in `$(…)`, one string each."""
    lines = [line for block in blocks(text) for line in re.sub(r"\\\n\s*", " ", block).splitlines()]
    lines += re.findall(r"(?<!`)`(aws [^`]+)`", text)
    found = []
    for line in lines:
        # What stands in `$(…)` first, then the line with it taken out.
        while inner := re.search(r"\$\(([^()]*)\)", line):
            found += re.findall(r"^\s*(aws .+)$", inner[1])
            line = line.replace(inner[0], "SUBSTITUTED")
        found += re.findall(r"(?:^|[;|(]|\bdo\b)\s*(aws [a-z].+)$", line)
    return found


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "least"), [("docs/deploy.md", 12), ("docs/operations.md", 7)])
def test_every_aws_command_is_one_and_names_the_region(name: str, least: int) -> None:
    commands = aws_commands(page(name))
    assert len(commands) >= least
    for command in commands:
        assert check_cli(command) == 1, command
        if not command.startswith("aws configure"):
            assert '--region "$REGION"' in command, command


@pytest.mark.parametrize("name", ["docs/deploy.md", "docs/operations.md"])
def test_the_region_is_set_once_before_it_is_used(name: str) -> None:
    text = page(name)
    assert re.findall(r"^REGION=.+$", text, re.MULTILINE) == ["REGION=eu-central-1"]
    assert text.index("REGION=eu-central-1") < text.index('"$REGION"')
    for command in re.findall(r"^ *npx osls (?:deploy|remove).*$", text, re.MULTILINE):
        assert '--region "$REGION"' in command


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_shell(name: str) -> None:
    for block in blocks(page(name)):
        done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + block


SECRET = re.compile(
    r"xox[a-z]-|xapp-|SIGNING_SECRET\": \"(?!%s)|--value (?!\"?file://)|--secret-string (?!\"?file://)"
)


@pytest.mark.parametrize("name", PAGES)
def test_no_secret_is_on_a_command_line(name: str) -> None:
    for block in blocks(page(name)):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            # A prompt only names what is asked for.
            shown = re.sub(r"printf '[^'%]*: '; read -rs", "", line)
            assert not SECRET.search(shown), line


FAKE_AWS = """#!/bin/sh
printf '%s\\n' "$@" >> "$TOLD/arguments"
for argument in "$@"; do
  case "$argument" in
    file://*)
      file="${argument#file://}"
      stat -c %a "$file" >> "$TOLD/modes"
      cat "$file" >> "$TOLD/values"; echo >> "$TOLD/values"
      ls "$file" >> "$TOLD/files" ;;
  esac
done
"""


@pytest.mark.parametrize(
    ("asks", "values"),
    [
        ("Signing Secret", ['{"SLACK_BOT_TOKEN": "xoxb-first", "SLACK_SIGNING_SECRET": "xapp-second"}']),
        ("/pullcheck/container/app-token", ["xoxb-first", "xapp-second"]),
    ],
)
def test_what_asks_for_secrets_passes_them_in_a_file_of_ones_own(
    tmp_path: Path, asks: str, values: list[str]
) -> None:
    (block,) = (item for item in blocks(DEPLOY) if asks in item and "read -rs" in item)
    fake = tmp_path / "bin" / "aws"
    fake.parent.mkdir()
    fake.write_text(FAKE_AWS, encoding="utf-8")
    fake.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", f"REGION=eu-central-1\n{block}"],
        input="xoxb-first\nxapp-second\n",
        env={"PATH": f"{fake.parent}:/usr/bin:/bin", "TOLD": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = {path.name: path.read_text().splitlines() for path in tmp_path.iterdir() if path.is_file()}
    assert told["values"] == values
    assert set(told["modes"]) == {"600"}
    assert not [item for item in told["arguments"] if "xoxb" in item or "xapp" in item]
    assert "eu-central-1" in told["arguments"]
    # Nothing is left, and nothing was shown.
    assert not [name for name in told["files"] if Path(name).exists()]
    assert "xoxb-first" not in done.stdout + done.stderr


def test_what_is_given_to_a_template_are_its_parameters() -> None:
    seen = 0
    for command in aws_commands(DEPLOY) + aws_commands(OPERATIONS):
        found = re.search(r"--template-file (\S+)", command)
        if not found:
            continue
        parameters = load((ROOT / found[1]).read_text(encoding="utf-8"))["Parameters"]
        given = re.findall(r"[\s\"](\w+)=", command.partition("--parameter-overrides")[2])
        assert given
        assert [name for name in given if name not in parameters] == []
        seen += 1
    assert seen == 4


def test_the_outputs_that_are_asked_for_are_there(template: dict[str, Any]) -> None:
    asked = set(re.findall(r"\(output (\w+)\)", OPERATIONS)) | {"WorkerRoleArn", "TaskEventsBusArn"}
    assert {"DeadLettersQueueUrl", "DeadLettersQueueArn", "EventsQueueArn"} <= asked
    assert asked - set(template["Outputs"]) == set()


def test_dead_letters_are_sent_to_a_queue_that_is_named() -> None:
    """EventBridge's have no queue that they came from.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html"""
    (command,) = (item for item in aws_commands(OPERATIONS) if "start-message-move-task" in item)
    assert "--destination-arn" in command


@pytest.mark.parametrize("name", ["docs/deploy.md", "docs/operations.md"])
def test_every_choice_that_is_named_can_be_made(name: str) -> None:
    known = page("deploy/example.env") + page("docs/settings.md")
    for choice in set(re.findall(r"\bPULLCHECK_[A-Z_]+[A-Z]\b", page(name))):
        assert choice in known, choice


# --- what is promised --------------------------------------------------------------------------------


def test_thirty_questions_with_answers_that_can_be_looked_up() -> None:
    answers = re.split(r"^\*\*(\d+)\. ", REVIEW, flags=re.MULTILINE)[1:]
    assert [int(number) for number in answers[::2]] == list(range(1, 31))
    for number, answer in zip(answers[::2], answers[1::2], strict=True):
        assert len(answer) < 900, number
    for path in re.findall(r"`((?:bot|deploy|diagnostics|docs|handlers|tests|tools)/[\w./-]+)`", REVIEW):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize(
    ("name", "promise", "value"),
    [
        ("docs/operations.md", "comes back\nafter twenty seconds", SOON == 20),
        ("docs/operations.md", "comes back after six minutes", True),
        ("docs/deploy.md", "within 20 seconds", STOP_SECONDS == 20),
        ("docs/deploy.md", "ten seconds after it was last heard of", LEASE + BEAT == 10),
    ],
)
def test_a_time_that_is_promised_is_the_one_in_the_code(name: str, promise: str, value: bool) -> None:
    assert promise in page(name)
    assert value


def test_the_times_of_the_queues_are_those_of_the_template(template: dict[str, Any]) -> None:
    queues = {name: template["Resources"][name]["Properties"] for name in ("Jobs", "Events", "DeadLetters")}
    assert {queues[name]["VisibilityTimeout"] for name in ("Jobs", "Events")} == {6 * 60}
    assert {queues[name]["MessageRetentionPeriod"] for name in ("Jobs", "Events")} == {24 * 3600}
    assert queues["DeadLetters"]["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert {queues[name]["RedrivePolicy"]["maxReceiveCount"] for name in ("Jobs", "Events")} == {4}
    assert "after four tries" in OPERATIONS
    assert "after 14 days" in OPERATIONS
    assert "for a day" in OPERATIONS
