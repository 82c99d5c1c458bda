"""`preflight` on the emulated account: what it prints, and with which exit status; and what it refuses in one sentence."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.aws import Account
from diagnostics.__main__ import main
from diagnostics.commands.documents import DocumentError, named_definition, parse_document

SERVICE = "ledger"
PLACE = ("--cluster", "payments", "--service", SERVICE)


def report_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def preflight(*words: str) -> int:
    return main(["preflight", *words, "--format", "json"])


@pytest.fixture
def document(aws_settings: Account) -> dict[str, Any]:
    """What DescribeTaskDefinition answers of the healthy service."""
    answer = aws_settings.client("ecs").describe_task_definition(taskDefinition=SERVICE)
    found: dict[str, Any] = json.loads(json.dumps(answer["taskDefinition"], default=str))
    return found


def written(path: Path, content: Any) -> str:
    file = path / "taskdef.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return str(file)


ARN = "arn:aws:ecs:us-east-1:111122223333:task-definition/ledger"


@pytest.mark.parametrize("named", [SERVICE, f"{SERVICE}:1", ARN, f"{ARN}:1"])
def test_a_healthy_one(named: str, aws_settings: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert preflight(named, *PLACE) == 0
    report = report_of(capsys)
    assert report["target_kind"] == "preflight"
    assert report["verdict"]["outcome"] == "nothing_wrong"
    assert report["verdict"]["headline"] == f"Nothing would stop a pull of {SERVICE}:1 now."
    assert not {item["status"] for item in report["findings"]} & {"fail", "unknown"}
    (caveat,) = report["verdict"]["caveats"]
    assert caveat.startswith("Only a real pull shows")


def test_the_new_definition_of_a_service_whose_task_is_broken(
    aws_settings: Account, document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The service payments-api has a task that failed at a tag; a definition with a tag that is there would be pulled."""
    (container,) = document["containerDefinitions"]
    good = container["image"]
    place = ("--cluster", "payments", "--service", "payments-api")
    assert preflight(written(tmp_path, document), *place) == 0
    report = report_of(capsys)
    assert (report["task"]["task_definition"], report["verdict"]["symptoms"]) == (SERVICE, [])
    container["image"] = good.rpartition(":")[0] + ":nowhere"
    assert preflight(written(tmp_path, document), *place) == 1
    report = report_of(capsys)
    (cause,) = (item for item in report["causes"] if item["role"] == "cause")
    assert cause["id"] == "tag-not-found"
    assert cause["fix"]["cli"] is None, "nothing is deployed, so that nothing is deployed again"
    assert "Nothing of it is deployed yet" in cause["fix"]["then"]


def test_the_definition_that_ecspresso_renders(
    aws_settings: Account,
    document: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = json.dumps({"taskDefinition": document, "tags": []})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert preflight("-", *PLACE) == 0
    assert report_of(capsys)["verdict"]["outcome"] == "nothing_wrong"


def network_of(account: Account, service: str) -> dict[str, Any]:
    (found,) = account.client("ecs").describe_services(cluster="payments", services=[service])["services"]
    configuration: dict[str, Any] = found["networkConfiguration"]["awsvpcConfiguration"]
    return configuration


def test_by_subnets_and_security_groups(aws_settings: Account, capsys: pytest.CaptureFixture[str]) -> None:
    network = network_of(aws_settings, SERVICE)
    groups = ("--security-groups", ",".join(network["securityGroups"]))
    place = ("--cluster", "payments", "--subnets", *network["subnets"], *groups)
    assert preflight(SERVICE, *place) == 0
    report_of(capsys)
    without_way_out = network_of(aws_settings, "refunds-worker")
    place = ("--cluster", "payments", "--subnets", *without_way_out["subnets"], *groups)
    assert preflight(SERVICE, *place) == 1
    report = report_of(capsys)
    assert "route-no-egress" in {item["id"] for item in report["causes"]}
    assert report["task"]["service"] is None


def test_subnets_of_two_vpcs_are_refused(aws_settings: Account, capsys: pytest.CaptureFixture[str]) -> None:
    ec2 = aws_settings.client("ec2")
    given = aws_settings.network.subnets["private-a"]
    stranger = next(
        item for item in ec2.describe_subnets()["Subnets"] if item["VpcId"] != aws_settings.network.vpc_id
    )
    groups = ("--security-groups", aws_settings.network.security_groups["tasks"])
    assert preflight(SERVICE, "--cluster", "payments", "--subnets", given, stranger["SubnetId"], *groups) == 2
    verdict = report_of(capsys)["verdict"]
    assert verdict["missing"] == "common_vpc"
    both = f"{given} of {aws_settings.network.vpc_id} and {stranger['SubnetId']} of {stranger['VpcId']}"
    assert verdict["headline"] == (
        f"The subnets of a task are all of one VPC, and these are {both}, so that ECS would refuse to start the task; give those of one."
    )


@pytest.mark.parametrize("cluster", ["payment", "arn:aws:ecs:us-east-1:111122223333:cluster/payment"])
def test_a_misspelt_cluster_with_subnets(
    cluster: str, aws_settings: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    network = ("--subnets", aws_settings.network.subnets["private-a"])
    groups = ("--security-groups", aws_settings.network.security_groups["tasks"])
    assert preflight(SERVICE, "--cluster", cluster, *network, *groups) == 2
    verdict = report_of(capsys)["verdict"]
    assert verdict["missing"] == "cluster"
    assert verdict["headline"].startswith("There is no cluster payment in us-east-1 (account 111122223333)")


@pytest.mark.parametrize(
    ("words", "missing", "says"),
    [
        (
            (f"{SERVICE}:99", *PLACE),
            "task_definition",
            f"There is no task definition {SERVICE}:99 in us-east-1",
        ),
        ((SERVICE, "--cluster", "payments", "--service", "nobody"), "service", "There is no service nobody"),
        (
            (SERVICE, "--cluster", "payments", "--subnets", "subnet-0gone", "--security-groups", "sg-0gone"),
            "subnet",
            "There is no subnet subnet-0gone in us-east-1",
        ),
        (
            (SERVICE, "--cluster", "payments", "--capacity-provider", "nope"),
            "capacity_provider",
            "There is no capacity provider nope in us-east-1",
        ),
    ],
)
def test_what_is_not_there(
    words: tuple[str, ...], missing: str, says: str, aws_settings: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preflight(*words) == 2
    report = report_of(capsys)
    assert report["verdict"]["missing"] == missing
    assert report["verdict"]["headline"].startswith(says)
    assert report["findings"] == []


def test_a_saved_one_is_judged_again_without_aws(
    aws_settings: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = str(tmp_path / "case.json")
    assert preflight(SERVICE, *PLACE, "--save", case) == 0
    first = report_of(capsys)
    assert main(["--replay", case, "--format", "json"]) == 0
    assert report_of(capsys)["findings"] == first["findings"]


@pytest.mark.parametrize("form", ["text", "github", "junit", "markdown"])
def test_every_form_says_the_cause(
    form: str,
    aws_settings: Account,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    words = ("payments-api", "--cluster", "payments", "--service", "payments-api")
    assert main(["preflight", *words, "--format", form]) == 1
    assert "tag-not-found" in capsys.readouterr().out
    added = summary.read_text(encoding="utf-8")
    assert added.startswith("before\n")
    assert ("tag-not-found" in added) is (form == "github")


# --- refused -----------------------------------------------------------------------------------------

NETWORK = ("--subnets", "subnet-1", "--security-groups", "sg-1")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("api",), "Which cluster?"),
        (("api", "--cluster", "c"), "Say where it would run"),
        (("api", "--cluster", "c d", "--service", "s"), "--cluster takes the name or the ARN"),
        (("api", "--cluster", "c", "--service", "a/b/c"), "--service takes the name or the ARN"),
        (("api", "--cluster", "c", "--service", "s", *NETWORK), "leave --subnets and --security-groups out"),
        (("api", "--cluster", "c", "--service", "s", "--launch-type", "EC2"), "leave --launch-type out"),
        (("api", "--cluster", "c", "--launch-type", "EC2", *NETWORK), "On a container instance the instance pulls"),
        (("api", "--cluster", "c", "--capacity-provider", "mine", *NETWORK), "On a container instance"),
        (("api", "--cluster", "c", "--launch-type", "FARGATE"), "needs --subnets too"),
        (("api", "--cluster", "c", "--subnets", "subnet-1"), "needs --security-groups too"),
        (("api", "--cluster", "c", "--security-groups", "sg-1"), "needs --subnets too"),
        (("api", "--cluster", "c", "--assign-public-ip"), "needs --subnets too"),
        (("api", "--cluster", "c", "--subnets", "vpc-1", "--security-groups", "sg-1"), "--subnets takes ids such as"),
        (("api", "--cluster", "c", "--subnets", "subnet-1", "--security-groups", ","), "--security-groups takes ids"),
        (
            ("api", "--cluster", "c", "--launch-type", "EC2", "--capacity-provider", "FARGATE_SPOT"),
            "Capacity provider FARGATE_SPOT does not give EC2",
        ),
        (
            (
                "arn:aws:ecs:us-east-1:111122223333:task-definition/api:7",
                "--cluster",
                "arn:aws:ecs:eu-west-1:111122223333:cluster/c",
                "--service",
                "s",
            ),
            "is of Region us-east-1 and --cluster of eu-west-1",
        ),
        (
            ("arn:aws:ecs:us-east-1:111122223333:task-definition/api:7", *PLACE, "--region", "eu-west-1"),
            "The target is in us-east-1, and --region says eu-west-1",
        ),
        (
            ("arn:aws-cn:ecs:us-east-1:111122223333:task-definition/api:7", *PLACE),
            "Region us-east-1 is of partition aws, and the ARN of the task definition says aws-cn",
        ),
        (("arn:aws:ecs:us-east-1:111122223333:service/c/s", *PLACE), "is not the ARN of a task definition's revision"),
        (("payments api", *PLACE), "is no task definition"),
        (("nowhere.json", *PLACE), "nowhere.json could not be read: No such file or directory"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preflight", *words]) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert preflight(*words) == 2
    assert says in json.loads(capsys.readouterr().out)["error"]["message"]


def test_bad_input_is_an_annotation_where_github_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight", "payments api", *PLACE, "--format", "github"]) == 2
    assert capsys.readouterr().out.startswith("::error title=pullcheck::'payments api' is no task definition")


GOOD = {"family": "api", "containerDefinitions": [{"name": "app", "image": "nginx:1"}]}
SECRET = "s3cr3t-in-the-clear"


def test_a_document_keeps_no_environment() -> None:
    container = {**GOOD["containerDefinitions"][0], "environment": [{"name": "P", "value": SECRET}]}  # type: ignore[dict-item]
    content = {**GOOD, "containerDefinitions": [container], "revision": 7, "taskDefinitionArn": "arn:aws:ecs"}
    definition = parse_document(json.dumps(content), "it")
    assert SECRET not in definition.model_dump_json()
    assert (definition.task_definition_arn, definition.revision, definition.is_registered) == (
        "api",
        None,
        False,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is empty"),
        ("{", "it holds no JSON"),
        ('{"family": {{ must_env `F` }} }', "render it first (ecspresso render taskdef)"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ("[" * 100_000, "it is nested too deeply"),
        ("[]", "as Terraform's container_definitions is"),
        ("7", "it holds no object"),
        ("{}", "it names no family"),
        ('{"family": "a b"}', "it names no family"),
        ('{"family": "api"}', "it has no containerDefinitions"),
        ('{"family": "api", "containerDefinitions": []}', "it has no containerDefinitions"),
        ('{"family": "api", "containerDefinitions": [7]}', "containerDefinitions[0] of it is no object"),
        ('{"family": "api", "containerDefinitions": [{"name": "a"}]}', "containerDefinitions[0] of it has no image"),
        ('{"family": "api", "containerDefinitions": [{"image": "a"}]}', "containerDefinitions[0] of it has no name"),
        ('{"Family": "api", "ContainerDefinitions": []}', "writes Family, which is CloudFormation's form"),
        ('{"family": "api", "container_definitions": "[]"}', "writes container_definitions, which is Terraform's form"),
        (
            '{"family": "api", "containerDefinitions": [{"name": "a", "Image": "b"}]}',
            "writes Image, which is CloudFormation's form; give the JSON that RegisterTaskDefinition takes, where it is image",
        ),
        ('{"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition"}}}', "is a CloudFormation template"),
        ('{"Type": "AWS::ECS::TaskDefinition", "Properties": {}}', "is a CloudFormation template"),
        (
            '{"family": "api", "containerDefinitions": [{"name": "a", "image": "b", "secrets": 7}]}',
            "is no task definition (containerDefinitions.0.secrets",
        ),
        (
            '{"family": "api", "containerDefinitions": [{"name": "a", "image": "x:{{ must_env `TAG` }}"}]}',
            "still holds the template {{ must_env `TAG` }}; render it first",
        ),
    ],
)  # fmt: skip
def test_a_document_that_is_none(text: str, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "it")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files(tmp_path: Path) -> None:
    folder, file = tmp_path / "x.d", tmp_path / "f.json"
    folder.mkdir()
    with pytest.raises(DocumentError, match="Is a directory"):
        named_definition(str(folder))
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(DocumentError, match="not text in UTF-8"):
        named_definition(str(file))
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert named_definition(str(file)).name == "api"
    file.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(DocumentError, match="larger than 1024 KB"):
        named_definition(str(file))
