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

from tests.deploy.conftest import MANY_ACCOUNTS, ROOT, Package, osls_package, service_folder
from tests.deploy.event_pattern import matches

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


def test_the_templates_lint_clean(template: Template, many_accounts: Template, tmp_path: Path) -> None:
    """One run for all, since the linter takes its time to start; a broken one among them shows that it looks."""
    broken = json.loads(json.dumps(template))
    broken["Resources"]["Jobs"]["Properties"]["VisibilityTimeout"] = 1
    templates = {"default": template, "many-accounts": many_accounts, "broken": broken}
    for name, content in templates.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    paths = [*sorted(tmp_path.glob("*.json")), ROOT / "deploy/target-account.yml"]
    program = "import sys; from cfnlint.runner import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--format", "json", "--template", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = {(Path(item["Filename"]).stem, item["Rule"]["Id"]) for item in json.loads(done.stdout)}
    # W3005: osls itself writes a DependsOn that CloudFormation would not need, for an HTTP API's route.
    assert found == {("broken", "E3505"), ("many-accounts", "W3005")}, done.stderr


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
    assert worker["PULLCHECK_TABLE"] == {"Ref": "Table"}
    assert "PULLCHECK_TABLE" not in slack
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
    assert names
    assert [name for name in names if f"'{name}'" not in choices and f"env:{name}" not in serverless] == []
    read = set(re.findall(r"'(PULLCHECK_[A-Z_]+)',\n", choices)) | set(
        re.findall(r"env:(PULLCHECK_[A-Z_]+)", serverless)
    )
    assert read == set(names)


# --- queue, table, logs ------------------------------------------------------------------------------


def test_failed_work_comes_back_and_then_goes_to_the_dead_letters(each_template: Template) -> None:
    worker = function(each_template, "worker")
    (mapping,) = of_type(each_template, "AWS::Lambda::EventSourceMapping").values()
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["Jobs", "Arn"]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == 1
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
    queues = of_type(each_template, "AWS::SQS::Queue")
    jobs, dead = queues["Jobs"], queues["DeadLetters"]
    assert jobs["VisibilityTimeout"] >= 6 * worker["Timeout"]
    assert jobs["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert jobs["RedrivePolicy"]["maxReceiveCount"] >= 3
    # A message that was received so often, each time to the end, is still kept then.
    assert (
        jobs["MessageRetentionPeriod"] > jobs["RedrivePolicy"]["maxReceiveCount"] * jobs["VisibilityTimeout"]
    )
    assert dead["MessageRetentionPeriod"] > jobs["MessageRetentionPeriod"]
    assert jobs["SqsManagedSseEnabled"] is dead["SqsManagedSseEnabled"] is True
    (source,) = dead["RedriveAllowPolicy"]["sourceQueueArns"]
    assert source["Fn::Sub"].endswith(f":{jobs['QueueName']}")


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
        assert target["Arn"] == {"Fn::GetAtt": ["Jobs", "Arn"]}
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
    depth = next(
        item for item in alarms.values() if item["MetricName"] == "ApproximateNumberOfMessagesVisible"
    )
    assert depth["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["DeadLetters", "QueueName"]}
    assert (depth["Threshold"], depth["ComparisonOperator"]) == (0, "GreaterThanThreshold")


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


# --- choices that cannot work ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "says"),
    [
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
        ({"targetRoleName": "a/b"}, "is no role name"),
        ({"slackSecrets": "xoxb 1"}, "is no name"),
        ({"env:PULLCHECK_DEADLINE": "55"}, "must be more than 0 and at most 40"),
        ({"env:PULLCHECK_DEADLINE": "soon"}, "must be more than 0 and at most 40"),
        ({"env:PULLCHECK_DEADLINE": "40"}, None),
    ],
)
def test_a_choice_that_cannot_work_is_refused(
    node_modules: Path, choices: Mapping[str, str], says: str | None
) -> None:
    params = {
        "slackSecrets": "/pullcheck/test/slack",
        "endpoint": "function-url",
        "autoDiagnosis": "ENABLED",
        "targetRoleName": "pullcheck-read",
        "workerTimeout": "60",
        **choices,
    }
    script = """
        const [choices, given] = [require(process.argv[1]), JSON.parse(process.argv[2])];
        const resolveVariable = async (text) => {
          const [, name, , fallback] = /^((?:env:)?[^,]+)(, '(.*)')?$/.exec(text.replace(/^param:/, ''));
          return given[name] ?? fallback ?? '';
        };
        choices({ resolveVariable }).catch((error) => { console.error(error.message); process.exit(1); });
    """
    done = subprocess.run(
        ["node", "-e", script, str(ROOT / "deploy/choices.js"), json.dumps(params)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (0 if says is None else 1), done.stderr
    assert says is None or (done.stderr.startswith("pullcheck: ") and says in done.stderr)


def test_then_nothing_is_packaged(node_modules: Path, dist: Path, tmp_path: Path) -> None:
    service_folder(tmp_path, dist, node_modules)
    done = osls_package(tmp_path, {"PULLCHECK_OTHER_ACCOUNTS": "2222"})
    assert done.returncode != 0
    assert 'pullcheck: PULLCHECK_OTHER_ACCOUNTS: "2222" is no account id' in done.stdout + done.stderr
