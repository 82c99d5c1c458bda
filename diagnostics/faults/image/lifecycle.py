"""The lifecycle rule that may have removed or archived an image. It is a hint: who removed it, ECR does not say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from diagnostics.finding import Evidence
from diagnostics.lifecycle import (
    BEGINNING,
    LifecycleRule,
    StoredImage,
    acted_on,
    parse_rules,
    rule_of,
)
from diagnostics.snapshot import ImageDetail, ImageFacts, LifecyclePolicy, known_value

LISTED = 50
"""How many of a repository's newest tagged images the facts hold at least, if it has as many."""
_GONE = "gone"


@dataclass(frozen=True)
class Suspect:
    """A rule that may have done it, and when the policy last ran."""

    rule: LifecycleRule
    ran_at: datetime | None

    @property
    def says(self) -> str:
        """A sentence about it."""
        name = str(self.rule)
        return f"{name[0].upper()}{name[1:]} of the repository {self.rule.in_words}, and may have {'removed' if self.rule.expires else 'archived'} it."

    @property
    def evidence(self) -> Evidence:
        """What the policy says."""
        ran = f"; the policy last ran on {self.ran_at:%Y-%m-%d}" if self.ran_at else ""
        return Evidence(what=f"{self.rule} {self.rule.in_words}{ran}", source="ecr:GetLifecyclePolicy")

    @property
    def advice(self) -> str:
        """What keeps it from happening again."""
        begin = "So that it does not happen again"
        if self.rule.tag_status == "untagged":
            return f"{begin}, give each build a tag of its own: an image whose tag moves to another has none, and rule {self.rule.priority} is about such."
        return (
            f"{begin}, change the repository's lifecycle policy: a rule in front of this one (with a lower number) that selects "
            "the tags of what services run and keeps many shields them from it; or let this one keep more."
        )


def may_have_removed(facts: ImageFacts, tag: str | None, now: datetime) -> Suspect | None:
    """The rule that may have removed an image which is gone: one with this tag, or without any.

    An image belongs to the first rule that selects it, so that there is at most one. It may have had further tags. Of a rule that
    counts images with a tag it is known how many it has left; images without one are not listed.
    """
    policy = known_value(facts.lifecycle_policy)
    rules = _rules(policy)
    if policy is None or rules is None:
        return None
    tags = (tag,) if tag is not None else ()
    for archived in (False, True):
        gone = StoredImage(
            _GONE, tags, BEGINNING, archived=archived, archived_at=BEGINNING if archived else None
        )
        rule = rule_of(rules, gone)
        if rule is None:
            return None
        if not rule.expires:
            # It archives: what is in the archive may be expired by another rule.
            continue
        return Suspect(rule, policy.last_evaluated_at) if _reached(rule, rules, facts, gone, now) else None
    return None


def may_have_archived(facts: ImageFacts, detail: ImageDetail) -> Suspect | None:
    """The rule that may have archived an image, which still tells its tags."""
    policy = known_value(facts.lifecycle_policy)
    rules = _rules(policy)
    if policy is None or rules is None:
        return None
    rule = rule_of(rules, StoredImage(_GONE, detail.image_tags, BEGINNING))
    return Suspect(rule, policy.last_evaluated_at) if rule is not None and not rule.expires else None


def _reached(
    rule: LifecycleRule,
    rules: tuple[LifecycleRule, ...],
    facts: ImageFacts,
    gone: StoredImage,
    now: datetime,
) -> bool:
    """False if even the oldest image would be within the count of the rule."""
    left = known_value(facts.tagged)
    counts = rule.count_type == "imageCountMoreThan" and rule.tag_status == "tagged"
    if not counts or left is None or len(left) >= LISTED:
        return True
    return gone.digest in acted_on(rules, (*map(_stored, left), gone), now)


def _stored(item: ImageDetail) -> StoredImage:
    return StoredImage(
        digest=item.image_digest or "",
        tags=item.image_tags,
        pushed_at=item.image_pushed_at or BEGINNING,
        pulled_at=item.last_recorded_pull_time,
        archived_at=item.last_archived_at,
        activated_at=item.last_activated_at,
        archived=item.image_status == "ARCHIVED",
    )


def _rules(policy: LifecyclePolicy | None) -> tuple[LifecycleRule, ...] | None:
    """The rules; `None` where there is no policy, or one that is not understood, of which nothing is said."""
    if policy is None:
        return None
    try:
        return parse_rules(policy.lifecycle_policy_text)
    except ValueError:
        return None
