"""The catalogue as rules, in the order in which they are tried: the definite before the general."""

from diagnostics.stop_reason.rules.access import DENIALS, REFUSALS
from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.rules.host import HOST
from diagnostics.stop_reason.rules.image import IMAGE_FORMAT, IMAGE_FOUND
from diagnostics.stop_reason.rules.limits import LIMITS, OUTAGES
from diagnostics.stop_reason.rules.network import NETWORK
from diagnostics.stop_reason.rules.secret_store import SECRET_STORE
from diagnostics.stop_reason.rules.unrelated import NEIGHBOURS, UNRELATED

RULES: tuple[Rule, ...] = (
    *UNRELATED,
    *NEIGHBOURS,
    *SECRET_STORE,
    *IMAGE_FORMAT,
    *HOST,
    *DENIALS,
    *LIMITS,
    *IMAGE_FOUND,
    *REFUSALS,
    *OUTAGES,
    *NETWORK,
)

__all__ = ["RULES", "Rule"]
