"""What people read: whole messages as golden files, and no message that Slack would refuse, whatever a report holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from diagnostics.finding import Change, Report, StartedBy, Status
from diagnostics.target import EXAMPLE, Target, parse
from handlers.jobs import Kind
from handlers.kinds import KINDS
from handlers.text import page
from handlers.views import notices
from handlers.views.details import details
from handlers.views.lint import lint_message
from handlers.views.message import MessageContent
from handlers.views.parent import parent
from handlers.views.values import ButtonValue, read_value
from tests.build import reports
from tests.build.reports import TARGET
from tests.golden import assert_golden_json
from tests.handlers.answers import ANSWERS, VIEWS, views
from tests.handlers.test_text import HOSTILE

OUTCOMES: dict[str, Callable[[], Report]] = {
    "cause_found": reports.cause_found,
    "undecided": reports.undecided,
    "nothing_wrong": reports.nothing_wrong,
    "not_a_pull_failure": reports.not_a_pull_failure,
    "task_gone": reports.task_gone,
    "after_fix": reports.after_fix,
}


def sent(message: MessageContent) -> dict[str, Any]:
    """The message as it is sent, after the lint."""
    payload = message.payload()
    lint_message(payload)
    return payload


def texts(value: Any) -> Iterator[str]:
    """Every text of a payload that Slack parses."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def parsed(payload: dict[str, Any]) -> str:
    """Everything that Slack parses, without the mentions and times that are ours."""
    text = "\n".join((payload["text"], *texts(payload["blocks"])))
    return re.sub(r"<@U0ALICE>|<!date\^\d+\^\{date_short_pretty\} \{time\}\|[0-9: UTC-]+>", "", text)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_messages_of_each_outcome(outcome: str) -> None:
    for name, message in views(OUTCOMES[outcome]()).items():
        assert_golden_json(f"slack/{outcome}.{name}.json", sent(message))


def test_every_kind_of_job_answers_with_views_that_are_tested() -> None:
    """A new kind has a row in `tests.handlers.answers`; what it answers with is then a golden file, and meets hostile text."""
    assert set(ANSWERS) == set(KINDS.values())
    assert {name for answer in ANSWERS.values() for name in answer.views} == set(VIEWS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.button], ids=lambda kind: kind.name)
def test_every_button_stands_on_a_message(kind: Kind) -> None:
    shown = {
        element["action_id"]
        for message in views(reports.cause_found()).values()
        for block in sent(message)["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }
    assert kind.button in shown


def test_the_short_messages() -> None:
    service = parse("payments/payments-api")
    made = {
        "checking": notices.checking(TARGET, "U0ALICE"),
        "rerunning": notices.rerunning(TARGET, "U0ALICE"),
        "waiting": notices.waiting(service, "U0ALICE", 3),
        "failed": notices.failed(TARGET, notices.sentence_of_failure("0a1b2c3d"), run_id="0a1b2c3d"),
        "help": notices.usage(),
        "choose": notices.choose((TARGET, service), "1795511702.000100"),
        "refused": notices.refused("Account 999988887777 is not one that this app may look at."),
    }
    for name, message in made.items():
        assert_golden_json(f"slack/notice.{name}.json", sent(message))


# --- hostile and oversized reports -------------------------------------------------------------------

KEPT = {
    "status", "outcome", "role", "certainty", "disposition", "stage", "leg", "principal_kind", "was", "is", "taken_at",
    "stopped_at", "name", "source", "schema_version",
}  # fmt: skip


def everywhere(value: Any, hostile: str, key: str = "") -> Any:
    """The report with this text in every place that AWS or a person can fill."""
    if isinstance(value, dict):
        return {name: everywhere(item, hostile, name) for name, item in value.items()}
    if isinstance(value, list):
        return [everywhere(item, hostile, key) for item in value]
    return hostile if isinstance(value, str) and key not in KEPT else value


def filled(report: Report, hostile: str) -> Report:
    # A lone surrogate cannot be in JSON, so it never comes from AWS either.
    safe = hostile.encode("utf-8", "replace").decode("utf-8")
    value = json.loads(report.to_json())
    result = everywhere(value, safe)
    for cause, original in zip(result["causes"], value["causes"], strict=True):
        for evidence in cause["evidence"]:
            evidence["source"] = safe
        cause["fix"]["cli"] = cause["fix"]["terraform"] = f"aws {safe}\n{safe}"
        cause["console_url"] = original["console_url"]
    return Report.model_validate(result)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_hostile_text_anywhere_neither_speaks_to_anybody_nor_breaks_a_limit(
    outcome: str, hostile: str
) -> None:
    for message in views(filled(OUTCOMES[outcome](), hostile)).values():
        shown = parsed(sent(message))

        assert "<" not in shown
        assert ">" not in shown
        assert not re.search(
            r"@(channel|here|everyone)", re.sub(r"```.*?```|`[^`]*`", "", shown, flags=re.DOTALL)
        )
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", shown)


@pytest.mark.parametrize(
    "hostile", [HOSTILE[4], "javascript:alert(1)", "http://console.aws.amazon.com/", "https://" + "x" * 3000]
)
def test_an_address_that_is_not_a_page_of_the_console_gets_no_button(hostile: str) -> None:
    report = reports.cause_found()
    bad = report.causes[0].model_copy(update={"console_url": hostile})
    report = report.model_copy(update={"causes": (bad,)})

    for message in views(report).values():
        assert hostile not in json.dumps(sent(message))


def test_a_huge_report_fits_and_says_how_much_is_left_out() -> None:
    cause = reports.no_route()
    more = tuple(
        cause.model_copy(update={"id": f"fault-{number}", "role": role, "summary": "x " * 400})
        for role in ("cause", "next", "also")
        for number in range(30)
    )
    legs = tuple(
        leg.model_copy(update={"subnet": f"subnet-{number:017x}", "hops": leg.hops * 30})
        for number in range(60)
        for leg in reports.legs().legs
    )
    big = reports.cause_found(
        causes=more,
        network=reports.legs().model_copy(update={"legs": legs}),
        unavailable=reports.cause_found().unavailable * 60,
        findings=tuple(reports.finding(f"f{number}", Status.PASS, "y " * 300) for number in range(500)),
        changes=tuple(
            Change(fault=f"fault-{number}", was=Status.PASS, is_=Status.FAIL, resources=("r" * 500,)) for number in range(90)
        ),
    )  # fmt: skip

    for message in views(big).values():
        payload = sent(message)
        assert len(payload["blocks"]) <= 50
    shown = parsed(sent(details(big, by="U0ALICE")))
    assert len(re.findall(r"… \d+ more", shown)) >= 4
    assert "40 more subnets" in shown


@pytest.mark.parametrize("part", ["cli", "verify", "undo", "terraform", "cloudformation"])
@pytest.mark.parametrize(
    ("text", "shown"), [("x" * 9000, False), ("\n".join(["y" * 100] * 200), False), ("z" * 2000, True)]
)
def test_a_command_is_never_cut(part: str, text: str, shown: bool) -> None:
    cause = reports.no_route()
    fix = cause.fix.model_copy(update={part: text, "title": None})
    report = reports.cause_found(causes=(cause.model_copy(update={"fix": fix}),))

    made = views(report)
    told = parsed(sent(made["explain" if part in ("terraform", "cloudformation") else "thread"]))

    assert (text in told) is shown
    assert ("too long for a Slack message" in told) is not shown
    assert text[:50] in told or not shown


def test_a_long_command_goes_into_several_blocks() -> None:
    cause = reports.no_route()
    text = "\n".join(f"aws ec2 create-route {number} " + "x" * 80 for number in range(60))
    fix = cause.fix.model_copy(update={"cli": text, "title": None})

    told = parsed(
        sent(details(reports.cause_found(causes=(cause.model_copy(update={"fix": fix}),)), by="U0ALICE"))
    )

    assert all(line in told for line in text.splitlines())


# --- what the layouts promise ------------------------------------------------------------------------


def test_the_verdict_is_a_word_beside_the_mark() -> None:
    for outcome, make in OUTCOMES.items():
        payload = sent(parent(make(), run_id="1", target=TARGET))
        first = payload["blocks"][0]["text"]["text"]
        word = first.split("*")[1]

        assert word
        assert payload["text"].startswith(word), outcome


def test_the_thread_begins_with_the_cause_and_its_fix() -> None:
    blocks = sent(details(reports.cause_found(), by="U0ALICE"))["blocks"]
    shown = [block["text"]["text"] for block in blocks if block["type"] == "section"]

    assert shown[0].startswith("*Why the pull fails*")
    assert "aws ec2 create-route" in "".join(shown[:4])


def test_a_grid_of_subnets_only_where_there_are_several() -> None:
    one = tuple(leg for leg in reports.legs().legs if leg.subnet == reports.SUBNET_A)
    single = reports.cause_found(network=reports.legs().model_copy(update={"legs": one}))

    assert "Every subnet" in parsed(sent(details(reports.cause_found(), by="U0ALICE")))
    assert "Every subnet" not in parsed(sent(details(single, by="U0ALICE")))
    assert "⛔ route table" in parsed(sent(details(single, by="U0ALICE")))


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        (Status.FAIL, Status.PASS, "*Fixed:*"),
        (Status.FAIL, Status.SKIPPED, "*Can no longer be seen:*"),
        (Status.FAIL, None, "*Can no longer be seen:*"),
        (Status.WARN, Status.PASS, "*Fixed:*"),
        (Status.FAIL, Status.FAIL, "*Still failing:*"),
        (Status.FAIL, Status.WARN, "*Still failing:*"),
        (Status.PASS, Status.FAIL, "*New:*"),
        (None, Status.FAIL, "*New:*"),
        (Status.UNKNOWN, Status.FAIL, "*New:*"),
        (Status.FAIL, Status.UNKNOWN, "*Can no longer be seen:*"),
    ],
)
def test_a_rerun_says_what_changed(was: Status | None, now: Status | None, says: str) -> None:
    change = Change(fault="route-no-egress", was=was, is_=now, resources=("rtb-1",))
    report = reports.nothing_wrong(changes=(change,))

    for message in (parent(report, run_id="1", target=TARGET), details(report, by="U0ALICE")):
        told = [line for line in parsed(sent(message)).splitlines() if says in line]
        assert told
        assert all("`route-no-egress` (`rtb-1`)" in line for line in told)


def test_a_rerun_that_changed_nothing_says_so() -> None:
    assert "Nothing has changed" in parsed(sent(details(reports.nothing_wrong(changes=()), by="U0ALICE")))


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (21, "21st"), (112, "112th")]
)  # fmt: skip
def test_places_in_the_line(number: int, word: str) -> None:
    assert notices.ordinal(number) == word


def test_button_values_survive_and_strangers_do_not() -> None:
    value = ButtonValue(run_id="0a1b", target=TARGET, thread_ts="1.2", more=(parse("a/b"),))

    assert read_value(value.text()) == value
    for text in ("", "{}", "null", '{"target": 1}', EXAMPLE, '{"target": {"kind": "task"}, "x": 1}'):
        assert read_value(text) is None


def test_the_longest_names_fit_into_a_button() -> None:
    longest = Target(
        kind="service", partition="aws-us-gov", region="us-gov-west-1", account_id="1" * 12, cluster="c" * 255, service="s" * 255
    )  # fmt: skip

    sent(notices.failed(longest, "x", run_id="0a1b2c3d"))
    sent(notices.choose((longest,) * 12, "1795511702.000100"))


@pytest.mark.parametrize(
    ("missing", "word"),
    [
        ("cluster", "No such cluster"),
        ("service", "No such service"),
        ("task", "Task gone"),
        (None, "Task gone"),
    ],
)
def test_what_does_not_exist_is_named(missing: Any, word: str) -> None:
    report = reports.task_gone()
    verdict = report.verdict.model_copy(update={"missing": missing})
    report = Report.model_validate_json(report.model_copy(update={"verdict": verdict}).to_json())
    message = sent(parent(report, run_id="0a1b2c3d", target=TARGET))
    assert message["text"].startswith(f"{word}: ")
    assert f"*{word}*" in message["blocks"][0]["text"]["text"]


def test_an_alerts_own_text_is_said_to_be_the_alerts() -> None:
    report = reports.undecided()
    task = report.task.model_copy(update={"source": "alert"})
    made = views(report.model_copy(update={"task": task}))
    thread = "\n".join(texts(sent(made["thread"])))
    assert "*What the alert said*" in thread
    assert "ECS said" not in thread
    assert "from the alert's own text" in "\n".join(texts(sent(made["parent"])))


def test_who_started_a_task_stands_in_the_thread() -> None:
    report = reports.cause_found()
    by = StartedBy(
        kind="event_rule", name="<!channel>", text="the EventBridge rule <!channel>", then="It waits."
    )
    ruled = report.model_copy(update={"task": report.task.model_copy(update={"started_by": by})})
    before, after = (parsed(sent(parent(item, run_id="r1", target=TARGET))) for item in (report, ruled))
    assert "Started by" not in before
    assert "Started by the EventBridge rule &lt;!channel&gt;. It waits." in after


CAUSES = "https://git.example.com/ops/pullcheck/blob/main/docs/causes.md"


def test_each_cause_links_to_where_it_is_explained() -> None:
    report = reports.cause_found()
    footer = sent(details(report, by="U0ALICE", causes_page=CAUSES))["blocks"][-1]["elements"][0]
    links = [f"<{CAUSES}#{cause.id}|{cause.id}>" for cause in report.causes]
    assert footer["text"].endswith(f"asked by <@U0ALICE> · about {', '.join(links)}")
    assert "about" not in str(sent(details(report, by="U0ALICE"))["blocks"][-1])


def test_a_link_ends_where_it_should() -> None:
    assert page("https://a/b c>|d&e", "x>|y") == "<https://a/b%20c%3E%7Cd%26e|x&gt;|y>"
