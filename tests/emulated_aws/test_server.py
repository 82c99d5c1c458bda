"""The server: whom it takes a caller for, what it answers to an unknown call, how it starts and stops."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import boto3
import pytest
import xmltodict  # type: ignore[import-untyped]
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from demo.aws import ACCOUNT_ID, Account, EmulatedAws, build_account, remembered, server
from demo.aws.whole_state import WholeState

OTHER = "444455556666"


@pytest.fixture(scope="module")
def served() -> Iterator[EmulatedAws]:
    """One that is asked over HTTP."""
    with EmulatedAws() as aws:
        yield aws


@pytest.fixture
def stopped(served: EmulatedAws) -> Iterator[None]:
    """The module's server makes way for another one."""
    served.stop()
    yield
    served.start()


def test_an_unchanged_client_gets_here_by_its_environment(
    aws: EmulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    session = boto3.session.Session()
    assert session.client("sts").get_caller_identity()["Account"] == ACCOUNT_ID
    assert session.client("ecs").meta.region_name == "us-east-1"


# the account asked for, the account that answers
ACCOUNTS: list[tuple[str | None, str]] = [(None, ACCOUNT_ID), (OTHER, OTHER)]


@pytest.mark.parametrize(("account", "expected"), ACCOUNTS)
def test_keys_select_the_account(aws: EmulatedAws, account: str | None, expected: str) -> None:
    ecr = aws.client("ecr", account=account)
    arn = ecr.create_repository(repositoryName="app")["repository"]["repositoryArn"]
    assert arn == f"arn:aws:ecr:us-east-1:{expected}:repository/app"
    assert aws.client("sts", account=account).get_caller_identity()["Account"] == expected


def test_accounts_and_regions_are_apart(aws: EmulatedAws) -> None:
    aws.client("ecr").create_repository(repositoryName="app")
    assert aws.client("ecr", account=OTHER).describe_repositories()["repositories"] == []
    assert aws.client("ecr", region="eu-west-1").describe_repositories()["repositories"] == []


def test_a_role_session_acts_in_the_account_of_its_role(aws: EmulatedAws) -> None:
    keys = aws.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{OTHER}:role/reader", RoleSessionName="pullcheck"
    )["Credentials"]
    with_session = boto3.client(
        "ecr",
        region_name="us-east-1",
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    arn = with_session.create_repository(repositoryName="app")["repository"]["repositoryArn"]
    assert arn.split(":")[4] == OTHER


@pytest.mark.parametrize("key", ["testing", "AKIA" + "IOSFODNN7EXAMPLE"])
def test_keys_of_strangers_belong_to_the_default_account(aws: EmulatedAws, key: str) -> None:
    stranger = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=key,
        aws_secret_access_key="testing",
    )
    assert stranger.get_caller_identity()["Account"] == ACCOUNT_ID


def test_moto_account_id_does_not_fold_accounts_into_one(
    stopped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    with EmulatedAws() as aws:
        assert aws.client("sts", account=OTHER).get_caller_identity()["Account"] == OTHER
    assert os.environ["MOTO_ACCOUNT_ID"] == "999999999999"


# service, call, request, the error code in that service's spelling
UNKNOWN: list[tuple[str, str, dict[str, Any], str]] = [
    ("ecs", "list_services_by_namespace", {"namespace": "web"}, "UnknownOperationException"),
    ("ec2", "describe_network_insights_paths", {}, "InvalidAction"),
    ("iam", "get_context_keys_for_custom_policy", {"PolicyInputList": ["{}"]}, "InvalidAction"),
    ("cloudtrail", "lookup_events", {}, "UnknownOperationException"),
    ("health", "describe_events", {}, "UnknownOperationException"),
]


@pytest.mark.parametrize(("service", "call", "request_", "code"), UNKNOWN, ids=[row[1] for row in UNKNOWN])
def test_an_unknown_call_is_refused_once(
    aws: EmulatedAws, service: str, call: str, request_: dict[str, Any], code: str
) -> None:
    """With botocore's ordinary retries, so that a status which it retries would show."""
    client = boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=aws.endpoint_url,
        aws_access_key_id=aws.credentials.access_key_id,
        aws_secret_access_key=aws.credentials.secret_access_key,
    )
    sent: list[object] = []
    client.meta.events.register("before-send", lambda **arguments: sent.append(arguments["request"]))
    with pytest.raises(ClientError) as caught:
        getattr(client, call)(**request_)
    client.close()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(sent) == 1


def test_a_reset_forgets_everything_and_keeps_the_clients(aws: EmulatedAws) -> None:
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="app")
    aws.reset()
    assert ecr.describe_repositories()["repositories"] == []
    assert aws.client("ecr") is ecr


def test_an_account_id_has_twelve_digits() -> None:
    with pytest.raises(ValueError, match="twelve digits, for example 111122223333; got '1234'"):
        EmulatedAws(account_id="1234")


def test_only_one_runs_at_a_time(aws: EmulatedAws) -> None:
    with pytest.raises(RuntimeError, match="already running"):
        EmulatedAws().start()
    assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT_ID


def test_a_stopped_server_closes_its_port_and_forgets(stopped: None) -> None:
    with EmulatedAws() as first:
        first.client("ecr").create_repository(repositoryName="app")
        port = int(first.endpoint_url.rpartition(":")[2])
    with pytest.raises(RuntimeError, match="not running"):
        _ = first.endpoint_url
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))
    with EmulatedAws() as second:
        assert second.client("ecr").describe_repositories()["repositories"] == []


def test_it_listens_on_loopback_only(aws: EmulatedAws) -> None:
    assert aws.endpoint_url.startswith("http://127.0.0.1:")


def test_corrections_are_taken_off_again(stopped: None) -> None:
    with EmulatedAws():
        pass
    with EmulatedAws(truth=False) as plain:
        assert plain.client("ec2").describe_dhcp_options()["DhcpOptions"] == []


# service, call, request: each of botocore's protocols, a refusal of moto, one of ours, and an unknown call
ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2", "describe_vpcs", {}),
    ("ec2", "describe_regions", {}),
    ("ec2", "describe_tags", {}),
    (
        "iam",
        "get_policy_version",
        {
            "PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
            "VersionId": "v1",
        },
    ),
    ("ec2", "describe_route_tables", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-\u00e9 &=+"]}]}),
    ("ec2", "describe_vpcs", {"VpcIds": ["vpc-0"]}),
    ("ecs", "describe_clusters", {"clusters": ["\u00e9"]}),
    ("ecs", "describe_tasks", {"cluster": "none", "tasks": ["1"]}),
    ("ecs", "list_service_deployments", {"service": "web"}),
    ("ecr", "describe_repositories", {}),
    ("ecr", "describe_images", {"repositoryName": "none"}),
    ("iam", "get_role", {"RoleName": "none"}),
    ("iam", "get_context_keys_for_custom_policy", {"PolicyInputList": ["{}"]}),
    ("s3", "put_object", {"Bucket": "none", "Key": "a b/\u00e9", "Body": b"bytes"}),
    ("s3", "list_buckets", {}),
    (
        "s3",
        "create_bucket",
        {"Bucket": "some", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}},
    ),
    ("s3", "get_bucket_location", {"Bucket": "some"}),
    ("s3", "put_object", {"Bucket": "some", "Key": "a b/\u00e9", "Body": b"bytes"}),
    ("dynamodb", "list_tables", {}),
    ("dynamodb", "get_item", {"TableName": "none", "Key": {"id": {"S": "1"}}}),
    ("sqs", "list_queues", {}),
    ("sqs", "get_queue_url", {"QueueName": "none"}),
    ("logs", "describe_log_groups", {}),
    ("events", "list_rules", {}),
    ("ssm", "describe_parameters", {}),
    ("secretsmanager", "describe_secret", {"SecretId": "none"}),
    ("kms", "list_keys", {}),
    ("lambda", "list_functions", {}),
    ("organizations", "describe_organization", {}),
    ("sts", "get_caller_identity", {}),
]


def answered(aws: EmulatedAws, service: str, call: str, request: dict[str, Any]) -> Any:
    """What a call is answered, but for what is another each time."""
    try:
        answer = getattr(aws.client(service, account=OTHER), call)(**request)
    except ClientError as error:
        answer = error.response
    told = answer.pop("ResponseMetadata")
    for name in tuple(told["HTTPHeaders"]):
        if name in ("date", "last-modified", "connection", "server", "x-amzn-requestid") or name.startswith(
            "access-control-"
        ):
            del told["HTTPHeaders"][name]
    told.pop("RequestId", None)
    if "Vpcs" in answer:
        answer["Vpcs"] = [sorted(item) for item in answer["Vpcs"]]
    return answer, told


def test_what_is_shortened_answers_as_motos_own_server_does(stopped: None) -> None:
    with (
        mock.patch.object(remembered, "apply"),
        mock.patch.object(server._Dispatcher, "__call__", DomainDispatcherApplication.__call__),
        EmulatedAws() as aws,
    ):
        of_moto = [answered(aws, *asked) for asked in ASKED]
    for sockets in (True, False):
        with EmulatedAws(sockets=sockets) as aws:
            for expected, asked in zip(of_moto, ASKED, strict=True):
                assert answered(aws, *asked) == expected, asked


@pytest.mark.parametrize("whole", [True, False])
def test_an_answer_in_xml_is_that_of_motos_library(whole: bool) -> None:
    document: dict[str, Any] = {
        "Answer": {
            "@xmlns": "urn:'\"<&", "text": "<a> & \"b\" \u00e9\n", "none": None, "empty": "", "list": [], "yes": True, "number": 7.5,
            "items": {"item": [{"a": "1", "b": {}}, {"@at": 1, "c": ["1", None, {"d": False}]}, "text"]},
            "beside": {"@at": "1", "#text": "<a>", "b": ""}, "nothing": {"#text": None},
        }
    }  # fmt: skip
    form: dict[str, Any] = {"full_document": whole, "short_empty_elements": True, "pretty": False}
    assert remembered._xml(document, **form) == xmltodict.unparse(document, **form)
    with pytest.raises(ValueError, match="one root"):
        remembered._xml({"a": "", "b": ""}, full_document=True, pretty=True)


def test_without_sockets_nothing_is_sent_and_other_addresses_are_asked_over_http(
    stopped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    over_http = URLLib3Session.send

    def send(session: Any, request: Any) -> Any:
        sent.append(request.url)
        return over_http(session, request)

    monkeypatch.setattr(URLLib3Session, "send", send)
    with EmulatedAws(sockets=False) as aws:
        keys = aws.environment()
        assert aws.client("sts").get_caller_identity()["Account"] == ACCOUNT_ID
        assert sent == []
        elsewhere = boto3.client(
            "sts",
            region_name="us-east-1",
            endpoint_url=aws.endpoint_url.replace("127.0.0.1", "localhost"),
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )
        assert elsewhere.get_caller_identity()["Account"] == ACCOUNT_ID
        elsewhere.close()
        assert len(sent) == 1
    assert URLLib3Session.send is send


@pytest.mark.parametrize("sockets", [True, False])
def test_a_crash_of_moto_is_one_line_in_the_log(
    stopped: None, caplog: pytest.LogCaptureFixture, sockets: bool
) -> None:
    with EmulatedAws(truth=False, sockets=sockets) as plain, pytest.raises(ClientError) as caught:
        plain.client("ecr").describe_pull_through_cache_rules()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    # werkzeug's server answers before it writes.
    while not (records := [record for record in caplog.records if record.name == "demo.aws.server"]):
        time.sleep(0.01)
    (record,) = records
    assert record.getMessage() == (
        "moto failed: NotImplementedError: "
        "The describe_pull_through_cache_rules action has not been implemented"
    )


def test_what_was_kept_is_put_back_whole(stopped: None) -> None:
    with EmulatedAws(sockets=False) as aws:
        account = build_account(aws)
        key = account.client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"][
            "KeyId"
        ]
        before = held(account)
        kept = WholeState.of(aws, beside=account)
        account.ecr.delete_repository(repositoryName="ledger", force=True)
        account.ec2.create_security_group(GroupName="more", Description="more", VpcId=account.network.vpc_id)
        account.client("sqs").create_queue(QueueName="more")
        account.client("ec2", "eu-north-1").create_vpc(CidrBlock="10.8.0.0/16")
        assert held(account) != before
        again = kept.put_back(aws)
        assert held(account) == held(again) == before
        assert "QueueUrls" not in account.client("sqs").list_queues()
        assert not any(
            vpc["CidrBlock"] == "10.8.0.0/16"
            for vpc in account.client("ec2", "eu-north-1").describe_vpcs()["Vpcs"]
        )
        # What it makes of it then is its own: the next copy knows nothing of it.
        again.ecr.delete_repository(repositoryName="ledger", force=True)
        again.networks.clear()
        assert kept.put_back(aws).network.vpc_id == account.network.vpc_id
        assert held(account) == before
        assert account.client("kms").get_public_key(KeyId=key)["PublicKey"]
        handle = account.fargate_task("another", image=account.image("ledger", "2.1.0"))
        assert account.ecs.describe_tasks(cluster=handle.cluster, tasks=[handle.arn])["tasks"]


def held(account: Account) -> dict[str, Any]:
    """What an account holds, as AWS shows it."""
    ec2, tasks = account.ec2, account.ecs.list_tasks(cluster=account.fargate_cluster)["taskArns"]
    answers = {
        "vpcs": ec2.describe_vpcs(), "subnets": ec2.describe_subnets(), "tables": ec2.describe_route_tables(),
        "groups": ec2.describe_security_groups(), "acls": ec2.describe_network_acls(), "nat": ec2.describe_nat_gateways(),
        "interfaces": ec2.describe_network_interfaces(), "instances": ec2.describe_instances(),
        "tasks": account.ecs.describe_tasks(cluster=account.fargate_cluster, tasks=tasks),
        "definitions": account.ecs.list_task_definitions(),
        "repositories": account.ecr.describe_repositories(), "images": account.ecr.describe_images(repositoryName="web/frontend"),
        "roles": account.iam.list_roles(), "policies": account.iam.list_role_policies(RoleName="ecsTaskExecutionRole"),
        "keys": account.client("kms").list_keys(), "logs": account.client("logs").describe_log_groups(),
    }  # fmt: skip
    return {name: {**answer, "ResponseMetadata": None} for name, answer in answers.items()}
