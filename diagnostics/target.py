"""What people paste, turned into a target: a task or a service of an ECS cluster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field

from diagnostics.arn import partition_of_region
from diagnostics.redaction import redact

EXAMPLE = "arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef"
LONGEST = 20_000
"""Characters that are looked at; an alert is shorter, and a paste that is longer says so."""

_NAME = r"[A-Za-z0-9_-]{1,255}"
_HEX = "[0-9a-fA-F]"
_TASK_ID = rf"(?:{_HEX}{{32}}|{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}})"
_NOT_LONGER = r"(?![A-Za-z0-9]|[_-][A-Za-z0-9])"
"""What follows a task id: not more of a name, but a dash or Slack's `_italics_` may end there."""

REGION = r"[a-z]{2,5}(?:-[a-z]{1,20}){1,3}-[0-9]{1,2}"
"""A Region as a pattern. AWS: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"""
_REGION = re.compile(REGION)
_ASKED_REGION = re.compile(rf"[?&]region=({_REGION.pattern})")
# No pattern here repeats a repetition over the same characters: the text is a stranger's, and time must stay linear.
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]{0,20}):ecs:(?P<region>[a-z0-9-]{1,40}):(?P<account>[0-9]{12})"
    r":(?P<resource>[a-z0-9_:/.-]{1,700})",
    re.IGNORECASE | re.ASCII,
)
_ARN_START = re.compile("arn:aws", re.IGNORECASE | re.ASCII)
_LONGEST_ARN = 900
_ANY_ARN = re.compile(
    r"arn:(?P<partition>[^:\s]{0,40}):(?P<service>[^:\s]{0,60}):(?P<region>[^:\s]{0,60})"
    r":(?P<account>[^:\s]{0,60}):(?P<resource>[^\s\"'`<>|,;]{0,700})",
    re.IGNORECASE | re.ASCII,
)
# A container's ARN holds the task that it belongs to; those of a service's deployments hold the service.
_TASK_RESOURCE = re.compile(
    rf"(?:task|container(?=/[^/]{{1,255}}/[^/]{{1,255}}/))/(?:(?P<cluster>{_NAME})/)?(?P<task>{_TASK_ID}){_NOT_LONGER}"
)
_SERVICE_RESOURCE = re.compile(
    rf"service/(?:(?P<cluster>{_NAME})/)?(?P<service>{_NAME})"
    rf"|(?:service-deployment|service-revision|task-set)/(?P<cluster_of>{_NAME})/(?P<service_of>{_NAME})/{_NAME}"
)
_LINE_BREAK = re.compile(r"[ \t]{0,20}\r?\n[ \t>|]{0,20}")
_MOST_LINES = 4
_URL_START = re.compile(r"(?=https?://)")
_URL = re.compile(r"https?://(?P<host>[A-Za-z0-9.-]{1,200})/(?P<rest>[^\s<>|\"'`\\]{1,1500})")
_CONSOLE_HOST = re.compile(
    # With several sessions open, the console puts the account and a few characters first.
    r"(?:(?P<account>[0-9]{12})-[a-z0-9]{1,20}\.)?(?:(?P<region>[a-z0-9-]{1,40})\.)?console\."
    r"(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com|amazonaws-eusc\.eu|aws\.amazon\.eu)"
)
_CONSOLE_PATH = re.compile(
    rf"[/#]clusters/(?P<cluster>{_NAME})(?:/services/(?P<service>{_NAME}))?(?:/tasks/(?P<task>{_TASK_ID}){_NOT_LONGER})?"
)
_LOOSE = re.compile(rf"(?:(?:task|service)/(?={_NAME}/))?(?P<cluster>{_NAME})/(?P<name>{_NAME})")
_LOOSE_TASK = re.compile(
    rf"(?<![\w/:.@=%-])(?:task/(?={_NAME}/))?(?P<cluster>{_NAME})/(?P<task>{_TASK_ID})(?![\w/:@%-])", re.ASCII
)
_WORDY = re.compile(r"(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{3,}")
# Words with a secret behind them. Error texts hold such words too ("token: unauthorized"), so `redact` leaves them.
_TOLD_SECRET = re.compile(
    r"(?i)((?<![a-z0-9])(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|api[ _-]?key|(?:secret[ _-]?)?access[ _-]?key(?:[ _-]?id)?)"
    r"(?:\s{0,3}(?:[:=]|is\b)\s{0,3}|\s{1,3}(?=[^\s,;]{0,200}[0-9]))|(?<!\S)-p\s{1,3}|(?<![a-z0-9])A[KS]IA(?=[A-Z0-9]{16}\b))"
    r"(?!\[redacted\])[^\s,;]{3,2000}"
)

_AROUND = "`\"'<>()[]{}.,;:!?*~ \t\r\n"
_ESCAPES = {
    "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'", "\\/": "/",
    "\\u0026": "&", "\\u003c": "<", "\\u003e": ">", "\\u003d": "=", "\\u002f": "/", "\\u0027": "'",
}  # fmt: skip
_ESCAPE = re.compile("|".join(re.escape(item) for item in _ESCAPES), re.IGNORECASE)
_INVISIBLE = dict.fromkeys(
    (0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))
)


class TargetError(ValueError):
    """The text names no target; the message is one sentence that says what was understood, with an example."""


class Target(BaseModel):
    """A task, or a service whose newest stopped task is meant.

    Whatever the text did not say is `None`: the Region and the account then come from the AWS settings, and an
    old-form task ARN leaves the cluster open.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["task", "service"]
    partition: str | None = Field(None, pattern=r"^aws[a-z-]{0,30}$")
    region: str | None = Field(None, pattern=rf"^{REGION}$")
    account_id: str | None = Field(None, pattern=r"^[0-9]{12}$")
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
    found = find_all(text)
    if len(found) == 1:
        return found[0]
    if found:
        listed = " and ".join(_described(item) for item in found[:2])
        raise TargetError(
            f"That names {len(found)} different targets ({listed}); give one at a time, such as {found[0]}."
        )
    cleaned = _plain(text).strip(_AROUND)
    loose = _LOOSE.fullmatch(cleaned) if len(cleaned) <= LONGEST else None
    if loose is None and len(cleaned) <= LONGEST:
        loose = _only_pair(_without_secrets(cleaned))
    if loose is not None:
        return Target(kind="service", cluster=loose["cluster"], service=loose["name"])
    raise TargetError(_complaint(_without_secrets(cleaned)))


def find_all(text: str) -> tuple[Target, ...]:
    """Every different target that a text names by ARN or console link, in order; tasks before services.

    An alert about a task usually names its service too, so services count only where no task is named. Where a text
    has neither an ARN nor a link, `cluster/task-id` counts. The same target by its ARN and by a link is one.
    """
    plain = _plain(_beginning(text))
    # Sign-in and redirecting links carry the console's address, or an ARN, percent-encoded.
    decoded = unquote(plain)
    every = [_merged(_targets(version)) for version in dict.fromkeys((plain, decoded))]
    for kind in ("task", "service"):
        for found in every:
            if chosen := tuple(item for item in found if item.kind == kind):
                return chosen
    return _merged(
        Target(kind="task", cluster=match["cluster"], task_id=match["task"].lower())
        for match in _LOOSE_TASK.finditer(plain)
    )


def _beginning(text: str) -> str:
    """As much as is looked at, without what the cut may have taken the end of."""
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/:.")


def _targets(text: str) -> Iterator[Target]:
    places: list[tuple[int, Target]] = []
    starts = [match.start() for match in _URL_START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        link = _URL.match(text, start, end)
        target = _from_url(link) if link is not None else None
        if target is not None:
            places.append((start, target))
    for start in (match.start() for match in _ARN_START.finditer(text)):
        target = _from_wrapped_arn(text[start : start + _LONGEST_ARN])
        if target is not None:
            places.append((start, target))
    for _, target in sorted(places, key=lambda place: place[0]):
        yield target


def _merged(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Each target once: one that says less than another, but nothing else, is the same."""
    found: list[Target] = []
    places: dict[tuple[str, str | None], list[int]] = {}
    for target in dict.fromkeys(targets):
        same = places.setdefault((target.kind, target.task_id or target.service), [])
        more = {name: value for name, value in target if value is not None}
        for place in same:
            other = found[place]
            if all(getattr(other, name) in (None, value) for name, value in more.items()):
                found[place] = other.model_copy(update=more)
                break
        else:
            same.append(len(found))
            found.append(target)
    return tuple(found)


def _from_wrapped_arn(piece: str) -> Target | None:
    """The target of an ARN at the beginning of a piece of text, where mail or a terminal may have broken the lines."""
    for _ in range(_MOST_LINES):
        match = _ARN.match(piece)
        if match is not None:
            target = _from_arn(match)
            half = match["resource"].endswith("/") and _LINE_BREAK.match(piece, match.end())
            if target is not None and not half:
                return target
        # Looking for one is dear where there is none, and a text may hold thousands of beginnings of an ARN.
        if "\n" not in piece:
            return None
        piece = _LINE_BREAK.sub("", piece, count=1)
    return None


def _from_arn(arn: re.Match[str]) -> Target | None:
    region = arn["region"].lower()
    if not _REGION.fullmatch(region):
        return None
    # What was put in upper case as a whole had a cluster in lower case, most likely.
    resource = arn["resource"].lower() if arn[0].isupper() else arn["resource"]
    kind, slash, rest = resource.rstrip(".:/").partition("/")
    resource = kind.lower() + slash + rest
    partition = arn["partition"].lower()
    task = _TASK_RESOURCE.match(resource)
    if task is not None:
        return Target(
            kind="task",
            partition=partition,
            region=region,
            account_id=arn["account"],
            cluster=task["cluster"],
            task_id=task["task"].lower(),
        )
    named = _SERVICE_RESOURCE.fullmatch(resource)
    if named is not None:
        return Target(
            kind="service",
            partition=partition,
            region=region,
            account_id=arn["account"],
            cluster=named["cluster"] or named["cluster_of"],
            service=named["service"] or named["service_of"],
        )
    return None


def _from_url(link: re.Match[str]) -> Target | None:
    console = _CONSOLE_HOST.fullmatch(link["host"].lower())
    rest = unquote(link["rest"])
    if console is None or not rest.startswith("ecs/"):
        return None
    asked = _ASKED_REGION.search(rest)
    region = (asked[1] if asked else None) or console["region"]
    match = _CONSOLE_PATH.search(rest)
    if match is None or region is None or not _REGION.fullmatch(region):
        return None
    where = {
        "partition": partition_of_region(region), "region": region, "account_id": console["account"],
        "cluster": match["cluster"],
    }  # fmt: skip
    if match["task"]:
        return Target(kind="task", task_id=match["task"].lower(), **where)
    if match["service"]:
        return Target(kind="service", service=match["service"], **where)
    return None


def _only_pair(text: str) -> re.Match[str] | None:
    """The one `cluster/service` among the words of a sentence.

    `and/or`, `24/7` and `read/write` are none: only names of three characters and more count, of which one has a
    dash, an underscore or a digit.
    """
    words = {word.strip(_AROUND) for word in text.split()}
    pairs = [match for match in map(_LOOSE.fullmatch, words) if match is not None]
    pairs = [
        match
        for match in pairs
        if re.search("[0-9_-]", match[0]) and all(map(_WORDY.fullmatch, (match["cluster"], match["name"])))
    ]
    return pairs[0] if len(pairs) == 1 else None


def _plain(text: str) -> str:
    """The text without what Slack, chat and JSON put around and into an ARN."""
    # Twice, for what was escaped on its way into an alert and again by Slack. Only these entities: HTML's own rules
    # would read the `&reg` of `&region=` as a sign.
    for _ in range(2):
        text = _ESCAPE.sub(lambda match: _ESCAPES[match[0].lower()], text)
    text = text.translate(_INVISIBLE)
    return re.sub(r"<(https?://[^<>|\s]+)(?:\|([^<>]*))?>", r" \1  \2 ", text).strip()


# --- what was not understood -------------------------------------------------------------------------


def _without_secrets(text: str) -> str:
    """What somebody wrote, as far as it may be shown to others: in a thread, in a log, on a screen."""
    return _TOLD_SECRET.sub(r"\1[redacted]", redact(text)) if len(text) <= LONGEST else text


def _complaint(text: str) -> str:
    if not text:
        return f"Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example {EXAMPLE}."
    if len(text) > LONGEST:
        return f"That is longer than {LONGEST} characters and holds no task ARN at its beginning; give the ARN alone, such as {EXAMPLE}."
    arn = _ANY_ARN.search(text)
    if arn is not None:
        return _complaint_about_arn(arn)
    if re.fullmatch(_TASK_ID, text):
        return f"A task id alone does not say which cluster it is in; give cluster/{text} or the task's ARN, such as {EXAMPLE}."
    if re.fullmatch(_NAME, text):
        return f"'{_short(text)}' alone could be a cluster or a service; give cluster/service or a task ARN, such as {EXAMPLE}."
    if text.lower().startswith("arn:"):
        return f"'{_short(text)}' is not a complete ARN; a task's looks like {EXAMPLE}."
    link = _URL.search(text)
    if link is not None and _CONSOLE_HOST.fullmatch(link["host"].lower()):
        return _complaint_about_link(unquote(link["rest"]))
    if re.fullmatch(r"[0-9]{12}\.dkr[.-]ecr\S*", text):
        return f"'{_short(text)}' is an image, not a task; give the ARN of a task that uses it, such as {EXAMPLE}."
    return f"No task or service was recognised in '{_short(text)}'; give a task ARN such as {EXAMPLE}."


def _complaint_about_arn(arn: re.Match[str]) -> str:
    service, region, account = arn["service"], arn["region"], arn["account"]
    if not re.fullmatch(r"aws[a-z-]*", arn["partition"], re.IGNORECASE | re.ASCII) or not service:
        return f"'{_short(arn[0])}' is not an ARN of AWS; a task's looks like {EXAMPLE}."
    if service.lower() != "ecs":
        return f"That is an ARN of {_short(service)}, not of ECS; give a task's, such as {EXAMPLE}."
    if not account:
        return f"That ARN names no account; a task's looks like {EXAMPLE}."
    if not re.fullmatch(r"[0-9]+", account):
        return f"'{_short(account)}' in that ARN is not an account id of 12 digits; a task's ARN looks like {EXAMPLE}."
    if len(account) != 12:
        digits = "1 digit" if len(account) == 1 else f"{len(account)} digits"
        return f"The account id in that ARN has {digits} instead of 12; a task's ARN looks like {EXAMPLE}."
    if not region:
        return f"That ARN names no Region; a task's looks like {EXAMPLE}."
    if not _REGION.fullmatch(region.lower()):
        return (
            f"'{_short(region)}' in that ARN is not the name of a Region; a task's ARN looks like {EXAMPLE}."
        )
    resource = arn["resource"]
    kind = re.split("[/:]", resource, maxsplit=1)[0].lower()
    if kind == "task":
        return f"'{_short(resource)}' does not end in a task id of 32 hexadecimal digits; a task's ARN looks like {EXAMPLE}."
    if kind == "service":
        return f"'{_short(resource)}' does not name a service; a service's ends in service/CLUSTER/SERVICE, and a task's ARN looks like {EXAMPLE}."
    if not re.fullmatch(r"[a-z-]{1,40}", kind):
        return f"'{_short(arn[0])}' is not a complete ARN; a task's looks like {EXAMPLE}."
    return f"That is the ARN of a {kind.replace('-', ' ')}, not of a task or service; a task's looks like {EXAMPLE}."


def _complaint_about_link(rest: str) -> str:
    match = _CONSOLE_PATH.search(rest)
    if match is not None and (match["task"] or match["service"]):
        return f"That console link names no Region; give one that does, or the task's ARN, such as {EXAMPLE}."
    return f"That console link does not lead to a task or service of an ECS cluster; open the task and copy its link, or give its ARN, such as {EXAMPLE}."


def _described(target: Target) -> str:
    return f"{target} in {target.region}" if target.region and not target.account_id else str(target)


def _short(text: str) -> str:
    """What somebody wrote, safe to repeat: on one line, without control or invisible characters, and cut."""
    start = "".join(" " if char.isspace() else char for char in text[:400])
    line = " ".join(
        "".join(
            char for char in start if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
        ).split()
    )
    return line if len(line) <= 80 and len(text) <= 400 else line[:77] + "..."
