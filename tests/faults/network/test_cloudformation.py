"""The CloudFormation of the repairs, held against AWS's own schemas of the resources by cfn-lint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.build import VPC
from tests.faults.network.rooms import CASES
from tests.faults.network.test_fixes import parts_of
from tests.faults.network.traces import ways

IDS_OF_THE_TABLES = {"E1150", "E1151", "E1154"}
"""Rules that hold ids of groups, VPCs and subnets against EC2's pattern: those of the tables are names."""
REGION = "us-east-1"


def _code() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for case in CASES:
        for way in ways(case.snapshot, case.leg, case.blocker, case.via, case.endpoint_id):
            if way.cloudformation and "RULE_NUMBER" not in way.cloudformation:
                yield parts_of(way.cloudformation)


def test_what_is_made_is_valid() -> None:
    """All of it in one template, in which each piece has names and a VPC of its own."""
    # Not at the top: the linter takes a second to load, in each process that collects the tests.
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    pieces = {resources for resources, _ in _code() if resources.strip()}
    assert len(pieces) > 20
    lines = ["AWSTemplateFormatVersion: '2010-09-09'", "Resources:"]
    for place, piece in enumerate(sorted(pieces)):
        own = re.sub(
            r"^(\w+):$|(?<=!Ref )(\w+)|(?<=!GetAtt )(\w+)", rf"\g<0>X{place}", piece, flags=re.MULTILINE
        )
        lines += [
            f"  {line.replace(f':X{place}', f'X{place}:')}"
            for line in own.replace(VPC, f"{VPC}{place}").splitlines()
        ]
    found = lint("\n".join(lines) + "\n", config=ManualArgs(regions=[REGION]))
    assert [f"{item.rule.id} {item.message}" for item in found if item.rule.id not in IDS_OF_THE_TABLES] == []


def test_what_changes_in_a_resource_is_a_property_of_it() -> None:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    changes = {change for _, changes in _code() for change in changes}
    assert changes
    for kind, inside in changes:
        schema = str(PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema)
        for name in re.findall(r"^(\w+):", inside, flags=re.MULTILINE):
            assert f"'{name}'" in schema, f"{kind} has no {name}"
