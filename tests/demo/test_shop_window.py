"""The whole demo in a real browser: each way in and each button once, with the keyboard, on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys

from demo.wiring import Demo
from handlers.ids import ASK, CLUSTER, COMMAND, MORE, NEWEST, ON_IT, POST, RERUN, SERVICE
from tests.demo.conftest import open_page
from tests.demo.person import DESK, PHONE, Person

ROUTE = "demo-route-no-egress"
TAG = "demo-tag-not-found"


@pytest.fixture
def at_demo(person: Person, demo: Demo) -> Iterator[Person]:
    """Somebody at the page, who finds no trouble in the browser's log afterwards."""
    demo.slack.views.close()
    open_page(person, demo.url)
    person.see("#connection", "pullcheck is connected")
    yield person
    log = person.browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry["message"] for entry in log if entry["level"] == "SEVERE"] == []
    # That it is no member of a channel the app learns by trying.
    assert [call for call in demo.slack.refusals() if call.error != "not_in_channel"] == []


def ask(person: Person, text: str) -> None:
    person.type("#text", text, Keys.ENTER)


def choose(person: Person, world: str) -> None:
    """Build a world of the catalogue, with the keyboard; its command stands ready to be sent."""
    person.see("#open-catalogue").send_keys(Keys.ENTER)
    person.focus_on("#catalogue-search")
    person.keys(world)
    person.see("#catalogue-count", "1 of 137")
    person.see(f"[data-world={world}]").send_keys(Keys.ENTER)
    person.until(lambda: not person.all("#catalogue")[0].is_displayed(), "the catalogue is still there")
    person.focus_on("#text")


def test_from_the_command_to_the_change_after_the_fix(at_demo: Person) -> None:
    person = at_demo
    person.press(f"[data-task={ROUTE}] .fix")
    person.see("#problem", "check it first")
    person.press(f"[data-task={ROUTE}] .check")
    person.keys(Keys.ENTER)
    details = person.see("#replies .message", "How we know")
    command = details.text.partition("\naws ")[2].partition("\n")[0]
    assert command.startswith("ec2 create-route ")
    assert "refunds-worker cannot start" in person.see("#messages .message", "refunds-worker cannot").text
    console = person.see("#replies a.button", "Open route table")
    assert (console.get_attribute("href") or "").startswith("https://us-east-1.console.aws.amazon.com/")
    assert console.get_attribute("rel") == "noopener noreferrer"

    person.press(f"[data-task={ROUTE}] .fix", "Apply the fix")
    person.see(f"[data-task={ROUTE}] .pill", "Fixed")
    assert '"Return": true' in person.see(f"[data-task={ROUTE}] .printed").text
    person.press(f"[data-task={ROUTE}] .ran details summary")
    assert person.see(f"[data-task={ROUTE}] .ran details pre").text.replace("\n", " ") == f"aws {command}"
    person.press(f"#replies [data-action='{RERUN}']")
    person.see("#replies .message", "fixed route-no-egress")
    person.see("#messages .message", "refunds-worker can pull again")
    person.see("#messages .message .edited")
    # The buttons shrink with the state.
    assert person.all(f"#replies [data-action='{RERUN}']") == []
    person.press(f"#replies [data-action='{NEWEST}']")
    # ECS started one meanwhile, though the one that failed is kept.
    person.see("#replies .message", "has pulled.")
    person.see("#messages .message", "refunds-worker can pull again")


def test_a_command_is_completed_and_escape_gives_the_focus_back(at_demo: Person, demo: Demo) -> None:
    person = at_demo
    person.type("#text", "/pu")
    person.see("#suggestions [role=option]", COMMAND)
    person.keys(Keys.TAB, demo.account.broken[TAG].task.arn, Keys.ENTER)
    person.see("#replies .message", "Fix for payments-api")
    person.type("#reply-text", "looking into it", Keys.ENTER)
    person.see("#replies .message", "looking into it")
    person.keys(Keys.ESCAPE)
    assert not person.see("#thread").is_displayed()
    person.focus_on(".thread-line")
    person.keys(Keys.ENTER)
    person.focus_on("#replies")


def test_what_a_verdict_offers(at_demo: Person, demo: Demo) -> None:
    person = at_demo
    ask(person, f"{COMMAND} {demo.account.broken['demo-s3-endpoint-policy-denies'].task.arn}")
    person.see("#replies .message", "Fix for card-vault")
    person.press(f"#replies [data-action='{ON_IT}']")
    person.see("#replies", "alice is on it")
    for option, shown in (
        ("fix.terraform", "Terraform"),
        ("fix.cloudformation", "CloudFormation"),
        ("report.file", "File:"),
        ("why", "s3-endpoint-policy-denies"),
    ):
        opener = person.see(f"#replies [data-action='{MORE}'] summary")
        opener.send_keys(Keys.ENTER)
        person.focus_on("[data-option]")
        while person.focused.get_attribute("data-option") != option:
            person.keys(Keys.ARROW_DOWN)
        before = len(person.all("#replies .message"))
        person.keys(Keys.ENTER)
        person.until(lambda before=before: len(person.all("#replies .message")) > before, option)
        assert shown in person.all("#replies .message")[-1].text
    opener = person.see(f"#replies [data-action='{MORE}'] summary")
    opener.send_keys(Keys.ENTER)
    person.focus_on("[data-option]")
    person.keys(Keys.ESCAPE)
    assert not person.all(f"#replies [data-action='{MORE}'] .options")[0].is_displayed()


def test_the_shortcut_on_an_alert_answers_in_its_thread(at_demo: Person) -> None:
    person = at_demo
    alert = person.see("#messages .message", "fraud-check: a task could not start")
    alert.find_element("css selector", ".more").send_keys(Keys.ENTER)
    person.keys(Keys.ARROW_DOWN)
    assert person.focused.text == "Check this image pull"
    person.keys(Keys.ENTER)
    person.see("#replies .message", "Fix for fraud-check")
    assert "fraud-check: a task could not start" in person.all("#replies .message")[0].text


def test_a_mention_in_a_thread_is_answered_there(at_demo: Person, demo: Demo) -> None:
    person = at_demo
    alert = person.see("#messages .message", "invoice-mailer: a task could not start")
    alert.find_element("css selector", ".more").click()
    person.press("[role=menuitem]", "Reply in thread")
    person.focus_on("#reply-text")
    person.keys("@pu")
    person.see("#reply-suggestions [role=option]", "@pullcheck")
    person.keys(Keys.TAB, demo.account.broken["demo-role-permission-missing"].task.arn, Keys.ENTER)
    person.see("#replies .message", "Fix for invoice-mailer")


def test_the_form_with_the_keyboard_alone(at_demo: Person) -> None:
    person = at_demo
    ask(person, COMMAND)
    person.see("#modal-title", "Check an image pull")
    person.focus_on("#modal [role=combobox]")
    person.see("#modal-submit").send_keys(Keys.ENTER)
    error = person.see("#modal .field-error", "Choose a cluster and a service")
    person.focus_on("[aria-invalid=true]")
    assert error.get_attribute("id") in str(person.focused.get_attribute("aria-describedby"))
    for action, typed, name in ((CLUSTER, "", "payments"), (SERVICE, "led", "ledger")):
        field = person.see(f"#modal [data-action='{action}']")
        field.send_keys(typed or Keys.ARROW_DOWN)
        person.see("#modal [role=option]", name)
        # Escape closes the list, not the form.
        person.keys(Keys.ESCAPE)
        assert person.see("#modal").is_displayed()
        person.keys(Keys.ARROW_DOWN)
        person.see("#modal [role=option]", name)
        while name not in [option.text for option in person.all("#modal [aria-selected=true]")]:
            person.keys(Keys.ARROW_DOWN)
        person.keys(Keys.ENTER)
        chosen = f"#modal [data-action='{action}']"
        person.until(lambda chosen=chosen, name=name: person.see(chosen).get_attribute("value") == name, name)
    person.see("#modal-submit").send_keys(Keys.ENTER)
    person.see("#messages .message", "ledger")
    person.until(lambda: not person.all("#modal")[0].is_displayed(), "the form is still there")


def test_the_home_and_the_form_from_it(at_demo: Person) -> None:
    person = at_demo
    person.press("[data-place=home]")
    person.focus_on("#home")
    person.see("#home", "Does everything work?")
    person.press(f"#home [data-action='{ASK}']")
    person.focus_on("#modal [role=combobox]")
    person.keys(Keys.ESCAPE)
    person.until(lambda: not person.all("#modal")[0].is_displayed(), "the form is still there")
    person.press("#channels button", "incidents")
    person.see("#channel-name", "# incidents")


def test_where_the_app_is_no_member_one_person_sees_it_and_posts_it(at_demo: Person) -> None:
    person = at_demo
    person.press("#channels button", "deploys")
    person.see("#channel-name", "# deploys")
    choose(person, "sg-egress-blocked")
    person.keys(Keys.ENTER)
    message = person.see("#messages .ephemeral", "cannot start")
    assert "Only visible to you" in message.text
    person.press(f"#messages [data-action='{POST}']")
    person.until(
        lambda: [
            item for item in person.all("#messages .message:not(.ephemeral)") if "cannot start" in item.text
        ],
        "nothing was posted to the channel",
    )


def test_a_world_of_the_catalogue_is_found_built_explained_and_repaired(at_demo: Person) -> None:
    person = at_demo
    choose(person, "secret-policy")
    typed = str(person.focused.get_attribute("value"))
    assert typed.startswith(f"{COMMAND} arn:aws:ecs:eu-west-1:2000000000")
    person.keys(Keys.ENTER)
    details = person.see("#replies .message", "Fix for worker")
    assert "secretsmanager put-resource-policy" in details.text
    person.press("[data-task=secret-policy] .fix")
    person.see("[data-task=secret-policy] .pill", "Fixed")
    person.press(f"#replies [data-action='{RERUN}']")
    person.see("#replies .message", "✅ fixed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_readable_and_named(at_demo: Person, demo: Demo, scheme: str) -> None:
    person = at_demo
    person.scheme(scheme)
    ask(person, f"{COMMAND} {demo.account.broken[TAG].task.arn}")
    person.see("#messages .message", "payments-api")
    ask(person, "/nonsense")
    person.see("#messages .ephemeral", "is not a valid command")
    person.press("#messages .thread-line")
    person.see("#replies .message")
    person.browser.execute_script("for (const item of document.querySelectorAll('details')) item.open = true")
    assert (person.pale(), person.misnamed()) == ([], [])
    person.press("[data-place=home]")
    person.see("#home", "Does everything work?")
    assert (person.pale(), person.misnamed()) == ([], [])
    person.press(f"#home [data-action='{ASK}']")
    person.focus_on("#modal [role=combobox]")
    person.keys(Keys.ARROW_DOWN)
    person.see("#modal [role=option]")
    assert (person.pale(), person.misnamed()) == ([], [])
    person.press("#modal-close")
    person.until(lambda: not person.all("#modal")[0].is_displayed(), "the form is still there")
    person.press("#open-catalogue")
    person.see("#catalogue-list .world")
    assert (person.pale(), person.misnamed()) == ([], [])


def test_a_phone_shows_one_thing_at_a_time(at_demo: Person, demo: Demo) -> None:
    person = at_demo
    person.size(PHONE)
    try:
        person.press("#menu")
        person.focus_on("#channels button")
        assert not person.too_wide()
        person.keys(Keys.ESCAPE)
        person.focus_on("#menu")
        person.press("#menu")
        person.press(f"[data-task={TAG}] .check")
        assert not person.see("#side").is_displayed()
        person.focus_on("#text")
        person.keys(Keys.ENTER)
        message = person.see("#messages .message:has(.thread-line)", "payments-api cannot start")
        message.find_element("css selector", ".thread-line").click()
        person.see("#replies .message", "Fix for")
        assert not person.see("#channel").is_displayed()
        assert not person.too_wide()
        person.press(f"#replies [data-action='{MORE}'] summary")
        person.see("#replies .options button", "Fix as Terraform")
        assert not person.too_wide()
        person.press("#close-thread", "Back")
        assert person.see("#channel").is_displayed()
        assert not person.too_wide()
        ask(person, COMMAND)
        person.focus_on("#modal [role=combobox]")
        assert not person.too_wide()
        person.press("#modal-cancel", "Cancel")
        person.until(lambda: not person.all("#modal")[0].is_displayed(), "the form is still there")
        person.press("#menu")
        person.press("[data-place=home]")
        person.see("#home", "How to ask")
        assert not person.too_wide()
        person.press("#menu")
        person.press("#open-catalogue")
        person.see("#catalogue-list .world")
        assert not person.too_wide()
    finally:
        person.size(DESK)
