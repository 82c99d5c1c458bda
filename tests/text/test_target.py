"""What people paste, and the target that is read out of it, or the sentence that says why there is none."""

from __future__ import annotations

import json
import re
import string
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.target import EXAMPLE, LONGEST, Target, TargetError, find_all, parse
from diagnostics.target.forms import ARN as ARN_FORM
from diagnostics.target.plain import decoded
from tests.rows import every_row

ID = "0123456789abcdef0123456789abcdef"
OTHER_ID = "fedcba9876543210fedcba9876543210"
UUID = "0b69d5c0-d655-4695-98cd-5d2d526d9d5a"
ARN = f"arn:aws:ecs:us-east-1:111122223333:task/payments/{ID}"
OTHER_ARN = f"arn:aws:ecs:us-east-1:111122223333:task/payments/{OTHER_ID}"
SERVICE_ARN = "arn:aws:ecs:us-east-1:111122223333:service/payments/payments-api"
CONSOLE = "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/payments"
LINK = f"{CONSOLE}/tasks/{ID}/configuration?region=us-east-1"
CLASSIC = f"https://console.aws.amazon.com/ecs/home?region=us-east-1#/clusters/payments/tasks/{ID}/details"

TASK = Target(
    kind="task",
    partition="aws",
    region="us-east-1",
    account_id="111122223333",
    cluster="payments",
    task_id=ID,
)
SERVICE = Target(
    kind="service",
    partition="aws",
    region="us-east-1",
    account_id="111122223333",
    cluster="payments",
    service="payments-api",
)
NO_ACCOUNT = TASK.model_copy(update={"account_id": None})
LOOSE = Target(kind="task", cluster="payments", task_id=ID)


# --- ARNs --------------------------------------------------------------------------------------------

REGIONS = (
    ("aws", "us-east-1"),
    ("aws", "ap-southeast-7"),
    ("aws", "mx-central-1"),
    ("aws-cn", "cn-north-1"),
    ("aws-cn", "cn-northwest-1"),
    ("aws-us-gov", "us-gov-west-1"),
    ("aws-eusc", "eusc-de-east-1"),
    ("aws-iso", "us-iso-east-1"),
    ("aws-iso-b", "us-isob-east-1"),
    ("aws-iso-e", "eu-isoe-west-1"),
    ("aws-iso-f", "us-isof-south-1"),
)


@pytest.mark.parametrize(("partition", "region"), REGIONS)
@pytest.mark.parametrize("cluster", ["payments", "My_Cluster-1", None])
@pytest.mark.parametrize("task_id", [ID, UUID])
def test_task_arns_of_every_partition(partition: str, region: str, cluster: str | None, task_id: str) -> None:
    text = f"arn:{partition}:ecs:{region}:111122223333:task/{cluster + '/' if cluster else ''}{task_id}"
    target = parse(text)
    assert target == Target(
        kind="task",
        partition=partition,
        region=region,
        account_id="111122223333",
        cluster=cluster,
        task_id=task_id,
    )
    assert str(target) == target.task_arn == text


@pytest.mark.parametrize(("partition", "region"), REGIONS)
@pytest.mark.parametrize("resource", ["service/payments/api", "service/api", "service/My_C-1/api_2-"])
def test_service_arns_of_every_partition(partition: str, region: str, resource: str) -> None:
    text = f"arn:{partition}:ecs:{region}:111122223333:{resource}"
    target = parse(text)
    _, *cluster, service = resource.split("/")
    assert (target.kind, target.partition, target.region) == ("service", partition, region)
    assert (target.cluster, target.service) == (cluster[0] if cluster else None, service)
    assert str(target) == text
    assert target.task_arn is None


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (f"container/payments/{ID}/{UUID}", TASK),
        ("service-deployment/payments/payments-api/NCWGC2ZR-taawPAYrIaU5", SERVICE),
        ("service-revision/payments/payments-api/4980306466373577095", SERVICE),
        ("task-set/payments/payments-api/ecs-svc/1234567890123456789", None),
        ("task-set/payments/payments-api/1234567890123456789", SERVICE),
        (f"task/payments/{ID}/extra", TASK),
    ],
)
def test_arns_that_hold_a_task_or_service(resource: str, expected: Target | None) -> None:
    found = find_all(f"arn:aws:ecs:us-east-1:111122223333:{resource}")
    assert found == ((expected,) if expected else ())


# --- console links -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "partition", "region"),
    [
        ("console.aws.amazon.com", "aws", "eu-west-1"),
        ("console.amazonaws.cn", "aws-cn", "cn-north-1"),
        ("console.amazonaws-us-gov.com", "aws-us-gov", "us-gov-east-1"),
        ("console.amazonaws-eusc.eu", "aws-eusc", "eusc-de-east-1"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "ecs/v2/clusters/web/tasks/{}/configuration?region={}",
        "ecs/home?region={1}#/clusters/web/tasks/{0}/details",
    ],
)
@pytest.mark.parametrize("regional", [True, False])
def test_links_of_every_console(domain: str, partition: str, region: str, path: str, regional: bool) -> None:
    host = f"{region}.{domain}" if regional else domain
    target = parse(f"https://{host}/{path.format(ID, region)}")
    assert target == Target(kind="task", partition=partition, region=region, cluster="web", task_id=ID)


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        CLASSIC,
        f"{CONSOLE}/tasks/{ID}",
        f"{CONSOLE}/tasks/{ID}?region=us-east-1",
        f"{CONSOLE}/tasks/{ID}/logs?region=us-east-1",
        f"{CONSOLE}/tasks/{ID}/configuration?selectedContainer=app&region=us-east-1",
        f"{CONSOLE}/tasks/{ID}/configuration/containers/app?region=us-east-1",
        f"{CONSOLE}/services/payments-api/tasks/{ID}/configuration?region=us-east-1",
        f"https://console.aws.amazon.com/ecs/v2/clusters/payments/tasks/{ID}?a=1&region=us-east-1",
        f"https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/payments/tasks/{ID}?region=us-east-1",
        f"https://us-east-1.console.aws.amazon.com/ecs/home?region=us-east-1#/clusters/payments/tasks/{ID}/details",
        f"https://console.aws.amazon.com/ecs/home?region=us-east-1#clusters/payments/tasks/{ID}/details",
        f"https://console.aws.amazon.com/ecs/home?region=us-east-1#%2Fclusters%2Fpayments%2Ftasks%2F{ID}%2Fdetails",
        LINK.replace("https", "http"),
        LINK.replace("us-east-1.console", "US-EAST-1.Console"),
        LINK.replace(ID, ID.upper()),
        f"({LINK}).",
        f"[the task]({LINK})",
        LINK + "\\nand more",
        f"https://us-east-1.signin.aws.amazon.com/oauth?redirect_uri=https%3A%2F%2Fconsole.aws.amazon.com%2Fecs%2Fv2%2Fclusters%2Fpayments%2Ftasks%2F{ID}%3Fregion%3Dus-east-1",
    ],
)
def test_links_to_a_task(link: str) -> None:
    assert find_all(link) == (NO_ACCOUNT,)
    assert parse(link) == NO_ACCOUNT


@pytest.mark.parametrize(
    "link",
    [
        f"{CONSOLE}/services/payments-api/health?region=us-east-1",
        f"{CONSOLE}/services/payments-api/tasks?status=STOPPED&region=us-east-1",
        f"{CONSOLE}/services/payments-api",
        "https://console.aws.amazon.com/ecs/home?region=us-east-1#/clusters/payments/services/payments-api/events",
    ],
)
def test_links_to_a_service(link: str) -> None:
    assert parse(link) == SERVICE.model_copy(update={"account_id": None})


def test_a_link_of_one_of_several_sessions_names_the_account() -> None:
    link = LINK.replace("https://", "https://111122223333-ab12cd34.")
    assert parse(link) == TASK


@pytest.mark.parametrize(
    "link",
    [
        LINK.replace("console.aws.amazon.com", "console.aws.amazon.com.example.org"),
        LINK.replace("us-east-1.console.aws", "console-aws"),
        LINK.replace("/ecs/", "/ec2/"),
        f"https://app.datadoghq.com/clusters/payments/tasks/{ID}?region=us-east-1",
        f"https://example.pagerduty.com/incidents/{ID}",
        f"https://github.com/payments/{ID}",
        f"{CONSOLE}/tasks/{ID}0?region=us-east-1",
    ],
)
def test_other_links_are_no_targets(link: str) -> None:
    assert find_all(link) == ()


# --- inside other text -------------------------------------------------------------------------------

WRAPPINGS = {
    "alone": "{}",
    "with space around it": " \t{} \r\n",
    "in backticks": "`{}`",
    "in a block of code": "```\n{}\n```",
    "in quotes": "'{}'",
    "in double quotes": '"{}"',
    "in typographic quotes": "“{}”",
    "in angle brackets": "<{}>",
    "in brackets": "[{}]",
    "in parentheses": "({})",
    "in bold": "*{}*",
    "in italics": "_{}_",
    "struck out": "~{}~",
    "with a full stop": "{}.",
    "with a comma": "{}, please",
    "with a colon": "{}: why?",
    "with a question mark": "what about {}?",
    "with an ellipsis": "{}...",
    "with a dash": "{}- it is stuck",
    "with a typographic dash": "{}—it is stuck",
    "after a key": "task_arn:{}",
    "after an equals sign": "taskArn={}&x=1",
    "as JSON": '{{"detail":{{"taskArn":"{}"}}}}',
    "as JSON in JSON": '"{{\\"taskArn\\":\\"{}\\"}}"',
    "before an escaped line end": "{}\\nStopped",
    "with invisible characters": "\u200b\u2066{}\u2069\ufeff",
    "with HTML's entities": "&lt;{}&gt;",
    "escaped twice": "&amp;quot;{}&amp;quot;",
    "with emoji": ":fire:🔥{}🔥",
    "in Japanese": "タスク{}が停止しました",
}
"""Ways in which people and programs write an ARN or a link."""


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_a_task_in_other_text(wrapping: str) -> None:
    assert find_all(wrapping.format(ARN)) == (TASK,)
    assert parse(wrapping.format(ARN)) == TASK


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_a_link_in_other_text(wrapping: str) -> None:
    assert find_all(wrapping.format(LINK.split("?")[0] + "?region=us-east-1")) == (NO_ACCOUNT,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<{LINK}>", NO_ACCOUNT),
        (f"<{LINK}|the task>", NO_ACCOUNT),
        (f"<{LINK.replace('?', '?a=b&amp;')}|{LINK[:30]}…>", NO_ACCOUNT),
        (f"<{LINK}|{ARN}>", TASK),
        (f"<https://app.datadoghq.com/monitors/1|{ARN}>", TASK),
        (f"<http://example.org/{ARN}|task>", TASK),
        (
            f"https://console.aws.amazon.com/ecs/v2/clusters/payments/tasks/{ID}?a=1&amp;amp;region=us-east-1",
            NO_ACCOUNT,
        ),
        (ARN.replace("east", "\u200beast").replace("payments", "pay\u00adments"), TASK),
        (LINK.replace("/", "\\/"), NO_ACCOUNT),
        (ARN.replace("/", "\\/"), TASK),
        (LINK.replace("?", "?a=b\\u0026").replace("region=", "region\\u003d"), NO_ACCOUNT),
        (f"https://alerts.example.org/open?arn={ARN.replace(':', '%3A').replace('/', '%2F')}", TASK),
        (ARN.upper(), TASK),
        (ARN.replace(ID, ID.upper()), TASK),
        (ARN.replace("arn:aws", "Arn:aws"), TASK),
        (ARN.replace("task/payments", "TASK/Payments"), TASK.model_copy(update={"cluster": "Payments"})),
    ],
)
def test_escapes_and_case(text: str, expected: Target) -> None:
    assert find_all(text) == (expected,)


@pytest.mark.parametrize("place", [8, 20, 38, 39, 42, 47, 48, 60, len(ARN) - 1])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", " \n   ", "\n> "])
def test_a_task_arn_broken_over_lines(place: int, line_break: str) -> None:
    text = f"The task\n{ARN[:place]}{line_break}{ARN[place:]}\nstopped at 09:15."
    assert find_all(text) == (TASK,)


def test_a_task_arn_broken_twice() -> None:
    assert find_all(f"{ARN[:30]}\n{ARN[30:60]}\n{ARN[60:]}\nabc") == (TASK,)


def test_a_service_arn_broken_at_its_slash() -> None:
    assert find_all(SERVICE_ARN.replace("payments/", "payments/\n")) == (SERVICE,)


def test_what_follows_a_whole_arn_on_the_next_line_is_not_part_of_it() -> None:
    assert find_all(f"{SERVICE_ARN}\nfailed") == (SERVICE,)
    assert find_all(f"{ARN}\n0123") == (TASK,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ARN} {ARN}", (TASK,)),
        (f"{ARN} {SERVICE_ARN}", (TASK,)),
        (f"{SERVICE_ARN} {ARN}", (TASK,)),
        (f"{OTHER_ARN}, {ARN} and {OTHER_ARN}", (parse(OTHER_ARN), TASK)),
        (f"{LINK} {ARN}", (TASK,)),
        (f"{ARN} {CLASSIC}", (TASK,)),
        (f"{LINK} {CLASSIC}", (NO_ACCOUNT,)),
        (f"{OTHER_ARN} {LINK}", (parse(OTHER_ARN), NO_ACCOUNT)),
        (f"{ARN} payments/{OTHER_ID}", (TASK,)),
        (f"{ARN.replace('payments/', '')} {ARN}", (TASK,)),
        (
            f"{ARN} {ARN.replace('us-east-1', 'us-east-2')}",
            (TASK, TASK.model_copy(update={"region": "us-east-2"})),
        ),
        (f"{SERVICE_ARN} {SERVICE_ARN}2", (SERVICE, SERVICE.model_copy(update={"service": "payments-api2"}))),
        (f"payments/{ID} or shop/{OTHER_ID}", (LOOSE, Target(kind="task", cluster="shop", task_id=OTHER_ID))),
        ("nothing here", ()),
        ("", ()),
    ],
)
def test_several_in_one_text(text: str, expected: tuple[Target, ...]) -> None:
    assert find_all(text) == expected


EVENT = {
    "version": "0",
    "id": "3317b2af-7005-947d-b652-f55e762e571a",
    "detail-type": "ECS Task State Change",
    "source": "aws.ecs",
    "account": "111122223333",
    "region": "us-east-1",
    "resources": [ARN],
    "detail": {
        "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/payments",
        "containerInstanceArn": f"arn:aws:ecs:us-east-1:111122223333:container-instance/payments/{OTHER_ID}",
        "containers": [
            {
                "containerArn": f"arn:aws:ecs:us-east-1:111122223333:container/payments/{ID}/{UUID}",
                "name": "app",
            }
        ],
        "group": "service:payments-api",
        "taskArn": ARN,
        "taskDefinitionArn": "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7",
        "stoppedReason": "CannotPullContainerError: pull image manifest has been retried 5 time(s)",
    },
}

ALERTS = {
    "EventBridge": json.dumps(EVENT),
    "EventBridge over lines": json.dumps(EVENT, indent=2),
    "EventBridge in SNS": json.dumps({"Type": "Notification", "Message": json.dumps(EVENT)}),
    "CloudWatch alarm": (
        'ALARM: "payments-pull-errors" in US East (N. Virginia)\n'
        "AlarmArn: arn:aws:cloudwatch:us-east-1:111122223333:alarm:payments-pull-errors\n"
        f"Reason: task {ARN} stopped with CannotPullContainerError.\n"
        "<https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/payments|View>"
    ),
    "Datadog": (
        "[Triggered] ECS image pulls are failing\n"
        f"`task_arn:{ARN}` `cluster_name:payments` `ecs_service:payments-api` "
        "<https://app.datadoghq.com/monitors/1234567?group=task_arn%3A"
        f"{ARN.replace(':', '%3A').replace('/', '%2F')}&amp;from_ts=1|Monitor status> · @slack-oncall"
    ),
    "PagerDuty": (
        f"*Triggered #4711* <https://example.pagerduty.com/incidents/Q{UUID}|Task stopped>\n"
        f"*Service:* payments-api (<{CONSOLE}/services/payments-api/tasks?region=us-east-1|service>)\n"
        f"*Task:* {ARN}\n*Image:* 111122223333.dkr.ecr.us-east-1.amazonaws.com/payments-api@sha256:{'1a' * 32}"
    ),
    "the AWS app for Slack": (
        ":warning: *ECS Task State Change | us-east-1 | Account: 111122223333*\n"
        f"Resources\n• {ARN}\nSee <{LINK.replace('?', '?tab=1&amp;')}|the task>."
    ),
}  # fmt: skip


@pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS.keys())
def test_alerts(alert: str) -> None:
    assert find_all(alert) == (TASK,)


def test_an_alert_about_a_service_only() -> None:
    event = {
        "detail-type": "ECS Deployment State Change",
        "resources": [SERVICE_ARN],
        "detail": {"deploymentId": "ecs-svc/1"},
    }
    assert find_all(json.dumps(event)) == (SERVICE,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"payments/{ID}", LOOSE),
        (f"`payments/{ID}`", LOOSE),
        (f"payments/{ID.upper()}", LOOSE),
        (f"task/payments/{ID}", LOOSE),
        (f"payments/{UUID}", Target(kind="task", cluster="payments", task_id=UUID)),
        (f"why did payments/{ID} stop?", LOOSE),
        ("payments/payments-api", Target(kind="service", cluster="payments", service="payments-api")),
        ("service/payments/payments-api", Target(kind="service", cluster="payments", service="payments-api")),
        ("'payments/payments-api'.", Target(kind="service", cluster="payments", service="payments-api")),
        ("a/b", Target(kind="service", cluster="a", service="b")),
        ("look at payments/payments-api and/or ask 24/7", Target(kind="service", cluster="payments", service="payments-api")),
    ],
)  # fmt: skip
def test_short_forms(text: str, expected: Target) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"/var/log/ecs/{ID}",
        f"the log stream ecs/app/{ID}",
        f"payments/{ID}0",
        f"sha256:{ID}{ID} and a/{ID}{ID}",
        f"registry.example.org/{ID}",
        f"user@host/{ID}",
        f"payments/{ID}/more",
        "payments/payments-api",
    ],
)
def test_find_all_takes_no_other_pair_for_a_task(text: str) -> None:
    assert find_all(text) == ()


def test_a_name_cut_off_at_the_limit_is_not_a_target() -> None:
    before = "x" * (LONGEST - len(SERVICE_ARN) + 3) + " "
    assert find_all(before + SERVICE_ARN) == ()
    assert find_all("x" * (LONGEST - len(SERVICE_ARN) - 2) + f" {SERVICE_ARN} y") == (SERVICE,)


# --- what is not understood --------------------------------------------------------------------------

LOOKS = f"a task's looks like {EXAMPLE}."
ARN_LOOKS = f"a task's ARN looks like {EXAMPLE}."
ECS = "arn:aws:ecs:us-east-1:111122223333"

SENTENCES = {
    "": f"Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example {EXAMPLE}.",
    " `` \n": f"Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example {EXAMPLE}.",
    "x" * (LONGEST + 1): "That is longer than 20000 characters and holds no task ARN at its beginning; "
    f"give the ARN alone, such as {EXAMPLE}.",
    f"arn:aws:ecs:us-east-1:11112222333:task/payments/{ID}": f"The account id in that ARN has 11 digits instead of 12; {ARN_LOOKS}",
    f"arn:aws:ecs:us-east-1:1:task/payments/{ID}": f"The account id in that ARN has 1 digit instead of 12; {ARN_LOOKS}",
    f"arn:aws:ecs:us-east-1:1111222233334:task/payments/{ID}": f"The account id in that ARN has 13 digits instead of 12; {ARN_LOOKS}",
    f"arn:aws:ecs:us-east-1:1111-2222-3333:task/payments/{ID}": f"'1111-2222-3333' in that ARN is not an account id of 12 digits; {ARN_LOOKS}",
    f"arn:aws:ecs:us-east-1:١١١١٢٢٢٢٣٣٣٣:task/payments/{ID}": f"'١١١١٢٢٢٢٣٣٣٣' in that ARN is not an account id of 12 digits; {ARN_LOOKS}",
    f"arn:aws:ecs:us-east-1::task/payments/{ID}": f"That ARN names no account; {LOOKS}",
    f"arn:aws:ecs::111122223333:task/payments/{ID}": f"That ARN names no Region; {LOOKS}",
    f"arn:aws:ecs:useast1:111122223333:task/payments/{ID}": f"'useast1' in that ARN is not the name of a Region; {ARN_LOOKS}",
    f"arn:aws:ecs:us-east-1a:111122223333:task/payments/{ID}": f"'us-east-1a' in that ARN is not the name of a Region; {ARN_LOOKS}",
    f"arn:gcp:ecs:us-east-1:111122223333:task/payments/{ID}": f"'arn:gcp:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789ab...' is not an ARN of AWS; {LOOKS}",
    "arn:aws:iam::111122223333:role/payments-execution": f"That is an ARN of iam, not of ECS; give a task's, such as {EXAMPLE}.",
    "why? arn:aws:ecr:us-east-1:111122223333:repository/api": f"That is an ARN of ecr, not of ECS; give a task's, such as {EXAMPLE}.",
    f"{ECS}:task-definition/payments-api:7": f"That is the ARN of a task definition, not of a task or service; {LOOKS}",
    f"{ECS}:cluster/payments": f"That is the ARN of a cluster, not of a task or service; {LOOKS}",
    f"{ECS}:container-instance/payments/{ID}": f"That is the ARN of a container instance, not of a task or service; {LOOKS}",
    f"{ECS}:container-instance/{UUID}": f"That is the ARN of a container instance, not of a task or service; {LOOKS}",
    f"{ECS}:capacity-provider/spot": f"That is the ARN of a capacity provider, not of a task or service; {LOOKS}",
    f"{ECS}:task/payments/0123": f"'task/payments/0123' does not end in a task id of 32 hexadecimal digits; {ARN_LOOKS}",
    f"{ECS}:task/payments/{ID}0": f"'task/payments/{ID}0' does not end in a task id of 32 hexadecimal digits; {ARN_LOOKS}",
    f"{ECS}:task/pay.ments/{ID}": f"'task/pay.ments/{ID}' does not end in a task id of 32 hexadecimal digits; {ARN_LOOKS}",
    f"{ECS}:service/a/b/c": f"'service/a/b/c' does not name a service; a service's ends in service/CLUSTER/SERVICE, and {ARN_LOOKS}",
    f"{ECS}:": f"'{ECS}' is not a complete ARN; {LOOKS}",
    "arn:aws:ecs:us-east-1": f"'arn:aws:ecs:us-east-1' is not a complete ARN; {LOOKS}",
    ID: f"A task id alone does not say which cluster it is in; give cluster/{ID} or the task's ARN, such as {EXAMPLE}.",
    f"`{UUID}`": f"A task id alone does not say which cluster it is in; give cluster/{UUID} or the task's ARN, such as {EXAMPLE}.",
    "payments": f"'payments' alone could be a cluster or a service; give cluster/service or a task ARN, such as {EXAMPLE}.",
    "a" * 200: f"'{'a' * 77}...' alone could be a cluster or a service; give cluster/service or a task ARN, such as {EXAMPLE}.",
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/api:1": "'111122223333.dkr.ecr.us-east-1.amazonaws.com/api:1' is an image, not a task; "
    f"give the ARN of a task that uses it, such as {EXAMPLE}.",
    f"{CONSOLE}/services?region=us-east-1": "That console link does not lead to a task or service of an ECS cluster; "
    f"open the task and copy its link, or give its ARN, such as {EXAMPLE}.",
    f"https://console.aws.amazon.com/ecs/v2/clusters/payments/tasks/{ID}": f"That console link names no Region; give one that does, or the task's ARN, such as {EXAMPLE}.",
    "https://example.org/x": f"No task or service was recognised in 'https://example.org/x'; give a task ARN such as {EXAMPLE}.",
    "the api is down": f"No task or service was recognised in 'the api is down'; give a task ARN such as {EXAMPLE}.",
    "it cannot read/write to a/b": f"No task or service was recognised in 'it cannot read/write to a/b'; give a task ARN such as {EXAMPLE}.",
    "web-1/api or web-2/api?": f"No task or service was recognised in 'web-1/api or web-2/api'; give a task ARN such as {EXAMPLE}.",
    "🔥🔥": f"No task or service was recognised in '🔥🔥'; give a task ARN such as {EXAMPLE}.",
    "a/b/c/d": f"No task or service was recognised in 'a/b/c/d'; give a task ARN such as {EXAMPLE}.",
    "first\x1b[31m\x07 \u202etxen\n\u061cthird\x00": f"No task or service was recognised in 'first[31m txen third'; give a task ARN such as {EXAMPLE}.",
    "x y " * 100: f"No task or service was recognised in '{('x y ' * 100)[:77]}...'; give a task ARN such as {EXAMPLE}.",
    f"{ARN} {OTHER_ARN}": f"That names 2 different targets ({ARN} and {OTHER_ARN}); give one at a time, such as {ARN}.",
    f"{LINK} {LINK.replace('us-east-1', 'us-east-2')}": f"That names 2 different targets (payments/{ID} in us-east-1 and payments/{ID} in us-east-2); "
    f"give one at a time, such as payments/{ID}.",
}  # fmt: skip


@every_row(("text", "sentence"), SENTENCES.items(), ids=[str(place) for place in range(len(SENTENCES))])
def test_what_is_not_understood_gets_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(TargetError) as caught:
        parse(text)
    assert str(caught.value) == sentence


# --- properties --------------------------------------------------------------------------------------

NAMES = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=255)
ACCOUNTS = st.text(string.digits, min_size=12, max_size=12)
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)
PLACES = st.sampled_from(REGIONS)
TASKS = st.builds(
    lambda place, account, cluster, task: Target(
        kind="task", partition=place[0], region=place[1], account_id=account, cluster=cluster, task_id=task
    ),
    PLACES, ACCOUNTS, st.none() | NAMES, IDS,
)  # fmt: skip
SERVICES = st.builds(
    lambda place, account, cluster, name: Target(
        kind="service", partition=place[0], region=place[1], account_id=account, cluster=cluster, service=name
    ),
    PLACES, ACCOUNTS, st.none() | NAMES, NAMES,
)  # fmt: skip
PIECES = st.sampled_from(
    [
        "arn:", "arn:aws:ecs:", "us-east-1:", "111122223333:", "task/", "service/", "payments/", ID, UUID, "<", ">", "|", "&amp;",
        "https://", "console.aws.amazon.com/ecs/v2/clusters/", "?region=us-east-1", "%2F", "%", "\\u0026", "\n", " ", ARN, SERVICE_ARN, LINK,
    ]
)  # fmt: skip
TEXTS = st.text(max_size=300) | st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join)


@given(TASKS | SERVICES)
def test_the_text_of_a_target_is_read_as_that_target(target: Target) -> None:
    assert parse(str(target)) == target
    assert find_all(f"see {target}.") == (target,)


@given(NAMES, IDS)
def test_a_cluster_and_a_task_id_are_read_as_that_task(cluster: str, task_id: str) -> None:
    target = Target(kind="task", cluster=cluster, task_id=task_id)
    assert parse(str(target)) == target


@given(TEXTS)
def test_any_text_gives_targets_or_a_sentence(text: str) -> None:
    found = find_all(text)
    assert len(set(found)) == len(found)
    assert len({target.kind for target in found}) <= 1
    try:
        target = parse(text)
    except TargetError as error:
        sentence = str(error)
        assert len(found) != 1
        assert sentence.endswith(".")
        assert sentence.isprintable()
        assert EXAMPLE in sentence or found
        assert len(sentence) < 500 + sum(len(str(item)) for item in found)
    else:
        assert found in ((), (target,))


@given(TEXTS)
def test_what_was_found_is_found_again_in_its_own_text(text: str) -> None:
    found = find_all(text)
    again = find_all(" ".join(map(str, found)))
    if all(target.account_id for target in found):
        assert again == found
    else:
        assert {target.task_id for target in again} <= {target.task_id for target in found}


@pytest.mark.parametrize(
    "piece",
    ["arn:aws", "arn:", "arn:aws:ecs:us-east-1:111122223333:task/", "arn:aws\n", "https://", "<https://a|", "a/", "task/", "&amp;", "-", "a", "%2", "\\u0026", "\n ", " "],
)  # fmt: skip
def test_a_long_text_of_one_piece_is_answered(piece: str) -> None:
    # Time is not measured: were a pattern to back-track over its repetitions, this would not end.
    text = piece * (LONGEST // len(piece))
    assert find_all(text) == ()
    with pytest.raises(TargetError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "password=SECRET9 please",
        "my password is SECRET9",
        "docker login -u me -p SECRET9 x",
        "token: SECRET9",
        "secret SECRET9",
        "ghp_SECRET9SECRET9SECRET9",
        "https://me:SECRET9@registry.example.com/x",
        "Authorization: Bearer SECRET9SECRET9",
        "AKIASECRET9SECRET9XX",
        "aws_secret_access_key = abc/SECRET9",
        "export AWS_SECRET_ACCESS_KEY='abc/SECRET9'",
        "arn:aws:ecs:us-east-1:password=SECRET9:task/x",
        "arn:aws:ecs:us-east-1:111122223333:task/x?token=SECRET9",
        "arn:password=SECRET9",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/x?X-Amz-Signature=SECRET9",
        "x " * 30 + "password=SECRET9" + " y" * 30,
        "<https://me:SECRET9@host/x|https://me:SECRET9@host/x>",
    ],
)
def test_a_secret_in_what_was_pasted_is_not_repeated(text: str) -> None:
    with pytest.raises(TargetError) as caught:
        parse(text)
    assert "SECRET9" not in str(caught.value)


@pytest.mark.parametrize("text", ["why does my token fail", "which password", "a secret garden"])
def test_words_about_secrets_are_none(text: str) -> None:
    with pytest.raises(TargetError, match=text):
        parse(text)


@pytest.mark.parametrize(
    "piece",
    ["arn:aws", "arn:aws%20\n", "arn:aws\n", "arn:aws:", "arn:aws:ecs\n:x", "arn:aws:e\n> c\ns:us-east-1:"],
)
def test_a_text_of_many_beginnings_of_arns_is_not_searched_at_each(
    monkeypatch: pytest.MonkeyPatch, piece: str
) -> None:
    """They are no ARNs of ECS, and thousands of searches for their other lines would outlast the acknowledgement."""
    monkeypatch.setattr("diagnostics.target.search._from_wrapped_arn", None)

    assert find_all(piece * (LONGEST // len(piece))) == ()


def test_a_broken_arn_is_read_on_only_where_a_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot go on in the next line, or has gone on over three already, is left there."""
    looked: list[str] = []

    def look(piece: str) -> re.Match[str] | None:
        looked.append(piece)
        return ARN_FORM.match(piece)

    monkeypatch.setattr("diagnostics.target.forms.ARN", SimpleNamespace(match=look))
    start = "arn:aws:ecs:us-east-1:111122223333:task/"

    assert find_all(f"{start}a.b\nc\nd") == ()
    assert looked == [f"{start}a.b\nc\nd"]

    looked.clear()
    assert find_all(f"{start}a\nb\nc\nd\ne") == ()
    assert looked == [f"{start}{rest}" for rest in ("a\nb\nc\nd\ne", "ab\nc\nd\ne", "abc\nd\ne", "abcd\ne")]
    assert find_all(f"{start}a\nb\nc\nde/{ID}") == (TASK.model_copy(update={"cluster": "abcde"}),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "%2",
        "%41",
        "%e2%80%8b",
        "%e2%80",
        "%ff%41",
        "a%F0%9F%2",
        "%25%25",
        "%é",
        "%0a\x00%",
        "%e2a%80",
        "100% of %2f",
    ],
)
def test_percent_encoding(text: str) -> None:
    assert decoded(text) == unquote(text)


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:sts::111122223333:assumed-role/payments-Execut\n    ionRole-aBcD/{} is not authorized to perform: "
        "ecr:GetAuthorizationToken on resource: *",
        "assumed-role/payments-Execut\n> ionRole-1/{}",
        "the image 111122223333.dkr.ecr.us-east-1.amazonaws.com/team-\n  api-images/{} is gone",
    ],
)
def test_the_end_of_a_broken_role_or_path_is_no_service(text: str) -> None:
    """A task's id is no service's name: what stands before it is the rest of what the line broke."""
    with pytest.raises(TargetError):
        parse(text.format("0123456789abcdef0123456789abcdef"))


GONE = "arn:aws:ecs:us-east-1:111122223333:task/payments/" + ID
SERVICE_ARN = "arn:aws:ecs:us-east-1:111122223333:service/payments/payments-api"


@pytest.mark.parametrize(
    ("text", "service"),
    [
        (f"{CONSOLE}/services/payments-api/tasks/{ID}/configuration?region=us-east-1", "payments-api"),
        (f"{CONSOLE}/tasks/{ID}?region=us-east-1", None),
        (f"{GONE} of {SERVICE_ARN}", "payments-api"),
        (f"{GONE}, {CONSOLE}/services/payments-api/tasks/{ID}?region=us-east-1", "payments-api"),
        (f'{{"taskArn": "{GONE}", "group": "service:payments-api"}}', "payments-api"),
        (f'{{"taskArn": "{GONE}", "group": "family:payments-api"}}', None),
        (f"Task {GONE} stopped. ClusterName: payments, ServiceName: payments-api", "payments-api"),
        (f"ecs_cluster:payments ecs_service:payments-api ecs_task:{ID}", "payments-api"),
        (f"{GONE} ClusterName: other ServiceName: payments-api", None),
        (f"{GONE} of {SERVICE_ARN} or of {SERVICE_ARN}-2", None),
        (f"{GONE} of {SERVICE_ARN.replace('us-east-1', 'eu-west-1')}", None),
        (f"{GONE} of {SERVICE_ARN.replace('111122223333', '999988887777')}", None),
        (f"{GONE} and {GONE.replace('0123', '4567')} of {SERVICE_ARN}", None),
        (f"payments/{ID} ServiceName: payments-api ClusterName: payments", "payments-api"),
    ],
)
def test_the_service_that_is_named_beside_a_task(text: str, service: str | None) -> None:
    found = find_all(text)
    assert {item.kind for item in found} == {"task"}
    assert {item.service for item in found} == {service}


def test_a_task_is_the_same_one_with_its_service_and_without() -> None:
    task, service = parse(GONE), parse(SERVICE_ARN)
    named = task.model_copy(update={"service": "payments-api"})
    assert (named, hash(named), str(named)) == (task, hash(task), str(task))
    assert service != service.model_copy(update={"service": "other"})
