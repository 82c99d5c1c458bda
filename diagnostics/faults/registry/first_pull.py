"""May the first pull through the pull-through cache import the image, and has it a way to the internet?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped
from diagnostics.faults.gaps import in_brackets
from diagnostics.faults.image.cached import rule_for, upstream
from diagnostics.faults.image.wording import Place, containers, image_of
from diagnostics.faults.permissions.asking import puller_of
from diagnostics.faults.permissions.faults import ROLE_MISSING
from diagnostics.faults.permissions.fixes import put_role_policy, simulate
from diagnostics.faults.permissions.questions import Puller, not_told
from diagnostics.faults.registry.cache import why_no_cache
from diagnostics.faults.registry.faults import CACHE_PERMISSION, NEEDS_INTERNET
from diagnostics.finding import Evidence, Fix, Outcome, UndecidedError, Unsettled
from diagnostics.network import Trace
from diagnostics.policy import CannotTell, Denied, Policies, evaluate, repository_requests
from diagnostics.pull import ContainerImage, Interface, Leg
from diagnostics.snapshot import PullThroughCacheRule, need
from diagnostics.write import quoted

CREATE, IMPORT = "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"
NO_RULE = "no pull-through cache rule serves the name"


def _rule(world: World, image: ContainerImage) -> tuple[PullThroughCacheRule | None, str]:
    """The rule that has to fetch the image; else why none has to.

    Raises:
        UnavailableError: the image or the rules could not be read.
    """
    why = why_no_cache(world, image)
    return (None, why) if why is not None else (rule_for(world, image), NO_RULE)


@check("registry.cache-permission", "role", CACHE_PERMISSION)
def cache_permission(world: World, subject: Subject) -> Iterator[Outcome]:
    """ECR creates the repository and imports the image in the name of the role that pulls."""
    image = image_of(subject)
    rule, why = _rule(world, image)
    if rule is None or image.reference is None:
        yield skipped(CACHE_PERMISSION, why)
        return
    facts = world.image_facts(image)
    principals = need(world.pull.principals) or ()
    if not principals:
        yield skipped(CACHE_PERMISSION, f"no role pulls the image: {ROLE_MISSING.id}")
        return
    actions = (CREATE, IMPORT) if need(facts.repository) is None else (IMPORT,)
    judged = [_lacks(puller_of(world, image, item, subject.interface), actions) for item in principals]
    open_ends = [reason for _, _, reason in judged if reason]
    denied = [(puller, found) for puller, found, _ in judged if found]
    if open_ends:
        raise UndecidedError(open_ends[0])
    if denied and len(denied) < len(judged):
        lacking = ", ".join(puller.role_arn for puller, _ in denied)
        why = f"which role pulls is not known, and only {lacking} may not import"
        raise UndecidedError(Unsettled(words=why, question=True))
    if not denied:
        yield passes(CACHE_PERMISSION, f"The role may import through cache rule {rule.ecr_repository_prefix}")
        return
    yield _denied(image, rule, denied)


def _lacks(puller: Puller, actions: tuple[str, ...]) -> tuple[Puller, dict[str, Denied], Unsettled | None]:
    """The actions that a role is denied, or what is not known about one."""
    manifest = next(step.request for step in puller.steps if step.stage == "manifest")
    requests = repository_requests(manifest.principal, manifest.resource, manifest.context, actions)  # type: ignore[arg-type]
    denied: dict[str, Denied] = {}
    for request in requests:
        decision = evaluate(
            request,
            Policies(
                identity=puller.identity,
                boundary=puller.boundary,
                # A repository that is still to be made has no policy.
                resource=None if CREATE in actions else puller.repository,
                registry=puller.registry,
                registry_scope=puller.registry_scope,
            ),
        )
        if isinstance(decision, Denied):
            denied[request.action] = decision
        elif isinstance(decision, CannotTell):
            return puller, {}, not_told(request.action, decision)
    return puller, denied, None


def _denied(
    image: ContainerImage, rule: PullThroughCacheRule, denied: list[tuple[Puller, dict[str, Denied]]]
) -> Outcome:
    assert image.reference is not None
    place = Place.of(image.reference)
    puller, found = denied[0]
    actions = tuple(found)
    pattern = f"{place.arn.removesuffix(place.repository)}{rule.prefix + '/' if rule.prefix else ''}*"
    verify = simulate(puller.role_arn, ((action, place.arn) for action in actions))
    reason = next(iter(found.values()))
    if reason.explicit or reason.policy_kind == "boundary":
        name = reason.policy_name or "the policy"
        label = f" {reason.statement.label} of" if reason.statement else ""
        fix = Fix(
            text=f"Let{label} the {reason.policy_kind} policy {name} allow {' and '.join(actions)} on {pattern}.",
            verify=verify,
        )
    else:
        document = {
            "Version": "2012-10-17",
            "Statement": [
                {"Sid": "ImportThroughCache", "Effect": "Allow", "Action": list(actions), "Resource": pattern}
            ],
        }
        fix = put_role_policy(
            puller.role_arn,
            "pull-through-cache-import",
            document,
            text=f"Allow {puller.role_name} {' and '.join(actions)} on the repositories of the cache.",
            verify=verify,
        )
    return fails(
        CACHE_PERMISSION,
        f"{puller.role_name} may not import through cache rule {rule.ecr_repository_prefix}: it lacks {' and '.join(actions)} on {place.repository}.",
        named=True,
        stage="manifest",
        resources=tuple(item.role_arn for item, _ in denied),
        evidence=(
            Evidence(
                what=f"rule {rule.ecr_repository_prefix} serves {place.repository}, which is not in the registry yet",
                source="ecr:DescribePullThroughCacheRules",
            ),
            *(
                Evidence(what=f"{action}: {decision.reason}", source="iam:GetRolePolicy")
                for action, decision in found.items()
            ),
        ),
        fix=fix,
        console_url=console.role(place.region, puller.role_name),
    )


@check("registry.cache-internet", "path", NEEDS_INTERNET)
def cache_internet(world: World, subject: Subject) -> Iterator[Outcome]:
    """Where an endpoint carries the pull, the first pull through a rule needs a way to the internet all the same."""
    image, interface = image_of(subject), subject.interface
    rule, why = _rule(world, image)
    if rule is None or interface is None or image.reference is None:
        yield skipped(NEEDS_INTERNET, why)
        return
    manifest = next((leg for leg in world.legs(image) if leg.name == "manifest"), None)
    if manifest is None:
        yield skipped(NEEDS_INTERNET, why)
        return
    own = world.trace(manifest, interface)
    if own.endpoint_id is None:
        if own.missing:
            raise UndecidedError(_not_known(own))
        yield skipped(
            NEEDS_INTERNET, "no endpoint carries the pull, so that it takes the way to the internet"
        )
        return
    out = world.trace(_probe(rule, manifest), interface)
    if out.disposition == "reachable":
        yield passes(NEEDS_INTERNET, f"{interface.subnet_id} has a way to the internet")
    elif out.disposition == "blocked":
        yield _no_way(image, rule, interface, own, out)
    else:
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
    image: ContainerImage, rule: PullThroughCacheRule, interface: Interface, own: Trace, out: Trace
) -> Outcome:
    assert image.reference is not None
    place = Place.of(image.reference)
    tables = tuple(name for item in out.blockers for name in item.resources if name.startswith("rtb-"))
    which = (
        f"imageDigest={image.reference.digest}"
        if image.reference.digest
        else f"imageTag={image.reference.tag_or_digest}"
    )
    return fails(
        NEEDS_INTERNET,
        f"Image {image.reference.tag_or_digest} of {place.repository}, which {containers(image)} names, is not in the cache yet, and {interface.subnet_id} has no way to the internet for the first pull.",
        stage="manifest",
        resources=(interface.subnet_id, *dict.fromkeys(tables)),
        evidence=(
            Evidence(
                what=f"rule {rule.ecr_repository_prefix} fetches {place.repository} from {upstream(rule)}",
                source="ecr:DescribePullThroughCacheRules",
            ),
            Evidence(what=f"endpoint {own.endpoint_id} carries the pull", source="ec2:DescribeVpcEndpoints"),
            *(Evidence(what=item.says, source="ec2:DescribeRouteTables") for item in out.blockers[:1]),
        ),
        fix=Fix(
            text="Pull the image once from a machine that has a way to the internet; every later pull takes it from the cache. To keep up with new tags, route the subnet to a NAT gateway.",
            cli=(
                f"aws ecr get-login-password --region {place.region} | docker login --username AWS --password-stdin {place.base.partition('/')[0]}\n"
                f"docker pull {quoted(image.image)}"
            ),
            verify=f"aws ecr describe-images {place.flags} --image-ids {quoted(which)}",
            undo=f"aws ecr batch-delete-image {place.flags} --image-ids {quoted(which)}",
        ),
        console_url=console.subnet(place.region, interface.subnet_id),
    )
