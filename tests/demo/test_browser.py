"""The demo's page in a real browser: from the command to the change after the fix, and what text cannot do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from demo.wiring import Demo
from handlers.ids import RERUN
from tests.demo.conftest import Served

TIMEOUT = 60

# What a message may try. `{}` stands for a command of the page's own that would leave a trace.
HOSTILE = "<img src=x onerror='{}'> <script>{}</script> \" onmouseover='{}' </code></pre><svg onload='{}'>"
TRACE = "document.title=/taken/.source"


class Person:
    """Somebody in front of the page."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def see(self, selector: str, text: str = "") -> WebElement:
        """The newest element that shows the text, as soon as there is one."""

        def look(browser: Chrome) -> WebElement | None:
            found = [element for element in self.all(selector) if text in element.text]
            return found[-1] if found else None

        wait = WebDriverWait(self.browser, TIMEOUT, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(look, f"nothing at {selector!r} shows {text!r}")

    def press(self, selector: str, text: str = "") -> None:
        self.see(selector, text).click()

    def type(self, selector: str, *keys: str) -> None:
        self.see(selector).send_keys(*keys)


@pytest.fixture
def person(browser: Chrome) -> Person:
    return Person(browser)


def open_page(person: Person, url: str) -> None:
    person.browser.get(url)
    person.see("#channel-name", "incidents")


def test_a_person_finds_the_cause_fixes_it_and_sees_the_change(person: Person, demo: Demo) -> None:
    task = demo.account.broken["demo-tag-not-found"].task
    open_page(person, demo.url)
    person.see("#connection", "pullcheck is connected")

    person.type("#text", "/pu")
    person.see("#suggestions [role=option]", "/pullcheck")
    person.type("#text", Keys.TAB, task.arn, Keys.ENTER)
    details = person.see("#replies .message", "How we know")
    assert "tag-not-found" in details.text
    assert "1.4.3" in details.text
    assert "cannot pull its image" in person.see("#messages .message", "payments-api cannot").text
    console = person.see("#replies a.button", "Open")
    assert (console.get_attribute("href") or "").startswith("https://us-east-1.console.aws.amazon.com/")
    assert console.get_attribute("rel") == "noopener noreferrer"

    person.press("[data-task=demo-tag-not-found] .fix", "Apply the fix")
    person.see("[data-task=demo-tag-not-found] .pill", "Fixed")
    person.press(f"#messages [data-action='{RERUN}']")
    change = person.see("#replies .message", "Fixed")
    assert "tag-not-found" in change.text
    person.see("#messages .message .edited")
    log = person.browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry["message"] for entry in log if entry["level"] == "SEVERE"] == []


def test_the_shortcut_on_an_alert_answers_in_its_thread(person: Person, demo: Demo) -> None:
    open_page(person, demo.url)
    alert = person.see("#messages .message", "fraud-check: a task could not start")
    alert.find_element(By.CSS_SELECTOR, ".more").send_keys(Keys.ENTER)
    person.press("[role=menuitem]:not([hidden])", "Check this image pull")
    person.see("#replies .message", "How we know")
    assert "fraud-check: a task could not start" in person.all("#replies .message")[0].text


def test_check_fills_the_composer_and_escape_closes_the_thread(person: Person, demo: Demo) -> None:
    task = demo.account.broken["demo-repo-policy-denies"].task
    open_page(person, demo.url)
    person.press("[data-task=demo-repo-policy-denies] .check")
    field = person.see("#text")
    assert field.get_attribute("value") == f"/pullcheck {task.arn}"
    field.clear()
    alert = person.see("#messages .message", "fraud-check: a task could not start")
    alert.find_element(By.CSS_SELECTOR, ".more").click()
    person.press("[role=menuitem]", "Reply in thread")
    person.type("#reply-text", "looking into it", Keys.ENTER)
    person.see("#replies .message", "looking into it")
    person.type("#reply-text", Keys.ESCAPE)
    assert not person.see("#thread").is_displayed()


def hostile(escape: Callable[[str], str]) -> str:
    return escape(HOSTILE.format(*[TRACE] * 4))


def entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_text_stays_text(person: Person, served: Served) -> None:
    raw, escaped = hostile(str), hostile(entities)
    mentions = entities("<!channel> <@U0ALICE> <https://evil.example|console> &lt;!here&gt;")
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": raw[:150]}},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"{escaped} `{escaped}`\n```{escaped}```"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": mentions}]},
        {"type": "context", "elements": [{"type": "plain_text", "text": raw}]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": raw}]}],
        },
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "<javascript:document.title='taken'|press me>"},
        },
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": raw[:75]}, "action_id": "x"}
            ],
        },
    ]
    served.slack.post(raw, blocks=blocks, user=served.slack.add_user(raw[:40], bot=True))
    served.slack.post(escaped)
    open_page(person, served.url)
    body = person.see("#messages .message .body", "press me")
    assert body.text.count("<script>") >= 5
    assert "<!channel> <@U0ALICE> <https://evil.example|console> &lt;!here&gt;" in body.text
    assert raw in person.all("#messages .message")[1].text
    assert person.all(".messages :is(img, script, svg, iframe, .mention, a[href^='javascript'])") == []
    # An address may become a link, but only to what it says.
    assert [(link.text, link.get_attribute("href")) for link in person.all(".messages a")] == [
        ("https://evil.example", "https://evil.example/")
    ]
    for element in person.all("#messages .text"):
        element.click()
    assert person.browser.title == "pullcheck demo"


# mrkdwn as an app sends it, what is to be seen, which elements carry which text
DRAWN = [
    ("*bold* _italic_ ~gone~ `code`", "bold italic gone code", {"strong": "bold", "em": "italic", "s": "gone", "code": "code"}),
    ("a*b*c snake_case_name 2*3*4", "a*b*c snake_case_name 2*3*4", {}),
    ("<https://example.com/?a=1&amp;b=2|the page>", "the page", {"a[href='https://example.com/?a=1&b=2']": "the page"}),
    ("see https://example.com/x.", "see https://example.com/x.", {"a[href='https://example.com/x']": "https://example.com/x"}),
    ("<@U0ALICE> <!here> <#C001INCIDENTS>", "@alice @here #incidents", {".mention": "@alice"}),
    ("> quoted *text*\nafter", "quoted text\nafter", {"blockquote strong": "text"}),
    ("```\na *b*\n  c\n```", "a *b*\n  c", {"pre code": "a *b*\n  c"}),
    ("<!date^0^{date_num}|long ago>", "1970-01-01", {"time[title='long ago']": "1970-01-01"}),
    (":white_check_mark: done :no_such_thing: 10:30:45", "✅ done :no_such_thing: 10:30:45", {}),
    ("*&lt;!channel&gt; &amp;lt;* `&lt;@U0ALICE&gt; &amp;lt;`", "<!channel> &lt; <@U0ALICE> &lt;", {"strong": "<!channel> &lt;"}),
    ("`a &amp;&amp; b &lt;c&gt;`", "a && b <c>", {"code": "a && b <c>"}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "shown", "elements"), DRAWN, ids=[case[0][:20] for case in DRAWN])
def test_mrkdwn_is_drawn(
    person: Person, served: Served, source: str, shown: str, elements: dict[str, str]
) -> None:
    served.slack.post(source)
    open_page(person, served.url)
    text = person.see("#messages .message .text")
    assert text.text == shown
    for selector, content in elements.items():
        assert text.find_element(By.CSS_SELECTOR, selector).text == content


def test_every_block_is_drawn_or_named(person: Person, served: Served) -> None:
    served.slack.post(
        "blocks",
        blocks=[
            {"type": "header", "text": {"type": "plain_text", "text": "Head :wrench:"}},
            {"type": "divider"},
            {
                "type": "table",
                "rows": [
                    [{"type": "raw_text", "text": "Hop"}, {"type": "raw_text", "text": "Fine"}],
                    [{"type": "raw_text", "text": "NAT"}, {"type": "raw_text", "text": "no"}],
                ],
            },
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_list",
                        "style": "ordered",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [{"type": "text", "text": "one", "style": {"bold": True}}],
                            }
                        ],
                    }
                ],
            },
            {"type": "carousel"},
        ],
    )
    open_page(person, served.url)
    assert person.see("#messages h3").text == "Head 🔧"
    assert [cell.text for cell in person.all("#messages :is(th, td)")] == ["Hop", "Fine", "NAT", "no"]
    assert person.see("#messages ol li strong").text == "one"
    assert "carousel" in person.see("#messages .unknown").text


def test_ephemeral_messages_are_marked_and_ephemeral(person: Person, with_app: Served) -> None:
    open_page(person, with_app.url)
    person.type("#text", "/echo hello", Keys.ENTER)
    message = person.see("#messages .ephemeral", "heard hello")
    assert "Only visible to you" in message.text
    person.press("#replies [data-action=again]")
    person.see("#replies .message", "once more")


def test_it_works_on_a_narrow_screen(person: Person, served: Served) -> None:
    served.slack.post("x")
    size = {"width": 380, "height": 700, "deviceScaleFactor": 1, "mobile": False}
    before = person.browser.execute_script("return [innerWidth, innerHeight]")
    person.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        open_page(person, served.url)
        assert not person.see("#side").is_displayed()
        person.press("#menu")
        person.press("[data-task=good] .check")
        assert not person.see("#side").is_displayed()
        assert person.see("#text").get_attribute("value") == "/echo arn:good"
        wide = person.browser.execute_script("return document.documentElement.scrollWidth > innerWidth")
        assert not wide
    finally:
        size |= {"width": before[0], "height": before[1]}
        person.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
