"""Healthy worlds: what runs, what ended for another reason, and what ECS has forgotten."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from demo.aws import SCENARIOS, Account

# scenario id, the verdict, the task's last status (None: the task is missing), its stop code
HEALTHY: list[tuple[str, str, str | None, str | None]] = [
    ("healthy-nat", "nothing_wrong", "RUNNING", None),
    ("healthy-endpoints", "nothing_wrong", "RUNNING", None),
    ("healthy-public-ip", "nothing_wrong", "RUNNING", None),
    ("healthy-without-service", "nothing_wrong", "RUNNING", None),
    ("healthy-ec2-bridge", "nothing_wrong", "RUNNING", None),
    ("healthy-ec2-closed-task-group", "nothing_wrong", "RUNNING", None),
    ("repaired-since", "nothing_wrong", "STOPPED", "TaskFailedToStart"),
    ("essential-container-exited", "not_a_pull_failure", "STOPPED", "EssentialContainerExited"),
    ("stopped-by-the-scheduler", "not_a_pull_failure", "STOPPED", "ServiceSchedulerInitiated"),
    ("task-gone", "task_gone", None, None),
]


def test_the_table_covers_the_catalogue() -> None:
    assert sorted(row[0] for row in HEALTHY) == sorted(
        scenario.id for scenario in SCENARIOS.values() if scenario.fault is None
    )


@pytest.mark.parametrize(
    ("identifier", "outcome", "status", "code"), HEALTHY, ids=[row[0] for row in HEALTHY]
)
def test_a_healthy_world(
    account: Account, identifier: str, outcome: str, status: str | None, code: str | None
) -> None:
    scenario = SCENARIOS[identifier]
    assert (scenario.fault, scenario.outcome) == (None, outcome)
    described = scenario.break_it(account).task.describe()
    assert described.get("lastStatus") == status
    assert described.get("stopCode") == code
    assert (described.get("reason") == "MISSING") is (status is None)
    scenario.fix(account)


def test_the_closed_group_belongs_to_the_task_and_not_to_the_host(account: Account) -> None:
    task = SCENARIOS["healthy-ec2-closed-task-group"].break_it(account).task
    details = task.describe()["attachments"][0]["details"]
    (interface,) = [item["value"] for item in details if item["name"] == "networkInterfaceId"]
    described = account.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][
        0
    ]
    closed = account.network.security_groups["closed"]
    assert [group["GroupId"] for group in described["Groups"]] == [closed]
    host = account.ec2.describe_instances(InstanceIds=[task.instance_id])["Reservations"][0]["Instances"][0]
    (primary,) = host["NetworkInterfaces"]
    assert primary["Attachment"]["DeviceIndex"] == 0
    assert [group["GroupId"] for group in primary["Groups"]] == [account.network.security_groups["tasks"]]


def test_the_public_address_is_on_the_interface(account: Account) -> None:
    task = SCENARIOS["healthy-public-ip"].break_it(account).task
    details = {item["name"]: item["value"] for item in task.describe()["attachments"][0]["details"]}
    described = account.ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])
    interface = described["NetworkInterfaces"][0]
    assert interface["Association"]["PublicIp"]
    assert interface["PrivateIpAddress"] == details["privateIPv4Address"]


def test_policies_come_back_as_they_were_written(account: Account) -> None:
    """botocore decodes IAM's documents, so a policy that moto encoded twice would show here."""
    SCENARIOS["role-explicit-deny"].break_it(account)
    answer = account.iam.get_role_policy(RoleName="quarantined-execution", PolicyName="quarantine")
    document = answer["PolicyDocument"]
    assert unquote(json.dumps(document)) == json.dumps(document)
    assert document["Statement"][0]["Effect"] == "Deny"
