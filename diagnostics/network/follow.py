"""Follows one leg: name resolution, the address that comes out, and the way to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from diagnostics.network import blame, dns, elsewhere, endpoints, ipv6, public
from diagnostics.network.addresses import is_public
from diagnostics.network.blockers import (
    DnsOff,
    DnsServerUnusable,
    PrivateDnsOff,
    RegionOutOfReach,
    applicable,
    of_choice,
)
from diagnostics.network.leg_path import LegPath
from diagnostics.network.public import Branch
from diagnostics.network.step_result import (
    StepResult,
    any_of,
    cannot_tell,
    considering,
    hop,
    key_of,
    missing,
    one_of,
    passed,
)
from diagnostics.network.trace import Gap, Trace
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import Known, Unavailable, VpcEndpoint, VpcFacts, Why


def trace(
    leg: Leg, interface: Interface, vpc: VpcFacts, *, task_region: str, dialled: str | None = None,
    others: tuple[tuple[Leg, str], ...] = (),
) -> Trace:  # fmt: skip
    """Follows one leg from one interface.

    Args:
        leg: the host that must answer.
        interface: where the packets leave.
        vpc: the facts of the interface's VPC.
        task_region: the Region of the task and so of the VPC, whose endpoints serve no other Region.
        dialled: the address of the host that an error text shows, if one does, or that its name is. It settles one question that no fact
            of the VPC does: whether private zones lead the name to endpoints of another VPC.
        others: the addresses that error texts show for other legs of the pull, to services of AWS.
    """
    if leg.by == "aws":
        says = f"AWS's own interface carries this: Fargate's platform version logs in to {leg.host} outside of your VPC"
        return _trace(leg, interface, Branch(passed("AWS-owned interface", None, says), "none"))
    hub = next((text for _, text in others if elsewhere.may_be_elsewhere(text, vpc)), None)
    past = next((text for other, text in others if is_public(text) and _ready(other, vpc)), None)
    path = LegPath(leg, interface, vpc, task_region, dialled, hub, past)
    return _trace(leg, interface, _follow(path))


def _trace(leg: Leg, interface: Interface, branch: Branch) -> Trace:
    result = branch.result
    stopped = {key_of(item) for item in result.blockers}
    return Trace(
        leg=leg.name,
        host=leg.host,
        subnet_id=interface.subnet_id,
        via=branch.via,
        hops=result.hops,
        blockers=result.blockers,
        partly=tuple(item for item in result.partly if key_of(item) not in stopped),
        missing=result.missing,
        considered=result.considered,
        endpoint_id=branch.endpoint_id,
    )


def _follow(path: LegPath) -> Branch:
    interface, leg = path.interface, path.leg
    name = interface.interface_id or interface.instance_id or interface.subnet_id
    owner = "the container instance" if interface.kind == "container_instance" else "the task"
    pulls = f"{owner} pulls" if interface.used else "the service's next task may pull"
    start = hop("network interface", name, f"{pulls} from {path.subnet_id} of {path.vpc.vpc_id}")
    names = dns.resolve(path) if leg.address is None else dns.Names(StepResult(), "works")
    family = ipv6.only(path)
    if isinstance(family, Unavailable):
        hidden = applicable(leg, path.task_region)
        gap = missing(
            f"whether {path.subnet_id} has IPv4 addresses", family, hidden, path.subnet_id, question=True
        )
        return Branch(start + names.result + cannot_tell("subnet", path.subnet_id, gap), "none")
    branch = ipv6.follow(path) if family.value else _over_ipv4(path, names)
    return Branch(start + names.result + branch.result, branch.via, branch.endpoint_id)


def _over_ipv4(path: LegPath, names: dns.Names) -> Branch:
    leg = path.leg
    abroad = elsewhere.follow(path)
    if abroad is not None:
        return abroad
    if leg.service is None:
        return public.follow(path)
    fact = path.vpc.vpc_endpoints
    if isinstance(fact, Unavailable):
        hidden = applicable(leg, path.task_region)
        gap = missing("the endpoints of the VPC", fact, hidden, path.vpc.vpc_id)
        # Whatever carries the leg, the puller's own groups must let it out.
        return Branch(blame.shut_groups(path) + cannot_tell("VPC endpoint", None, gap), "none")
    # An endpoint may serve another Region, too.
    candidates = endpoints.interfaces_of(path.vpc, leg.region, leg.service)
    ready = _ready(leg, path.vpc)
    if not ready and isinstance(fact, Known) and fact.unread:
        reason = Unavailable(
            reason=Why.UNREADABLE_RECORD, call="ec2:DescribeVpcEndpoints", resource=path.vpc.vpc_id
        )
        gap = missing("the endpoints of the VPC", reason, applicable(leg, path.task_region), path.vpc.vpc_id)
        return Branch(blame.shut_groups(path) + cannot_tell("VPC endpoint", None, gap), "none")
    in_doubt = endpoints.doubtful(path.vpc, leg.region, leg.service)
    if not ready and in_doubt and names.private != "off":
        return _perhaps_an_endpoint(path, in_doubt)
    if not ready:
        return public.follow(path) if path.in_region else _other_region(path, candidates)
    if path.dialled is not None and any(
        endpoints.has_address(item, path.dialled, path.vpc) for item in ready
    ):
        return _over_endpoints(path, ready)
    if names.private == "off":
        return public.follow(path, "off") if path.in_region else _other_region(path, candidates)
    if path.resolves_publicly:
        return _past_endpoints(path, ready, names)
    first = _over_endpoints(path, ready)
    past = _perhaps_past(path, ready)
    questions = (
        *_unanswered_names(path, ready),
        *past,
        *((names.why,) if names.why is not None else ()),
    )
    if not questions:
        return first
    other = public.follow(path, passed_by=past[0]) if past else public.follow(path, "off")
    result = one_of((first.result, other.result), questions[0]) + StepResult(missing=questions[1:])
    return Branch(result, "none", first.endpoint_id)


def _perhaps_an_endpoint(path: LegPath, candidates: tuple[VpcEndpoint, ...]) -> Branch:
    """Endpoints that may take the name or may not: what holds on both ways holds."""
    first, other = _over_endpoints(path, candidates), public.follow(path)
    name = candidates[0].vpc_endpoint_id
    gap = Gap(
        what=f"whether {path.leg.host} leads to {name}", question=True,
        why=f"{endpoints.in_doubt(candidates[0])}, and pullcheck does not know what that means for its names",
        resource=name, could_hide=of_choice(path.leg, path.task_region),
    )  # fmt: skip
    return Branch(one_of((first.result, other.result), gap), "none", name)


def made_since(leg: Leg, vpc: VpcFacts, moment: datetime) -> bool:
    """True if every endpoint that a leg's name leads to now was made after a moment, so that a text of then knows none."""
    ready = _ready(leg, vpc)
    made = [item.creation_timestamp for item in ready]
    # AWS gives whole seconds, and an endpoint takes longer than that to be there.
    since = moment.replace(microsecond=0)
    return bool(ready) and all(item is not None and item >= since for item in made)


def _ready(leg: Leg, vpc: VpcFacts) -> tuple[VpcEndpoint, ...]:
    """The endpoints that the name of a leg's host leads to, given that the VPC's DNS works."""
    every = endpoints.interfaces_of(vpc, leg.region, leg.service) if leg.service is not None else ()
    return tuple(item for item in every if endpoints.takes_the_name(item))


def _perhaps_past(path: LegPath, ready: tuple[VpcEndpoint, ...]) -> tuple[Gap, ...]:
    """Where one name of the pull did not lead to its endpoint, the others may not have either."""
    if path.past is None:
        return ()
    name = ready[0].vpc_endpoint_id
    return (
        Gap(
            what=f"whether {path.leg.host} leads to {name}",
            question=True,
            why=f"the error text shows another name of the pull leading to {path.past}, a public address, though it has an "
            "endpoint with private DNS",
            resource=name,
            could_hide=(*of_choice(path.leg, path.task_region), DnsServerUnusable),
        ),
    )


def _past_endpoints(path: LegPath, ready: tuple[VpcEndpoint, ...], names: dns.Names) -> Branch:
    """The leg by the public address that the error text shows, though the name should lead to an endpoint now.

    The endpoint did not carry the pull, so nothing of it stopped the pull. Why the name did not lead there, AWS's API does not
    tell: what was changed since is not shown, nor what other name servers and Resolver rules answer.
    https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
    """
    name, host = ready[0].vpc_endpoint_id, path.leg.host
    who = (
        "another name server or a Resolver rule"
        if names.why is None
        else "the DNS server of the DHCP options"
    )
    gap = Gap(
        what=f"why {host} led to {path.dialled} and not to {name}",
        question=True,
        why=f"{name} has private DNS now: it may have been made or changed since, or {who} gives the public address",
        resource=name,
        could_hide=(DnsServerUnusable,) if names.why is None else (PrivateDnsOff, DnsOff),
    )
    branch = public.follow(path, passed_by=gap)
    if gap.what in (item.what for item in branch.result.missing):
        return branch
    if branch.result.blockers:
        # That the names led past the endpoint may have been all that was wrong.
        gap = replace(gap, could_hide=(PrivateDnsOff, DnsOff))
    return replace(branch, result=branch.result + cannot_tell("VPC endpoint", name, gap))


def _other_region(path: LegPath, candidates: tuple[VpcEndpoint, ...]) -> Branch:
    """A service of another Region by its public addresses; an endpoint for it that takes no name explains no lack of one."""
    branch = public.follow(path)
    if not candidates or not any(isinstance(item, RegionOutOfReach) for item in branch.result.blockers):
        return branch
    name = candidates[0].vpc_endpoint_id
    gap = Gap(
        what=f"why {name} does not serve {path.leg.host}",
        why=f"it is for {path.leg.region}, in the state {candidates[0].state}, and private DNS is "
        f"{'on' if candidates[0].private_dns_enabled else 'off'}",
        resource=name,
        could_hide=(RegionOutOfReach,),
    )
    found = replace(
        branch.result,
        hops=tuple(item for item in branch.result.hops if not isinstance(item.blocker, RegionOutOfReach)),
        blockers=tuple(item for item in branch.result.blockers if not isinstance(item, RegionOutOfReach)),
    )
    return replace(branch, result=found + cannot_tell("VPC endpoint", name, gap))


def _unanswered_names(path: LegPath, ready: tuple[VpcEndpoint, ...]) -> tuple[Gap, ...]:
    """Dual-stack names: AWS's pages disagree on whether ECR's endpoints serve them."""
    if not path.dual_stack_name or _serves(ready, path.leg.host):
        return ()
    name = ready[0].vpc_endpoint_id
    return (
        Gap(
            what=f"whether {name} serves {path.leg.host}",
            question=True,
            why="none of its DNS entries names this dual-stack host",
            resource=name,
            could_hide=(*of_choice(path.leg, path.task_region), DnsServerUnusable),
        ),
    )


def _serves(ready: tuple[VpcEndpoint, ...], host: str) -> bool:
    """True if an endpoint's DNS entries name the host, by itself or by a wildcard."""
    names = [entry.dns_name or "" for item in ready for entry in item.dns_entries]
    return any(name == host or (name.startswith("*.") and host.endswith(name[1:])) for name in names)


def _over_endpoints(path: LegPath, ready: tuple[VpcEndpoint, ...]) -> Branch:
    """The leg over interface endpoints; private DNS of more than one of them gives the addresses of all."""
    choice = of_choice(path.leg, path.task_region)
    result = any_of(tuple(endpoints.through(path, item) for item in ready))
    return Branch(considering(result, *choice), "interface_endpoint", ready[0].vpc_endpoint_id)
