"""Our answers beside those of another evaluator, for the hand-written questions and seeded random ones.

The other one is `@cloud-copilot/iam-simulate` (AGPL-3.0): a program that is run as a process of its own
during development and in CI, never imported, copied or shipped. `oracle/setup.sh` installs it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .cases import COMPLETE
from .questions import ACCOUNT, ROLE, SESSION, Question
from .random_questions import random_questions

ORACLE = Path(__file__).parent / "oracle"
RANDOM_QUESTIONS = 4000
SEED = 20260301

_NAMES = {"Allowed": "allowed", "ImplicitlyDenied": "implicit", "ExplicitlyDenied": "explicit"}

# Hand-written questions that the two answer differently, with the reason for which ours stands.
_ENDPOINT = (
    "It accepts no principal but * in an endpoint policy; AWS's own example names a role. AWS: "
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
)
_NOT_PRINCIPAL = (
    "It takes the account's name alone to spare its sessions, which it says it never tried; AWS checks the role and the "
    "session too. AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
)
KNOWN_DIFFERENCES = {
    "Deny with NotPrincipal of the account only": _NOT_PRINCIPAL,
    "Deny with NotPrincipal of the account and another role": _NOT_PRINCIPAL,
    "an endpoint policy for the role": _ENDPOINT,
    "an endpoint policy for another role": _ENDPOINT,
    "an endpoint policy for the account": _ENDPOINT,
    "a variable in a policy of the older version": (
        "It fills in variables whatever the version; before version 2012-10-17 they are plain text. AWS: "
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"
    ),
    "DateEquals of seconds": (
        "It reads no seconds since 1970 in a request's date; they are as good as ISO 8601. AWS: "
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
    ),
    "IpAddress, every address": (
        "It finds no address in 0.0.0.0/0, which is all of them. AWS: https://docs.aws.amazon.com/IAM/latest"
        "/UserGuide/reference_policies_elements_condition_operators.html"
    ),
}


@pytest.fixture(scope="module")
def oracle(pytestconfig: pytest.Config) -> Path:
    """The folder of the installed program: CI installs it, elsewhere the test is skipped without it."""
    installed = ORACLE / "node_modules" / "@cloud-copilot" / "iam-simulate"
    if os.environ.get("CI") and not installed.is_dir():
        subprocess.run([str(ORACLE / "setup.sh")], check=True, timeout=300)
    if shutil.which("node") is None or not installed.is_dir():
        why = "the policy evaluator was NOT compared with another one: run tests/policy/oracle/setup.sh"
        reporter = pytestconfig.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"\nSKIPPED: {why}", yellow=True)
        pytest.skip(why)
    return ORACLE


def _ours(question: Question) -> str:
    decision = question.ask()
    if decision.outcome != "denied":
        return decision.outcome
    return "explicit" if decision.explicit else "implicit"


def _as_json(question: Question, number: int) -> str:
    # The other evaluator fills in nothing, so it is given what AWS would add by itself.
    context: dict[str, Any] = {
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
        "aws:SecureTransport": "true",
        "aws:ResourceAccount": question.owner,
    }
    context |= {
        key: values[0] if len(values) == 1 else list(values) for key, values in question.context.items()
    }
    return json.dumps(
        {
            "id": number,
            "request": {
                "principal": SESSION,
                "action": question.action,
                "resource": question.resource,
                "owner": question.owner,
                "context": context,
            },
            "identity": list(question.identity),
            "boundary": question.boundary,
            "resource": question.repository,
            "endpoint": question.endpoint,
            # Without any SCP the account is in no organization, and nothing limits it.
            "scps": list(question.scps),
        }
    )


def _theirs(oracle: Path, questions: list[Question]) -> list[dict[str, Any]]:
    lines = "".join(_as_json(question, number) + "\n" for number, question in enumerate(questions))
    done = subprocess.run(
        ["node", "simulate.mjs"],
        cwd=oracle,
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == list(range(len(questions)))
    return answers


def _differences(oracle: Path, questions: list[Question]) -> dict[str, str]:
    found: dict[str, str] = {}
    for question, answer in zip(questions, _theirs(oracle, questions), strict=True):
        ours = _ours(question)
        theirs = f"no answer, {answer['error']}" if "error" in answer else _NAMES[answer["decision"]]
        if ours != theirs:
            found[question.name] = f"ours {ours}, theirs {theirs}: {_as_json(question, 0)}"
    return found


def test_hand_written_questions(oracle: Path) -> None:
    found = _differences(oracle, [question for question, _ in COMPLETE])
    assert found.keys() == KNOWN_DIFFERENCES.keys(), found


def test_random_questions(oracle: Path) -> None:
    questions = list(random_questions(SEED, RANDOM_QUESTIONS))
    found = _differences(oracle, questions)
    assert not found, f"{len(found)} differ; the first: {next(iter(found.values()))}"


def test_random_questions_have_answers_of_each_kind() -> None:
    outcomes = [_ours(question) for question in random_questions(SEED, RANDOM_QUESTIONS)]
    share = {name: outcomes.count(name) / len(outcomes) for name in ("allowed", "implicit", "explicit")}
    assert all(part > 0.1 for part in share.values()), share
    assert "cannot_tell" not in outcomes
