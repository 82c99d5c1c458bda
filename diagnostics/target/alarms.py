"""The service or task of an alert that has neither an ARN of it nor a link: by the names and the session in its text.

CloudWatch's alarms have the cluster and the service as dimensions of the metric; those who forward them (Datadog, PagerDuty, Grafana)
make tags and labels of these. AWS:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnostics.arn import partition_of_region
from diagnostics.target.forms import NAME
from diagnostics.target.model import REGION, Target

# What stands between a key and its value, in JSON, in JSON within JSON, in YAML, in Slack's bold letters.
_GAP = r"[\\\"'`*\s]{0,40}+"
IS = rf"{_GAP}[:=]{_GAP}"
"""What stands between a key and its value, as a pattern."""
_VALUE = rf"(?P<value>{NAME}+)(?![.:/@]?[A-Za-z0-9_-])"
_CLUSTER = r"cluster[_ ]?name|ecs[_ ]cluster(?:[_ ]?name)?"
_SERVICE = r"service[_ ]?name|ecs[_ ]service(?:[_ ]?name)?"
_KEY = rf"(?:(?P<cluster>{_CLUSTER})|(?P<service>{_SERVICE}))(?![a-z0-9_])"
_DIMENSION = re.compile(
    # CloudWatch's own notification has the value first.
    rf"(?<![a-z0-9])(?:value{IS}(?P<before>{NAME}+){_GAP},{_GAP}name{IS}{_KEY}"
    rf"|(?:dimension_|(?<=tag_)|(?<![a-z0-9_])){_KEY.replace('P<cluster>', 'P<cluster_of>').replace('P<service>', 'P<service_of>')}"
    rf"(?:{IS}|{_GAP},{_GAP}value{IS}){_VALUE})",
    re.IGNORECASE | re.ASCII,
)
_OF_ECS = re.compile(r"(?<![a-z0-9])(?:aws[/._-])?ecs(?![a-z0-9])", re.IGNORECASE | re.ASCII)
_CLUSTER_ARN = re.compile(
    rf"arn:aws[a-z-]{{0,20}}:ecs:{REGION}:[0-9]{{12}}:cluster/(?P<name>{NAME}+)", re.IGNORECASE | re.ASCII
)
_WHERE_ARN = re.compile(
    rf"arn:aws[a-z-]{{0,20}}:(?P<of>[a-z0-9-]{{1,40}}):(?P<region>{REGION}):(?P<account>[0-9]{{12}}):",
    re.IGNORECASE | re.ASCII,
)
_REGION = re.compile(
    rf"(?:(?<![a-z0-9])(?:aws_?)?region{IS}|\|[ *]{{0,3}}+)(?P<region>{REGION})(?![a-z0-9-])",
    re.IGNORECASE | re.ASCII,
)
_ACCOUNT = re.compile(
    rf"(?<![a-z0-9])(?:aws_?)?account(?:_?id)?{IS}(?P<account>[0-9]{{12}})(?![a-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_SESSION = re.compile(
    r"arn:(?P<partition>aws[a-z-]{0,20}):sts::(?P<account>[0-9]{12}):assumed-role/[A-Za-z0-9_+=,.@-]{1,64}+/"
    r"(?P<task>[0-9a-f]{32})(?![,.]?[A-Za-z0-9_+=@/-])",
    re.ASCII,
)
_ECS_CLUSTER = re.compile(
    rf"(?<![a-z0-9_-])(?:ecs[_ ])?cluster(?:[_ ]?name)?{IS}{_VALUE}", re.IGNORECASE | re.ASCII
)
_ECS_TASK = re.compile(
    rf"(?<![a-z0-9_-])(?:ecs[_ ])?task(?:[_ ]?id)?{IS}(?P<task>[0-9a-f]{{32}})(?![A-Za-z0-9_-])",
    re.IGNORECASE | re.ASCII,
)
_NOTHING = ("null", "none", "undefined")


def services_by_name(text: str) -> list[Target]:
    """The services that an alert names by its cluster and its own name."""
    if "luster" not in text and "LUSTER" not in text:
        return []
    names = [item for item in _names(text) if item[2]]
    if not names:
        return []
    region, account = _where(text)
    where = {
        "partition": partition_of_region(region) if region else None, "region": region, "account_id": account,
    }  # fmt: skip
    return [
        Target(kind="service", cluster=cluster, service=service, **where)
        for cluster, service in _pairs(names)
    ]


def tasks_by_name(text: str) -> list[Target]:
    """The tasks that an alert names by their ids, in the one cluster that it names."""
    tasks = dict.fromkeys(match["task"].lower() for match in _ECS_TASK.finditer(text))
    if not tasks:
        return []
    clusters = {match["value"] for match in _ECS_CLUSTER.finditer(text)} | {
        match["name"] for match in _CLUSTER_ARN.finditer(text)
    }
    if len(clusters) != 1:
        return []
    region, account = _where(text)
    return [
        Target(
            kind="task",
            cluster=next(iter(clusters)),
            partition=partition_of_region(region) if region else None,
            region=region,
            account_id=account,
            task_id=task,
        )
        for task in tasks
    ]


def with_clusters(targets: tuple[Target, ...], text: str) -> tuple[Target, ...]:
    """The targets; those services whose ARNs have the old form are in the one cluster that the text names by its ARN."""
    if all(target.kind == "task" or target.cluster is not None for target in targets):
        return targets
    cluster = _cluster_by_arn(text)
    return tuple(
        target.model_copy(update={"cluster": cluster})
        if target.kind == "service" and target.cluster is None
        else target
        for target in targets
    )


def _cluster_by_arn(text: str) -> str | None:
    names = {match["name"] for match in _CLUSTER_ARN.finditer(text)}
    return names.pop() if len(names) == 1 else None


def tasks_by_session(text: str) -> list[Target]:
    """The tasks whose role was refused: ECS names the session of a task's role by the id of the task.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    if ":assumed-role/" not in text:
        return []
    region, cluster = _where(text)[0], _cluster_by_arn(text)
    return [
        Target(
            kind="task",
            cluster=cluster,
            partition=match["partition"],
            region=region,
            account_id=match["account"],
            task_id=match["task"],
        )
        for match in _SESSION.finditer(text)
    ]


def _names(text: str) -> Iterator[tuple[str, str, bool]]:
    """Each name in order: what it is of, the name, and if the text shows that it is one of ECS."""
    of_ecs: bool | None = None
    for match in _DIMENSION.finditer(text):
        key = match["cluster"] or match["service"] or match["cluster_of"] or match["service_of"]
        value = match["before"] or match["value"]
        kind = "cluster" if match["cluster"] or match["cluster_of"] else "service"
        if value.lower() in _NOTHING:
            continue
        # Other systems have a `cluster_name` and a `service_name` as well.
        sure = not re.search("[_ ]", key) or key.lower().startswith("ecs")
        if not sure and of_ecs is None:
            of_ecs = _OF_ECS.search(text) is not None
        yield kind, value, sure or bool(of_ecs)


def _pairs(names: list[tuple[str, str, bool]]) -> list[tuple[str, str]]:
    """Which cluster each service is in: the only one, or else its neighbour where they come in twos."""
    clusters = dict.fromkeys(value for kind, value, _ in names if kind == "cluster")
    services = dict.fromkeys(value for kind, value, _ in names if kind == "service")
    if len(clusters) == 1:
        return [(cluster, service) for cluster in clusters for service in services]
    twos = [{kind: value for kind, value, _ in names[place : place + 2]} for place in range(0, len(names), 2)]
    if any(len(two) != 2 for two in twos):
        return []
    return list(dict.fromkeys((two["cluster"], two["service"]) for two in twos))


def _where(text: str) -> tuple[str | None, str | None]:
    """The Region and the account that an alert is of, each where the text names one only; an alarm's own count first."""
    arns = list(_WHERE_ARN.finditer(text))
    arns = [match for match in arns if match["of"].lower() in ("cloudwatch", "ecs")] or arns
    regions = {match["region"].lower() for match in arns} or {
        match["region"].lower() for match in _REGION.finditer(text)
    }
    accounts = {match["account"] for match in arns} or {match["account"] for match in _ACCOUNT.finditer(text)}
    return (
        regions.pop() if len(regions) == 1 else None,
        accounts.pop() if len(accounts) == 1 else None,
    )
