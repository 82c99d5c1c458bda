"""May the execution role read a secret or parameter, and decrypt it?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.permissions import edits, fixes
from diagnostics.faults.permissions.asking import (
    asker_of,
    full_role_arn,
    is_foreign_role,
    moment_keys,
    role_facts,
)
from diagnostics.faults.permissions.documents import (
    boundary_document,
    document_of,
    identity_documents,
)
from diagnostics.faults.permissions.faults import KMS_DENIED, ROLE_MISSING, ROLE_NOT_ASSUMABLE
from diagnostics.faults.permissions.path import network_keys, way_of
from diagnostics.faults.permissions.questions import Puller, Ruling, Step, not_told
from diagnostics.faults.permissions.role import named_role
from diagnostics.faults.permissions.role_side import grant, lift, pairs, widen
from diagnostics.faults.permissions.secret_items import KEY_POLICY, SECRET_POLICY, Item, key_facts
from diagnostics.faults.permissions.wording import (
    capital,
    denial_sentence,
    near_misses,
    statement_resource,
)
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Unsettled
from diagnostics.policy import (
    CannotTell,
    ContextValue,
    Denied,
    Document,
    Missing,
    Policies,
    Request,
    Unknown,
    evaluate,
)
from diagnostics.policy.document import KIND_NAMES
from diagnostics.pull import Principal
from diagnostics.snapshot import Absent, KmsKey, Known, Unavailable
from diagnostics.write import quoted

_READ_BY = {
    "identity": "iam:GetRolePolicy",
    "boundary": "iam:GetPolicyVersion",
    "secret": "secretsmanager:GetResourcePolicy",
    "key": "kms:GetKeyPolicy",
}


def may_read(world: World, fault: Fault, missing: Fault, item: Item) -> Iterator[Outcome]:
    """Whether the execution role may read the item. `missing` is the fault of one that does not exist."""
    if isinstance(item.found, Absent):
        yield skipped(fault, f"{item.name} does not exist: {missing.id}")
        return
    reader, reason = _reader(world)
    if reader is None:
        yield skipped(fault, reason)
        return
    if isinstance(item.found, Unavailable) or item.arn is None:
        # The ARN may be written without the characters that it ends in, so that only the answer tells it.
        why = (
            Unsettled.by(item.found)
            if isinstance(item.found, Unavailable)
            else Unsettled(words="its ARN is not known")
        )
        yield unknown(fault, why, "secrets", item.resources)
        return
    what = f"the resource policy of {item.name}"
    policy = document_of(item.policy, SECRET_POLICY, item.arn, what)
    request = Request(
        action=item.action,
        resource=item.arn,
        principal=asker_of(world, reader.principal),
        context={
            **moment_keys(world, reader.principal),
            **_network(world, item),
            "aws:RequestedRegion": (item.region,),
        },
    )
    yield _ruled(world, fault, item, reader, Step("secrets", request), policy)


def may_decrypt(world: World, item: Item) -> Iterator[Outcome]:
    """Whether the execution role may decrypt the item with its customer managed key."""
    fault = KMS_DENIED
    reader, reason = _reader(world)
    key = item.customer_key
    if item.gone is not None or reader is None:
        yield skipped(fault, reason or f"{item.name} cannot be read by anybody")
        return
    if isinstance(key, Unavailable):
        yield unknown(fault, Unsettled.by(key), "secrets", item.resources)
        return
    if isinstance(key, Absent):
        yield passes(fault, f"{item.name} is encrypted with a key of AWS, or not at all")
        return
    found, policy_fact = key_facts(world, key.value)
    if isinstance(found, Unavailable):
        yield unknown(fault, Unsettled.by(found), "secrets", (key.value,))
        return
    if isinstance(found, Absent) or _unusable(found.value):
        yield _dead_key(world, item, key.value, found.value if isinstance(found, Known) else None)
        return
    arn = found.value.arn or key.value
    if found.value.key_manager == "AWS":
        yield passes(fault, f"{item.name} is encrypted with a key of AWS")
        return
    policy = document_of(policy_fact, KEY_POLICY, arn, f"the policy of key {arn}")
    request = Request(
        action="kms:Decrypt",
        resource=arn,
        principal=asker_of(world, reader.principal),
        context={**moment_keys(world, reader.principal), **_as_service(item)},
    )
    yield _ruled(world, fault, item, reader, Step("secrets", request), policy)


def _reader(world: World) -> tuple[Puller | None, str]:
    """The execution role with its policies, or why there is none to judge."""
    named = named_role(world)
    if named is None:
        return None, f"the task definition names no execution role: {ROLE_MISSING.id}"
    if is_foreign_role(world.snapshot, named):
        return None, f"the execution role belongs to another account: {ROLE_NOT_ASSUMABLE.id}"
    facts = role_facts(world, named)
    if any(
        isinstance(fact, Absent)
        for fact in (facts.role, facts.inline_policy_names, facts.attached_policy_arns)
    ):
        return None, f"the execution role does not exist: {ROLE_MISSING.id}"
    principal = Principal(kind="execution_role", role_arn=named, why="ECS reads secrets with it")
    reader = Puller(
        principal=principal,
        facts=facts.model_copy(update={"role_arn": full_role_arn(world.snapshot, named)}),
        steps=(),
        identity=identity_documents(facts),
        boundary=boundary_document(facts),
        repository=None,
        registry=None,
        registry_scope=None,
        foreign=False,
    )
    return reader, ""


def _network(world: World, item: Item) -> dict[str, ContextValue]:
    name = "secretsmanager" if item.kind == "secret" else "ssm"
    interface = world.pull.used_interface
    leg = next((leg for leg in world.pull.legs if leg.name == name and leg.region == item.region), None)
    return network_keys(world, way_of(world, leg, interface), interface) if leg else {}


def _as_service(item: Item) -> dict[str, ContextValue]:
    """The keys of a call that Secrets Manager or Systems Manager makes on the role's behalf.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    service = "secretsmanager" if item.kind == "secret" else "ssm"
    about = "SecretARN" if item.kind == "secret" else "PARAMETER_ARN"
    arn: ContextValue = (
        (item.arn,) if item.arn else Unknown(why="the secret's ARN is not known", present=True)
    )
    called = (f"{service}.amazonaws.com",)
    return {
        "kms:ViaService": (f"{service}.{item.region}.amazonaws.com",),
        "kms:CallerAccount": (item.account,),
        f"kms:EncryptionContext:{about}": arn,
        "aws:ViaAWSService": ("true",),
        "aws:CalledVia": called,
        "aws:CalledViaFirst": called,
        "aws:CalledViaLast": called,
        "aws:RequestedRegion": (item.region,),
    }


# --- the ruling --------------------------------------------------------------------------------------


def _ruled(
    world: World, fault: Fault, item: Item, reader: Puller, step: Step, policy: Document | Missing | None
) -> Outcome:
    policies = Policies(identity=reader.identity, boundary=reader.boundary, resource=policy)
    decision = evaluate(step.request, policies)
    if isinstance(decision, CannotTell):
        return unknown(fault, not_told(step.action, decision), "secrets", item.resources)
    if not isinstance(decision, Denied):
        return passes(fault, f"{reader.role_name} may do {step.action} on {_subject(item, step)}")
    return _denied(world, fault, item, reader, step, decision, policy)


def _subject(item: Item, step: Step) -> str:
    return item.name if step.action != "kms:Decrypt" else f"the key of {item.name}"


def _denied(
    world: World,
    fault: Fault,
    item: Item,
    reader: Puller,
    step: Step,
    decision: Denied,
    policy: Document | Missing | None,
) -> Outcome:
    on_resource = decision.policy_kind in (SECRET_POLICY, KEY_POLICY)
    target = step.request.resource
    named = tuple(dict.fromkeys((target, *item.resources))) if step.action != "kms:Decrypt" else (target,)
    statement = statement_resource(decision.statement)
    resources = (
        (*named, *statement, reader.role_arn) if on_resource else (reader.role_arn, *named, *statement)
    )
    kind = KIND_NAMES[decision.policy_kind]
    if decision.statement is not None:
        say = f"{capital(decision.statement.label)} of the {kind} {decision.policy_name} denies {step.action} to {reader.role_name}"
    elif decision.policy_kind == KEY_POLICY:
        say = f"The key policy of {target} does not let {reader.role_name} do {step.action}"
    else:
        say = f"No {kind} of {reader.role_name} allows {step.action} on {target}"
    source = _READ_BY.get(decision.policy_kind, "iam:GetRolePolicy")
    return fails(
        fault,
        f"{say}, which ECS needs for {item.name} before the pull.",
        stage="secrets",
        resources=resources,
        evidence=(
            Evidence(
                what=edits.as_json(decision.statement.text) if decision.statement else decision.reason,
                source=source,
            ),
            *near_misses(decision, step.action, source),
            *_text(world, step.action),
        ),
        fix=_repair(item, reader, step, decision, policy),
        console_url=console.role(world.region, reader.role_name),
    )


def _text(world: World, action: str) -> tuple[Evidence, ...]:
    denials = (item.denial for item in world.symptoms if item.denial is not None)
    return tuple(
        Evidence(what=denial_sentence(denial), source="error text")
        for denial in denials
        if denial.action == action
    )[:1]


def _repair(
    item: Item, reader: Puller, step: Step, decision: Denied, policy: Document | Missing | None
) -> Fix:
    kind = decision.policy_kind
    if kind == "boundary" and isinstance(reader.boundary, Document):
        return widen(reader, reader.boundary, Ruling(denied=((step, decision),)))
    if kind == "identity" and decision.statement is not None:
        document = next(
            one for one in reader.identity if isinstance(one, Document) and one.name == decision.policy_name
        )
        return lift(reader, document, decision, pairs([step]))
    if kind in (SECRET_POLICY, KEY_POLICY) and isinstance(policy, Document):
        return _repair_resource(item, reader, step, decision, policy)
    verb = "decrypt" if step.action == "kms:Decrypt" else "read"
    # A policy of its own for each, so that the repair of one never replaces that of another.
    return grant(reader, [step], f"{verb}-{re.sub('[^A-Za-z0-9]+', '-', item.name).strip('-')}"[:128])


def _repair_resource(item: Item, reader: Puller, step: Step, decision: Denied, policy: Document) -> Fix:
    old = edits.replaced(policy, edits.statements_of(policy))
    target = step.request.resource
    if decision.statement is not None:
        new, change = edits.sparing(policy, decision.statement, reader.role_arn)
        text = f"Change {decision.statement.label}: the new policy {change}, and leaves the rest as it is."
    else:
        # In a policy of a key or secret, the resource * is the one that it belongs to.
        allow = {
            "Effect": "Allow", "Principal": {"AWS": reader.role_arn}, "Action": step.action, "Resource": "*",
        }  # fmt: skip
        new, text = edits.added(policy, allow), f"Let {reader.role_name} do {step.action} on {target}."
    if policy.kind == KEY_POLICY:
        # A key policy without a statement is refused; a Deny is never all that is in one that works.
        return fixes.change_key_policy(target, item.region, old, new if new is not None else old, text=text)
    return fixes.change_secret_policy(target, item.region, old, new, text=text)


# --- keys that nobody can use ------------------------------------------------------------------------


def _unusable(key: KmsKey) -> bool:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""
    return key.key_state is not None and key.key_state not in ("Enabled", "Creating", "Updating")


def _dead_key(world: World, item: Item, name: str, key: KmsKey | None) -> Outcome:
    arn = (key.arn if key else None) or name
    state = key.key_state if key else None
    say = f"is in the state {state}" if state else "does not exist"
    which = f"--key-id {quoted(arn)} --region {item.region}"
    commands = {
        "Disabled": f"aws kms enable-key {which}",
        "PendingDeletion": f"aws kms cancel-key-deletion {which}\naws kms enable-key {which}",
    }
    return fails(
        KMS_DENIED,
        f"Key {arn} of {item.name} {say}, so that nobody can decrypt with it.",
        stage="secrets",
        resources=(arn, *item.resources),
        evidence=(Evidence(what=f"key {arn} {say}", source="kms:DescribeKey"),),
        fix=Fix(
            text="Enable the key again."
            if state in commands
            else "Encrypt the secret with a key that can be used, and store its value again.",
            cli=commands.get(
                state or "",
                f"aws secretsmanager update-secret --secret-id {quoted(item.reference)} --kms-key-id alias/aws/secretsmanager --secret-string file://secret.txt --region {item.region}",
            ),
            verify=f"aws kms describe-key {which} --query KeyMetadata.KeyState",
            undo=f"aws kms disable-key {which}" if state == "Disabled" else None,
        ),
        console_url=console.kms_key(item.region, arn.rsplit("/", 1)[-1]),
    )
