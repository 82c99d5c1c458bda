"""The repairs: reviewed as golden files, and held against the AWS CLI, YAML and the shape of HCL."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

import pytest
import yaml

from diagnostics.faults.network import NETWORK_FAULTS
from diagnostics.finding import Fix
from diagnostics.write.snippets import PLACEHOLDERS
from tests.aws_cli import aws_commands, check_cli
from tests.faults.judging import further_parts
from tests.faults.network.rooms import CASES
from tests.faults.network.tables import Case
from tests.faults.network.traces import BY_ID, fixed, ways
from tests.golden import assert_golden

PARTS = ("cli", "terraform", "cloudformation", "verify", "undo")
SERVICES = {
    "login": "ecr.api", "manifest": "ecr.dkr", "logs": "logs", "secretsmanager": "secretsmanager", "ssm": "ssm",
}  # fmt: skip
NOT_FIXABLE_BY_CLI = {("firewall-inspection", "another registry")}


def _fix(case: Case) -> Fix:
    return fixed(case.snapshot, case.leg, case.blocker, case.via, case.endpoint_id)


def _id(case: Case) -> str:
    return f"{case.fault}: {case.name}"


def _by_fault(case: Case) -> str:
    return case.fault


each_case = pytest.mark.parametrize("case", CASES, ids=_id)


def test_every_fault_has_a_repair_and_a_case() -> None:
    assert {case.fault for case in CASES} == {fault.id for fault in NETWORK_FAULTS}


@each_case
def test_the_blocker_means_the_fault(case: Case) -> None:
    room = BY_ID[case.fault]
    assert room.means is type(case.blocker)
    assert room.service in (None, "s3" if case.leg == "layers" else SERVICES.get(case.leg))


@pytest.mark.parametrize(
    ("fault", "cases"),
    [(fault, tuple(cases)) for fault, cases in groupby(sorted(CASES, key=_by_fault), key=_by_fault)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reads_as_reviewed(fault: str, cases: tuple[Case, ...]) -> None:
    sections = []
    for case in cases:
        fix = _fix(case)
        parts = [f"## {case.name}", "", fix.text]
        for name in PARTS:
            value = getattr(fix, name)
            if value:
                parts.extend(("", f"[{name}]", value))
        parts += further_parts(
            fix, ways(case.snapshot, case.leg, case.blocker, case.via, case.endpoint_id)[1:]
        )
        sections.append("\n".join(parts))
    assert_golden(f"fixes/network/{fault}.txt", f"# {fault}\n\n" + "\n\n\n".join(sections) + "\n")


@each_case
def test_the_cli_takes_the_commands(case: Case) -> None:
    fix = _fix(case)
    if (case.fault, case.name) in NOT_FIXABLE_BY_CLI:
        assert fix.cli is None
        return
    assert fix.cli is not None
    assert fix.verify is not None
    for way in ways(case.snapshot, case.leg, case.blocker, case.via, case.endpoint_id):
        for text in (way.cli, way.verify, way.undo):
            commands = aws_commands(text or "")
            assert check_cli(text or "") == len(commands) == (text or "").count("aws ")
            for words in commands:
                assert words[words.index("--region") + 1] == "us-east-1"


@each_case
def test_the_commands_do_what_is_wanted(case: Case) -> None:
    fix = _fix(case)
    for words in case.wants:
        assert words in (fix.cli or "")


@each_case
def test_what_would_harm_is_not_offered(case: Case) -> None:
    fix = _fix(case)
    for words in case.never:
        for part in PARTS:
            assert words not in (getattr(fix, part) or ""), part


@each_case
def test_placeholders_are_explained(case: Case) -> None:
    fix = _fix(case)
    for text in (fix.cli, fix.terraform, fix.cloudformation, fix.undo):
        for word in re.findall(r"\b[A-Z][A-Z]+(?:_[A-Z]+)+\b", text or ""):
            if word == "PREFIX_MATCH":
                continue
            assert word in PLACEHOLDERS
            assert f"{word} by {PLACEHOLDERS[word]}" in fix.text


@each_case
def test_nothing_is_opened_wider_than_the_leg_needs(case: Case) -> None:
    """Security groups never let anyone in, and let out to everywhere only what leaves to the internet."""
    fix = _fix(case)
    for line in (fix.cli or "").splitlines():
        if "authorize-security-group-ingress" in line:
            assert "0.0.0.0/0" not in line
        if "authorize-security-group-egress" in line and case.via in (
            "interface_endpoint",
            "gateway_endpoint",
        ):
            assert "0.0.0.0/0" not in line


class _Loader(yaml.SafeLoader):
    """YAML that knows CloudFormation's short tags."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    return {suffix: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None}


_Loader.add_multi_constructor("!", _tagged)


@each_case
def test_cloudformation_is_yaml(case: Case) -> None:
    text = _fix(case).cloudformation
    if text is None:
        return
    resources = yaml.load(text, Loader=_Loader)
    assert text.count("  Type: ") == len(resources), "a logical id stands twice"
    for name, resource in resources.items():
        assert re.fullmatch(r"[A-Za-z0-9]+", name)
        assert re.fullmatch(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+", resource["Type"])
        assert isinstance(resource["Properties"], dict)
    for named in re.findall(r"!Ref (\w+)|!GetAtt (\w+)", text):
        assert "".join(named) in resources


@each_case
def test_terraform_is_balanced_and_named_once(case: Case) -> None:
    text = _fix(case).terraform
    if text is None:
        return
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    for opening, closing in ("{}", "[]"):
        assert plain.count(opening) == plain.count(closing)
    names = re.findall(r'^resource "([a-z0-9_]+)" "([a-z][a-z0-9_]*)" \{$', text, flags=re.MULTILINE)
    assert names
    assert len(names) == len(set(names)) == text.count('resource "')
    for line in text.splitlines():
        assert re.fullmatch(r"# .*|resource .*\{|\}|\s+(\w+\s+= \S.*|\w+ \{|\})", line), line


@each_case
def test_says_in_sentences_what_changes(case: Case) -> None:
    text = _fix(case).text
    assert text[0].isupper()
    assert text.endswith(".")
    assert "None" not in text
    assert "  " not in text
