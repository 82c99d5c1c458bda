"""Slack's tokens as people mix them up: each kind is known by its beginning, before Slack is asked anything.

Slack: https://docs.slack.dev/authentication/tokens, https://docs.slack.dev/authentication/using-token-rotation
No sentence here holds more of a token than that beginning. No page of Slack's fixes which characters a token or a signing
secret may hold, so that only those are refused which a list, a sentence or a shell puts there.
"""

from __future__ import annotations

import re

from bot.names import QUOTES

_INSIDE = re.compile(r"[A-Za-z0-9._:/+=~-]+", re.ASCII)
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}", re.ASCII)
_ANY_TOKEN = re.compile(r"x(?:ox[a-z]|app)(?:\.xox[a-z])?-")

_WHERE = {
    "SLACK_BOT_TOKEN": "the bot token, xoxb-…: OAuth & Permissions, Bot User OAuth Token",
    "SLACK_APP_TOKEN": "the app-level token, xapp-…: Basic Information, App-Level Tokens, with the scope connections:write",
    "SLACK_SIGNING_SECRET": "the signing secret, such as 0123456789abcdef0123456789abcdef: Basic Information, App Credentials",
}
_PREFIXES = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}


def problem(name: str, value: str) -> str | None:
    """What is wrong with the value of `SLACK_BOT_TOKEN`, `SLACK_APP_TOKEN` or `SLACK_SIGNING_SECRET`, if anything is."""
    wanted = f"expected is {_WHERE[name]}"
    if value[:1] in QUOTES or value[-1:] in QUOTES:
        return "is in quotation marks, which would be sent to Slack with it; write it without them"
    kind = _kind(value)
    if kind is not None and value[:5] != _PREFIXES.get(name):
        return f"is {kind}; {wanted}"
    if name == "SLACK_BOT_TOKEN" and _SIGNING_SECRET.fullmatch(value):
        return f"looks like a secret of the app and is no token; {wanted}"
    prefix = _PREFIXES.get(name, "")
    if not value.startswith(prefix) or value == prefix:
        return f"does not begin as it must, or ends there; {wanted}"
    if not _INSIDE.fullmatch(value):
        return f"has a space, a line break, a comma or another character that none has; {wanted}"
    return None


def _kind(value: str) -> str | None:
    """What kind of token something is, by its beginning."""
    if value.startswith("xoxe"):
        return (
            "a token of an app with token rotation (xoxe), which this app does not support, since such a token ends after "
            "twelve hours; make a Slack app from manifest.json, which has it off"
        )
    if value.startswith("xoxp-"):
        return "a user token (xoxp-…), which acts as a person"
    if value.startswith("xoxb-"):
        return "a bot token (xoxb-…), which belongs in SLACK_BOT_TOKEN"
    if value.startswith("xapp-"):
        return "an app-level token (xapp-…), which belongs in SLACK_APP_TOKEN"
    if _ANY_TOKEN.match(value):
        return f"another kind of token ({value[:5]}…)"
    return None
