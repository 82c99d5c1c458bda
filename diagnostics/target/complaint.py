"""What was not understood of a text, in one sentence with an example, and nothing of a secret in it."""

from __future__ import annotations

import re
import unicodedata

from diagnostics.redaction import redact
from diagnostics.target import forms
from diagnostics.target.model import EXAMPLE, Target
from diagnostics.target.plain import LONGEST, decoded

# Words with a secret behind them. Error texts hold such words too ("token: unauthorized"), so `redact` leaves them.
_TOLD_SECRET = re.compile(
    r"(?i)((?<![a-z0-9])(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|api[ _-]?key|(?:secret[ _-]?)?access[ _-]?key(?:[ _-]?id)?)"
    r"(?:\s{0,3}(?:[:=]|is\b)\s{0,3}|\s{1,3}(?=[^\s,;]{0,200}[0-9]))|(?<!\S)-p\s{1,3}|(?<![a-z0-9])A[KS]IA(?=[A-Z0-9]{16}\b))"
    r"(?!\[redacted\])[^\s,;]{3,2000}"
)


def without_secrets(text: str) -> str:
    """What somebody wrote, as far as it may be shown to others: in a thread, in a log, on a screen."""
    return _TOLD_SECRET.sub(r"\1[redacted]", redact(text)) if len(text) <= LONGEST else text


def complaint(text: str) -> str:
    """Why a text names no target, and what would."""
    if not text:
        return f"Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example {EXAMPLE}."
    if len(text) > LONGEST:
        return f"That is longer than {LONGEST} characters and holds no task ARN at its beginning; give the ARN alone, such as {EXAMPLE}."
    arn = forms.ANY_ARN.search(text)
    if arn is not None:
        return _complaint_about_arn(arn)
    if re.fullmatch(forms.TASK_ID, text):
        return f"A task id alone does not say which cluster it is in; give cluster/{text} or the task's ARN, such as {EXAMPLE}."
    if re.fullmatch(forms.NAME, text):
        return f"'{_short(text)}' alone could be a cluster or a service; give cluster/service or a task ARN, such as {EXAMPLE}."
    if text.lower().startswith("arn:"):
        return f"'{_short(text)}' is not a complete ARN; a task's looks like {EXAMPLE}."
    link = forms.URL.search(text)
    if link is not None and forms.CONSOLE_HOST.fullmatch(link["host"].lower()):
        return _complaint_about_link(decoded(link["rest"]))
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
    if not forms.IN_REGION.fullmatch(region.lower()):
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
    match = forms.CONSOLE_PATH.search(rest)
    if match is not None and (match["task"] or match["service"]):
        return f"That console link names no Region; give one that does, or the task's ARN, such as {EXAMPLE}."
    return f"That console link does not lead to a task or service of an ECS cluster; open the task and copy its link, or give its ARN, such as {EXAMPLE}."


def described(target: Target) -> str:
    """A target, with the Region where it does not hold it itself."""
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
