"""`python -m bot` as a process: it names what is missing, connects, and ends cleanly when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.slack import LocalSlack
from tests.build import TASK_ARN

ROOT = Path(__file__).parents[2]


def environment(**values: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLACK_", "PULLCHECK_", "AWS_"))
    }
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", "NO_COLOR": "1", **values}


def run(*arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=environment(**values),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_everything_missing_is_named_at_once() -> None:
    done = run()

    assert done.returncode == 2
    assert "SLACK_BOT_TOKEN, SLACK_APP_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_the_settings() -> None:
    done = run("--help")

    assert done.returncode == 0
    for name in ("SLACK_BOT_TOKEN", "PULLCHECK_ALLOWED_ACCOUNTS", "PULLCHECK_DEADLINE", "--check"):
        assert name in done.stdout


def test_every_setting_is_in_the_help() -> None:
    from bot.__main__ import _SETTINGS
    from bot.settings import Settings

    hidden = {"pullcheck_allow_slack_api_url"}
    for name in Settings.model_fields.keys() - hidden:
        assert name.upper() in _SETTINGS


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    done = run(
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_APP_TOKEN="xapp-1",
        PULLCHECK_DATABASE=str(tmp_path / "missing" / "runs.sqlite3"),
    )

    assert done.returncode == 1
    assert "PULLCHECK_DATABASE" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_listeners_load_no_checks_and_no_aws() -> None:
    """They must start fast where a request starts a process."""
    code = (
        "import sys, bot.app; "
        "print([name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore', 'rich') "
        "or name.startswith(('diagnostics.faults', 'diagnostics.collect', 'diagnostics.engine'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "[]"


def test_a_token_that_slack_refuses(tmp_path: Path) -> None:
    with LocalSlack() as slack:
        done = run(
            SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_APP_TOKEN="xapp-wrong",
            SLACK_API_URL=slack.api_url,
            PULLCHECK_DATABASE=str(tmp_path / "runs.sqlite3"),
        )

    assert done.returncode == 1
    assert "invalid_auth" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_ends_cleanly_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Without AWS credentials the answer is a sentence about them, which is an answer all the same."""
    with LocalSlack() as slack:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot"],
            cwd=ROOT,
            env=environment(
                SLACK_BOT_TOKEN=slack.bot_token,
                SLACK_APP_TOKEN=slack.app_token,
                SLACK_API_URL=slack.api_url,
                PULLCHECK_DATABASE=str(tmp_path / "runs.sqlite3"),
                HOME=str(tmp_path),
                AWS_ENDPOINT_URL="http://127.0.0.1:9",
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            slack.wait_connected()
            slack.command("/pullcheck", TASK_ARN)
            slack.wait_for(
                lambda: [m for m in slack.messages() if "credentials" in m.plain], what="an answer"
            )
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()

    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "WARNING pullcheck.bolt" not in errors
    assert "unused" not in errors
    assert slack.bot_token not in errors
