"""Three-valued logic: yes, no, or maybe together with what would have to be known to tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diagnostics.policy.document import Missing


@dataclass(frozen=True, slots=True)
class Truth:
    """A value of Kleene's strong logic; `value` is `None` for maybe, `missing` names what is not known."""

    value: bool | None
    missing: tuple[str | Missing, ...] = ()

    @property
    def is_yes(self) -> bool:
        return self.value is True

    @property
    def is_no(self) -> bool:
        return self.value is False


YES = Truth(True)
NO = Truth(False)


def maybe(*missing: str | Missing) -> Truth:
    """Not decided: `missing` names the condition keys, policies or accounts that would decide."""
    return Truth(None, tuple(dict.fromkeys(missing)))


def truth(value: bool) -> Truth:
    """A definite value."""
    return YES if value else NO


def all_of(items: Iterable[Truth]) -> Truth:
    """And: no as soon as one is no, whatever is unknown about the others."""
    return _fold(items, decisive=NO, otherwise=YES)


def any_of(items: Iterable[Truth]) -> Truth:
    """Or: yes as soon as one is yes, whatever is unknown about the others."""
    return _fold(items, decisive=YES, otherwise=NO)


def negate(item: Truth) -> Truth:
    """Not: maybe stays maybe."""
    return item if item.value is None else truth(not item.value)


def same(first: Truth, second: Truth) -> Truth:
    """What holds when either of two readings may be the right one: their common answer, else maybe."""
    if first.value is not None and first.value is second.value:
        return first
    return maybe(*first.missing, *second.missing)


def _fold(items: Iterable[Truth], *, decisive: Truth, otherwise: Truth) -> Truth:
    missing: list[str | Missing] = []
    undecided = False
    for item in items:
        if item.value is decisive.value:
            return decisive
        if item.value is None:
            undecided = True
            missing.extend(item.missing)
    return maybe(*missing) if undecided else otherwise
