"""A refusal without a reason, of a pull from another account, whose policy only that account can read.

Whoever may not see a repository is answered 403, whatever is in it, so that the policy comes before all that nobody can look at.
AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors.html
"""

from __future__ import annotations

from diagnostics.faults.permissions.pulling_role import RolePull
from diagnostics.faults.permissions.refusal_words import symptoms_about
from diagnostics.policy import Missing
from diagnostics.policy.document import PolicyKind
from diagnostics.stop_reason import SymptomId

REFUSED_WITHOUT_REASON = (SymptomId.ECR_403_UNSPECIFIED, SymptomId.ECR_PULL_DENIED_UNSPECIFIED)
_OWN: tuple[PolicyKind, ...] = ("identity", "boundary")


def only_the_owner_knows(pull: RolePull) -> bool:
    """True where the registry refused without a word of why, the role's own side allows the pull, and the other's cannot be read."""
    puller = pull.puller
    if not puller.foreign or not isinstance(puller.repository, Missing):
        return False
    if not any(item.id in REFUSED_WITHOUT_REASON for item in symptoms_about(pull.world, pull.image)):
        return False
    rulings = [puller.ruling(kind) for kind in _OWN]
    return not any(item.denied or item.open for item in rulings)
