"""Do the policies of the VPC endpoints on the way let the pull through?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.permissions import edits, fixes
from diagnostics.faults.permissions.asking import (
    is_guardduty,
    steps_of,
    why_no_iam,
)
from diagnostics.faults.permissions.documents import only_allows, only_denies
from diagnostics.faults.permissions.faults import (
    ENDPOINT_POLICY_DENIES,
    INSTANCE_PROFILE_MISSING,
    ROLE_MISSING,
    S3_ENDPOINT_POLICY_DENIES,
)
from diagnostics.faults.permissions.path import Way, endpoint_document, leg_of, network_keys, way_of
from diagnostics.faults.permissions.questions import Step, not_told
from diagnostics.faults.permissions.wording import (
    capital,
    denials_about,
    listed,
    near_misses,
    statement_resource,
    text_evidence,
)
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Unsettled, together
from diagnostics.policy import (
    CannotTell,
    Denied,
    Document,
    Missing,
    at_moment,
    evaluate_endpoint,
    layer_bucket_request,
)
from diagnostics.policy import Principal as Asker
from diagnostics.pull import ContainerImage, Interface, Principal
from diagnostics.snapshot import VpcEndpoint, need

READ = "ec2:DescribeVpcEndpoints"


@dataclass(frozen=True)
class Refusal:
    """What one endpoint's policy refuses: the requests that a Deny meets, and those that no Allow covers."""

    endpoint: VpcEndpoint
    document: Document
    denied: tuple[tuple[Step, Denied], ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that it refuses."""
        return tuple(dict.fromkeys(step.action for step, _ in self.denied))


@dataclass(frozen=True)
class Answer:
    """What the endpoints on the way say: what they refuse, and what is not known of them.

    `blocked` are the legs that do not come as far as an endpoint."""

    refusals: tuple[Refusal, ...]
    open: tuple[Unsettled, ...]
    endpoints: tuple[str, ...]
    blocked: tuple[str, ...] = ()


def through(ways: Iterable[tuple[Way, tuple[Step, ...]]]) -> Answer:
    """The requests put to the endpoint of their way."""
    by_endpoint: dict[str, Refusal] = {}
    unsettled: list[Unsettled] = []
    endpoints: list[str] = []
    blocked: list[str] = []
    for way, steps in ways:
        if way.unknown is not None:
            unsettled.append(way.unknown)
        if way.blocked is not None:
            blocked.append(way.blocked)
        if way.endpoint is None:
            continue
        name = way.endpoint.vpc_endpoint_id
        endpoints.append(name)
        document = endpoint_document(way.endpoint)
        denied, gaps = _judged(document, steps)
        unsettled.extend(gaps)
        if denied and isinstance(document, Document):
            before = by_endpoint[name].denied if name in by_endpoint else ()
            by_endpoint[name] = Refusal(way.endpoint, document, (*before, *denied))
    return Answer(
        refusals=tuple(by_endpoint.values()),
        open=tuple(dict.fromkeys(unsettled)),
        endpoints=tuple(dict.fromkeys(endpoints)),
        blocked=tuple(dict.fromkeys(blocked)),
    )


def _judged(
    document: Document | Missing | None, steps: tuple[Step, ...]
) -> tuple[list[tuple[Step, Denied]], list[Unsettled]]:
    """The requests that the policy refuses. A Deny and a missing Allow are two things to change."""
    halves: tuple[Document | Missing | None, ...] = (document,)
    if isinstance(document, Document):
        halves = (only_denies(document), only_allows(document))
    denied: list[tuple[Step, Denied]] = []
    gaps: list[Unsettled] = []
    for step in steps:
        for half in halves:
            decision = evaluate_endpoint(half, step.request)
            if isinstance(decision, Denied):
                denied.append((step, decision))
            elif isinstance(decision, CannotTell):
                gaps.append(not_told(step.action, decision))
    return denied, gaps


# --- ECR ---------------------------------------------------------------------------------------------


@check("permissions.endpoint", "path", ENDPOINT_POLICY_DENIES)
def ecr_endpoints(world: World, subject: Subject) -> Iterator[Outcome]:
    """The endpoint policies of ecr.api, for the login, and of ecr.dkr, for the rest."""
    fault = ENDPOINT_POLICY_DENIES
    image, interface = _both(subject)
    reason = why_no_iam(image)
    if reason is not None:
        yield skipped(fault, reason)
        return
    principals = need(world.pull.principals) or ()
    if not principals:
        yield skipped(
            fault, f"no role is there to pull with: {ROLE_MISSING.id} or {INSTANCE_PROFILE_MISSING.id}"
        )
        return
    answers = [_asked(world, image, interface, item) for item in principals]
    others = [item for item in world.pull.images if item != image and why_no_iam(item) is None]
    wider = [_asked(world, item, interface, principals[0]) for item in others]
    yield from _ruled(world, image, fault, answers, wider)


def _asked(world: World, image: ContainerImage, interface: Interface, principal: Principal) -> Answer:
    # What an endpoint's policy says of GuardDuty's own repository is guardduty-sidecar-denied.
    stages = ("login",) if is_guardduty(image) else ("login", "manifest", "layers")
    return through(ecr_ways(world, image, interface, steps_of(world, image, principal, interface), stages))


def ecr_ways(
    world: World,
    image: ContainerImage,
    interface: Interface,
    steps: tuple[Step, ...],
    stages: tuple[str, ...],
) -> Iterator[tuple[Way, tuple[Step, ...]]]:
    """The legs to ECR with the requests that go over each."""
    for name, on_it in (("login", ("login",)), ("manifest", ("manifest", "layers"))):
        leg = leg_of(world, image, "login" if name == "login" else "manifest")
        asked = tuple(step for step in steps if step.stage in on_it and step.stage in stages)
        if leg is not None and asked:
            yield way_of(world, leg, interface), asked


def _ruled(
    world: World, image: ContainerImage, fault: Fault, answers: list[Answer], wider: list[Answer]
) -> Iterator[Outcome]:
    """One answer for every role that may pull: they share the endpoints.

    `wider` is what the endpoints refuse of the task's other images, which the same repair lets through.
    """
    refusals: dict[str, Refusal] = {}
    for answer in answers:
        refusals.update((item.endpoint.vpc_endpoint_id, item) for item in answer.refusals)
    if refusals and all(answer.refusals for answer in answers):
        for refusal in refusals.values():
            yield refused(world, image, fault, refusal, wider)
        return
    gaps = tuple(dict.fromkeys(gap for answer in answers for gap in answer.open))
    if refusals:
        which = "it is not known which role pulls, and the endpoint refuses only one of them"
        gaps = (Unsettled(words=which), *gaps)
    blocked = tuple(dict.fromkeys(item for answer in answers for item in answer.blocked))
    if gaps:
        yield unknown(fault, together(gaps))
    elif blocked:
        yield skipped(fault, "; ".join(blocked))
    elif any(answer.endpoints for answer in answers):
        names = listed(dict.fromkeys(name for answer in answers for name in answer.endpoints))
        yield passes(fault, f"The policy of {names} lets the pull through")
    else:
        yield passes(fault, "No VPC endpoint is on the way, so that no endpoint policy decides")


def refused(
    world: World, image: ContainerImage, fault: Fault, refusal: Refusal, wider: Iterable[Answer] = ()
) -> Outcome:
    """An endpoint's policy that refuses the pull. `wider` adds to the repair what it refuses of other images."""
    endpoint = refusal.endpoint
    first, denied = refusal.denied[0]
    explicit = next((item.statement for _, item in refusal.denied if item.statement is not None), None)
    service = ".".join(endpoint.service_name.split(".")[3:]) or endpoint.service_name
    how = "denies" if explicit else "does not allow"
    subject = f"{explicit.label} of the policy" if explicit else "the policy"
    on = f" on {first.request.resource}" if first.request.resource != "*" else ""
    return fails(
        fault,
        f"{capital(subject)} of the {service} endpoint {endpoint.vpc_endpoint_id} {how} {listed(refusal.actions)}{_shown(on)}.",
        stage=first.stage,
        also_at=tuple(item.stage for item, _ in refusal.denied),
        resources=(endpoint.vpc_endpoint_id, *statement_resource(explicit)),
        evidence=(
            Evidence(what=edits.as_json(explicit.text) if explicit else denied.reason, source=READ),
            *near_misses(denied, first.action, READ),
            *text_evidence(denials_about(world, image), "endpoint", refusal.actions),
        ),
        fix=_fix(world, _with(refusal, wider)),
        console_url=console.vpc_endpoint(world.region, endpoint.vpc_endpoint_id),
    )


def _with(refusal: Refusal, wider: Iterable[Answer]) -> Refusal:
    name = refusal.endpoint.vpc_endpoint_id
    more = (
        pair
        for answer in wider
        for item in answer.refusals
        if item.endpoint.vpc_endpoint_id == name
        for pair in item.denied
    )
    every = {
        (step.action, step.request.resource, denied.explicit): (step, denied)
        for step, denied in (*refusal.denied, *more)
    }
    return Refusal(refusal.endpoint, refusal.document, tuple(every.values()))


def _shown(on: str) -> str:
    """The layer bucket's ARN ends where the key of the layer begins."""
    return f"{on}*" if on.endswith("/") else on


def _fix(world: World, refusal: Refusal) -> Fix:
    document = refusal.document
    old = edits.replaced(document, edits.statements_of(document))
    changed: Document | None = document
    for _, denied in refusal.denied:
        if changed is not None and denied.statement is not None:
            changed = _spared(changed, denied, refusal)
    lacking = [(step, denied) for step, denied in refusal.denied if denied.statement is None]
    new: edits.Json | None = None
    if lacking or changed is not None:
        new = edits.added(changed, *_statements(step for step, _ in lacking))
    say = (
        f"Allow {listed(dict.fromkeys(step.action for step, _ in lacking))} in"
        if lacking
        else "Narrow the Deny in"
    )
    endpoint = refusal.endpoint
    return fixes.change_endpoint_policy(
        endpoint.vpc_endpoint_id,
        world.region,
        endpoint.service_name,
        endpoint.vpc_id,
        old,
        new,
        text=f"{say} the policy of endpoint {endpoint.vpc_endpoint_id}; its other statements stay.",
    )


def _spared(document: Document, denied: Denied, refusal: Refusal) -> Document | None:
    """The policy whose Deny spares what it met, unless an earlier change has already seen to it."""
    statement = denied.statement
    assert statement is not None
    current = edits.statements_of(document)
    if statement.index >= len(current) or current[statement.index] != dict(statement.text):
        return document
    asker = refusal.denied[0][0].request.principal
    if isinstance(asker, Asker):
        new, _ = edits.sparing(document, statement, asker.role_arn)
    else:
        new = edits.excepting_resource(document, statement, _pattern(refusal.denied[0][0]))
    return None if new is None else Document(kind=document.kind, name=document.name, text=new)


def _statements(steps: Iterable[Step]) -> list[edits.Json]:
    """The smallest statements that let the requests through; layers are asked for by AWS's own signature."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        asker = step.request.principal
        who = asker.role_arn if isinstance(asker, Asker) else "*"
        actions = wanted.setdefault((who, _pattern(step)), [])
        if step.action not in actions:
            actions.append(step.action)
    return [
        {
            "Effect": "Allow",
            "Principal": "*" if who == "*" else {"AWS": who},
            "Action": actions[0] if len(actions) == 1 else actions,
            "Resource": resource,
        }
        for (who, resource), actions in wanted.items()
    ]


def _pattern(step: Step) -> str:
    return f"{step.request.resource}*" if step.request.resource_continues else step.request.resource


# --- S3 ----------------------------------------------------------------------------------------------


@check("permissions.s3_endpoint", "path", S3_ENDPOINT_POLICY_DENIES)
def s3_endpoint(world: World, subject: Subject) -> Iterator[Outcome]:
    """The policy of the S3 endpoint, for the layers."""
    fault = S3_ENDPOINT_POLICY_DENIES
    image, interface = _both(subject)
    reason = why_no_iam(image)
    leg = leg_of(world, image, "layers")
    if reason is not None or leg is None:
        yield skipped(fault, reason or "the layers do not come from ECR's bucket")
        return
    way = way_of(world, leg, interface)
    own = tuple(dict.fromkeys(item for item in (world.snapshot.account_id,) if item))
    request = layer_bucket_request(
        leg.region,
        world.pull.partition,
        own_accounts=own,
        context={**at_moment(world.snapshot.taken_at), **network_keys(world, way, interface)},
    )
    step = Step(stage="layers", request=request)
    yield from _ruled(world, image, fault, [through([(way, (step,))])], [])


def _both(subject: Subject) -> tuple[ContainerImage, Interface]:
    assert subject.image is not None
    assert subject.interface is not None
    return subject.image, subject.interface
