"""The first pull through the pull-through cache needs a way to the internet, which the subnet does not have."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped
from diagnostics.faults.gaps import in_brackets
from diagnostics.faults.image.serving_rules import upstream
from diagnostics.faults.images import Place, containers, found_there, image_id, image_of, log_in, reference_of
from diagnostics.faults.registry.first_pulls import by_the_rules, rule_of_first_pull
from diagnostics.faults.texts import NO_ANSWER
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, UndecidedError, Unsettled
from diagnostics.network import Trace
from diagnostics.pull import ContainerImage, Interface, Leg
from diagnostics.snapshot import Absent, PullThroughCacheRule
from diagnostics.write import chain, quoted

NEEDS_INTERNET = Fault(
    id="pull-through-cache-needs-internet",
    kind="network",
    title="The first pull through the cache has a way to the internet",
    short="the first pull through the cache needs the internet",
    why="The image is not in the cache yet. The first pull of an image through a pull-through cache needs a route to the internet, even where ECR's interface endpoints carry every later one, and this subnet has endpoints only.",
    how="Pull the image once from where there is a way to the internet, or give the subnet a route to a NAT gateway.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-vpc-endpoint-considerations",
    explains=Explains(symptoms=NO_ANSWER, over=("internet",)),
)


def _judge(world: World, subject: Subject) -> Outcome:
    """Where an endpoint carries the pull, the first pull through a rule needs a way to the internet all the same."""
    image, interface = image_of(subject), subject.interface
    rule, why = rule_of_first_pull(world, image)
    manifest = next((leg for leg in world.legs(image) if leg.name == "manifest"), None)
    if rule is None or interface is None or manifest is None:
        return skipped(NEEDS_INTERNET, why)
    own = world.trace(manifest, interface)
    if own.endpoint_id is None:
        if own.missing:
            raise UndecidedError(_not_known(own))
        return skipped(
            NEEDS_INTERNET, "no endpoint carries the pull, so that it takes the way to the internet"
        )
    out = world.trace(_probe(rule, manifest), interface)
    if out.disposition == "reachable":
        return passes(NEEDS_INTERNET, f"{interface.subnet_id} has a way to the internet")
    if out.disposition == "blocked":
        made = isinstance(world.image_facts(image).repository, Absent)
        return _no_way(image, rule, interface, own, out, made=made, then=then_for(world))
    raise UndecidedError(_not_known(out))


def _probe(rule: PullThroughCacheRule, manifest: Leg) -> Leg:
    """A leg to a host of the internet: the rule's upstream, where no endpoint of the VPC may serve it."""
    host = rule.upstream_registry_url or "public.ecr.aws"
    if ".ecr." in host:
        host = "public.ecr.aws"
    return manifest.model_copy(update={"host": host.partition("/")[0], "service": None})


def _not_known(trace: Trace) -> Unsettled:
    return in_brackets(trace.missing[0]).within(f"the way to {trace.host} is not known: {{}}")


def _no_way(
    image: ContainerImage,
    rule: PullThroughCacheRule,
    interface: Interface,
    own: Trace,
    out: Trace,
    *,
    made: bool,
    then: str,
) -> Outcome:
    reference = reference_of(image)
    place = Place.of(reference)
    tables = tuple(name for item in out.blockers for name in item.resources if name.startswith("rtb-"))
    which = image_id(reference)
    return fails(
        NEEDS_INTERNET,
        f"Image {reference.tag_or_digest} of {place.repository}, which {containers(image)} names, is not in the cache yet, and {interface.subnet_id} has no way to the internet for the first pull.",
        stage="manifest",
        resources=(interface.subnet_id, *dict.fromkeys(tables)),
        evidence=(
            by_the_rules(
                f"rule {rule.ecr_repository_prefix} fetches {place.repository} from {upstream(rule)}"
            ),
            Evidence(what=f"endpoint {own.endpoint_id} carries the pull", source="ec2:DescribeVpcEndpoints"),
            *(Evidence(what=item.says, source="ec2:DescribeRouteTables") for item in out.blockers[:1]),
        ),
        fix=_pulled_once(image, place, which, made=made, then=then),
        console_url=console.subnet(place.region, interface.subnet_id),
    )


def _pulled_once(image: ContainerImage, place: Place, which: str, *, made: bool, then: str) -> Fix:
    """`made`: the pull makes the repository, which is then taken back with the image."""
    undo = f"aws ecr batch-delete-image {place.flags} --image-ids {quoted(which)}"
    if made:
        undo = (
            f"aws ecr delete-repository {place.flags} --force --query repository.repositoryArn --output text"
        )
    return Fix(
        title="Pull the image once from elsewhere",
        text="Pull the image once from a machine that has a way to the internet; every later pull takes it from the cache. To keep up with new tags, route the subnet to a NAT gateway.",
        cli=chain(log_in(place), f"docker pull {quoted(image.image)}"),
        verify=found_there(place, which),
        expect="1",
        undo=undo,
        undo_note="It deletes the repository that the pull made, with all that was fetched into it since."
        if made
        else None,
        then=then,
    )


ROOM = Room(NEEDS_INTERNET, _judge)
