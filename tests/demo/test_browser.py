"""What the demo's page draws in a real browser, and what text cannot do there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.demo.conftest import Served, open_page
from tests.demo.person import Person

# What a message may try. `{}` stands for a command of the page's own that would leave a trace.
HOSTILE = "<img src=x onerror='{}'> <script>{}</script> \" onmouseover='{}' </code></pre><svg onload='{}'>"
TRACE = "document.title=/taken/.source"


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


def test_what_a_reader_unfolded_stays_so_when_the_message_changes(person: Person, served: Served) -> None:
    def blocks(text: str) -> list[dict[str, Any]]:
        section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        title = {"type": "plain_text", "text": "Undo"}
        folded = {"type": "container", "title": title, "is_collapsible": True, "default_collapsed": True}
        return [{**folded, "child_blocks": [section]}]

    message = served.slack.post("x", blocks=blocks("before"))
    open_page(person, served.url)
    person.see("#messages summary", "Undo")
    assert not person.all("#messages .container .text")[0].is_displayed()
    person.see("#messages .container > summary").send_keys(Keys.ENTER)
    person.see("#messages .container .text", "before")
    served.slack.workspace.edit(message, "x", blocks("after"))
    assert person.see("#messages .container .text", "after").is_displayed()
    assert person.focused.text == "Undo"


def test_a_file_is_shown_as_text(person: Person, served: Served) -> None:
    slack = served.slack
    file = {"id": "F1", "name": "report.txt", "title": "Full report", "text": "<b>all</b> of it"}
    slack.workspace.add(slack.channel, slack.bot.id, "", files=[file])
    open_page(person, served.url)
    person.press("#messages .file summary", "Full report")
    assert person.see("#messages .file pre").text == "<b>all</b> of it"
    link = person.see("#messages .file a", "Open report.txt")
    assert (link.get_attribute("href") or "").endswith("/demo/file/F1")
