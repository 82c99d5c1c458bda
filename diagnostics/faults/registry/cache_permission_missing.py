"""The role that pulls may not import the image through the pull-through cache rule."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped
from diagnostics.faults.images import Place, image_of, reference_of
from diagnostics.faults.permissions.pulling_role import Puller, puller_of
from diagnostics.faults.permissions.refusal_words import not_told
from diagnostics.faults.permissions.role_missing import ROLE_MISSING
from diagnostics.faults.permissions.role_policy_changes import inline_proof, put_role_policy
from diagnostics.faults.permissions.role_repairs import free_policy_name
from diagnostics.faults.permissions.then import SOON
from diagnostics.faults.registry.first_pulls import by_the_rules, rule_of_first_pull
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, UndecidedError, Unsettled
from diagnostics.policy import CannotTell, Denied, Policies, evaluate, repository_requests
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import PullThroughCacheRule, need

CACHE_PERMISSION = Fault(
    id="pull-through-cache-permission-missing",
    kind="image",
    title="The pulling role may import through the pull-through cache rule",
    short="its role may not import through the cache",
    why="On the first pull ECR creates the repository and imports the image in the name of the role that pulls. The role lacks ecr:CreateRepository or ecr:BatchImportUpstreamImage, which the usual policy of an execution role does not hold, and ECR answers that there is no such repository or image.",
    how="Allow the role both actions on the cache's repositories, or allow them in the registry policy.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html",
    explains=Explains(symptoms=MISSING_OR_REFUSED),
)

CREATE, IMPORT = "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"


def _judge(world: World, subject: Subject) -> Outcome:
    """ECR creates the repository and imports the image in the name of the role that pulls."""
    image = image_of(subject)
    rule, why = rule_of_first_pull(world, image)
    if rule is None:
        return skipped(CACHE_PERMISSION, why)
    facts = world.image_facts(image)
    principals = need(world.pull.principals) or ()
    if not principals:
        return skipped(CACHE_PERMISSION, f"no role pulls the image: {ROLE_MISSING.id}")
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
        return passes(
            CACHE_PERMISSION, f"The role may import through cache rule {rule.ecr_repository_prefix}"
        )
    return _denied(world, image, rule, denied)


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
    world: World,
    image: ContainerImage,
    rule: PullThroughCacheRule,
    denied: list[tuple[Puller, dict[str, Denied]]],
) -> Outcome:
    place = Place.of(reference_of(image))
    puller, found = denied[0]
    actions = tuple(found)
    pattern = f"{place.arn.removesuffix(place.repository)}{rule.prefix + '/' if rule.prefix else ''}*"
    reason = next(iter(found.values()))
    if reason.explicit or reason.policy_kind == "boundary":
        name = reason.policy_name or "the policy"
        label = f" {reason.statement.label} of" if reason.statement else ""
        fix = Fix(
            text=f"Let{label} the {reason.policy_kind} policy {name} allow {' and '.join(actions)} on {pattern}: its owner decides.",
        )
    else:
        document = {
            "Version": "2012-10-17",
            "Statement": [
                {"Sid": "ImportThroughCache", "Effect": "Allow", "Action": list(actions), "Resource": pattern}
            ],
        }
        policy = free_policy_name(puller, "pull-through-cache-import")
        verify, expect = inline_proof(puller.role_arn, policy, document)
        fix = put_role_policy(
            puller.role_arn,
            policy,
            document,
            title=f"Allow {puller.role_name} to import",
            text=f"Allow {puller.role_name} {' and '.join(actions)} on the repositories of the cache.",
            verify=verify,
            expect=expect,
        ).model_copy(update={"then": then_for(world).after(SOON)})
    return fails(
        CACHE_PERMISSION,
        f"{puller.role_name} may not import through cache rule {rule.ecr_repository_prefix}: it lacks {' and '.join(actions)} on {place.repository}.",
        named=True,
        stage="manifest",
        resources=tuple(item.role_arn for item, _ in denied),
        evidence=(
            by_the_rules(
                f"rule {rule.ecr_repository_prefix} serves {place.repository}, which is not in the registry yet"
            ),
            *(
                Evidence(what=f"{action}: {decision.reason}", source="iam:GetRolePolicy")
                for action, decision in found.items()
            ),
        ),
        fix=fix,
        console_url=console.role(place.region, puller.role_name),
    )


ROOM = Room(CACHE_PERMISSION, _judge)
