"""The CloudFormation template that osls packages: lint, and what the linter does not see."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.conftest import KEY, MANY_ACCOUNTS, ROOT, STRICT, Package, osls_package, service_folder
from tests.deploy.event_pattern import matches
from tests.deploy.yaml_forms import load
from tests.pipelines.test_pipelines import example
from tests.rows import every_row

Template = dict[str, Any]


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def function(template: Template, name: str) -> dict[str, Any]:
    (found,) = (
        properties
        for properties in of_type(template, "AWS::Lambda::Function").values()
        if properties["FunctionName"] == f"pullcheck-test-{name}"
    )
    return found


# --- lint --------------------------------------------------------------------------------------------


def test_the_templates_lint_clean(
    template: Template,
    many_accounts: Template,
    strict: Template,
    hooked: Template,
    strictly_hooked: Template,
    tmp_path: Path,
) -> None:
    """One run for all, since the linter takes its time to start; a broken one among them shows that it looks."""
    broken = json.loads(json.dumps(template))
    broken["Resources"]["Jobs"]["Properties"]["VisibilityTimeout"] = 1
    templates = {
        "default": template,
        "many-accounts": many_accounts,
        "strict": strict,
        "hook": hooked,
        "strict-hook": strictly_hooked,
        "example": {"Resources": load(example("hook-cloudformation"))},
        "broken": broken,
    }
    for name, content in templates.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    plain = [ROOT / "deploy" / name for name in ("target-account.yml", "container.yml", "key.yml")]
    paths = [*sorted(tmp_path.glob("*.json")), *plain]
    program = "import sys; from cfnlint.runner import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--format", "json", "--template", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = {(Path(item["Filename"]).stem, item["Rule"]["Id"]) for item in json.loads(done.stdout)}
    # W3005: osls itself writes a DependsOn that CloudFormation would not need, for an HTTP API's route and its log.
    by_osls = {(name, "W3005") for name in ("many-accounts", "strict", "strict-hook")}
    assert found == {("broken", "E3505"), *by_osls}, done.stderr


# --- functions ---------------------------------------------------------------------------------------


def test_two_functions_from_one_zip(each_template: Template, dist: Path) -> None:
    built = json.loads((dist / "lambda.json").read_text())
    functions = of_type(each_template, "AWS::Lambda::Function").values()
    assert {item["Handler"] for item in functions} == {"bot.aws_lambda.slack", "bot.aws_lambda.worker"}
    for item in functions:
        assert item["Runtime"] == built["runtime"]
        assert item["Architectures"] == [built["architecture"]]
        assert item["Code"]["S3Key"].endswith("/lambda.zip")
        assert item["MemorySize"] == 1769
        assert item["LoggingConfig"]["LogFormat"] == "JSON"
        assert "TracingConfig" not in item


def test_the_function_url_is_open_to_slack_and_allowed_both_ways(template: Template) -> None:
    (url,) = of_type(template, "AWS::Lambda::Url").values()
    assert url["AuthType"] == "NONE"
    assert "SlackLambdaFunction" in json.dumps(url["TargetFunctionArn"])
    # Since October 2025 a new function URL needs both.
    assert {
        (item["Action"], item.get("FunctionUrlAuthType"), item.get("InvokedViaFunctionUrl"))
        for item in of_type(template, "AWS::Lambda::Permission").values()
    } == {("lambda:InvokeFunctionUrl", "NONE", None), ("lambda:InvokeFunction", None, True)}


def test_an_http_api_takes_its_place(many_accounts: Template) -> None:
    assert of_type(many_accounts, "AWS::Lambda::Url") == {}
    (route,) = of_type(many_accounts, "AWS::ApiGatewayV2::Route").values()
    assert route["RouteKey"] == "POST /slack/events"
    (integration,) = of_type(many_accounts, "AWS::ApiGatewayV2::Integration").values()
    assert integration["PayloadFormatVersion"] == "2.0"


def test_no_secret_is_in_an_environment(each_template: Template) -> None:
    for item in of_type(each_template, "AWS::Lambda::Function").values():
        variables = item["Environment"]["Variables"]
        assert not {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"} & set(variables)
        assert not re.search(r"xox[a-z]-|xapp-|\{\{resolve:", json.dumps(variables))
        assert variables["PULLCHECK_SLACK_SECRETS"] in ("/pullcheck/test/slack", "pullcheck/slack")


def test_what_the_functions_are_told(template: Template, many_accounts: Template) -> None:
    slack, worker = (function(template, name)["Environment"]["Variables"] for name in ("slack", "worker"))
    assert slack["PULLCHECK_QUEUE_URL"] == worker["PULLCHECK_QUEUE_URL"] == {"Ref": "Jobs"}
    assert worker["PULLCHECK_EVENTS_QUEUE_URL"] == {"Ref": "Events"}
    assert worker["PULLCHECK_TABLE"] == {"Ref": "Table"}
    # What the ingress does not need it is not told.
    assert set(slack) == {
        "PULLCHECK_ALLOWED_ACCOUNTS",
        "PULLCHECK_LOG_FORMAT",
        "PULLCHECK_QUEUE_URL",
        "PULLCHECK_SLACK_SECRETS",
        "PULLCHECK_WORKER",
    }
    assert slack["PULLCHECK_LOG_FORMAT"] == worker["PULLCHECK_LOG_FORMAT"] == "json"
    # Its own account alone. What is not chosen is not set: set and empty would mean nobody.
    assert worker["PULLCHECK_ALLOWED_ACCOUNTS"] == {"Fn::Sub": "${AWS::AccountId}"}
    assert not {"PULLCHECK_ALLOWED_USERS", "PULLCHECK_ROUTES", "PULLCHECK_GROUP_SECONDS"} & set(worker)
    told = function(many_accounts, "worker")["Environment"]["Variables"]
    assert told["PULLCHECK_ALLOWED_ACCOUNTS"] == {"Fn::Sub": "${AWS::AccountId},222233334444,333344445555"}
    assert told["PULLCHECK_TARGET_ROLE_NAME"] == "pullcheck-read"
    assert told["PULLCHECK_EXTERNAL_ID"] == MANY_ACCOUNTS["PULLCHECK_EXTERNAL_ID"]
    assert told["PULLCHECK_GROUP_SECONDS"] == "600"


def test_every_setting_that_the_bot_reads_can_be_chosen(package: Package) -> None:
    """A variable that is chosen in .env.STAGE and lost on the way would be a silent default."""
    example = (ROOT / "deploy/example.env").read_text(encoding="utf-8")
    names = re.findall(r"^#? ?(PULLCHECK_[A-Z_]+)=", example, re.MULTILINE)
    choices = (ROOT / "deploy/choices.js").read_text(encoding="utf-8")
    serverless = (ROOT / "serverless.yml").read_text(encoding="utf-8")
    read = set(re.findall(r"'(PULLCHECK_[A-Z_]+)'", choices)) | set(
        re.findall(r"env:(PULLCHECK_[A-Z_]+)", serverless)
    )
    assert names
    assert len(names) == len(set(names))
    assert read == set(names)


# --- queue, table, logs ------------------------------------------------------------------------------


def test_failed_work_comes_back_and_then_goes_to_the_dead_letters(each_template: Template) -> None:
    worker = function(each_template, "worker")
    queues = of_type(each_template, "AWS::SQS::Queue")
    dead = queues["DeadLetters"]
    admitted = [item["Fn::Sub"].rpartition(":")[2] for item in dead["RedriveAllowPolicy"]["sourceQueueArns"]]
    assert admitted == ["pullcheck-test-jobs", "pullcheck-test-events"]
    assert [queues[name]["QueueName"] for name in ("Jobs", "Events")] == admitted
    for name in ("Jobs", "Events"):
        queue = queues[name]
        redrive = queue["RedrivePolicy"]
        assert queue["VisibilityTimeout"] >= 6 * worker["Timeout"]
        assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
        assert redrive["maxReceiveCount"] >= 3
        # A message that was received so often, each time to the end, is still kept then.
        assert queue["MessageRetentionPeriod"] > redrive["maxReceiveCount"] * queue["VisibilityTimeout"]
        assert dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]
        assert queue["SqsManagedSseEnabled"] is dead["SqsManagedSseEnabled"] is True


def test_a_storm_of_events_holds_nobody_back_who_asks(each_template: Template) -> None:
    """Each queue is polled for itself, and neither may take what the other one has."""
    mappings = of_type(each_template, "AWS::Lambda::EventSourceMapping").values()
    found = {item["EventSourceArn"]["Fn::GetAtt"][0]: item for item in mappings}
    assert set(found) == {"Jobs", "Events"}
    assert [found[name]["ScalingConfig"]["MaximumConcurrency"] for name in ("Jobs", "Events")] == [5, 3]
    for item in found.values():
        assert item["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert [found[name]["BatchSize"] for name in ("Jobs", "Events")] == [1, 10]
    for rule in of_type(each_template, "AWS::Events::Rule").values():
        assert [item["Arn"] for item in rule["Targets"]] == [{"Fn::GetAtt": ["Events", "Arn"]}]


def test_the_table_keeps_nothing_for_ever_and_costs_nothing_idle(each_template: Template) -> None:
    (table,) = of_type(each_template, "AWS::DynamoDB::Table").values()
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"] == {"SSEEnabled": True}


def test_logs_are_kept_for_a_month(each_template: Template) -> None:
    groups = of_type(each_template, "AWS::Logs::LogGroup")
    assert {item["LogGroupName"] for item in groups.values()} == {
        "/aws/lambda/pullcheck-test-slack",
        "/aws/lambda/pullcheck-test-worker",
    }
    assert {item["RetentionInDays"] for item in groups.values()} == {30}


# --- task events -------------------------------------------------------------------------------------


def stopped(**detail: Any) -> dict[str, Any]:
    """An event as EventBridge gets it from Amazon ECS."""
    return {
        "version": "0",
        "source": "aws.ecs",
        "detail-type": "ECS Task State Change",
        "account": "222233334444",
        "region": "eu-central-1",
        "detail": {
            "lastStatus": "STOPPED",
            "desiredStatus": "STOPPED",
            "containers": [{"name": "app", "lastStatus": "STOPPED"}, {"name": "sidecar"}],
            **detail,
        },
    }


EVENTS = [
    (stopped(stoppedReason="CannotPullContainerError: pull image manifest has been retried 5 time(s)"), True),
    (stopped(stoppedReason="CannotPullECRContainerError: AccessDeniedException"), True),
    (stopped(stoppedReason="CannotPullImageManifestError: Error response from daemon"), True),
    (stopped(stoppedReason="ResourceInitializationError: unable to pull secrets or registry auth"), True),
    (stopped(stopCode="TaskFailedToStart", stoppedReason="Task failed to start"), True),
    (
        stopped(
            stopCode="EssentialContainerExited",
            stoppedReason="Essential container in task exited",
            containers=[{"name": "app"}, {"name": "b", "reason": "CannotPullContainerError: no such host"}],
        ),
        True,
    ),
    (
        stopped(
            stopCode="EssentialContainerExited",
            stoppedReason="Essential container in task exited",
            containers=[{"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: killed"}],
        ),
        False,
    ),
    (stopped(stopCode="UserInitiated", stoppedReason="Task stopped by user"), False),
    (stopped(stopCode="ServiceSchedulerInitiated", stoppedReason="Scaling activity initiated"), False),
    (stopped(lastStatus="DEPROVISIONING", stoppedReason="CannotPullContainerError: x"), False),
    ({**stopped(stoppedReason="CannotPullContainerError: x"), "source": "com.example"}, False),
    (
        {
            **stopped(stoppedReason="CannotPullContainerError: x"),
            "detail-type": "ECS Deployment State Change",
        },
        False,
    ),
]


def patterns(template: Template) -> Iterator[dict[str, Any]]:
    for rule in of_type(template, "AWS::Events::Rule").values():
        yield resolved(rule["EventPattern"])


def resolved(pattern: dict[str, Any]) -> dict[str, Any]:
    """A pattern with the bot's own account in it."""
    own: dict[str, Any] = json.loads(
        json.dumps(pattern).replace('{"Ref": "AWS::AccountId"}', '"111122223333"')
    )
    return own


@pytest.mark.parametrize(("event", "wanted"), EVENTS)
def test_both_rules_take_the_tasks_that_could_not_pull(
    many_accounts: Template, event: Mapping[str, Any], wanted: bool
) -> None:
    assert [matches(pattern, event) for pattern in patterns(many_accounts)] == [wanted, wanted]


def test_the_rule_of_the_bus_takes_the_listed_accounts_alone(many_accounts: Template) -> None:
    pattern = of_type(many_accounts, "AWS::Events::Rule")["ForwardedTaskStopped"]["EventPattern"]
    assert pattern["account"] == [{"Ref": "AWS::AccountId"}, "222233334444", "333344445555"]
    for account, wanted in {"111122223333": True, "333344445555": True, "999999999999": False}.items():
        assert matches(resolved(pattern), {**EVENTS[0][0], "account": account}) is wanted
    assert {k: v for k, v in pattern.items() if k != "account"} == of_type(
        many_accounts, "AWS::Events::Rule"
    )["TaskStopped"]["EventPattern"]


def test_the_rules_put_events_on_the_queue_and_lose_none(each_template: Template) -> None:
    for rule in of_type(each_template, "AWS::Events::Rule").values():
        (target,) = rule["Targets"]
        assert target["Arn"] == {"Fn::GetAtt": ["Events", "Arn"]}
        assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
        # The event as it is: what the worker reads.
        assert not {"Input", "InputPath", "InputTransformer"} & set(target)


def test_automatic_diagnosis_can_be_switched_off(template: Template, many_accounts: Template) -> None:
    def states(of: Template) -> set[str]:
        return {rule["State"] for rule in of_type(of, "AWS::Events::Rule").values()}

    assert states(template) == {"ENABLED"}
    assert states(many_accounts) == {"DISABLED"}


def test_the_bus_admits_the_listed_accounts_alone(template: Template, many_accounts: Template) -> None:
    assert of_type(template, "AWS::Events::EventBusPolicy") == {}
    (policy,) = of_type(many_accounts, "AWS::Events::EventBusPolicy").values()
    statement = policy["Statement"]
    assert statement["Principal"] == {
        "AWS": [
            {"Fn::Sub": "arn:${AWS::Partition}:iam::222233334444:root"},
            {"Fn::Sub": "arn:${AWS::Partition}:iam::333344445555:root"},
        ]
    }
    assert statement["Action"] == "events:PutEvents"
    assert statement["Condition"]["ForAllValues:StringEquals"] == {"events:source": "aws.ecs"}


def test_only_eventbridge_and_only_from_our_rules_writes_to_the_queues(each_template: Template) -> None:
    (policy,) = of_type(each_template, "AWS::SQS::QueuePolicy").values()
    allowed = [item for item in policy["PolicyDocument"]["Statement"] if item["Effect"] == "Allow"]
    assert [item["Principal"] for item in allowed] == [{"Service": "events.amazonaws.com"}]
    assert allowed[0]["Resource"] == [{"Fn::GetAtt": [name, "Arn"]} for name in ("Events", "DeadLetters")]
    assert allowed[0]["Condition"] == {
        "ArnEquals": {
            "aws:SourceArn": [
                {"Fn::GetAtt": ["TaskStopped", "Arn"]},
                {"Fn::GetAtt": ["ForwardedTaskStopped", "Arn"]},
            ]
        }
    }


# --- alarms ------------------------------------------------------------------------------------------


def test_an_alarm_for_each_way_to_fail(each_template: Template) -> None:
    alarms = of_type(each_template, "AWS::CloudWatch::Alarm")
    seen = {(item["Namespace"], item["MetricName"]) for item in alarms.values()}
    assert seen >= {
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/Lambda", "Duration"),
    }
    for metric in ("Errors", "Throttles"):
        watched = [
            item["Dimensions"][0]["Value"]["Ref"] for item in alarms.values() if item["MetricName"] == metric
        ]
        assert sorted(watched) == ["SlackLambdaFunction", "WorkerLambdaFunction"]
    ages = [item for item in alarms.values() if item["MetricName"] == "ApproximateAgeOfOldestMessage"]
    assert sorted(item["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for item in ages) == ["Events", "Jobs"]
    depth = next(
        item for item in alarms.values() if item["MetricName"] == "ApproximateNumberOfMessagesVisible"
    )
    assert depth["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["DeadLetters", "QueueName"]}
    assert (depth["Threshold"], depth["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_an_event_that_no_queue_takes_rings(each_template: Template) -> None:
    alarms = of_type(each_template, "AWS::CloudWatch::Alarm").values()
    found = [item["Dimensions"] for item in alarms if item["MetricName"] == "InvocationsFailedToBeSentToDlq"]
    # The reference to a rule of a bus of its own is BUS|RULE.
    rule = {"Fn::Select": [1, {"Fn::Split": ["|", {"Ref": "ForwardedTaskStopped"}]}]}
    assert found == [
        [{"Name": "RuleName", "Value": {"Ref": "TaskStopped"}}],
        [{"Name": "EventBusName", "Value": {"Ref": "TaskEvents"}}, {"Name": "RuleName", "Value": rule}],
    ]


def test_alarms_ring_where_the_operator_says(template: Template, many_accounts: Template) -> None:
    for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == []
    for alarm in of_type(many_accounts, "AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == [MANY_ACCOUNTS["PULLCHECK_ALARM_TOPIC_ARN"]]


def test_the_runbook_has_a_section_for_each_alarm(template: Template) -> None:
    runbook = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    titles = set(re.findall(r"^### (.+)$", runbook, re.MULTILINE))
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        (title,) = re.findall(r'Runbook, "(.+)"\.', alarm["AlarmDescription"])
        assert title in titles, name
        assert f"`{name}`" in runbook


# --- what a strict reviewer asks for -----------------------------------------------------------------


def statements_of(template: Template, role: str) -> list[dict[str, Any]]:
    """What a role may do by policies of its own."""
    return [
        statement
        for item in of_type(template, "AWS::IAM::RolePolicy").values()
        if item["RoleName"] == {"Ref": role}
        for statement in item["PolicyDocument"]["Statement"]
    ]


def test_nothing_of_it_is_on_by_itself(template: Template) -> None:
    text = json.dumps(template)
    for word in (
        *("PermissionsBoundary", '"Path"', "KmsKeyArn", "KmsKeyId", "KmsMasterKeyId", "KMSMasterKeyId"),
        *(
            "VpcConfig",
            "ReservedConcurrentExecutions",
            "RequestedRegion",
            "ecs:cluster",
            "kms:GenerateDataKey",
        ),
    ):
        assert word not in text, word
    assert of_type(template, "AWS::IAM::RolePolicy") == {}


def test_every_role_has_the_boundary_and_the_path(strict: Template) -> None:
    roles = of_type(strict, "AWS::IAM::Role")
    assert set(roles) == {"SlackRole", "WorkerRole"}
    for role in roles.values():
        assert role["PermissionsBoundary"] == STRICT["PULLCHECK_PERMISSIONS_BOUNDARY_ARN"]
        assert role["Path"] == "/security/bots/"


def test_everything_that_is_kept_has_the_key(strict: Template) -> None:
    for name, queue in of_type(strict, "AWS::SQS::Queue").items():
        assert (queue["KmsMasterKeyId"], queue["SqsManagedSseEnabled"]) == (KEY, False), name
    (table,) = of_type(strict, "AWS::DynamoDB::Table").values()
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    groups = of_type(strict, "AWS::Logs::LogGroup")
    assert set(groups) == {"SlackLogGroup", "WorkerLogGroup", "HttpApiLogGroup"}
    assert {item["KmsKeyId"] for item in groups.values()} == {KEY}
    functions = of_type(strict, "AWS::Lambda::Function").values()
    assert {item["KmsKeyArn"] for item in functions} == {KEY}


@pytest.mark.parametrize(
    ("role", "services"),
    [("SlackRole", {"lambda", "sqs"}), ("WorkerRole", {"lambda", "sqs", "dynamodb"})],
)
def test_the_roles_use_the_key_only_through_what_is_encrypted_with_it(
    strict: Template, role: str, services: set[str]
) -> None:
    found = [item for item in statements_of(strict, role) if "kms:Decrypt" in item["Action"]]
    assert {item["Resource"] for item in found} == {KEY}
    via = [name["Fn::Sub"] for item in found for name in item["Condition"]["StringEquals"]["kms:ViaService"]]
    assert {name.partition(".")[0] for name in via} == services
    # SQS takes a data key in the name of whoever sends.
    assert any("kms:GenerateDataKey" in item["Action"] for item in found if "sqs." in json.dumps(item))


def test_the_key_s_own_policy_lets_the_rules_and_the_logs_use_it() -> None:
    """Without the first, EventBridge can write neither to the queue nor to the dead letters."""
    text = (ROOT / "deploy/key.yml").read_text(encoding="utf-8")
    policy = load(text)["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"]
    by_sid = {item["Sid"]: item for item in policy}
    assert by_sid["TaskEvents"]["Principal"] == {"Service": "events.amazonaws.com"}
    assert by_sid["TaskEvents"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert by_sid["TaskEvents"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }
    arns = by_sid["Logs"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert [item["Fn::Sub"].partition("log-group:")[2] for item in arns] == [
        "/aws/lambda/${Stack}-*",
        "/aws/http-api/${Stack}",
        "/ecs/${Stack}",
    ]


def test_the_functions_are_in_the_subnets(strict: Template) -> None:
    for name, role in {"slack": "SlackRole", "worker": "WorkerRole"}.items():
        found = function(strict, name)
        assert found["VpcConfig"] == {
            "SubnetIds": STRICT["PULLCHECK_SUBNET_IDS"].split(","),
            "SecurityGroupIds": [STRICT["PULLCHECK_SECURITY_GROUP_IDS"]],
        }
        allow, deny = (
            item for item in statements_of(strict, role) if "ec2:CreateNetworkInterface" in item["Action"]
        )
        writes = {item for item in allow["Action"] if not item.startswith("ec2:Describe")}
        # Lambda makes interfaces in the function's name; the function's own code may not.
        assert (allow["Effect"], deny["Effect"]) == ("Allow", "Deny")
        assert set(deny["Action"]) == writes
        assert deny["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]["Fn::Sub"].endswith(
            f":function:{found['FunctionName']}"
        )


def test_a_function_waits_for_what_its_role_needs_first(strict: Template) -> None:
    for name in ("Slack", "Worker"):
        waits = strict["Resources"][f"{name}LambdaFunction"]["DependsOn"]
        assert {f"{name}KeyPolicy", f"{name}InterfacesPolicy"} <= set(waits)


def test_the_http_api_is_throttled_and_logs_access(strict: Template, many_accounts: Template) -> None:
    (stage,) = of_type(strict, "AWS::ApiGatewayV2::Stage").values()
    settings = stage["DefaultRouteSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (20, 40)
    logs = stage["AccessLogSettings"]
    assert logs["DestinationArn"] == {"Fn::GetAtt": ["HttpApiLogGroup", "Arn"]}
    assert "$context.identity.sourceIp" in logs["Format"]
    (plain,) = of_type(many_accounts, "AWS::ApiGatewayV2::Stage").values()
    assert "AccessLogSettings" not in plain


def test_concurrency_is_reserved(strict: Template) -> None:
    assert function(strict, "slack")["ReservedConcurrentExecutions"] == 10
    assert function(strict, "worker")["ReservedConcurrentExecutions"] == 8


def test_each_account_has_its_external_id_and_only_the_worker_knows(strict: Template) -> None:
    worker = function(strict, "worker")["Environment"]["Variables"]
    assert worker["PULLCHECK_EXTERNAL_IDS"] == STRICT["PULLCHECK_EXTERNAL_IDS"]
    assert "PULLCHECK_EXTERNAL_IDS" not in function(strict, "slack")["Environment"]["Variables"]


def test_the_worker_alone_reads_the_routes(strict: Template) -> None:
    (found,) = (item for item in statements_of(strict, "WorkerRole") if item["Sid"] == "Routes")
    assert found["Action"] == "ssm:GetParameter"
    assert [item["Fn::Sub"].rpartition(":")[2] for item in found["Resource"]] == [
        "parameter/pullcheck/test/routes-1",
        "parameter/pullcheck/test/routes-2",
    ]
    assert not [item for item in statements_of(strict, "SlackRole") if item["Sid"] == "Routes"]


def test_all_of_a_role_s_policies_together_fit(strict: Template, strictly_hooked: Template) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 10,240 characters, without spaces."""
    for template in (strict, strictly_hooked):
        for name, role in of_type(template, "AWS::IAM::Role").items():
            documents = [item["PolicyDocument"] for item in role["Policies"]]
            size = len(json.dumps([*documents, statements_of(template, name)], separators=(",", ":")))
            assert size < 9_000, name


# --- choices that cannot work ------------------------------------------------------------------------


CHOICES: list[tuple[dict[str, str], str | None]] = [
    ({}, None),
    ({"otherAccounts": "2222"}, '"2222" is no account id'),
    ({"otherAccounts": "222233334444"}, "other accounts need PULLCHECK_EXTERNAL_ID"),
    (
        {"otherAccounts": "222233334444", "externalId": "short"},
        "other accounts need PULLCHECK_EXTERNAL_ID",
    ),
    ({"otherAccounts": "222233334444", "externalId": "long-enough-for-aws"}, None),
    ({"endpoint": "carrier-pigeon"}, "must be function-url or http-api"),
    ({"autoDiagnosis": "on"}, "must be ENABLED or DISABLED"),
    ({"targetRoleName": "security/pullcheck-read"}, None),
    ({"targetRoleName": "/pullcheck-read"}, "is no role name"),
    ({"targetRoleName": "a b"}, "is no role name"),
    ({"slackSecrets": "xoxb 1"}, "is no name"),
    ({"env:PULLCHECK_DEADLINE": "55"}, "must be more than 0 and at most 40"),
    ({"env:PULLCHECK_DEADLINE": "soon"}, "must be more than 0 and at most 40"),
    ({"env:PULLCHECK_DEADLINE": "40"}, None),
    ({"otherAccounts": "222233334444", "externalIds": "222233334444=long-enough-for-aws"}, None),
    (
        {"otherAccounts": "222233334444,333344445555", "externalIds": "222233334444=long-enough-for-aws"},
        "other accounts need PULLCHECK_EXTERNAL_ID",
    ),
    ({"otherAccounts": "222233334444", "externalIds": "long-enough-for-aws"}, "must be account=id"),
    (
        {"externalIds": "222233334444=long-enough-for-aws"},
        "222233334444 is not in PULLCHECK_OTHER_ACCOUNTS",
    ),
    ({"otherAccounts": "222233334444", "externalIds": "222233334444=short"}, "at least 16 characters"),
    (
        {
            "otherAccounts": "222233334444",
            "externalIds": "222233334444=long-enough-for-aws,222233334444=long-enough-for-aws",
        },
        "names 222233334444 twice",
    ),
    ({"env:PULLCHECK_WORKER_CONCURRENCY": "7"}, "reserve at least 8, or lower PULLCHECK_JOBS_AT_ONCE"),
    ({"env:PULLCHECK_WORKER_CONCURRENCY": "8"}, None),
    (
        {"env:PULLCHECK_WORKER_CONCURRENCY": "8", "env:PULLCHECK_EVENTS_AT_ONCE": "20"},
        "the two queues may use 5 + 20 at a time: reserve at least 25",
    ),
    ({"env:PULLCHECK_EVENTS_AT_ONCE": "1"}, "must be a whole number from 2 to 1000"),
    ({"env:PULLCHECK_SLACK_CONCURRENCY": "ten"}, 'PULLCHECK_SLACK_CONCURRENCY is "ten"'),
    ({"env:PULLCHECK_SLACK_CONCURRENCY": "0"}, "must be a whole number from 1"),
    ({"env:PULLCHECK_PERMISSIONS_BOUNDARY_ARN": "boundary"}, '"boundary" is no ARN of a managed policy'),
    ({"env:PULLCHECK_ROLE_PATH": "security"}, "it begins and ends with /"),
    ({"env:PULLCHECK_ROLE_PATH": "/security/"}, None),
    ({"env:PULLCHECK_KEY_ARN": "alias/pullcheck"}, '"alias/pullcheck" is no ARN of a KMS key'),
    ({"env:PULLCHECK_SUBNET_IDS": "subnet-0123456789abcdef0"}, "belong together"),
    ({"env:PULLCHECK_SECURITY_GROUP_IDS": "sg-0123456789abcdef0"}, "belong together"),
    (
        {"env:PULLCHECK_SUBNET_IDS": "vpc-1", "env:PULLCHECK_SECURITY_GROUP_IDS": "sg-1"},
        "no id of a subnet",
    ),
    ({"env:PULLCHECK_READ_REGIONS": "Frankfurt"}, '"Frankfurt" is no Region'),
    ({"env:PULLCHECK_READ_REGIONS": "eu-central-1, us-gov-west-1"}, None),
    ({"env:PULLCHECK_READ_CLUSTER_ARNS": "prod"}, '"prod" is no ARN of a cluster'),
    (
        {"env:PULLCHECK_HTTP_RATE": "10", "env:PULLCHECK_HTTP_BURST": "20"},
        "need PULLCHECK_ENDPOINT=http-api",
    ),
    ({"env:PULLCHECK_HTTP_ACCESS_LOGS": "on"}, "need PULLCHECK_ENDPOINT=http-api"),
    ({"endpoint": "http-api", "env:PULLCHECK_HTTP_ACCESS_LOGS": "on"}, None),
    ({"endpoint": "http-api", "env:PULLCHECK_HTTP_RATE": "10"}, "belong together"),
    ({"endpoint": "http-api", "env:PULLCHECK_HTTP_ACCESS_LOGS": "yes"}, "must be on or off"),
    ({"audits": "yes"}, "must be on or off"),
    ({"env:PULLCHECK_DAILY_AUDIT": "all"}, "needs PULLCHECK_AUDITS=on"),
    ({"audits": "on", "env:PULLCHECK_DAILY_AUDIT": "prod, 222233334444/eu-west-1,all"}, None),
    ({"audits": "on", "env:PULLCHECK_DAILY_AUDIT": "prod/api"}, '"prod/api" is no cluster'),
    ({"audits": "on", "env:PULLCHECK_DAILY_AUDIT_AT": "6 am"}, '"6 am" is no time of the day'),
    ({"env:PULLCHECK_ROUTES_PARAMETER": "routes"}, '"routes" is no name of a parameter'),
    ({"env:PULLCHECK_ROUTES_PARAMETER": "/a/routes"}, None),
    ({"env:PULLCHECK_ROUTES_PARAMETER": "/a", "env:PULLCHECK_ROUTES": "[]"}, "are both set"),
    ({"env:PULLCHECK_ROUTES": "x" * 3000}, None),
    ({"env:PULLCHECK_ROUTES": "x" * 3400}, "name it in PULLCHECK_ROUTES_PARAMETER"),
    # Written as JSON, each quotation mark takes two bytes, and AWS measures that.
    ({"env:PULLCHECK_ROUTES": '"' * 2000}, "Lambda takes 4096"),
    ({"env:PULLCHECK_ROUTES": "é" * 1700}, "Lambda takes 4096"),
    # What is empty is told by the environment itself.
    *(
        ({f"process:{name}": ""}, f"pullcheck: {name} is set and empty")
        for name in (
            "PULLCHECK_ADMINS",
            "PULLCHECK_ALLOWED_USERS",
            "PULLCHECK_ALLOWED_USERGROUPS",
            "PULLCHECK_ALLOWED_TEAMS",
            "PULLCHECK_ALLOWED_CHANNELS",
            "PULLCHECK_CHANNEL_ACCOUNTS",
        )
    ),
]


@pytest.fixture(scope="module")
def judged(node_modules: Path) -> dict[str, str | None]:
    """What deploy/choices.js says of each of them, in one run of Node.js, which takes its time to start."""
    usual = {
        "slackSecrets": "/pullcheck/test/slack",
        "endpoint": "function-url",
        "autoDiagnosis": "ENABLED",
        "targetRoleName": "pullcheck-read",
        "deploymentHook": "off",
        "hookUndecided": "SUCCEEDED",
        "audits": "off",
        "workerTimeout": "60",
        "self:service": "pullcheck",
        "sls:stage": "test",
    }
    script = """
        const [choices, rows] = [require(process.argv[1]), JSON.parse(process.argv[2])];
        const judge = async (given) => {
          const own = Object.entries(given).filter(([name]) => name.startsWith('process:'));
          for (const [name, value] of own) process.env[name.slice(8)] = value;
          const resolveVariable = async (text) => {
            const [, name, , fallback] = /^((?:env:|self:|sls:)?[^,]+)(, '(.*)')?$/.exec(text.replace(/^param:/, ''));
            return given[name] ?? fallback ?? '';
          };
          const said = await choices({ resolveVariable }).then(() => null, (error) => error.message);
          for (const [name] of own) delete process.env[name.slice(8)];
          return said;
        };
        (async () => {
          const said = [];
          for (const row of rows) said.push(await judge(row));
          console.log(JSON.stringify(said));
        })();
    """
    rows = [{**usual, **choices} for choices, _ in CHOICES]
    done = subprocess.run(
        ["node", "-e", script, str(ROOT / "deploy/choices.js"), json.dumps(rows)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: list[str | None] = json.loads(done.stdout)
    return {json.dumps(choices): answer for (choices, _), answer in zip(CHOICES, said, strict=True)}


@every_row("choices, says", CHOICES)
def test_a_choice_that_cannot_work_is_refused(
    judged: dict[str, str | None], choices: dict[str, str], says: str | None
) -> None:
    said = judged[json.dumps(choices)]
    assert said is None if says is None else said and said.startswith("pullcheck: ") and says in said


def test_an_empty_allow_list_does_not_let_everybody_in(
    node_modules: Path, dist: Path, tmp_path: Path
) -> None:
    """As osls hands one on; what is said of each of them stands in CHOICES."""
    service_folder(tmp_path, dist, node_modules)
    (tmp_path / ".env.test").write_text("PULLCHECK_ALLOWED_USERS=\n", encoding="utf-8")
    done = osls_package(tmp_path, {})
    assert done.returncode != 0
    assert "pullcheck: PULLCHECK_ALLOWED_USERS is set and empty" in done.stdout + done.stderr


def test_then_nothing_is_packaged(node_modules: Path, dist: Path, tmp_path: Path) -> None:
    service_folder(tmp_path, dist, node_modules)
    done = osls_package(tmp_path, {"PULLCHECK_OTHER_ACCOUNTS": "2222"})
    assert done.returncode != 0
    assert 'pullcheck: PULLCHECK_OTHER_ACCOUNTS: "2222" is no account id' in done.stdout + done.stderr
