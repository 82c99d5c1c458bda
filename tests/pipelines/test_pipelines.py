"""The examples of docs/pipelines.md: their shell is run against the emulated account, the rest is read by what reads it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.aws import Account, EmulatedAws, build_demo
from diagnostics.commands import options as command_options
from diagnostics.commands import preflighting
from tests.aws_cli import check_cli
from tests.render.schema import SCHEMA, Schema

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs/pipelines.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SCRIPT = ROOT / "deploy/action.sh"


def example(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```[a-z]+\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with EmulatedAws() as aws:
        yield build_demo(aws)


class Shell:
    """A shell in which `pullcheck` is installed, `pip` installs nothing, and `ecspresso` renders a file."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.folder = folder
        tools = folder / "bin"
        tools.mkdir()
        scripts = {
            "pullcheck": f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m bot.command "$@"',
            "pip": "exit 0",
            "ecspresso": 'if [ "$1" = render ]; then cat taskdef.json; else echo deployed; fi',
        }
        for name, text in scripts.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            (tools / name).chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(folder),
            **account.aws.environment(),
        }
        self.definition("payments-api", account)

    def definition(self, name: str, account: Account, tag: str | None = None) -> None:
        """Put a task definition into taskdef.json, with another tag where one is given."""
        answer = account.client("ecs").describe_task_definition(taskDefinition=name)["taskDefinition"]
        if tag is not None:
            (container,) = answer["containerDefinitions"]
            container["image"] = container["image"].rpartition(":")[0] + f":{tag}"
        (self.folder / "taskdef.json").write_text(json.dumps(answer, default=str), encoding="utf-8")

    def run(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def shell(account: Account, tmp_path: Path) -> Shell:
    return Shell(account, tmp_path)


# --- GitLab and CodePipeline -------------------------------------------------------------------------


def gitlab() -> tuple[list[str], list[str], str]:
    (job,) = yaml.safe_load(example("gitlab")).values()
    return job["script"], job["after_script"], job["artifacts"]["reports"]["junit"]


def codebuild() -> tuple[list[str], list[str], str]:
    spec = yaml.safe_load(example("codebuild"))
    phases, (group,) = spec["phases"], spec["reports"].values()
    assert group["file-format"] == "JUNITXML"
    (file,) = group["files"]
    return [*phases["install"]["commands"], *phases["build"]["commands"]], phases["build"]["finally"], file


@pytest.mark.parametrize("pipeline", [gitlab, codebuild])
def test_a_pipeline_fails_with_the_check_and_keeps_its_report(
    pipeline: Any, shell: Shell, account: Account
) -> None:
    script, afterwards, file = pipeline()
    shell.definition("payments-api", account, "nowhere")
    done = shell.run("\n".join(("set -e", *script)))
    assert done.returncode == 1, done.stderr
    assert "tag-not-found" in done.stdout
    shell.run("\n".join(afterwards))
    document = (shell.folder / file).read_text(encoding="utf-8")
    assert Schema(SCHEMA.read_text(encoding="utf-8")).complaints(document) == []


# --- ecspresso ---------------------------------------------------------------------------------------


def test_ecspresso_deploys_only_what_can_be_pulled(shell: Shell, account: Account) -> None:
    shell.definition("payments-api", account, "1.4.2")
    done = shell.run(example("ecspresso"))
    assert (done.returncode, done.stdout.endswith("deployed\n")) == (0, True), done.stderr
    shell.definition("payments-api", account, "nowhere")
    done = shell.run(example("ecspresso"))
    assert done.returncode == 1
    assert not done.stdout.endswith("deployed\n")


def test_what_follows_a_deployment_that_failed(shell: Shell) -> None:
    assert shell.run(example("ecspresso-after")).stdout == "deployed\n"


# --- GitHub ------------------------------------------------------------------------------------------


def test_the_workflow_uses_inputs_that_the_action_has() -> None:
    workflow = yaml.safe_load(example("github"))
    steps = workflow["jobs"]["deploy"]["steps"]
    ours = [step["with"] for step in steps if step.get("uses", "").startswith("your-organization/pullcheck@")]
    assert [item["use"] for item in ours] == ["preflight", "deployment"]
    for item in ours:
        assert item.keys() <= ACTION["inputs"].keys()


def test_the_action_pastes_no_input_into_a_script() -> None:
    (step,) = ACTION["runs"]["steps"]
    assert ACTION["runs"]["using"] == "composite"
    assert step["shell"] == "bash"
    assert "${{" not in step["run"]
    assert set(step["env"].values()) == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    asked = set(re.findall(r"\(input ([A-Z_]+)\)", SCRIPT.read_text(encoding="utf-8")))
    assert {f"PULLCHECK_INPUT_{name}" for name in asked} == set(step["env"])


class Action:
    """Runs the action's script as GitHub does, with the inputs' defaults, and without installing anything."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.output = shell.folder / "output"
        self.summary = shell.folder / "summary.md"

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        (step,) = ACTION["runs"]["steps"]
        given = {name: str(item.get("default", "")) for name, item in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        self.output.write_text("", encoding="utf-8")
        return self.shell.run(
            step["run"],
            GITHUB_ACTION_PATH=str(ROOT),
            GITHUB_OUTPUT=str(self.output),
            GITHUB_STEP_SUMMARY=str(self.summary),
            RUNNER_TEMP=str(self.shell.folder),
            ACTION_PYTHON=sys.executable,
            **{f"PULLCHECK_INPUT_{name.replace('-', '_').upper()}": value for name, value in given.items()},
        )


@pytest.fixture
def action(shell: Shell) -> Action:
    return Action(shell)


PLACE = {"cluster": "payments", "service": "payments-api"}


def test_the_action_before_a_deployment(action: Action, account: Account) -> None:
    action.shell.definition("payments-api", account, "nowhere")
    done = action.run(task_definition="taskdef.json", junit="report.xml", **PLACE)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error title=payments-api%3A tag-not-found::")
    assert all(line.startswith("::") for line in done.stdout.splitlines())
    assert action.output.read_text(encoding="utf-8") == "status=1\n"
    assert "What would stop this pull" in action.summary.read_text(encoding="utf-8")
    document = (action.shell.folder / "report.xml").read_text(encoding="utf-8")
    assert Schema(SCHEMA.read_text(encoding="utf-8")).complaints(document) == []
    assert action.run(task_definition="taskdef.json", fail_on="never", **PLACE).returncode == 0


def test_the_action_after_a_deployment(action: Action) -> None:
    done = action.run(use="deployment", wait="0", **PLACE)
    assert action.output.read_text(encoding="utf-8") in ("status=0\n", "status=1\n"), done.stderr
    assert all(line.startswith("::") for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"use": "else", **PLACE}, "The input use is 'else'; it must be preflight or deployment."),
        ({"task_definition": "x"}, "The input cluster is missing"),
        (PLACE, "The input task-definition is missing"),
        ({"use": "deployment", "cluster": "payments"}, "The input service is missing"),
        ({"task_definition": "x", "fail_on": "all", **PLACE}, "The input fail-on is 'all'"),
        ({"task_definition": "--save=/etc/x", **PLACE}, "The input task-definition is '--save=/etc/x'"),
        ({"use": "a\n::error::b%0A", **PLACE}, "The input use is 'a%0A::error::b%250A'"),
    ],
)
def test_a_wrong_input_is_one_annotation(inputs: dict[str, str], says: str, action: Action) -> None:
    done = action.run(**inputs)
    assert done.returncode == 2
    assert done.stdout.startswith(f"::error title=pullcheck::{says}")
    assert done.stdout.count("\n") == 1


def test_no_input_is_code(action: Action) -> None:
    hostile = "\"'; touch pwned; $(touch pwned) `touch pwned` * \\"
    done = action.run(
        task_definition="taskdef.json", cluster=hostile, service=hostile, wait=hostile, region=""
    )
    assert done.returncode == 2
    assert "--cluster takes the name or the ARN of a cluster" in done.stdout
    assert not (action.shell.folder / "pwned").exists()


# --- the hook ----------------------------------------------------------------------------------------


# That its template is one that CloudFormation takes, tests/deploy/test_template.py asks, with all the others.


def test_the_hook_s_commands_are_taken_by_the_aws_cli() -> None:
    check_cli(example("hook-cli"))


def test_every_command_of_the_page_is_one_that_is_taken() -> None:
    """What does not parse leaves with status 2."""
    commands = re.findall(r"^\s*-?\s*pullcheck (preflight .+?)(?: --save \S+| &&)?$", PAGE, re.MULTILINE)
    assert len(commands) >= 5
    for words in commands:
        preflighting.parser().parse_args(words.split()[1:])
    assert set(re.findall(r"--format ([a-z]+)", PAGE)) <= set(command_options.FORMATS)
