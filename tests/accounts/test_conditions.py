"""Accounts whose policies ask for tags and for the organization: what they ask for is read, and decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from demo.aws import EmulatedAws, TaskHandle, build_account
from demo.aws.policies import PULL, TOKEN, allow
from diagnostics import report
from diagnostics.snapshot import NOT_ASKED, Snapshot
from tests.build import emulated


def tagged(key: str, value: str = "payments") -> dict[str, Any]:
    return {"StringEquals": {f"{key}/team": value}}


@dataclass(frozen=True)
class Standing:
    """One task for each role, by its name, and what each role's conditions are about."""

    aws: EmulatedAws
    tasks: dict[str, TaskHandle]
    resources: dict[str, str]

    def read(self, name: str) -> Snapshot:
        task = self.tasks[name]
        return emulated.read(self.aws, task.arn, task.region)


@pytest.fixture(scope="module")
def standing(true_aws: EmulatedAws) -> Standing:
    account = build_account(true_aws)
    team = [{"Key": "team", "Value": "payments"}]
    organizations = account.client("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    repository = account.add_repository("team/api", ("1",))
    account.ecr.tag_resource(resourceArn=repository, tags=team)
    ssm = account.client("ssm")
    ssm.put_parameter(Name="/team/token", Value="not-a-secret", Type="String", Tags=team)
    parameter = f"arn:aws:ssm:{account.region}:{account.account_id}:parameter/team/token"
    kms = account.client("kms")
    key_tags = [{"TagKey": "team", "TagValue": "payments"}]
    key = kms.create_key(Tags=key_tags)["KeyMetadata"]["Arn"]
    secret = account.client("secretsmanager").create_secret(
        Name="team/database", SecretString="not-a-secret", KmsKeyId=key
    )["ARN"]
    roles = {
        "repository": allow(*PULL, Condition=tagged("ecr:ResourceTag")),
        "repository-other": allow(*PULL, Condition=tagged("ecr:ResourceTag", "ledger")),
        "parameter": allow("ssm:GetParameters", Condition=tagged("ssm:resourceTag")),
        "parameter-other": allow("ssm:GetParameters", Condition=tagged("ssm:resourceTag", "ledger")),
        "key": allow("kms:Decrypt", Condition=tagged("aws:ResourceTag")),
        "key-other": allow("kms:Decrypt", Condition=tagged("aws:ResourceTag", "ledger")),
        "organization": allow(*PULL, Condition={"StringEquals": {"aws:ResourceOrgID": organization}}),
        "organization-other": allow(*PULL, Condition={"StringEquals": {"aws:ResourceOrgID": "o-zzzzzzzzzz"}}),
        "none": allow(*PULL),
    }
    tasks = {}
    for name, statement in roles.items():
        about = name.partition("-")[0]
        rest = [] if "ecr:BatchGetImage" in statement["Action"] else [allow(*PULL)]
        if about == "key":
            rest.append(allow("secretsmanager:GetSecretValue", on=secret))
        role = account.add_role(f"conditional-{name}", allow(TOKEN, "logs:*"), statement, *rest)
        value = {"parameter": parameter, "key": secret}.get(about)
        tasks[name] = account.fargate_task(
            f"conditional-{name}",
            image=account.image("team/api", "1"),
            execution_role=role,
            secrets=[{"name": "TOKEN", "valueFrom": value}] if value else [],
        )
    return Standing(
        true_aws,
        tasks,
        {"repository": repository, "parameter": parameter, "key": key, "organization": repository},
    )


@pytest.mark.parametrize("name", ["repository", "parameter", "key", "organization", "none"])
def test_a_condition_that_is_met_lets_the_task_pull(standing: Standing, name: str) -> None:
    told = report.build(standing.read(name))
    assert told.verdict.outcome == "nothing_wrong", (told.verdict.headline, told.causes)


@pytest.mark.parametrize(
    ("name", "fault", "key"),
    [
        ("repository", "role-permission-missing", "ecr:ResourceTag/team"),
        ("parameter", "container-secret-access-denied", "ssm:resourceTag/team"),
        ("key", "kms-denied", "aws:ResourceTag/team"),
        ("organization", "role-permission-missing", "aws:ResourceOrgID"),
    ],
)
def test_one_that_is_not_met_is_the_cause(standing: Standing, name: str, fault: str, key: str) -> None:
    told = report.build(standing.read(f"{name}-other"))
    assert [(item.id, item.certainty) for item in told.causes] == [(fault, "confirmed")], (
        told.verdict.headline
    )
    (cause,) = told.causes
    assert any(f"a condition on {key} that is not met" in item.what for item in cause.evidence)


def test_nothing_is_read_that_no_condition_asks_for(standing: Standing) -> None:
    snapshot = standing.read("none")
    assert snapshot.organization == NOT_ASKED
    assert [item.tags for item in snapshot.images] == [NOT_ASKED]
    assert not snapshot.parameter_tags
    assert not snapshot.kms_key_tags
