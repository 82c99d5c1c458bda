"""What one step of a trace found, and how steps are put together without ever deciding more than is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from diagnostics.network.blockers import Blocker, BlockerKind, Filter
from diagnostics.network.trace import Gap, Hop, What
from diagnostics.snapshot import Absent, Known, Unavailable


@dataclass(frozen=True)
class StepResult:
    """The findings of a step; `+` puts two steps of the same path in a row.

    `considered` are the kinds of blocking that the step ruled on. Where a fact was missing, its kinds stand in `could_hide`
    instead, together with all that would have been ruled on behind it.
    """

    hops: tuple[Hop, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    partly: tuple[Blocker, ...] = ()
    missing: tuple[Gap, ...] = ()
    considered: tuple[BlockerKind, ...] = ()

    def __add__(self, other: StepResult) -> StepResult:
        blockers, partly_shut = self.blockers + other.blockers, self.partly + other.partly
        gaps = self.missing + other.missing
        return StepResult(
            hops=self.hops + other.hops,
            blockers=blockers and _unique(blockers),
            partly=partly_shut and _unique(partly_shut),
            missing=gaps and tuple(dict.fromkeys(gaps)),
            considered=tuple(dict.fromkeys(self.considered + other.considered)),
        )

    @property
    def clear(self) -> bool:
        """Nothing stops the path, and nothing is missing to say so."""
        return not self.blockers and not self.partly and not self.missing


Key = tuple[BlockerKind, tuple[str, ...]]


def key_of(blocker: Blocker) -> Key:
    """What makes two blockers one: the same kind at the same resources."""
    return type(blocker), blocker.resources


def _unique(blockers: tuple[Blocker, ...]) -> tuple[Blocker, ...]:
    """Each blocker once. What a repair must let through is that of all of them together."""
    by_key: dict[Key, Blocker] = {}
    for item in blockers:
        first = by_key.setdefault(key_of(item), item)
        if isinstance(first, Filter) and isinstance(item, Filter) and first is not item:
            ranges = tuple(dict.fromkeys((*first.peer_cidrs, *item.peer_cidrs)))
            by_key[key_of(item)] = replace(first, peer_cidrs=ranges)
    return tuple(by_key.values())


def in_a_row(results: Iterable[StepResult]) -> StepResult:
    """Steps of one path, one after the other."""
    result = StepResult()
    for item in results:
        result = result + item
    return result


def hop(what: What, resource: str | None, says: str) -> StepResult:
    """A step that only tells where the path goes."""
    return StepResult(hops=(Hop(what=what, resource=resource, says=says),))


def passed(what: What, resource: str | None, says: str, *considered: BlockerKind) -> StepResult:
    """A step that lets everything through."""
    return StepResult(hops=(Hop(what=what, resource=resource, says=says),), considered=considered)


def blocked(what: What, resource: str | None, blocker: Blocker, *considered: BlockerKind) -> StepResult:
    """A step that stops the path."""
    return StepResult(
        hops=(Hop(what=what, resource=resource, says=blocker.says, verdict="blocked", blocker=blocker),),
        blockers=(blocker,),
        considered=tuple(dict.fromkeys((type(blocker), *considered))),
    )


def partly(what: What, resource: str | None, blocker: Blocker, *considered: BlockerKind) -> StepResult:
    """A step that stops some packets."""
    return StepResult(
        hops=(Hop(what=what, resource=resource, says=blocker.says, verdict="partly_open", blocker=blocker),),
        partly=(blocker,),
        considered=tuple(dict.fromkeys((type(blocker), *considered))),
    )


def cannot_tell(what: What, resource: str | None, *missing: Gap) -> StepResult:
    """A step that the facts do not settle."""
    return StepResult(
        hops=tuple(
            Hop(what=what, resource=resource, says=f"{item.what}: {item.why}", verdict="unknown")
            for item in missing
        ),
        missing=missing,
    )


def missing(
    what: str,
    fact: Absent | Unavailable | Known[object],
    could_hide: Iterable[BlockerKind],
    resource: str | None = None,
    *,
    question: bool = False,
) -> Gap:
    """A fact that was needed and is not there."""
    if isinstance(fact, Unavailable):
        return Gap(
            what=what, question=question, why=fact.why, call=fact.call, resource=fact.resource or resource, unread=fact,
            could_hide=tuple(dict.fromkeys(could_hide)),
        )  # fmt: skip
    call = fact.call if isinstance(fact, Absent) else None
    return Gap(
        what=what, question=question, why="AWS does not have it any more", call=call, resource=resource,
        could_hide=tuple(dict.fromkeys(could_hide)),
    )  # fmt: skip


def one_of(results: tuple[StepResult, ...], why: Gap) -> StepResult:
    """Several paths of which only one is taken, and it is not known which.

    What holds on all of them holds; the rest may hold.
    """
    certain = set.intersection(*({key_of(item) for item in result.blockers} for result in results))
    blockers = tuple(item for item in results[0].blockers if key_of(item) in certain)
    stopping = (item for result in results for item in (*result.blockers, *result.partly))
    open_kinds = [type(item) for item in stopping if key_of(item) not in certain]
    on_all = set(results[0].considered).intersection(*(result.considered for result in results))
    on_some = [item for result in results for item in result.considered if item not in on_all]
    could_hide = tuple(dict.fromkeys((*why.could_hide, *open_kinds, *on_some)))
    return StepResult(
        hops=results[0].hops,
        blockers=blockers,
        missing=(
            replace(why, could_hide=could_hide),
            *dict.fromkeys(item for result in results for item in result.missing),
        ),
        considered=tuple(item for item in results[0].considered if item not in on_some),
    )


def perhaps(result: StepResult, why: Gap) -> StepResult:
    """What stops the path if it is taken, which is likely; `why` says what would make it another one."""
    hops = tuple(_softened(item, stopped=False) for item in result.hops)
    return StepResult(
        hops=hops,
        partly=_unique(result.blockers + result.partly),
        missing=(*result.missing, why),
        considered=result.considered,
    )


def any_of(results: tuple[StepResult, ...]) -> StepResult:
    """Several paths that are all taken at times, such as the addresses of one name.

    Only what stops all of them stops the leg; what stops some of them is partly. Where a path is not known to the
    end, nothing is said of the others that would be taken back once it is.
    """
    stopped = all(result.blockers for result in results)
    hops = tuple(dict.fromkeys(_softened(item, stopped) for result in results for item in result.hops))
    considered = tuple(dict.fromkeys(item for result in results for item in result.considered))
    every_missing = tuple(dict.fromkeys(item for result in results for item in result.missing))
    blockers = _unique(tuple(item for result in results for item in result.blockers))
    some = _unique(tuple(item for result in results for item in result.partly))
    if stopped:
        return StepResult(hops, blockers, some, every_missing, considered)
    if not every_missing:
        return StepResult(hops, (), _unique(blockers + some), (), considered)
    if not blockers:
        return StepResult(hops, (), some, every_missing, considered)
    hidden = (type(item) for item in blockers)
    first = also_hiding(every_missing[0], hidden)
    return StepResult(hops, (), some, (first, *every_missing[1:]), considered)


def _softened(item: Hop, stopped: bool) -> Hop:
    return item if stopped or item.verdict != "blocked" else replace(item, verdict="partly_open")


def also_hiding(item: Gap, kinds: Iterable[BlockerKind]) -> Gap:
    """The same missing fact with more kinds of blocking behind it."""
    return replace(item, could_hide=tuple(dict.fromkeys((*item.could_hide, *kinds))))


def considering(result: StepResult, *kinds: BlockerKind) -> StepResult:
    """The result, with more kinds of blocking that it has ruled on."""
    return replace(result, considered=tuple(dict.fromkeys((*result.considered, *kinds))))
