"""What is told beside diagnoses, as golden files: the modal, the App Home, the list of causes, one explained, the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.in_force import in_force
from bot.settings import Settings
from demo.slack.lint_views import lint_options, lint_view
from diagnostics.faults import ALL_FAULTS
from diagnostics.target import Target
from handlers.recent import MOST, RecentRun, recent, remember
from handlers.saved_run import SavedRun
from handlers.step_outputs import outputs_of
from handlers.views import catalogue, home, modal
from handlers.views.lint import lint_message
from handlers.ways import CheckedPart
from tests.build import TASK_ARN, absent, changed, fargate, reports, task_of
from tests.build.runs import saved_run
from tests.build.targets import service_target, task_target
from tests.golden import assert_golden_json
from tests.handlers.test_text import HOSTILE
from tests.rows import every_row

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RUNS = (
    (
        RecentRun(run_id="1", name="payments/refunds-worker", verdict="its subnet has no way to ECR", channel="C1", at=NOON),
        "https://acme.slack.com/archives/C1/p1795511702000100",
    ),
    (RecentRun(run_id="2", name="search/indexer", verdict="nothing stops a pull now", channel="C1"), None),
)  # fmt: skip
CHECKED = (
    CheckedPart("SLACK_BOT_TOKEN", True, "is pullcheck in Acme"),
    CheckedPart("ecs:ListServices", False, "denied: allow this action to the app's role"),
)


def settings(**changes: Any) -> Settings:
    return Settings(slack_bot_token="xoxb-1", slack_app_token="xapp-1", **changes)  # type: ignore[arg-type]


def whole_home(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "channel": "D1",
        "runs": RUNS,
        "in_force": in_force(settings(pullcheck_allowed_users="U1,U2", pullcheck_channel_accounts="C1=111122223333")),
        "asks": True,
        "checked": home.checked(CHECKED, NOON),
    }  # fmt: skip
    return home.home(**{**values, **changes})


VIEWS = {
    "modal": lambda: modal.modal(modal.Chosen(channel="C1", region="us-east-1"), accounts=()),
    "modal.accounts": lambda: modal.modal(
        modal.Chosen(channel="C1", account="222233334444", region="us-east-1", cluster="payments"),
        accounts=("111122223333", "222233334444"),
    ),
    "home": whole_home,
    "home.new": lambda: whole_home(runs=(), asks=False, checked=(), in_force=in_force(settings())),
    "home.checking": lambda: whole_home(checked=home.checking()),
    "home.closed": lambda: home.closed("D1", "You are not on the list of people who may ask this app."),
}
MESSAGES = {
    "explained": lambda: catalogue.explained(
        ALL_FAULTS["tag-not-found"], causes_page="https://git.example.com/causes.md"
    ),
    "unknown": lambda: catalogue.unknown(
        "tag-notfound", ("tag-not-found", "digest-not-found"), "role-missing"
    ),
    "settings": lambda: catalogue.settings_in_force(in_force(settings(pullcheck_allowed_accounts=""))),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views(name: str) -> None:
    view = VIEWS[name]()
    assert lint_view(view) == ()
    assert_golden_json(f"slack/view.{name}.json", view)


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str) -> None:
    payload = MESSAGES[name]().payload()
    lint_message(payload)
    assert_golden_json(f"slack/told.{name}.json", payload)


def test_the_list_names_every_cause_and_fits() -> None:
    payload = catalogue.catalogue(ALL_FAULTS, causes_page=None).payload()
    lint_message(payload)
    said = str(payload)
    assert [name for name in ALL_FAULTS if f"`{name}`" not in said] == []


@every_row("fault", ALL_FAULTS.values(), ids=ALL_FAULTS)
def test_every_cause_can_be_explained(fault: Any) -> None:
    lint_message(catalogue.explained(fault, causes_page=None).payload())


# --- hostile and oversized -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    """It neither mentions anybody nor breaks a view."""
    run = RecentRun(run_id="1", name=text, verdict=text, channel="C1")
    shown = whole_home(
        runs=((run, "https://acme.slack.com/archives/C1/p1"), (run, None)),
        checked=home.checked((CheckedPart(text, False, text),), NOON),
    )
    assert lint_view(shown) == ()
    lint_message(catalogue.unknown(text, (text,), text).payload())
    names = [name for name in (text, text * 40) if name]
    assert lint_options(modal.options(names)) == ()
    assert lint_options(modal.no_options(text or "x")) == ()
    for payload in (shown, catalogue.unknown(text, (), text).payload()):
        assert "<!channel>" not in str(payload)
        assert "<@U" not in str(payload)


def test_more_names_than_a_menu_shows() -> None:
    names = [f"service-{number}" for number in range(250)]
    answer = modal.options(names)
    assert lint_options(answer) == ()
    (group,) = answer["option_groups"]
    assert len(group["options"]) == 100
    assert group["label"]["text"] == "The first 100. Type more of the name, or paste it below."
    assert "option_groups" in modal.options(names[:3], more=True)
    assert "options" in modal.options(names[:100])


def test_a_name_that_is_too_long_is_told_apart_from_its_neighbour() -> None:
    names = ["a" * 250, "a" * 249 + "b"]
    options = modal.options(names)["options"]
    assert lint_options({"options": options}) == ()
    assert options[0]["value"] != options[1]["value"]
    assert options[0]["text"] != options[1]["text"]


def test_hundreds_of_parts_that_fail_fit_the_home() -> None:
    parts = tuple(CheckedPart(f"ecs:Call{number}", False, "denied " * 50) for number in range(200))
    shown = whole_home(checked=home.checked(parts, NOON))
    assert lint_view(shown) == ()
    assert "200 of 200 fail" in str(shown)


# --- a workflow's outputs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome", ["cause_found", "undecided", "nothing_wrong", "not_a_pull_failure", "task_gone"]
)
def test_the_outputs_of_a_step(outcome: str) -> None:
    assert_golden_json(f"slack/step.{outcome}.json", outputs_of(getattr(reports, outcome)()))


def test_outputs_mention_nobody_and_keep_commands_as_they_are() -> None:
    report = reports.cause_found()
    cause = report.causes[0]
    fix = cause.fix.model_copy(update={"cli": "a && b < c\n<!channel> <@U0ALICE>"})
    hostile = report.model_copy(
        update={"causes": (cause.model_copy(update={"fix": fix}), *report.causes[1:])}
    )
    said = outputs_of(hostile)["fix"]
    assert "a && b < c\n" in said
    assert "<!channel>" not in said
    assert "<@U" not in said
    assert "channel>" in said


# --- the last runs -----------------------------------------------------------------------------------------


class Words:
    """The store's words on claims alone."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def claim(self, key: str, lease: float, holder: str | None = None) -> bool:
        self.words.setdefault(key, "")
        return True

    def note(self, key: str, text: str) -> None:
        assert key in self.words, "a word on nothing"
        self.words[key] = text

    def noted(self, key: str) -> str | None:
        return self.words.get(key) or None


def test_the_last_runs_are_the_newest_and_each_stands_there_once() -> None:
    store: Any = Words()
    for number in (1, 2, 3, 2, 4, 5, 6, 7):
        remember(store, about(f"r{number}", task_target(f"{number}" * 32)), f"name {number}")
    remember(store, saved_run("theirs", user="U2", report=reports.cause_found()), "x")
    remember(store, saved_run("nobody", user="", report=reports.cause_found()), "x")
    remember(store, saved_run("failed", user="U1", report=None), "x")

    found = recent(store, "U1")

    assert [run.run_id for run in found] == ["r7", "r6", "r5", "r4", "r2"]
    assert len(found) == MOST
    assert [run.run_id for run in recent(store, "U2")] == ["theirs"]
    store.words["recent U1"] = "[1]"
    assert recent(store, "U1") == ()


def about(run_id: str, target: Target, task: str | None = None) -> SavedRun:
    """A run of somebody, which found a task where its target names none."""
    found = changed(fargate(), lambda world: task_of(world).update(taskArn=task)) if task else None
    facts = found or changed(fargate(), lambda world: world.update(task=absent("ecs:DescribeTasks")))
    return saved_run(run_id, facts, user="U1", report=reports.cause_found(), target=target)


ONE, OTHER = TASK_ARN, TASK_ARN[:-4] + "ffff"


@pytest.mark.parametrize(
    ("first", "second", "listed"),
    [
        (about("a", task_target(), ONE), about("b", task_target(), ONE), ["b"]),
        (about("a", task_target()), about("b", task_target()), ["b"]),
        (about("a", service_target(), ONE), about("b", service_target(), OTHER), ["b"]),
        (about("a", service_target(), ONE), about("b", task_target(), ONE), ["b"]),
        (about("a", service_target(account=None, region=None)), about("b", service_target(region="us-east-1")), ["b"]),
        (about("a", service_target(), ONE), about("b", service_target(region="eu-west-1"), OTHER), ["b", "a"]),
        (about("a", service_target(), ONE), about("b", service_target("cart"), OTHER), ["b", "a"]),
        (about("a", task_target(), ONE), about("b", task_target("f" * 32), OTHER), ["b", "a"]),
    ],
    ids=[
        "a re-run", "a re-run of one that is gone", "of a service", "the task of the service", "a service whose place AWS told",
        "another Region", "another service", "another task",
    ],
)  # fmt: skip
def test_what_is_checked_again_stands_there_once(
    first: SavedRun, second: SavedRun, listed: list[str]
) -> None:
    store: Any = Words()
    for run in (first, second):
        remember(store, run, "name")

    assert [run.run_id for run in recent(store, "U1")] == listed
