"""What people paste, turned into a target: a task or a service of an ECS cluster."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict

from diagnostics.arn import partition_of_region

EXAMPLE = "arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef"
LONGEST = 20_000
"""Characters that are looked at; an alert is shorter, and a paste that is longer says so."""

_NAME = r"[A-Za-z0-9_-]{1,255}"
_TASK_ID = r"(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_ARN = re.compile(r"arn:aws[a-z-]{0,20}:[a-z0-9-]{1,40}:[a-z0-9-]{0,40}:[0-9]{0,20}:[A-Za-z0-9_:/.-]{1,700}")
_TASK_RESOURCE = re.compile(rf"task/(?:(?P<cluster>{_NAME})/)?(?P<task>{_TASK_ID})")
_SERVICE_RESOURCE = re.compile(rf"service/(?:(?P<cluster>{_NAME})/)?(?P<service>{_NAME})")
_URL = re.compile(r"https://[A-Za-z0-9.-]{1,200}/[^\s<>|\"'`]{1,1500}")
_CONSOLE_HOST = re.compile(
    r"(?:(?P<region>[a-z0-9-]+)\.)?console\."
    r"(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com|amazonaws-eusc\.eu|aws\.amazon\.eu)"
)
_CONSOLE_PATH = re.compile(
    rf"/clusters/(?P<cluster>{_NAME})(?:/services/(?P<service>{_NAME}))?(?:/tasks/(?P<task>{_TASK_ID}))?"
)
_LOOSE = re.compile(rf"(?P<cluster>{_NAME})/(?P<name>{_NAME})")


class TargetError(ValueError):
    """The text names no target; the message is one sentence that says what was understood, with an example."""


class Target(BaseModel):
    """A task, or a service whose newest stopped task is meant.

    Whatever the text did not say is `None`: the Region and the account then come from the AWS settings, and an
    old-form task ARN leaves the cluster open.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["task", "service"]
    partition: str | None = None
    region: str | None = None
    account_id: str | None = None
    cluster: str | None = None
    task_id: str | None = None
    service: str | None = None

    @property
    def task_arn(self) -> str | None:
        """The task's ARN, if everything that it is made of is known."""
        if self.kind != "task" or not (self.partition and self.region and self.account_id):
            return None
        cluster = f"{self.cluster}/" if self.cluster else ""
        return f"arn:{self.partition}:ecs:{self.region}:{self.account_id}:task/{cluster}{self.task_id}"

    def __str__(self) -> str:
        if self.task_arn:
            return self.task_arn
        if self.kind == "service" and self.partition and self.region and self.account_id:
            cluster = f"{self.cluster}/" if self.cluster else ""
            return f"arn:{self.partition}:ecs:{self.region}:{self.account_id}:service/{cluster}{self.service}"
        return f"{self.cluster}/{self.task_id or self.service}"


def parse(text: str) -> Target:
    """The one target of a text: an ARN, a console link, `cluster/task-id` or `cluster/service`, also inside prose.

    Raises:
        TargetError: there is none, or more than one.
    """
    cleaned = _unwrapped(text)
    found = find_all(text)
    if len(found) == 1:
        return found[0]
    if found:
        listed = " and ".join(str(item) for item in found[:2])
        raise TargetError(
            f"That names {len(found)} different targets ({listed}); give one at a time, such as {found[0]}."
        )
    loose = _LOOSE.fullmatch(cleaned)
    if loose is not None:
        return _loose(loose["cluster"], loose["name"])
    raise TargetError(_complaint(cleaned))


def find_all(text: str) -> tuple[Target, ...]:
    """Every different target that a text names by ARN or console link, in order; tasks before services.

    An alert about a task usually names its service too, so services count only where no task is named.
    """
    cleaned = _unwrapped(text[:LONGEST])
    found = tuple(dict.fromkeys(_targets(cleaned)))
    tasks = tuple(item for item in found if item.kind == "task")
    return tasks or found


def _targets(text: str) -> Iterator[Target]:
    places: list[tuple[int, Target]] = []
    for match in _URL.finditer(text):
        target = _from_url(match[0])
        if target is not None:
            places.append((match.start(), target))
    for match in _ARN.finditer(text):
        target = _from_arn(match[0])
        if target is not None:
            places.append((match.start(), target))
    for _, target in sorted(places, key=lambda place: place[0]):
        yield target


def _from_arn(arn: str) -> Target | None:
    parts = arn.split(":", 5)
    _, partition, service, region, account, resource = parts
    if service != "ecs" or not region or not re.fullmatch(r"\d{12}", account):
        return None
    resource = resource.rstrip(".:/-")
    task = _TASK_RESOURCE.fullmatch(resource)
    if task is not None:
        return Target(
            kind="task",
            partition=partition,
            region=region,
            account_id=account,
            cluster=task["cluster"],
            task_id=task["task"],
        )
    named = _SERVICE_RESOURCE.fullmatch(resource)
    if named is not None:
        return Target(
            kind="service",
            partition=partition,
            region=region,
            account_id=account,
            cluster=named["cluster"],
            service=named["service"],
        )
    return None


def _from_url(url: str) -> Target | None:
    host, _, rest = url.removeprefix("https://").partition("/")
    console = _CONSOLE_HOST.fullmatch(host)
    rest = unquote(rest)
    if console is None or not rest.startswith("ecs/"):
        return None
    asked = re.search(r"[?&]region=([a-z0-9-]{1,40})", rest)
    region = (asked[1] if asked else None) or console["region"]
    match = _CONSOLE_PATH.search(rest)
    if match is None or region is None:
        return None
    partition = partition_of_region(region)
    if match["task"]:
        return Target(
            kind="task", partition=partition, region=region, cluster=match["cluster"], task_id=match["task"]
        )
    if match["service"]:
        return Target(
            kind="service",
            partition=partition,
            region=region,
            cluster=match["cluster"],
            service=match["service"],
        )
    return None


def _loose(cluster: str, name: str) -> Target:
    if re.fullmatch(_TASK_ID, name):
        return Target(kind="task", cluster=cluster, task_id=name)
    return Target(kind="service", cluster=cluster, service=name)


def _unwrapped(text: str) -> str:
    """The text without what Slack, chat and JSON put around an ARN."""
    plain = html.unescape(text).replace("\\/", "/")
    plain = re.sub(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>", r" \1 ", plain)
    return plain.strip().strip("`\"'<>()[]{}.,; \t\r\n")


def _complaint(text: str) -> str:
    if not text:
        return f"Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example {EXAMPLE}."
    if len(text) > LONGEST:
        return f"That is longer than {LONGEST} characters and holds no task ARN at its beginning; give the ARN alone, such as {EXAMPLE}."
    arn = _ARN.search(text)
    if arn is not None:
        return _complaint_about_arn(arn[0])
    if re.fullmatch(_TASK_ID, text):
        return f"A task id alone does not say which cluster it is in; give cluster/{text} or the task's ARN, such as {EXAMPLE}."
    if re.fullmatch(_NAME, text):
        return f"'{_short(text)}' alone could be a cluster or a service; give cluster/service or a task ARN, such as {EXAMPLE}."
    if text.startswith("arn:"):
        return f"'{_short(text)}' is not a complete ARN; a task's looks like {EXAMPLE}."
    return f"No task or service was recognised in '{_short(text)}'; give a task ARN such as {EXAMPLE}."


def _complaint_about_arn(arn: str) -> str:
    _, _, service, region, account, resource = arn.split(":", 5)
    if service != "ecs":
        return f"That is an ARN of {service}, not of ECS; give a task's, such as {EXAMPLE}."
    if not re.fullmatch(r"\d{12}", account):
        return f"The account id in that ARN has {len(account)} digits instead of 12; a task's ARN looks like {EXAMPLE}."
    if not region:
        return f"That ARN names no Region; a task's looks like {EXAMPLE}."
    kind = resource.split("/", 1)[0].split(":", 1)[0]
    if kind == "task":
        return f"'{_short(resource)}' does not end in a task id of 32 hexadecimal digits; a task's ARN looks like {EXAMPLE}."
    return f"That is the ARN of a {kind.replace('-', ' ')}, not of a task or service; a task's looks like {EXAMPLE}."


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
