"""Which cluster an audit is of, as people name it."""

from __future__ import annotations

from diagnostics.target import CLUSTER, Target, TargetError
from handlers.ids import COMMAND

EVERY = frozenset({"--all", "all", "*"})
"""What asks for every cluster of the account in the Region."""
WHICH = (
    f"Which cluster? Name it, such as {COMMAND} audit prod or "
    f"{COMMAND} audit arn:aws:ecs:eu-central-1:111122223333:cluster/prod; {COMMAND} audit --all looks at every one."
)


def cluster_of(text: str) -> Target:
    """The cluster that a text names: its name or its ARN, or `--all`.

    Raises:
        TargetError: it names none, in one sentence with an example.
    """
    words = text.strip().strip("`<>").split()
    if len(words) == 1 and words[0].lower() in EVERY:
        return Target(kind="cluster")
    found = CLUSTER.fullmatch(words[0]) if len(words) == 1 else None
    if found is None:
        raise TargetError(WHICH)
    return Target(
        kind="cluster",
        partition=found["partition"],
        region=found["region"],
        account_id=found["account"],
        cluster=found["name"],
    )
