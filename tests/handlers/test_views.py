"""What people read: whole messages as golden files, and no message that Slack would refuse, whatever a report holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from diagnostics.finding import Change, Fix, Report, StartedBy, Status, ThenText
from diagnostics.target import EXAMPLE, Target, parse
from handlers.jobs import Kind
from handlers.kinds import KINDS
from handlers.text import page
from handlers.views import notices
from handlers.views.details import details
from handlers.views.fix import fix_then
from handlers.views.flat import flattened, has_folds
from handlers.views.lint import lint_message
from handlers.views.message import MessageContent
from handlers.views.parent import parent
from handlers.views.repeats import Repeats
from handlers.views.rerun import came_of_it
from handlers.views.size import visible, whole
from handlers.views.values import ButtonValue, read_value
from tests.build import reports
from tests.build.reports import TARGET
from tests.golden import assert_golden_json
from tests.handlers.answers import ALICE, ANSWERS, VIEWS, views
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
    return re.sub(r"<@U0ALICE>|<!date\^\d+\^(?:\{date_short_pretty\} )?\{time\}\|[0-9: UTC-]+>", "", text)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_messages_of_each_outcome(outcome: str) -> None:
    for name, message in views(OUTCOMES[outcome]()).items():
        assert_golden_json(f"slack/{outcome}.{name}.json", sent(message))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_messages_for_a_workspace_without_newer_blocks(outcome: str) -> None:
    """The same content: every text of the newer form stands in the older one."""
    newer = sent(details(OUTCOMES[outcome]()))
    older = flattened(newer)
    lint_message(older)

    assert_golden_json(f"slack/{outcome}.older_blocks.json", older)
    assert not has_folds(older)
    shown = json.dumps(older, ensure_ascii=False)
    assert all(json.dumps(text, ensure_ascii=False)[1:-1] in shown for text in texts(newer["blocks"]))


def largest() -> Report:
    """The largest report that can be built: ten containers, thirty causes and findings, names of 200 characters."""
    name = "n" * 200
    containers = tuple(f"{number}{name}"[:200] for number in range(10))
    causes = tuple(
        reports.no_route().model_copy(
            update={
                "id": f"fault-{number}",
                "role": ("cause", "next", "also")[number % 3],
                "containers": containers,
                "resources": (f"{number}{name}"[:200],),
                "summary": f"Repository {name} has no tag {name}.",
                "short": f"its image's tag {number} does not exist",
            }
        )
        for number in range(30)
    )
    legs = tuple(
        leg.model_copy(update={"subnet": f"subnet-{number:017x}", "hops": leg.hops * 30})
        for number in range(60)
        for leg in reports.legs().legs
    )
    task = reports.task(service=f"s{name}"[:200], cluster=f"c{name}"[:200])
    return reports.cause_found(
        task=task,
        causes=causes,
        network=reports.legs().model_copy(update={"legs": legs}),
        unavailable=reports.cause_found().unavailable * 30,
        findings=tuple(
            reports.finding(f"f{number}", Status.PASS, f"{number} {name}") for number in range(30)
        ),
    )


def test_the_largest_report_that_can_be_built() -> None:
    report = largest()
    made = {
        "parent": sent(parent(report, run_id="0a1b2c3d", target=TARGET, by=ALICE)),
        "thread": sent(details(report)),
    }
    made["older_blocks"] = flattened(made["thread"])
    for name, payload in made.items():
        lint_message(payload)
        count, length = whole(payload["blocks"])
        assert count <= 50
        assert length <= 12_000
        assert "more" in json.dumps(payload)
        assert_golden_json(f"slack/largest.{name}.json", payload)
    assert len(made["parent"]["blocks"]) == 4
    assert visible(made["parent"]["blocks"]) < 600
    assert visible(made["thread"]["blocks"]) < 1200
    # The command is there all the same.
    assert "aws ec2 create-route" in made["thread"]["blocks"][0]["text"]["text"]


def test_every_kind_of_job_answers_with_views_that_are_tested() -> None:
    """A new kind has a row in `tests.handlers.answers`; what it answers with is then a golden file, and meets hostile text."""
    assert set(ANSWERS) == set(KINDS.values())
    assert {name for answer in ANSWERS.values() for name in answer.views} == set(VIEWS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.button], ids=lambda kind: kind.name)
def test_every_button_stands_on_a_message(kind: Kind) -> None:
    shown = {element["action_id"] for element in _elements()}
    assert kind.button in shown


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.option], ids=lambda kind: kind.name)
def test_every_choice_stands_in_the_menu(kind: Kind) -> None:
    menus = {
        tuple(option["value"] for option in element["options"])
        for element in _elements()
        if element["type"] == "overflow"
    }
    # One where nobody watches, one where somebody does.
    assert len(menus) == 2
    assert any(kind.option in menu for menu in menus)
    assert all(len(menu) == len(set(menu)) == 5 for menu in menus)


def _elements() -> Iterator[dict[str, Any]]:
    for message in views(reports.cause_found()).values():
        for block in sent(message)["blocks"]:
            if block["type"] == "actions":
                yield from block["elements"]


SHARED: dict[str, dict[str, Any]] = {
    "reused": {"reused": 41, "reused_age": 12.4},
    "held_back": {"waited": 7.6},
    "both": {"reused": 1, "reused_age": 0.2, "waited": 31.0},
}


@pytest.mark.parametrize("name", SHARED)
def test_what_a_run_took_from_others_and_how_long_it_was_held_back_is_said_in_the_thread(name: str) -> None:
    report = reports.cause_found()
    plain = details(report).payload()
    shared = details(reports.sharing(report, **SHARED[name])).payload()
    said = [text for text in texts(shared["blocks"]) if text not in [*texts(plain["blocks"])]]
    assert_golden_json(f"slack/shared.{name}.json", said)


def test_the_short_messages() -> None:
    service = parse("payments/payments-api")
    made = {
        "checking": notices.checking(TARGET, "U0ALICE"),
        "rerunning": notices.rerunning(TARGET, "U0ALICE"),
        "waiting": notices.waiting(service, "U0ALICE", 3),
        "failed": notices.failed(TARGET, notices.sentence_of_failure("0a1b2c3d"), run_id="0a1b2c3d"),
        "failed_of_many": notices.failed(
            TARGET,
            "the app could not reach AWS in us-east-1. Try again.",
            run_id="0a1b2c3d",
            repeats=Repeats(
                14,
                datetime(2026, 11, 24, 9, 15, tzinfo=UTC),
                tuple(f"payments/s{number}" for number in range(12)),
            ),
        ),
        "help": notices.usage(),
        "choose": notices.choose((TARGET, service), "1795511702.000100"),
        "refused": notices.refused("Account 999988887777 is not one that this app may look at."),
    }
    for name, message in made.items():
        assert_golden_json(f"slack/notice.{name}.json", sent(message))


# --- hostile and oversized reports -------------------------------------------------------------------

KEPT = {
    "status", "outcome", "role", "certainty", "disposition", "stage", "leg", "principal_kind", "was", "is", "taken_at",
    "stopped_at", "deployed_at", "name", "source", "schema_version",
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
    shown = parsed(sent(details(big)))
    assert len(re.findall(r"… \d+ more", shown)) >= 3
    assert "40 more subnets" in shown


@pytest.mark.parametrize("part", ["cli", "verify", "undo", "terraform", "cloudformation"])
@pytest.mark.parametrize(
    ("text", "shown"), [("x" * 9000, False), ("\n".join(["y" * 100] * 200), False), ("z" * 2000, True)]
)
def test_a_command_is_never_cut(part: str, text: str, shown: bool) -> None:
    cause = reports.no_route()
    fix = cause.fix.model_copy(update={part: text, "title": None})
    report = reports.cause_found(causes=(cause.model_copy(update={"fix": fix}),))

    told = parsed(sent(views(report)[part if part in ("terraform", "cloudformation") else "thread"]))

    assert (text in told) is shown
    assert ("too long for a Slack message" in told or "commands are in the full report" in told) is not shown
    assert text[:50] in told or not shown


def test_a_long_command_goes_into_several_blocks() -> None:
    cause = reports.no_route()
    text = "\n".join(f"aws ec2 create-route {number} " + "x" * 80 for number in range(60))
    fix = cause.fix.model_copy(update={"cli": text, "title": None})

    told = parsed(sent(details(reports.cause_found(causes=(cause.model_copy(update={"fix": fix}),)))))

    assert all(line in told for line in text.splitlines())


# --- what the layouts promise ------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_verdict_is_a_sentence_beside_the_mark(outcome: str) -> None:
    payload = sent(parent(OUTCOMES[outcome](), run_id="1", target=TARGET))
    first = payload["blocks"][0]["text"]["text"]
    title = first.split("*")[1]

    assert first[0] in "🔴🟡🟢⚪"
    assert payload["text"].startswith(title[:120])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_phone_shows_a_full_sentence(outcome: str) -> None:
    for name, message in views(OUTCOMES[outcome]()).items():
        text = sent(message)["text"]
        assert len(text) < 150, name
        assert text.endswith((".", "…")), name
        assert not re.search(r"[`*]|[\U0001f300-\U0001faff]|✅|⚪|⏳", text), name


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_parent_is_four_blocks_that_are_read_in_a_moment(outcome: str) -> None:
    blocks = sent(parent(OUTCOMES[outcome](), run_id="1", target=TARGET, by=ALICE))["blocks"]

    assert [block["type"] for block in blocks] in (
        ["section", "section", "context", "actions"],
        ["section", "context", "actions"],
    )
    assert visible(blocks) < 600


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_seen_of_a_reply_is_short(outcome: str) -> None:
    assert visible(sent(details(OUTCOMES[outcome]()))["blocks"]) < 1200


def test_the_reply_begins_with_the_command_and_what_it_prints() -> None:
    blocks = sent(details(reports.cause_found()))["blocks"]
    shown = [block["text"]["text"] for block in blocks if block["type"] == "section"]

    assert shown[0].startswith("*Fix for payments-api*")
    assert "aws ec2 create-route" in shown[0]
    assert shown[1].startswith("*It worked when this prints* `active`")
    titles = [block["title"]["text"] for block in blocks if block["type"] == "container"]
    assert titles[0] == "How we know · 3 facts"
    assert {
        "Undo",
        "What ECS said",
        "After that you will hit · 1",
        "Could not look at · 1",
        "Ruled out · 9",
    } <= set(titles)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_nothing_is_said_twice_in_what_is_seen_of_a_thread(outcome: str) -> None:
    report = OUTCOMES[outcome]()
    seen = [
        line
        for message in (parent(report, run_id="1", target=TARGET, by=ALICE), details(report))
        for line in _seen(sent(message)["blocks"])
        if len(line) > 30
    ]
    assert len(seen) == len(set(seen))


def _seen(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """Each sentence and each line of a command that is not folded away."""
    for block in blocks:
        if block["type"] == "container":
            if not block.get("default_collapsed"):
                yield from _seen(block["child_blocks"])
            continue
        for text in texts(block):
            yield from filter(None, re.split(r"\n|(?<=[.:·]) ", text))


def test_a_table_of_subnets_only_where_there_are_several() -> None:
    one = tuple(leg for leg in reports.legs().legs if leg.subnet == reports.SUBNET_A)
    single = reports.cause_found(network=reports.legs().model_copy(update={"legs": one}))

    both = {
        block["title"]["text"]: block
        for block in sent(details(reports.cause_found()))["blocks"]
        if "title" in block
    }
    table = both["Every subnet that a task may start in · 2"]["child_blocks"][0]
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["Subnet", "login", "manifest", "layers"],
        [reports.SUBNET_A, "BLOCKED", "BLOCKED", "BLOCKED"],
        [reports.SUBNET_B, "ok", "ok", "unknown"],
    ]
    assert "Every subnet" not in json.dumps(sent(details(single)))
    assert "⛔ ends here: route table" in parsed(sent(details(single)))


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        (Status.FAIL, Status.PASS, "✅ fixed `route-no-egress`"),
        (Status.FAIL, Status.SKIPPED, "🟡 no longer seen `route-no-egress`"),
        (Status.FAIL, None, "🟡 no longer seen `route-no-egress`"),
        (Status.WARN, Status.PASS, "✅ fixed `route-no-egress`"),
        (Status.FAIL, Status.FAIL, "nothing has changed."),
        (Status.FAIL, Status.WARN, "nothing has changed."),
        (Status.PASS, Status.FAIL, "🆕 new `route-no-egress`"),
        (None, Status.FAIL, "🆕 new `route-no-egress`"),
        (Status.UNKNOWN, Status.FAIL, "🆕 new `route-no-egress`"),
        (Status.FAIL, Status.UNKNOWN, "🟡 no longer seen `route-no-egress`"),
    ],
)
def test_a_rerun_says_what_changed(was: Status | None, now: Status | None, says: str) -> None:
    change = Change(fault="route-no-egress", was=was, is_=now, resources=("rtb-1",))
    report = reports.nothing_wrong(changes=(change,))

    (block,) = sent(came_of_it(report, report, by=ALICE, name="alice", newest=False))["blocks"]
    assert block["text"]["text"] == f"alice, <!date^1795511702^{{time}}|09:15 UTC>: {says}"


def test_a_rerun_names_what_is_fixed_beside_what_still_fails() -> None:
    fixed = Change(fault="tag-not-found", was=Status.FAIL, is_=Status.PASS)
    still = Change(fault="route-no-egress", was=Status.FAIL, is_=Status.FAIL)
    report = reports.cause_found(changes=(still, fixed))
    told = sent(came_of_it(report, report, by=ALICE, name="alice", newest=False))
    assert told["blocks"][0]["text"]["text"].endswith(
        ": ✅ fixed `tag-not-found` · 🔴 still `route-no-egress`"
    )


def test_a_rerun_that_settles_a_verdict_is_no_rerun_without_change() -> None:
    """Nothing failed before or after: what was not known is known now."""
    now = reports.nothing_wrong(changes=())
    told = sent(came_of_it(now, reports.undecided(), by=ALICE, name="alice", newest=False))
    assert "nothing has changed" not in json.dumps(told)
    assert "🟢" in told["blocks"][0]["text"]["text"]


def test_a_newest_task_that_was_seen_already_is_not_called_new() -> None:
    report = reports.cause_found(changes=())
    same = sent(came_of_it(report, report, by=ALICE, name="alice", newest=True))
    other = sent(views(report)["newest"])
    assert same["blocks"][0]["text"]["text"].endswith(": there is no newer task; nothing has changed.")
    assert other["blocks"][0]["text"]["text"].endswith(": newest task `01234567`: nothing has changed.")


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


def test_an_alerts_own_text_is_said_to_be_the_alerts() -> None:
    report = reports.undecided()
    task = report.task.model_copy(update={"source": "alert"})
    made = views(report.model_copy(update={"task": task}))
    thread = json.dumps(sent(made["thread"]))
    assert '"What the alert said"' in thread
    assert "ECS said" not in thread
    assert "from the alert's own text" in "\n".join(texts(sent(made["parent"])))


def test_who_started_a_task_stands_in_the_thread() -> None:
    report = reports.cause_found()
    by = StartedBy(
        kind="event_rule", name="<!channel>", text="the EventBridge rule <!channel>", then="It waits."
    )
    ruled = report.model_copy(update={"task": report.task.model_copy(update={"started_by": by})})
    before, after = (parsed(sent(parent(item, run_id="r1", target=TARGET))) for item in (report, ruled))
    assert "started by" not in before
    assert "started by the EventBridge rule &lt;!channel&gt;" in after
    assert "Started by the EventBridge rule &lt;!channel&gt;. It waits." in parsed(sent(details(ruled)))


CAUSES = "https://git.example.com/ops/pullcheck/blob/main/docs/causes.md"


def test_each_cause_links_to_where_it_is_explained() -> None:
    report = reports.cause_found()
    footer = sent(details(report, causes_page=CAUSES))["blocks"][-1]["elements"][0]
    links = [f"<{CAUSES}#{cause.id}|{cause.id}>" for cause in report.causes]
    assert footer["text"].endswith(f" s · about {', '.join(links)}")
    assert "about" not in str(sent(details(report))["blocks"][-1])


def test_a_link_ends_where_it_should() -> None:
    assert page("https://a/b c>|d&e", "x>|y") == "<https://a/b%20c%3E%7Cd%26e|x&gt;|y>"


AGAIN = "aws ecs update-service --cluster payments --service payments-api --force-new-deployment --region us-east-1"


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (ThenText(f"ECS tries again. At once: {AGAIN}", AGAIN), [("section", f"*Then* ECS tries again. At once:\n```\n{AGAIN}\n```")]),
        (ThenText("ECS starts the next task."), [("context", "*Then* ECS starts the next task.")]),
        (ThenText(f"At once: {'x' * 3000}", "x" * 3000), [("context", None)]),
        (None, []),
    ],
    ids=["a command", "words", "too long for a block", "nothing"],
)  # fmt: skip
def test_the_command_that_starts_a_task_is_code(
    then: ThenText | None, expected: list[tuple[str, str | None]]
) -> None:
    blocks = [block.to_dict() for block in fix_then(Fix(text="x", then=then))]
    assert [block["type"] for block in blocks] == [kind for kind, _ in expected]
    for block, (_, text) in zip(blocks, expected, strict=True):
        shown = (block.get("text") or block["elements"][0])["text"]
        assert text in (None, shown)
        assert shown.count("```") in (0, 2)
