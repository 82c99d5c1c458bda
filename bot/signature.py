"""Who sent a request: Slack signs the bytes of each body with a secret that only it and this app have.

Slack: https://docs.slack.dev/authentication/verifying-requests-from-slack/
slack_sdk's own verifier raises on a timestamp that is no number and on bytes that are no text, and reads one of several
headers of a name; what a stranger sends must do neither.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence

TIMESTAMP = "x-slack-request-timestamp"
SIGNATURE = "x-slack-signature"
WINDOW = 300
"""Seconds by which a request may be older or younger than it says, so that nobody can send an old one again."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


class Signatures:
    """Verifies signatures.

    Args:
        secret: the app's signing secret.
        clock: seconds since 1970.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def may_hold(self, headers: Mapping[str, Sequence[str]]) -> bool:
        """True when the headers are such that a signature could hold: that costs nothing and asks for no body.

        Args:
            headers: values by name in small letters; Slack sends each once.
        """
        signed = self._signed(headers)
        return signed is not None and abs(self._clock() - int(signed[0])) <= WINDOW

    def hold(self, body: bytes, headers: Mapping[str, Sequence[str]]) -> bool:
        """True when Slack signed this body, just now. Never raises.

        Args:
            body: the bytes as they arrived.
            headers: values by name in small letters; Slack sends each once.
        """
        signed = self._signed(headers)
        if signed is None or not self.may_hold(headers):
            return False
        timestamp, signature = signed
        said = b"v0:%b:%b" % (timestamp.encode(), body)
        right = "v0=" + hmac.new(self._secret, said, hashlib.sha256).hexdigest()
        return hmac.compare_digest(right, signature)

    @staticmethod
    def _signed(headers: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
        """The timestamp and the signature, where there is exactly one of each and it looks like one."""
        found = []
        for name, form in ((TIMESTAMP, _TIMESTAMP), (SIGNATURE, _SIGNATURE)):
            values = headers.get(name, ())
            if len(values) != 1 or not isinstance(values[0], str) or not form.fullmatch(values[0]):
                return None
            found.append(values[0])
        return found[0], found[1]
