"""The policy of a VPC endpoint on the way refuses the pull: that of ECR's endpoints, or its twin, that of S3's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.images import image_of
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.allow_conditions import NoWayError, allows
from diagnostics.faults.permissions.endpoint_answers import (
    EndpointAnswer,
    EndpointRefusal,
    answer_of,
    ecr_ways,
)
from diagnostics.faults.permissions.endpoint_on_the_way import leg_of, network_keys, way_of
from diagnostics.faults.permissions.narrowing import narrowed, role_of
from diagnostics.faults.permissions.policy_changes import change_endpoint_policy
from diagnostics.faults.permissions.policy_documents import READ_ENDPOINT
from diagnostics.faults.permissions.pull_requests import Step, is_guardduty, steps_of, why_no_iam
from diagnostics.faults.permissions.pulling_role import who_pulls
from diagnostics.faults.permissions.refusal_words import (
    capital,
    near_misses,
    statement_resource,
    text_evidence,
)
from diagnostics.faults.permissions.role_repairs import on_purpose
from diagnostics.faults.texts import REFUSED
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Status, Unsettled, together
from diagnostics.policy import Denied, Document, at_moment, layer_bucket_request
from diagnostics.pull import ContainerImage, Interface, Leg, PullingRole
from diagnostics.stop_reason import Stage, SymptomId
from diagnostics.write.policies import Json
from diagnostics.write.snippets import joined

ENDPOINT_POLICY_DENIES = Fault(
    id="endpoint-policy-denies",
    kind="permission",
    title="The policies of ECR's VPC endpoints let the pull through",
    short="the policy of an ECR endpoint does not allow the pull",
    why="All requests to ECR from this subnet go through the VPC endpoint, and its policy has to allow each of them: the login at ecr.api, the manifest and the layer addresses at ecr.dkr.",
    how="Allow the request in the endpoint's policy.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    explains=Explains(
        symptoms=(*REFUSED, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.SECRET_DENIED),
        refusals=("endpoint",),
    ),
)
S3_ENDPOINT_POLICY_DENIES = Fault(
    id="s3-endpoint-policy-denies",
    kind="permission",
    title="The policy of the S3 endpoint lets ECR's layers through",
    short="the S3 endpoint's policy keeps ECR's layers back",
    why="ECR keeps the layers in an S3 bucket that AWS owns, and they come through the S3 endpoint. A policy that allows only your own buckets, accounts or organization refuses them.",
    how="Allow s3:GetObject on ECR's layer bucket in the endpoint's policy.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    explains=Explains(
        symptoms=(*REFUSED, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.S3_403), refusals=("endpoint",)
    ),
)


# --- ECR ---------------------------------------------------------------------------------------------


@check("permissions.endpoint", "path", ENDPOINT_POLICY_DENIES)
def ecr_endpoints(world: World, subject: Subject) -> Iterator[Outcome]:
    """The endpoint policies of ecr.api, for the login, and of ecr.dkr, for the rest."""
    image, interface = _both(subject)
    principals, reason = who_pulls(world, image)
    if not principals:
        yield skipped(ENDPOINT_POLICY_DENIES, reason)
        return
    answers = [_asked(world, image, interface, item) for item in principals]
    others = [item for item in world.pull.images if item != image and why_no_iam(item) is None]
    wider = [_asked(world, item, interface, principals[0]) for item in others]
    yield from _ruled(world, image, ENDPOINT_POLICY_DENIES, answers, wider)


def _asked(
    world: World, image: ContainerImage, interface: Interface, principal: PullingRole
) -> EndpointAnswer:
    # What an endpoint's policy says of GuardDuty's own repository is guardduty-sidecar-denied.
    stages: tuple[Stage, ...] = ("login",) if is_guardduty(image) else ("login", "manifest", "layers")
    return answer_of(ecr_ways(world, image, interface, steps_of(world, image, principal, interface), stages))


def _ruled(
    world: World,
    image: ContainerImage,
    fault: Fault,
    answers: list[EndpointAnswer],
    wider: list[EndpointAnswer],
) -> Iterator[Outcome]:
    """One answer for every role that may pull: they share the endpoints.

    `wider` is what the endpoints refuse of the task's other images, which the same repair lets through.
    """
    refusals: dict[str, EndpointRefusal] = {}
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
        names = tuple(dict.fromkeys(name for answer in answers for name in answer.endpoints))
        let = "The policy of {} lets" if len(names) == 1 else "The policies of {} let"
        yield passes(fault, f"{let.format(joined(names))} the pull through")
    else:
        yield passes(fault, "No VPC endpoint is on the way, so that no endpoint policy decides")


def refused(
    world: World,
    image: ContainerImage,
    fault: Fault,
    refusal: EndpointRefusal,
    wider: Iterable[EndpointAnswer] = (),
) -> Outcome:
    """An endpoint's policy that refuses the pull. `wider` adds to the repair what it refuses of other images."""
    endpoint = refusal.endpoint
    first, denied = refusal.ruling.first
    explicit = next((item.statement for _, item in refusal.ruling.denied if item.statement is not None), None)
    service = ".".join(endpoint.service_name.split(".")[3:]) or endpoint.service_name
    how = "denies" if explicit else "does not allow"
    subject = f"{explicit.label} of the policy" if explicit else "the policy"
    on = f" on {first.request.resource}" if first.request.resource != "*" else ""
    return fails(
        fault,
        f"{capital(subject)} of the {service} endpoint {endpoint.vpc_endpoint_id} {how} {joined(refusal.actions)}{_shown(on)}.",
        stage=first.stage,
        also_at=refusal.ruling.stages,
        resources=(endpoint.vpc_endpoint_id, *statement_resource(explicit)),
        evidence=(
            Evidence(
                what=policy_edits.as_json(explicit.text) if explicit else denied.reason, source=READ_ENDPOINT
            ),
            *near_misses(denied, first.action, READ_ENDPOINT),
            *text_evidence(world, image, "endpoint", refusal.actions),
        ),
        fix=let_through(world, refusal.with_those_of(wider)),
        console_url=console.vpc_endpoint(world.region, endpoint.vpc_endpoint_id),
    )


def _shown(on: str) -> str:
    """The layer bucket's ARN ends where the key of the layer begins."""
    return f"{on}*" if on.endswith("/") else on


def let_through(world: World, refusal: EndpointRefusal) -> Fix:
    """What the endpoint's policy refuses is let through; for everyone and everything else it stays as it is."""
    document, endpoint = refusal.document, refusal.endpoint
    hits = [(no.statement, step) for step, no in refusal.ruling.denied if no.statement is not None]
    lacking = [(step, no) for step, no in refusal.ruling.denied if no.statement is None]
    role = next((role_of(step) for _, step in hits), None)
    result = narrowed(document, hits, role, shared=True)
    left = Document(
        kind=document.kind,
        name=document.name,
        text=result.document or policy_edits.replaced(document, []),
    )
    try:
        new = policy_edits.added(left, *_statements(lacking))
    except NoWayError as error:
        return Fix(
            text=f"Correct the condition in the policy of endpoint {endpoint.vpc_endpoint_id}: {error}."
        )
    actions = joined(dict.fromkeys(step.action for step, _ in lacking))
    labels = joined(item.label for item in result.changed)
    parts = [
        *([f"Allow {actions} in the policy of endpoint {endpoint.vpc_endpoint_id}; its other statements stay."] if lacking else []),
        *([f"{capital(labels)} of the policy of endpoint {endpoint.vpc_endpoint_id} {'; '.join(result.how)}, and stays as it is for everything else."] if hits else []),
    ]  # fmt: skip
    return change_endpoint_policy(
        endpoint,
        world.region,
        policy_edits.as_written(document),
        new,
        title=f"Let the pull through endpoint {endpoint.vpc_endpoint_id}",
        text=" ".join(parts),
        warning=on_purpose(f"the policy of endpoint {endpoint.vpc_endpoint_id}", result.changed)
        if hits
        else None,
    )


def _statements(lacking: list[tuple[Step, Denied]]) -> Iterator[Json]:
    """The smallest statements that let the requests through; layers are asked for by AWS's own signature."""
    asked = [(role_of(step) or "*", step, no) for step, no in lacking]
    for who in dict.fromkeys(name for name, _, _ in asked):
        mine = ((step, no) for name, step, no in asked if name == who)
        yield from allows(mine, Principal="*" if who == "*" else {"AWS": who})


# --- S3 ----------------------------------------------------------------------------------------------


@check("permissions.s3_endpoint", "path", S3_ENDPOINT_POLICY_DENIES)
def s3_endpoint(world: World, subject: Subject) -> Iterator[Outcome]:
    """The policy of the S3 endpoint, for the layers."""
    fault = S3_ENDPOINT_POLICY_DENIES
    image, interface = _both(subject)
    bucket, leg = None, leg_of(world, image, "layers")
    reason = why_no_iam(image)
    if reason is not None and (found := _bucket_told(world, image)) is not None:
        reason, (bucket, leg) = None, found
    if reason is not None or leg is None:
        yield skipped(fault, reason or "the layers do not come from ECR's bucket")
        return
    way = way_of(world, leg, interface)
    own = tuple(dict.fromkeys(item for item in (world.snapshot.account_id,) if item))
    request = layer_bucket_request(
        leg.region,
        world.pull.partition,
        own_accounts=own,
        bucket=bucket,
        context={**at_moment(world.snapshot.taken_at), **network_keys(world, way, interface)},
    )
    step = Step(stage="layers", request=request)
    for outcome in _ruled(world, image, fault, [answer_of([(way, (step,))])], []):
        allowed = bucket is not None and outcome.status is Status.PASS
        yield skipped(fault, _NOT_AWS.format(bucket=bucket), outcome.stage) if allowed else outcome


def _bucket_told(world: World, image: ContainerImage) -> tuple[str, Leg] | None:
    """The bucket of S3 that refused a layer, by the error text, of a registry that keeps its layers in one of this Region.

    Docker Hub and registry.k8s.io do. A gateway endpoint carries what goes to the buckets of its own Region alone.
    """
    symptom = told(world, image, SymptomId.S3_403)
    match = _BUCKET.match((symptom.host or "").lower()) if symptom is not None else None
    if match is None or match["region"] != world.region:
        return None
    leg = Leg(
        name="layers", stage="layers", host=match[0], region=match["region"], service="s3", containers=image.containers
    )  # fmt: skip
    return match["bucket"], leg


_NOT_AWS = "no endpoint policy refuses {bucket}; that bucket is another company's, which may refuse by itself and shows no reason"
_BUCKET = re.compile(
    r"(?P<bucket>[a-z0-9.-]+?)\.s3[.-](?:dualstack\.)?(?P<region>[a-z0-9-]+)\.amazonaws\.com$"
)


def _both(subject: Subject) -> tuple[ContainerImage, Interface]:
    assert subject.interface is not None
    return image_of(subject), subject.interface
