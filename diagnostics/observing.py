"""Where a diagnosis tells what it is doing, for whoever watches the whole: spans of time, and numbers.

By default nobody watches, and telling costs nothing. `bot.telemetry` brings OpenTelemetry. What is told are names, numbers and
words of our own: never an argument of a call, an id of a resource or a text of AWS, of Slack or of a person.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

Attribute = str | int | float


class OpenSpan(Protocol):
    """A span that has begun."""

    def tell(self, **attributes: Attribute) -> None:
        """Add what is known by now; an underscore stands for the dot of a name."""


class Observer(Protocol):
    """Somebody who watches. None of it may raise, or take long."""

    def span(
        self, name: str, parent: Any, outgoing: bool, attributes: dict[str, Attribute]
    ) -> AbstractContextManager[OpenSpan]:
        """Something begins, and ends with the context; `outgoing` to another service."""

    def here(self) -> Any:
        """The span that this thread is in, for one that is opened in another thread."""

    def count(self, name: str, value: float, attributes: dict[str, Attribute]) -> None:
        """So many more."""

    def measure(self, name: str, value: float, unit: str, attributes: dict[str, Attribute]) -> None:
        """One value of many, of which the spread is of interest."""


class _Unwatched:
    def tell(self, **attributes: Attribute) -> None:
        """Nobody listens."""


_UNWATCHED = nullcontext(_Unwatched())
_watching: list[Observer] = []


def watch(observer: Observer | None) -> None:
    """From now on this one is told, in the whole process; `None` is nobody."""
    _watching[:] = [] if observer is None else [observer]


def span(
    name: str, *, parent: Any = None, outgoing: bool = False, **attributes: Attribute
) -> AbstractContextManager[OpenSpan]:
    """A span of time, within that of `parent` (from `here`) or else of this thread."""
    return _watching[0].span(name, parent, outgoing, attributes) if _watching else _UNWATCHED


def here() -> Any:
    """The span that this thread is in, if anybody watches."""
    return _watching[0].here() if _watching else None


def count(name: str, value: float = 1, **attributes: Attribute) -> None:
    """So many more of something."""
    if _watching:
        _watching[0].count(name, value, attributes)


def measure(name: str, value: float, unit: str, **attributes: Attribute) -> None:
    """One value of many; `unit` as UCUM writes it (`s`, `{request}`)."""
    if _watching:
        _watching[0].measure(name, value, unit, attributes)
