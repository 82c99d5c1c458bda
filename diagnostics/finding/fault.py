"""A thing that can stop a pull, as data, and which error texts it can produce."""

from __future__ import annotations

from typing import Literal

from diagnostics.finding.value import Value
from diagnostics.stop_reason import Denial, SymptomId

FaultKind = Literal["network", "dns", "permission", "role", "image", "platform", "secret", "limit", "host"]
"""What sort of error text a fault can produce; the verdict joins it with the symptom.

`network`: no answer (time-outs); `dns`: no address; `permission`: denied by a policy; `role`: the role itself cannot
be used; `image`: not found; `platform`: found but of no use; `secret`: credentials and secrets; `limit`: throttled or
out of order upstream; `host`: disk, time and the like on the machine that pulls.
"""


Over = Literal["endpoint", "internet"]
"""How the packets went, by the address that an error text says was dialled."""

Refusal = Literal[
    "identity", "identity explicit", "resource", "resource explicit", "boundary", "endpoint", "scp", "rcp"
]
"""How AWS words a refusal: the kind of policy that it names, and if that holds an explicit deny.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""


class Explains(Value):
    """Which error texts a fault can produce, as the fault itself says it; the verdict's table is derived from this.

    `symptoms` are what such a text shows, at the stages that the finding stands at. `over`: the ways that the fault can
    stop, where the text says which address was dialled. `refusals`: the wordings that it leaves possible, where the
    text is a refusal that names a kind of policy. `actions`: what the actions begin with that it can refuse; any, where none
    is given.
    """

    symptoms: tuple[SymptomId, ...] = ()
    over: tuple[Over, ...] = ("endpoint", "internet")
    refusals: tuple[Refusal, ...] = ()
    actions: tuple[str, ...] = ()

    def fits(self, denial: Denial) -> bool:
        """True where AWS may have worded its refusal like this because of this fault."""
        if self.actions and denial.action and not denial.action.lower().startswith(self.actions):
            return False
        if denial.policy == "unspecified":
            return not denial.explicit or any(item not in ("identity", "resource") for item in self.refusals)
        if denial.policy in ("identity", "resource") and denial.explicit:
            return f"{denial.policy} explicit" in self.refusals
        if denial.policy == "resource":
            # In one account AWS words it like this also where the identity side alone could have allowed the request.
            return "resource" in self.refusals or "identity" in self.refusals
        return denial.policy in self.refusals


class Fault(Value):
    """A thing that can stop a pull, as data.

    `title` states the healthy condition, so that a passing check reads as a true sentence. `short` says what is wrong in a
    few plain words without ids, of a task or a service ("its subnet has no way to ECR"), to stand behind a colon. `why` and `how` are the
    two halves of the long explanation ("Why the pull fails", "How to fix it"). `source` is the AWS page of the rule.
    `explains` are the error texts that it can produce. `text_only` marks faults that AWS's API cannot prove: with the
    error text they are at most *likely*. `refutable`: AWS's API can show that it is not there, or it passes by itself;
    false for what nobody can look into from here (the inside of a secret, a certificate, a host's disk), so that a text
    that it can produce never ends in "nothing is wrong" unless the fault was judged and passed.     `of_puller`: it hangs on what only the puller has, such as its security groups, so that another task in the same subnet
    with the same error text may have failed for another reason.
    """

    id: str
    kind: FaultKind
    title: str
    why: str
    how: str
    source: str
    explains: Explains = Explains()
    text_only: bool = False
    refutable: bool = True
    of_puller: bool = False
    short: str = ""

    def __hash__(self) -> int:
        """By its id: the rest of it is long, and no two faults share one."""
        return hash(self.id)
