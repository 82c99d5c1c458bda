"""How a report is put in words: its state, the sentence that comes first, the task's name, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from diagnostics.target import Target
from handlers.text import Mrkdwn, code, escape, fmt, join, prose

if TYPE_CHECKING:
    from diagnostics.finding import Became, Cause, Change, Fix, Outcomes, Report

HowItStands = Literal["cause", "undecided", "fixed", "fine", "other", "gone"]
"""How things stand, which decides the mark and the buttons. `fixed`: an earlier run found what now passes."""

MARKS: dict[HowItStands, str] = {
    "cause": "🔴",
    "undecided": "🟡",
    "fixed": "🟢",
    "fine": "🟢",
    "other": "⚪",
    "gone": "⚪",
}
"""Never the only carrier: a sentence that says the same stands beside it."""

_STATES: dict[Outcomes, HowItStands] = {
    "cause_found": "cause",
    "undecided": "undecided",
    "nothing_wrong": "fine",
    "not_a_pull_failure": "other",
    "task_gone": "gone",
}
_BECAME: dict[Became, str] = {
    "fixed": "✅ fixed",
    "still_failing": "🔴 still",
    "new": "🆕 new",
    "unseen": "🟡 no longer seen",
}
UNCHANGED = "nothing has changed"
_SHOWN = 6
TEXT = 149
"""Characters of the sentence that a phone shows."""
_NAME = 60


def state_of(report: Report) -> HowItStands:
    """How things stand."""
    state = _STATES[report.verdict.outcome]
    if report.recovered and not report.causes and state in ("fine", "undecided"):
        # What could not be read did not keep the task from pulling.
        return "fixed"
    return "fixed" if state == "fine" and "fixed" in report.became else state


def still_recovered(report: Report, earlier: Report | None) -> Report:
    """The report, which goes on to say that a service can pull again where an earlier one of the same thread did, and nothing is wrong since."""
    if earlier is None or state_of(earlier) != "fixed" or report.causes:
        return report
    holds = state_of(report) == "fine" or (report.verdict.outcome == "undecided" and report.task.has_pulled)
    return report.model_copy(update={"recovered": True}) if holds else report


def name_of(report: Report) -> str:
    """What people call it: the service, else the task, else the cluster."""
    task = report.task
    if task.service:
        return cut(task.service, _NAME)
    task_id = task.arn.rpartition("/")[2] if task.arn else ""
    return f"task {task_id[:8]}" if task_id else cut(task.cluster or "the task", _NAME)


def cut(text: str, limit: int) -> str:
    """A text of one line, cut after a whole word where it is too long."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    kept = line[: limit - 1]
    words = kept.rsplit(" ", 1)[0] if " " in kept[limit // 2 :] else kept
    return f"{words.rstrip(' ,;:.')}…"


def first_sentence(text: str) -> str:
    """The first sentence of several, without its full stop."""
    return text.split(". ", 1)[0].rstrip(".")


def effect(report: Report) -> str:
    """What the reader cares about first: what does not work, and in plain words why; no ids. Without a full stop."""
    name, cause = name_of(report), report.cause
    if state_of(report) == "fixed":
        return f"{_at_start(name)} can pull again"
    if cause is None or cause.short is None:
        return report.verdict.headline.rstrip(".")
    running = report.impact.running if report.impact is not None else None
    if not report.verdict.symptoms:
        what = (
            f"The next task of {name} cannot start" if report.task.service else f"A pull of {name} would fail"
        )
    elif running and report.task.service:
        what = f"New tasks of {name} cannot start"
    else:
        what = f"{_at_start(name)} cannot start"
    likely = "most likely, " if cause.certainty == "likely" else ""
    left = len(report.causes_of("cause")) - 1
    more = f", and {left} more {'cause' if left == 1 else 'causes'}" if left else ""
    return f"{what}: {likely}{cause.short}{more}"


def _at_start(name: str) -> str:
    return f"Task {name.removeprefix('task ')}" if name.startswith("task ") else name


def fix_in_brief(fix: Fix) -> str:
    """The fix in a phrase."""
    return first_sentence(fix.title or fix.text)


def verdict_text(report: Report) -> Mrkdwn:
    """The verdict in one sentence, for notifications and screen readers: no marks, short enough for a phone."""
    what, cause = effect(report), report.cause
    if cause is not None:
        whole = f"{what}. Fix: {_lower(fix_in_brief(cause.fix))}."
        if len(whole) <= TEXT:
            return escape(whole, TEXT)
    return escape(f"{what}." if len(what) < TEXT else cut(what, TEXT), TEXT)


def _lower(text: str) -> str:
    """Lower case at the beginning, unless an id, a name or an abbreviation stands there."""
    word = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if word.isalpha() and word == word.capitalize() else text


def where_of(report: Report) -> Mrkdwn:
    """Where the task is, on one line: cluster and service, launch type, Region, account."""
    task = report.task
    place = "/".join(part for part in (task.cluster, task.service) if part)
    facts: list[Mrkdwn] = [escape(cut(place, _NAME), 120)] if place else []
    task_id = task.arn.rsplit("/", 1)[-1] if task.arn else None
    if task_id and not task.service:
        facts.append(fmt("task {}", code(task_id[:8])))
    if task.launch_type:
        facts.append(
            escape(task.launch_type.title() if task.launch_type == "FARGATE" else task.launch_type, 20)
        )
    facts.extend(escape(part, 20) for part in (task.region, task.account_id) if part)
    return join(" · ", facts)


_SOURCES = {
    "saved": "from the facts of an earlier run, because ECS no longer describes the task",
    "sibling": "the newest task of its service whose pull failed, because ECS no longer describes the other",
    "service_events": "from the service's events, not from the task itself",
    "alert": "from the alert's own text, because ECS no longer describes the task",
}


def source_of(report: Report) -> Mrkdwn | None:
    """Where the facts are from, where that is not the task itself."""
    said = _SOURCES.get(report.task.source)
    return fmt("{}", said) if said else None


def new_causes(report: Report, earlier: Report | None) -> tuple[Cause, ...]:
    """The causes whose fix an earlier run did not show."""
    known = {(item.id, item.resources) for item in earlier.causes_of("cause")} if earlier else set()
    return tuple(item for item in report.causes_of("cause") if (item.id, item.resources) not in known)


def difference(report: Report, earlier: Report | None = None) -> Mrkdwn | None:
    """What is different from an earlier run, in one line; `None` where nothing is."""
    became = report.became
    if set(became) - {"still_failing"}:
        return join(" · ", _differences(became))
    if earlier is not None and (_roughly(earlier) != _roughly(report) or new_causes(report, earlier)):
        return fmt("{} {}", MARKS[state_of(report)], escape(effect(report), 300))
    return None


def _roughly(report: Report) -> HowItStands:
    """How things stand, whatever was before."""
    state = state_of(report)
    return "fine" if state == "fixed" else state


def _differences(became: dict[Became, tuple[Change, ...]]) -> Iterator[Mrkdwn]:
    for name, word in _BECAME.items():
        if items := became.get(name):
            yield fmt("{} {}", word, _named(items))


def _named(changes: Sequence[Change]) -> Mrkdwn:
    # One fault of several subnets is one word to a reader.
    names = tuple(dict.fromkeys(item.fault for item in changes))
    shown = [code(name, 120) for name in names[:_SHOWN]]
    left = len(names) - len(shown)
    return join(", ", (*shown, *((f"{left} more",) if left else ())))


def service_target(report: Report) -> Target | None:
    """The service of the task, to ask about its newest one; `None` where it has none."""
    task = report.task
    return _target(report, kind="service", service=task.service) if task.service and task.cluster else None


def task_target(report: Report) -> Target | None:
    """The very task that a report is about; `None` where it is about none."""
    task = report.task
    if task.arn is None or task.source not in ("live", "sibling"):
        return None
    return _target(report, kind="task", task_id=task.arn.rpartition("/")[2], service=task.service)


def _target(report: Report, **more: Any) -> Target | None:
    """A target in the place of the task; `None` where AWS named something that can be none."""
    task = report.task
    place = {"partition": task.partition, "region": task.region, "account_id": task.account_id}
    try:
        return Target.model_validate({**place, "cluster": task.cluster, **more})
    except ValidationError:
        return None


def prose_of(text: str, limit: int) -> Mrkdwn:
    """A sentence with its ids as code, cut after a whole word."""
    return prose(cut(text, limit), limit * 2)


def sentence_of(text: str, limit: int) -> Mrkdwn:
    """The same with a full stop, where it is not cut."""
    told = prose_of(text.rstrip("."), limit)
    return told if told.endswith("…") else fmt("{}.", told)
