"""What the credentials may not read: who was denied, which actions, and the policy that allows them."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.finding import DeniedReads, UnavailableSummary
from diagnostics.snapshot import Snapshot, Why, known_value

POLICY_FILE = "docs/iam-policy.json"
"""What a reader needs, generated from the table of calls (`python -m tools.docs`)."""
MOST_NAMED = 8


def denied_reads(snapshot: Snapshot, unread: Iterable[UnavailableSummary]) -> DeniedReads | None:
    """The reads that AWS denied, each action once, in alphabetical order; `None` where there are none.

    What belongs to another account is left out: there its owner's policy decides, and no policy of ours helps alone.
    """
    actions = sorted(
        {
            item.call
            for item in unread
            if item.call and item.reason.why is Why.DENIED and not _elsewhere(snapshot, item)
        }
    )
    if not actions:
        return None
    caller = known_value(snapshot.caller)
    by = caller.arn if caller else None
    named = ", ".join(actions[:MOST_NAMED])
    more = f" and {len(actions) - MOST_NAMED} more" if len(actions) > MOST_NAMED else ""
    text = f"{by or 'The credentials'} may not {named}{more}. {POLICY_FILE} allows all that is read: give it that policy."
    return DeniedReads(by=by, actions=tuple(actions), policy=POLICY_FILE, text=text)


def _elsewhere(snapshot: Snapshot, item: UnavailableSummary) -> bool:
    # arn:partition:service:region:account:resource
    parts = (item.resource or "").split(":", 5)
    owner = parts[4] if parts[0] == "arn" and len(parts) == 6 else ""
    return bool(owner.isdigit() and snapshot.account_id and owner != snapshot.account_id)
