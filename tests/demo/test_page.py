"""What the page's server shows, what it does for a person, and whom it turns away."""

from __future__ import annotations

import http.client
import json

import pytest

from demo.page import Menu, page
from tests.demo.conftest import Served


def notices(served: Served) -> list[str]:
    """What Slack itself told the person."""
    return [message.text for message in served.slack.ephemeral() if message.author == "USLACKBOT"]


@pytest.mark.parametrize("name", ["", *(f"page/{path.name}" for path in page.FILES.iterdir())])
def test_its_files_come_from_here_and_may_load_nothing_else(served: Served, name: str) -> None:
    status, headers, body = served.request("GET", f"/{name}")
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    foreign = [line for line in body.splitlines() if "http://" in line or "https://" in line]
    assert all("http://www.w3.org/2000/svg" in line or line.lstrip().startswith("//") for line in foreign)
    assert "innerHTML" not in body


@pytest.mark.parametrize(
    "path", ["/page/page.py", "/page/..%2fpage.py", "/page/%2e%2e/page.py", "/etc/passwd"]
)
def test_it_serves_no_other_file(served: Served, path: str) -> None:
    assert served.request("GET", path)[0] == 404


def test_it_streams_the_state_and_each_change(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(served.slack.url.rpartition(":")[2]), timeout=30)
    connection.request("GET", "/demo/events")
    answer = connection.getresponse()

    def texts() -> list[str]:
        event = json.loads(answer.readline().removeprefix(b"data: "))
        assert answer.readline() == b"\n"
        return [message["text"] for message in event["channels"][0]["messages"]]

    assert texts() == []
    served.slack.post("hello")
    assert texts() == ["hello"]
    connection.close()
    answer.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json", "Origin": "https://elsewhere.example"}, 403),
        ({"Content-Type": "application/json", "Host": "elsewhere.example"}, 403),
    ],
    ids=["a form", "another site", "a rebound name"],
)
def test_another_page_cannot_act(served: Served, headers: dict[str, str], status: int) -> None:
    body = json.dumps({"channel": served.slack.channel.id, "text": "x"})
    assert served.request("POST", "/demo/send", body, headers)[0] == status
    assert served.slack.messages() == ()


def test_a_command_reaches_the_app_as_it_was_typed(with_app: Served) -> None:
    assert with_app.act("send", text="/echo  <b>&amp; ") is None
    assert with_app.slack.deliveries[0].payload["text"] == "<b>&amp;"
    parent = with_app.slack.wait_for(lambda: with_app.slack.messages())[0]
    assert parent.author == with_app.slack.bot.id


def test_plain_text_is_escaped_as_slack_does(served: Served) -> None:
    served.act("send", text="<!channel> & <script>")
    assert served.slack.messages()[0].text == "&lt;!channel&gt; &amp; &lt;script&gt;"


def test_a_mention_reaches_the_app_in_its_thread(with_app: Served) -> None:
    alert = with_app.slack.post("alert")
    with_app.act("send", text="@pullcheck please", thread_ts=alert.ts)
    assert with_app.slack.wait_for(lambda: with_app.slack.thread(alert)[1:])[0].text == "you called"


def test_a_shortcut_and_a_press(with_app: Served) -> None:
    alert = with_app.slack.post("alert")
    assert with_app.act("shortcut", ts=alert.ts, callback_id="quote") is None
    assert with_app.slack.wait_for(lambda: with_app.slack.thread(alert))[0].text == "quoted: alert"
    with_app.act("send", text="/echo x")
    with_app.slack.wait_for(lambda: [message for message in with_app.slack.messages() if message.edited])
    (reply,) = with_app.slack.thread(with_app.slack.messages()[-1])
    assert with_app.act("click", ts=reply.ts, action_id="again") is None
    with_app.slack.wait_for(lambda: (found := with_app.slack.current(reply)) and found.text == "once more")


def test_what_slack_says_when_it_cannot_help(served: Served) -> None:
    parent = served.slack.post("x")
    served.act("send", text="/nonsense")
    served.act("send", text="/echo x", thread_ts=parent.ts)
    served.act("send", text="/echo x")
    assert notices(served) == [
        "/nonsense is not a valid command.",
        "/echo is not supported in threads. Sorry!",
        "/echo failed with the error “dispatch_failed”",
    ]
    assert "not connected" in str(served.act("shortcut", ts=parent.ts, callback_id="quote"))


def test_the_app_can_be_invited(served: Served) -> None:
    elsewhere = served.slack.add_channel("elsewhere", bot=False)
    served.act("send", channel=elsewhere.id, text="/invite @pullcheck")
    assert [channel["has_app"] for channel in served.page.state()["channels"]] == [True, True]


def test_an_app_that_does_not_answer(with_app: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "ACK_SECONDS", 0.0)
    with_app.act("send", text="/silent")
    assert notices(with_app) == ["/silent failed with the error “operation_timeout”"]


@pytest.mark.parametrize(
    "body",
    [{"ts": "1.1", "action_id": "x"}, {"ts": "1.1"}, {"channel": "C404", "ts": "1.1", "action_id": "x"}],
)
def test_what_is_not_there_is_said(served: Served, body: dict[str, str]) -> None:
    assert "did not work" in str(served.act("click", **body))


def test_somebody_elses_ephemeral_message_is_not_there(with_app: Served) -> None:
    slack = with_app.slack
    for person in (slack.other_user, slack.user):
        slack.wait_ack(slack.command("/echo", "x", user=person))
    (theirs,) = slack.ephemeral(slack.other_user)
    assert "the message is gone" in str(with_app.act("click", ts=theirs.ts, action_id="again"))
    shown = with_app.page.state()["channels"][0]["messages"]
    assert theirs.ts not in [message["ts"] for message in shown]


def answer(served: Served, name: str, *sections: str) -> None:
    """What the app says about a task: its button, and in the thread what it tells."""
    button = {
        "type": "button",
        "action_id": "x",
        "text": {"type": "plain_text", "text": "Re-run"},
        "value": f"id-of-{name}",
    }
    parent = served.slack.post("verdict", blocks=[{"type": "actions", "elements": [button]}])
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in sections]
    served.slack.post("details", blocks=blocks, thread_ts=parent.ts)


def test_a_fix_is_the_command_that_the_thread_shows(served: Served) -> None:
    assert "check it first" in str(served.act("fix", id="good"))
    answer(served, "other", "*Fix for other*\n```\nrm -rf other\n```")
    assert "check it first" in str(served.act("fix", id="good"))
    answer(served, "good", "*Fix for good*\nOld.\n```\nold\n```")
    answer(
        served,
        "good",
        "*Fix for good*\nDo this.\n```\naws a --b &lt;c&gt; &amp;&amp;\naws d\n```",
        "```\naws e\n```",
        "*It worked when this prints*\n```\naws f\n```",
    )
    assert served.act("fix", id="good") is None
    assert served.act("fix", id="good") is None
    assert served.repaired == ["aws a --b <c> &&\naws d\naws e"]
    (shown,) = [task for task in served.page.state()["tasks"] if task["id"] == "good"]
    assert (shown["state"], shown["ran"]["printed"]) == ("fixed", "done & <b>dusted</b>")


def test_a_fix_that_does_not_work_is_said(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("bad", "failing"):
        answer(served, name, f"*Fix for {name}*\n```\naws {name}\n```")
        assert "did not work" in str(served.act("fix", id=name))
    assert "AWS said no" in caplog.text
    tasks = {task["id"]: task for task in served.page.state()["tasks"]}
    assert {name: tasks[name]["state"] for name in tasks} == {
        "good": "broken",
        "bad": "failed",
        "failing": "failed",
    }
    assert tasks["failing"]["ran"] == {"command": "aws failing", "status": 254, "printed": "AccessDenied"}


def test_a_world_is_built_when_it_is_chosen(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    offered = json.loads(served.request("GET", "/demo/worlds")[2])["worlds"]
    assert [(world["group"], world["title"]) for world in offered] == [
        ("Routes", "A new world."),
        ("Roles", "A world that cannot be."),
    ]
    for _ in range(2):
        assert served.act("build", id="new") is None
    assert [task["id"] for task in served.page.state()["tasks"]] == ["new", "good", "bad", "failing"]
    assert "could not be built" in str(served.act("build", id="never"))
    assert "AWS said no" in caplog.text
    assert "did not work" in str(served.act("build", id="nonsense"))
    assert served.page.state()["building"] == []


def test_a_file_is_shown_and_served_to_who_sees_its_message(served: Served) -> None:
    slack = served.slack
    for reader, name in ((None, "ours"), (slack.other_user.id, "theirs")):
        file = {"id": name, "name": "report.txt", "title": "Report", "text": "<script>" + "x" * 2000}
        slack.workspace.add(slack.channel, slack.bot.id, "", files=[file], visible_to=reader)
    (shown,) = served.page.state()["channels"][0]["messages"]
    assert len(shown["files"][0]["text"]) == page.PREVIEW
    status, headers, body = served.request("GET", "/demo/file/ours")
    assert (status, headers["Content-Type"], len(body)) == (200, "text/plain; charset=utf-8", 2008)
    assert served.request("GET", "/demo/file/theirs")[0] == 404


def test_what_is_done_in_a_form_that_is_gone_is_said(served: Served) -> None:
    for action in ("submit", "options", "choose", "press"):
        assert "the form is gone" in str(served.act(action, action_id="x", option={}))


def test_the_menu_comes_from_the_manifest() -> None:
    features = {
        "slash_commands": [{"command": "/pullcheck", "description": "d", "usage_hint": "h"}],
        "shortcuts": [
            {"name": "Check", "type": "message", "callback_id": "check"},
            {"name": "Anywhere", "type": "global", "callback_id": "anywhere"},
        ],
    }
    assert Menu.of_manifest({"features": features}) == Menu([("/pullcheck", "h", "d")], [("check", "Check")])
