"""What the ways in beside a diagnosis need from outside: lists to choose from, what is set, and whether everything works."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from slack_sdk import WebClient

if TYPE_CHECKING:
    from diagnostics.finding import Fault


CHECKED_SECONDS = 600.0
"""For how long the result of a check stands."""


class SettingInForce(NamedTuple):
    """A setting as it is in force. Never a secret."""

    name: str
    value: str


class CheckedPart(NamedTuple):
    """One line of `python -m bot --check`; `says` is the reason where it does not work."""

    what: str
    works: bool
    says: str


@dataclass(frozen=True)
class Listed:
    """Names to choose from, by their ARNs.

    Attributes:
        arns: those that AWS named.
        problem: why there are none, as a sentence; `None` where AWS answered.
        more: there are more than were listed.
    """

    arns: tuple[str, ...] = ()
    problem: str | None = None
    more: bool = False


class Places(Protocol):
    """Where there is something to check. Answers within two seconds, and never raises."""

    @property
    def region(self) -> str | None:
        """The app's own Region."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that can be read, where there are several; else none: there is nothing to choose."""

    def regions(self) -> tuple[str, ...]:
        """Regions to choose from."""

    def prepare(self, region: str, account: str | None, by: str, /) -> None:
        """Begin to list the clusters of a Region, without waiting: a menu that offers them is about to be opened."""

    def clusters(self, region: str, account: str | None, by: str, /) -> Listed:
        """The clusters of a Region; `by` is the person who asks."""

    def services(self, region: str, account: str | None, cluster: str, by: str, /) -> Listed:
        """The services of a cluster."""


@dataclass(frozen=True)
class Asking:
    """What listeners need beside a queue.

    Attributes:
        slack: the Web API, asked once and not for long: Slack waits for an acknowledgement. `None` opens no modal.
        places: what the modal offers.
        in_force: the settings, for `/pullcheck settings`.
    """

    slack: WebClient | None = None
    places: Places | None = None
    in_force: tuple[SettingInForce, ...] = ()


def _no_faults() -> Mapping[str, Fault]:
    return {}


@dataclass(frozen=True)
class CheckResult:
    """What a check found, and when."""

    parts: tuple[CheckedPart, ...]
    at: datetime


class Checkup:
    """Tries everything out, and remembers for a while what came of it: it asks AWS some sixty questions.

    Args:
        check: tries it.
        clock: seconds since 1970.
    """

    def __init__(
        self, check: Callable[[], Sequence[CheckedPart]], clock: Callable[[], float] = time.time
    ) -> None:
        self._check = check
        self._clock = clock
        self._last: CheckResult | None = None

    def known(self) -> CheckResult | None:
        """What the last check found, while that stands."""
        last = self._last
        return last if last and self._clock() - last.at.timestamp() < CHECKED_SECONDS else None

    def made(self) -> CheckResult:
        """A check that is made now."""
        self._last = CheckResult(tuple(self._check()), datetime.fromtimestamp(self._clock(), UTC))
        return self._last


@dataclass(frozen=True)
class WaysIn:
    """What jobs need beside diagnoses.

    Attributes:
        faults: every fault by its id, in the order of a pull.
        in_force: the settings, for the App Home.
        admins: who is shown whether everything works; `None` where Slack's own administrators are.
        check: tries everything that the app needs.
        asks: the app can open its modal, so that the App Home has a button for it.
    """

    faults: Callable[[], Mapping[str, Fault]] = _no_faults
    in_force: tuple[SettingInForce, ...] = ()
    admins: frozenset[str] | None = None
    check: Checkup | None = None
    asks: bool = True
