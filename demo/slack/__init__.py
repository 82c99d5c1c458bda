"""A local Slack on loopback: Web API, Socket Mode, response_url, for the demo and for tests.

An unchanged Bolt app works with it: give it `base_url=slack.api_url` and the tokens.

    with LocalSlack() as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.api_url), …)
        handler = SocketModeHandler(app, slack.app_token)
        handler.connect()
        slack.wait_connected()

        delivery = slack.command("/pullcheck", arn)            # as slack.user in slack.channel, unless told
        slack.wait_ack(delivery).payload                       # what the acknowledgement said
        parent = slack.wait_for(lambda: slack.messages())[0]   # parents in the channel; never sleep
        slack.wait_for(lambda: slack.thread(parent))           # its replies
        slack.current(parent).edited                           # messages are snapshots: look again
        parent.plain                                           # all visible text; parent.action_ids, .blocks
        slack.click(reply, "pullcheck.rerun")                  # a press on a button, as it stands now
        alert = slack.post("ECS task … stopped", user=slack.add_user("CloudWatch", bot=True))
        slack.shortcut("check_image_pull", alert)              # the message shortcut
        slack.mention("arn…", thread_ts=alert.ts)              # message and app_mention event
        slack.ephemeral()                                      # "Only visible to you", in threads too
        handler.close()                                        # before the local Slack stops

World: `add_channel(name, bot=False, private=, archived=)`, `add_direct_message(user)`, `add_user(name)`,
`invite`, `remove`, `archive`, `revoke_tokens`, `advance(seconds)` (response_urls live 30 minutes).

Trouble: `fail("chat.postMessage", "not_in_channel", channel=, times=1)`; `"ratelimited"` answers 429 with
Retry-After 0 (or `retry_after=`); `status=500` is an outage; `lost=True` does the work and breaks the
connection; `fail("response_url", …)` works too; `delete(message)` removes a parent; `redeliver(delivery)`;
`disconnect()` makes the app connect again (`wait_connected(opened=2)`).

Record: `calls(method)` with `.arguments`, `.answer`, `.error`; `refusals()`; `deliveries`; `delivery.acks`.
Methods are Web API methods, `response_url`, and `ack` for text in a command's acknowledgement.

Views: `slack.views.modal()`, `.home()`, `.options(action_id, typed)`, `.fill(action_id, value)`, `.press(action_id)`,
`.submit()`, `.open_home()`; `slack.steps.run(callback_id, inputs)` runs a step of a workflow. A trigger id opens one view,
within three seconds of the workspace's time.

Signed HTTP instead of Socket Mode: `with slack.over_http(dispatch_to(app)): slack.command(…)`, where the
receiver may be any function from `SignedRequest` (body, headers) to `HttpAnswer` (status, body).

Every message is judged by Slack's limits (`lint_blocks`) and refused with `invalid_blocks` and the reasons.
"""

from __future__ import annotations

from demo.slack.bolt import dispatch_to
from demo.slack.delivery import Ack, Delivery, HttpAnswer, SignedRequest, sign
from demo.slack.errors import SlackRefusal
from demo.slack.lint import lint_blocks
from demo.slack.local import LocalSlack
from demo.slack.model import Channel, Message, User
from demo.slack.script import AppCall
from demo.slack.socket_mode import NotConnectedError

__all__ = [
    "Ack",
    "AppCall",
    "Channel",
    "Delivery",
    "HttpAnswer",
    "LocalSlack",
    "Message",
    "NotConnectedError",
    "SignedRequest",
    "SlackRefusal",
    "User",
    "dispatch_to",
    "lint_blocks",
    "sign",
]
