"""Alerts that name their service by dimensions, tags and labels, and texts that are broken where they should not be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.target import LONGEST, Target, find_all, parse

ID = "0123456789abcdef0123456789abcdef"
NAMED = Target(kind="service", cluster="payments", service="payments-api")
SERVICE = NAMED.model_copy(update={"partition": "aws", "region": "eu-west-1", "account_id": "111122223333"})
ALARM_ARN = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:payments-api running tasks"
DIMENSIONS = [{"value": "payments-api", "name": "ServiceName"}, {"value": "payments", "name": "ClusterName"}]


def notification(**trigger: Any) -> dict[str, Any]:
    """As CloudWatch sends it over SNS. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"""
    return {
        "AlarmName": "payments-api running tasks",
        "AlarmDescription": None,
        "AWSAccountId": "111122223333",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed: 1 datapoint [0.0 (24/11/26 09:10:00)] was less than the threshold (1.0).",
        "Region": "EU (Ireland)",
        "AlarmArn": ALARM_ARN,
        "OKActions": ["arn:aws:sns:us-east-1:999988887777:all"],
        "Trigger": {"MetricName": "RunningTaskCount", "Namespace": "ECS/ContainerInsights", "Dimensions": DIMENSIONS, **trigger},
    }  # fmt: skip


STATE_CHANGE = {
    "source": "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    "account": "111122223333",
    "region": "eu-west-1",
    "resources": [ALARM_ARN],
    "detail": {
        "alarmName": "payments-api running tasks",
        "configuration": {
            "metrics": [
                {
                    "metricStat": {
                        "metric": {
                            "namespace": "AWS/ECS",
                            "name": "CPUUtilization",
                            "dimensions": {"ClusterName": "payments", "ServiceName": "payments-api"},
                        },
                        "period": 60,
                    },
                    "returnData": True,
                }
            ]
        },
    },
}
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html"""
SERVICE_ACTION = {
    "detail-type": "ECS Service Action",
    "source": "aws.ecs",
    "account": "111122223333",
    "region": "eu-west-1",
    "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/payments-api"],
    "detail": {
        "eventName": "SERVICE_TASK_START_IMPAIRED",
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/payments",
    },
}
GRAFANA = {
    "receiver": "oncall",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "No tasks", "dimension_ClusterName": "payments", "dimension_ServiceName": "payments-api"},
            "valueString": "[ var='A' labels={ClusterName=payments, ServiceName=payments-api} value=0 ]",
        }
    ],
}  # fmt: skip
DATADOG = {
    "title": "[Triggered on {clustername:payments,servicename:payments-api}] No tasks are running",
    "tags": "aws_account:111122223333,clustername:payments,region:eu-west-1,servicename:payments-api,monitor",
}
PAGERDUTY = {
    "event_action": "trigger",
    "payload": {
        "summary": "payments-api has no tasks",
        "source": "aws",
        "custom_details": {"ecs_cluster_name": "payments", "ecs_service_name": "payments-api", "region": "eu-west-1", "account_id": "111122223333"},
    },
}  # fmt: skip
MAIL = """Alarm Details:
- Name: payments-api running tasks
- AWS Account: 111122223333
- Alarm Arn: arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x
Monitored Metric:
- MetricNamespace: AWS/ECS
- MetricDimensions: [ClusterName = payments] [ServiceName = payments-api]"""

ALERTS = {
    "CloudWatch": (json.dumps(notification()), SERVICE),
    "CloudWatch, indented": (json.dumps(notification(), indent=4), SERVICE),
    "CloudWatch, within SNS": (json.dumps({"Type": "Notification", "Message": json.dumps(notification())}), SERVICE),
    "CloudWatch, within SNS within SQS": (json.dumps({"body": json.dumps({"Message": json.dumps(notification())})}), SERVICE),
    "CloudWatch, name before value": (
        json.dumps(notification(Dimensions=[{"Name": "ClusterName", "Value": "payments"}, {"Name": "ServiceName", "Value": "payments-api"}])),
        SERVICE,
    ),
    "CloudWatch, by e-mail": (MAIL, SERVICE),
    "CloudWatch, of China": (
        json.dumps(notification()).replace("arn:aws:cloudwatch:eu-west-1", "arn:aws-cn:cloudwatch:cn-north-1"),
        SERVICE.model_copy(update={"partition": "aws-cn", "region": "cn-north-1"}),
    ),
    "EventBridge, an alarm": (json.dumps(STATE_CHANGE), SERVICE),
    "EventBridge, of a service": (json.dumps(SERVICE_ACTION), SERVICE),
    "Datadog": (json.dumps(DATADOG), SERVICE),
    "PagerDuty": (json.dumps(PAGERDUTY), SERVICE),
    "Grafana": (json.dumps(GRAFANA), NAMED),
    "Slack, in bold": ("*ClusterName:* payments\n*ServiceName:* `payments-api`\n*Region:* eu-west-1", SERVICE.model_copy(update={"account_id": None})),
    "Slack, escaped": ('{&quot;ClusterName&quot;:&quot;payments&quot;,&quot;ServiceName&quot;:&quot;payments-api&quot;}', NAMED),
    "the AWS app for Slack": (
        "*CloudWatch Alarm | no tasks | eu-west-1 | Account: 111122223333*\nClusterName: payments, ServiceName: payments-api", SERVICE,
    ),
    "with spaces": ("AWS/ECS\nCluster Name: payments\nService Name: payments-api", NAMED),
    "Datadog, of the agent": ("ecs_cluster_name:payments, ecs_service_name:payments-api, task_family:api", NAMED),
    "CloudWatch, of two metrics": (
        json.dumps({"AlarmArn": ALARM_ARN, "Trigger": {"Metrics": [{"Id": name, "MetricStat": {"Metric": {"Dimensions": DIMENSIONS}}} for name in "ab"]}}),
        SERVICE,
    ),
    "an exporter": ("cluster_name=payments service_name=payments-api namespace=AWS/ECS", NAMED),
}  # fmt: skip


@pytest.mark.parametrize(("alert", "service"), ALERTS.values(), ids=ALERTS.keys())
def test_an_alert_names_its_service(alert: str, service: Target) -> None:
    assert find_all(alert) == (service,)
    assert parse(alert) == service


@pytest.mark.parametrize(
    ("alert", "services"),
    [
        ("ClusterName=a, ServiceName=x; ClusterName=b, ServiceName=y", [("a", "x"), ("b", "y")]),
        ("ServiceName=x, ClusterName=a; ServiceName=y, ClusterName=b", [("a", "x"), ("b", "y")]),
        ("ClusterName=a, ServiceName=x, ServiceName=y", [("a", "x"), ("a", "y")]),
        ("ClusterName=a, ServiceName=x | ClusterName=a, ServiceName=x", [("a", "x")]),
        ("ClusterName=a, ClusterName=b, ServiceName=x", []),
        ("ClusterName=production-cluster", []),
        ("ClusterName=null, ServiceName=payments", []),
        ("ClusterName=prod.example, ServiceName=payments", []),
        ("the cluster_name=gke-1 and service_name=shop of Kubernetes", []),
        ("Cluster Name: gke-1, Service Name: shop of Kubernetes", []),
        ("MyClusterName=payments, MyServiceName=payments-api", []),
        ("ClusterNames=payments, ServiceNames=payments-api", []),
    ],
)  # fmt: skip
def test_names_go_together_or_are_no_target(alert: str, services: list[tuple[str, str]]) -> None:
    expected = tuple(Target(kind="service", cluster=cluster, service=name) for cluster, name in services)
    assert find_all(alert.ljust(40)) == expected


@pytest.mark.parametrize(
    ("alert", "tasks"),
    [
        (f"Cluster: payments\nTask: {ID}", [f"payments/{ID}"]),
        (f'{{"ecs_cluster_name":"payments","task_id":"{ID.upper()}"}}', [f"payments/{ID}"]),
        (f"cluster=payments task={ID} region=eu-west-1 account=111122223333", [f"arn:aws:ecs:eu-west-1:111122223333:task/payments/{ID}"]),
        (f"Cluster: payments, Task: {ID}, Task: {'f' * 32}", [f"payments/{ID}", f"payments/{'f' * 32}"]),
        (f"Cluster: payments, Cluster: shop, Task: {ID}", []),
        (f"Task: {ID}", []),
        (f"Cluster: payments, Task: {ID}0", []),
        (f"Cluster: payments, Mytask: {ID}", []),
    ],
)  # fmt: skip
def test_a_task_by_its_id_and_its_cluster(alert: str, tasks: list[str]) -> None:
    assert [str(target) for target in find_all(alert)] == tasks


def test_of_two_regions_none_is_taken() -> None:
    alert = "ClusterName=a ServiceName=x region=eu-west-1 region=us-east-1 account=111122223333"
    assert find_all(alert) == (Target(kind="service", cluster="a", service="x", account_id="111122223333"),)


# --- lines that are broken within a word ------------------------------------------------------------

REFUSED = (
    "User: arn:aws:sts::111122223333:assumed-role/{}/"
    + ID
    + " is not authorized to perform: ecr:BatchGetImage"
)
SESSION = Target(kind="task", partition="aws", account_id="111122223333", task_id=ID)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\n    ", "\n> ", "  \n\t"])
@pytest.mark.parametrize(
    "role",
    ["team-payments-Execut{}ionRole-aBcD", "{}ExecutionRole-aBcD", "team-payments-Execut{}ion{}Role-aBcD"],
)
def test_what_a_broken_line_leaves_of_a_role_is_no_target(role: str, line_break: str) -> None:
    assert find_all(REFUSED.format(role.replace("{}", line_break))) == ()


@pytest.mark.parametrize(
    "text",
    [
        f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/pay-\n   ments/{ID}",
        f"see /var/log/very-long-na\nme/{ID}",
        f"arn:aws:ecs:us-east-1:111122223333:task-set/\npayments/{ID}",
    ],
)
def test_neither_is_that_of_an_image_or_a_path(text: str) -> None:
    assert find_all(text) == ()


@pytest.mark.parametrize(
    "text", [f"Task:\npayments/{ID}", f"it stopped\n> payments/{ID}", f"why?\n\n  payments/{ID}\n"]
)
def test_a_task_on_a_line_of_its_own_is_one(text: str) -> None:
    assert find_all(text) == (Target(kind="task", cluster="payments", task_id=ID),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REFUSED.format("payments-execution"), SESSION),
        (REFUSED.format("payments-execution") + ".", SESSION),
        (
            REFUSED.format("r") + " on resource: arn:aws:ecr:eu-west-1:111122223333:repository/api",
            SESSION.model_copy(update={"region": "eu-west-1"}),
        ),
        (
            REFUSED.format("r").replace(":aws:", ":aws-us-gov:"),
            SESSION.model_copy(update={"partition": "aws-us-gov"}),
        ),
        (REFUSED.format("r") + f" payments/{ID}", Target(kind="task", cluster="payments", task_id=ID)),
    ],
)
def test_the_session_of_a_task_s_role_is_the_task(text: str, expected: Target) -> None:
    assert find_all(text) == (expected,)


@pytest.mark.parametrize(
    "session", ["i-0123456789abcdef0", f"{ID}0", f"x-{ID}", f"{ID}.x", f"{ID}@corp", "alice"]
)
def test_another_session_is_no_task(session: str) -> None:
    assert find_all(REFUSED.format("r").replace(ID, session)) == ()


# --- consoles of the isolated partitions ------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "region", "partition"),
    [
        ("c2shome.ic.gov", "us-iso-east-1", "aws-iso"),
        ("sc2shome.sgov.gov", "us-isob-east-1", "aws-iso-b"),
        ("csphome.hci.ic.gov", "us-isof-south-1", "aws-iso-f"),
        ("csphome.adc-e.uk", "eu-isoe-west-1", "aws-iso-e"),
    ],
)
def test_links_of_isolated_consoles(domain: str, region: str, partition: str) -> None:
    link = f"https://{region}.console.{domain}/ecs/v2/clusters/payments/services/payments-api/health?region={region}"
    assert parse(link) == NAMED.model_copy(update={"partition": partition, "region": region})


# --- dear shapes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        "ClusterName", "ClusterName=", "value", "value:", 'value":"a","name":"', "ClusterName=a ", "ClusterName" + " " * 40, "ServiceName:\\\\",
        "arn:aws:sts::111122223333:assumed-role/", "arn:aws:sts::111122223333:assumed-role/r/" + ID + "0", "region=", "account:", "region:eu-",
        "a\n", "\n \n", "cluster_name:x ",
    ],
)  # fmt: skip
def test_a_long_text_of_one_piece_is_answered(piece: str) -> None:
    # Time is not measured: were a pattern to back-track over its repetitions, this would not end.
    assert find_all("ClusterName " + piece * (LONGEST // len(piece))) == ()
