"""What the tables of the network rooms hold: worlds with one fault each, and what is broken for the repairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from diagnostics.finding import Status
from diagnostics.network import Blocker, Via
from diagnostics.pull import LegName
from diagnostics.snapshot import Snapshot
from tests.build import Edit, changed, fargate

SAYS = "It is as it is."
"""What a blocker says in a table of repairs, where nobody reads it."""

A = "subnet-private-a"
TABLE = "rtb-private"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:token-AbCdEf"
LOOKUP = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    "unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed "
    'caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp: lookup api.ecr.us-east-1.amazonaws.com on '
    "{server}:53: read udp 10.0.10.20:43210->{server}:53: i/o timeout"
)
"""What a DNS server that does not answer looks like."""


@dataclass(frozen=True)
class Broken:
    """One fault, on the first subnet of a world that is healthy otherwise."""

    fault: str
    leg: LegName
    resources: tuple[str, ...]
    world: Callable[[], Snapshot]
    edit: Edit
    status: Status = Status.FAIL
    name: str = ""

    @cached_property
    def snapshot(self) -> Snapshot:
        """The facts."""
        return changed(self.world(), self.edit)

    @property
    def id(self) -> str:
        """What a test is called by."""
        return f"{self.fault} {self.name}".strip()


@dataclass(frozen=True)
class Case:
    """One repair: `name` says what is special about it.

    `wants` are words that the commands must hold: what an engineer would look for first. `never` are words of a repair that
    would harm here, and must not be offered in any form.
    """

    fault: str
    name: str
    blocker: Blocker
    world: Callable[[], Snapshot] = fargate
    edits: tuple[Edit, ...] = ()
    leg: LegName = "login"
    via: Via = "none"
    endpoint_id: str | None = None
    wants: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @cached_property
    def snapshot(self) -> Snapshot:
        """The facts."""
        return changed(self.world(), *self.edits)


OPENS = (
    "create-route",
    "replace-route",
    "nat-main",
    "create-nat-gateway",
    "aws_route",
    "AWS::EC2::Route",
    "0.0.0.0/0",
)
"""Commands and code that would give a subnet a way to the internet."""
