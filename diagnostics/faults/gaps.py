"""What a trace could not find out, as the reason why something is not known."""

from __future__ import annotations

from diagnostics.finding import Unsettled
from diagnostics.network import Gap


def with_colon(gap: Gap) -> Unsettled:
    """`the route table (rtb-1): ec2:DescribeRouteTables could not be read: denied`."""
    named = gap.resource is None or gap.resource in gap.what
    what = gap.what if named else f"{gap.what} ({gap.resource})"
    return _unsettled(gap, f"{what}: {_why(gap)}", gap.resource, gap.question)


def in_brackets(gap: Gap) -> Unsettled:
    """`the route table (ec2:DescribeRouteTables could not be read: denied)`."""
    named = gap.resource if gap.resource is not None and gap.resource in gap.what else None
    return _unsettled(gap, f"{gap.what} ({_why(gap)})", named)


def _why(gap: Gap) -> str:
    return f"{gap.call} could not be read: {gap.why}" if gap.call else gap.why


def _unsettled(gap: Gap, words: str, named: str | None, question: bool = False) -> Unsettled:
    if gap.unread is not None:
        failed = gap.unread.in_brief()
    else:
        failed = f"{gap.call} could not be read: {gap.brief or gap.why}" if gap.call else None
    unread = (gap.unread,) if gap.unread is not None else ()
    names = (named,) if named is not None else ()
    return Unsettled(words=words, unread=unread, question=question, failed=failed, names=names)
