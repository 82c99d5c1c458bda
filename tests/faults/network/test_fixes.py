"""The repairs: reviewed as golden files, and held against the AWS CLI, YAML and the shape of HCL."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import Any

import pytest
import yaml

from diagnostics.faults.network import NETWORK_FAULTS
from diagnostics.faults.network.repair import TAG
from diagnostics.finding import Fix
from tests.aws_cli import aws_commands, check_cli
from tests.faults.judging import further_parts
from tests.faults.network.rooms import CASES
from tests.faults.network.tables import Case
from tests.faults.network.traces import BY_ID, ways
from tests.golden import assert_golden
from tests.rows import every_row

PARTS = ("cli", "terraform", "cloudformation", "verify", "undo")
SERVICES = {
    "login": "ecr.api", "manifest": "ecr.dkr", "logs": "logs", "secretsmanager": "secretsmanager", "ssm": "ssm",
}  # fmt: skip
TAGGED_AFTERWARDS = {"create-dhcp-options"}
MADE_BY_NAME = {
    "create-tags",
    "create-route",
    "create-security-group",
    "create-network-acl-entry",
    "create-repository",
}
"""What undo finds by what it is named or where it stands."""
FOUND_BY_RESOURCE = {"create-vpc-block-public-access-exclusion"}
"""Of which there is one for each resource."""
NOT_FIXABLE_BY_CLI = {("firewall-inspection", "another registry")}


@cache
def _ways(case: Case) -> tuple[Fix, ...]:
    return ways(case.snapshot, case.leg, case.blocker, case.via, case.endpoint_id)


def _fix(case: Case) -> Fix:
    return _ways(case)[0]


def _id(case: Case) -> str:
    return f"{case.fault}: {case.name}"


def _by_fault(case: Case) -> str:
    return case.fault


each_case = every_row("case", CASES, ids=_id)


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
        parts += further_parts(fix, _ways(case)[1:])
        sections.append("\n".join(parts))
    assert_golden(f"fixes/network/{fault}.txt", f"# {fault}\n\n" + "\n\n\n".join(sections) + "\n")


@each_case
def test_the_cli_takes_the_commands(case: Case) -> None:
    assert (_fix(case).cli is None) == ((case.fault, case.name) in NOT_FIXABLE_BY_CLI)
    for way in _ways(case):
        for text in (way.cli, way.verify, way.undo):
            commands = aws_commands(text or "")
            assert check_cli(text or "") == len(commands) == (text or "").count("aws ")
            for words in commands:
                region = words[words.index("--region") + 1]
                assert region == "us-east-1" or (region == "eu-west-1" and words[2] == "get-login-password")


@each_case
def test_each_way_is_one_and_whole(case: Case) -> None:
    for way in _ways(case):
        assert way.rules_broken() == (), way.cli
        if way.cli:
            assert way.verify
            assert way.expect
        assert way.then


@each_case
def test_the_commands_do_what_is_wanted(case: Case) -> None:
    fix = _fix(case)
    for words in case.wants:
        assert words in (fix.cli or "")


@each_case
def test_what_would_harm_is_not_offered(case: Case) -> None:
    for fix in _ways(case):
        for words in case.never:
            for part in PARTS:
                assert words not in (getattr(fix, part) or ""), part


@each_case
def test_code_leaves_open_only_what_the_commands_ask_for(case: Case) -> None:
    for fix in _ways(case):
        asked = re.findall(r"^([A-Z][A-Z0-9_]*)=$", fix.cli or "", re.MULTILINE)
        for text in (fix.terraform, fix.cloudformation):
            words = re.findall(r"\b[A-Z][A-Z]+(?:_[A-Z0-9]+)+\b", text or "")
            assert set(words) - {"PREFIX_MATCH"} <= {*asked}


@each_case
def test_nothing_is_opened_wider_than_the_leg_needs(case: Case) -> None:
    """Security groups never let anyone in, and let out to everywhere only what leaves to the internet."""
    for line in (line for fix in _ways(case) for line in (fix.cli or "").splitlines()):
        if "authorize-security-group-ingress" in line:
            assert "0.0.0.0/0" not in line
        if "authorize-security-group-egress" in line and case.via in (
            "interface_endpoint",
            "gateway_endpoint",
        ):
            assert "0.0.0.0/0" not in line


@each_case
def test_what_is_made_can_be_found_again(case: Case) -> None:
    """Each thing that is made carries the mark or the name by which undo finds it, in a shell that knows nothing."""
    for way in _ways(case):
        for words in aws_commands(way.cli or ""):
            if not words[2].startswith(("create-", "allocate-")) or words[2] in MADE_BY_NAME:
                continue
            if words[2] in TAGGED_AFTERWARDS:
                assert re.search(rf"create-tags .*Key={TAG},Value=(repair-\w{{10}})", way.cli or "")
                continue
            given = words[words.index("--tag-specifications") + 1]
            tag = re.fullmatch(rf"ResourceType=[a-z-]+,Tags=\[{{Key={TAG},Value=(repair-\w{{10}})}}\]", given)
            assert tag is not None, given
            assert tag[1] in (way.undo or "") or words[2] in FOUND_BY_RESOURCE


def test_no_repair_finds_what_another_made() -> None:
    """Two endpoints are missing at the same subnet: to take one back leaves the other."""
    by_fault = {
        case.fault: case
        for case in CASES
        if case.fault in ("endpoint-missing-ecr-api", "endpoint-missing-ecr-dkr")
    }
    one, other = (set(re.findall(r"repair-\w{10}", _fix(case).undo or "")) for case in by_fault.values())
    assert len(one) == len(other) == 1
    assert one != other


class _Loader(yaml.SafeLoader):
    """YAML that knows CloudFormation's short tags."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    return {suffix: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None}


_Loader.add_multi_constructor("!", _tagged)


@each_case
def test_cloudformation_is_yaml(case: Case) -> None:
    for way in _ways(case):
        if way.cloudformation is None:
            continue
        resources, changes = parts_of(way.cloudformation)
        loaded = yaml.load(resources, Loader=_Loader) or {}
        assert resources.count("  Type: ") == len(loaded), "a logical id stands twice"
        assert loaded or changes
        for name, resource in loaded.items():
            assert re.fullmatch(r"[A-Za-z0-9]+", name)
            assert re.fullmatch(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+", resource["Type"])
            assert isinstance(resource.get("Properties", {}), dict)
        for kind, lines in changes:
            assert re.fullmatch(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+", kind)
            assert yaml.load(lines, Loader=_Loader)
        for named in re.findall(r"!Ref (\w+)|!GetAtt (\w+)", way.cloudformation):
            assert "".join(named) in loaded


@each_case
def test_terraform_is_balanced_and_named_once(case: Case) -> None:
    for way in _ways(case):
        if way.terraform is None:
            continue
        text = way.terraform
        plain = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
        for opening, closing in ("{}", "[]"):
            assert plain.count(opening) == plain.count(closing)
        names = re.findall(r'^resource "([a-z0-9_]+)" "([a-z][a-z0-9_]*)" \{$', text, flags=re.MULTILINE)
        resources, changes = parts_of(text)
        assert names or changes
        assert len(names) == len(set(names)) == text.count('resource "')
        for line in resources.splitlines():
            assert re.fullmatch(r"# .*|resource .*\{|\}|\s+(\w+\s+= \S.*|\w+ \{|\}|\S.*)", line), line
        for kind, inside in changes:
            assert re.fullmatch(r"aws_\w+", kind)
            for line in inside.splitlines():
                assert re.fullmatch(r"\w+ = \S.*", line), line


def parts_of(code: str) -> tuple[str, list[tuple[str, str]]]:
    """The resources that code makes; and by its kind, the lines that stand in one which exists."""
    made, changes = list[str](), list[tuple[str, str]]()
    inside: list[str] | None = None
    kind = ""
    for line in code.splitlines():
        if found := re.fullmatch(r"# In (?:\w+ of )?the (\S+) .*\bexists\b.*:", line):
            if inside is not None:
                changes.append((kind, "\n".join(inside)))
            kind, inside = found[1], []
        elif inside is not None and re.match(r"\w+(?: = |: )\S", line):
            inside.append(line)
        else:
            if inside is not None:
                changes.append((kind, "\n".join(inside)))
                inside = None
            made.append(line)
    if inside is not None:
        changes.append((kind, "\n".join(inside)))
    return "\n".join(made), changes


@each_case
def test_says_in_sentences_what_changes(case: Case) -> None:
    for way in _ways(case):
        for text in filter(None, (way.text, way.warning, way.undo_note)):
            assert text[0].isupper() or re.match(r"[a-z]+-", text), text
            assert text.endswith(".")
            assert "None" not in text
            assert "  " not in text
