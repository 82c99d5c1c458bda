"""What one step of a trace found, and how steps are put together without ever deciding more than is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from diagnostics.network.trace import Blocker, Hop, Missing
from diagnostics.snapshot import Absent, Known, Unavailable


@dataclass(frozen=True)
class Ruling:
    """The findings of a step; `+` puts two steps of the same path in a row.

    `considered` are the causes that the step ruled on. Where a fact was missing, its causes stand in `could_hide`
    instead, together with all that would have been ruled on behind it.
    """

    hops: tuple[Hop, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    partly: tuple[Blocker, ...] = ()
    missing: tuple[Missing, ...] = ()
    considered: tuple[str, ...] = ()

    def __add__(self, other: Ruling) -> Ruling:
        return Ruling(
            hops=self.hops + other.hops,
            blockers=_unique(self.blockers + other.blockers),
            partly=_unique(self.partly + other.partly),
            missing=tuple(dict.fromkeys(self.missing + other.missing)),
            considered=tuple(dict.fromkeys(self.considered + other.considered)),
        )

    @property
    def clear(self) -> bool:
        """Nothing stops the path, and nothing is missing to say so."""
        return not self.blockers and not self.partly and not self.missing


def _unique(blockers: tuple[Blocker, ...]) -> tuple[Blocker, ...]:
    """Each cause once. What a repair must let through is that of all of them together."""
    by_key: dict[tuple[str, tuple[str, ...]], Blocker] = {}
    for item in blockers:
        first = by_key.setdefault((item.fault, item.resources), item)
        ranges = [
            part.strip()
            for one in (first, item)
            for part in one.facts.get("peer_cidr", "").split(",")
            if part
        ]
        if ranges and first is not item:
            facts = {**first.facts, "peer_cidr": ",".join(dict.fromkeys(ranges))}
            by_key[item.fault, item.resources] = first.model_copy(update={"facts": facts})
    return tuple(by_key.values())


def in_a_row(rulings: Iterable[Ruling]) -> Ruling:
    """Steps of one path, one after the other."""
    result = Ruling()
    for item in rulings:
        result = result + item
    return result


def hop(what: str, resource: str | None, says: str) -> Ruling:
    """A step that only tells where the path goes."""
    return Ruling(hops=(Hop(what=what, resource=resource, says=says),))


def passed(what: str, resource: str | None, says: str, *considered: str) -> Ruling:
    """A step that lets everything through."""
    return Ruling(hops=(Hop(what=what, resource=resource, says=says),), considered=considered)


def blocked(what: str, resource: str | None, blocker: Blocker, *considered: str) -> Ruling:
    """A step that stops the path."""
    return Ruling(
        hops=(Hop(what=what, resource=resource, says=blocker.says, verdict="blocked"),),
        blockers=(blocker,),
        considered=tuple(dict.fromkeys((blocker.fault, *considered))),
    )


def partly(what: str, resource: str | None, blocker: Blocker, *considered: str) -> Ruling:
    """A step that stops some packets."""
    return Ruling(
        hops=(Hop(what=what, resource=resource, says=blocker.says, verdict="partly_open"),),
        partly=(blocker,),
        considered=tuple(dict.fromkeys((blocker.fault, *considered))),
    )


def cannot_tell(what: str, resource: str | None, *missing: Missing) -> Ruling:
    """A step that the facts do not settle."""
    return Ruling(
        hops=tuple(
            Hop(what=what, resource=resource, says=f"{item.what}: {item.why}", verdict="unknown")
            for item in missing
        ),
        missing=missing,
    )


def missing(
    what: str,
    fact: Absent | Unavailable | Known[object],
    could_hide: Iterable[str],
    resource: str | None = None,
) -> Missing:
    """A fact that was needed and is not there."""
    if isinstance(fact, Unavailable):
        return Missing(
            what=what, why=fact.why, call=fact.call, resource=fact.resource or resource,
            could_hide=tuple(dict.fromkeys(could_hide)),
        )  # fmt: skip
    call = fact.call if isinstance(fact, Absent) else None
    return Missing(
        what=what, why="AWS does not have it any more", call=call, resource=resource,
        could_hide=tuple(dict.fromkeys(could_hide)),
    )  # fmt: skip


def one_of(rulings: tuple[Ruling, ...], why: Missing) -> Ruling:
    """Several paths of which only one is taken, and it is not known which.

    What holds on all of them holds; the rest may hold.
    """
    keys = [{(item.fault, item.resources) for item in ruling.blockers} for ruling in rulings]
    certain: set[tuple[str, tuple[str, ...]]] = set.intersection(*keys)
    blockers = tuple(item for item in rulings[0].blockers if (item.fault, item.resources) in certain)
    open_faults = {
        item.fault
        for ruling in rulings
        for item in (*ruling.blockers, *ruling.partly)
        if (item.fault, item.resources) not in certain
    }
    on_all: set[str] = set(rulings[0].considered).intersection(*(ruling.considered for ruling in rulings))
    on_some = {item for ruling in rulings for item in ruling.considered} - on_all
    could_hide = tuple(sorted({*why.could_hide, *open_faults, *on_some}))
    return Ruling(
        hops=rulings[0].hops,
        blockers=blockers,
        missing=(
            replace_could_hide(why, could_hide),
            *dict.fromkeys(item for ruling in rulings for item in ruling.missing),
        ),
        considered=tuple(item for item in rulings[0].considered if item not in on_some),
    )


def any_of(rulings: tuple[Ruling, ...]) -> Ruling:
    """Several paths that are all taken at times, such as the addresses of one name.

    Only what stops all of them stops the leg; what stops some of them is partly. Where a path is not known to the
    end, nothing is said of the others that would be taken back once it is.
    """
    stopped = all(ruling.blockers for ruling in rulings)
    hops = tuple(dict.fromkeys(_softened(item, stopped) for ruling in rulings for item in ruling.hops))
    considered = tuple(dict.fromkeys(item for ruling in rulings for item in ruling.considered))
    every_missing = tuple(dict.fromkeys(item for ruling in rulings for item in ruling.missing))
    blockers = _unique(tuple(item for ruling in rulings for item in ruling.blockers))
    some = _unique(tuple(item for ruling in rulings for item in ruling.partly))
    if stopped:
        return Ruling(hops, blockers, some, every_missing, considered)
    if not every_missing:
        return Ruling(hops, (), _unique(blockers + some), (), considered)
    if not blockers:
        return Ruling(hops, (), some, every_missing, considered)
    hidden = {item.fault for item in blockers}
    first = replace_could_hide(every_missing[0], tuple(sorted({*every_missing[0].could_hide, *hidden})))
    return Ruling(hops, (), some, (first, *every_missing[1:]), considered)


def _softened(item: Hop, stopped: bool) -> Hop:
    return (
        item if stopped or item.verdict != "blocked" else item.model_copy(update={"verdict": "partly_open"})
    )


def replace_could_hide(item: Missing, could_hide: tuple[str, ...]) -> Missing:
    """The same missing fact with other causes behind it."""
    return item.model_copy(update={"could_hide": could_hide})


def considering(ruling: Ruling, *faults: str) -> Ruling:
    """The ruling, with more causes that it has ruled on."""
    return replace(ruling, considered=tuple(dict.fromkeys((*ruling.considered, *faults))))
