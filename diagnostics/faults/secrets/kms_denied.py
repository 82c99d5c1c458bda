"""The customer managed key of a secret or parameter: not to be used by the execution role, or by nobody."""

from __future__ import annotations

from functools import partial

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.permissions.condition_keys import organization_keys
from diagnostics.faults.permissions.policy_changes import change_key_policy
from diagnostics.faults.permissions.policy_documents import document_of
from diagnostics.faults.permissions.tag_repairs import Bearer
from diagnostics.faults.secrets.item_checks import SECRET_REFUSALS, SecretFault
from diagnostics.faults.secrets.reading import Reading
from diagnostics.faults.secrets.reading_role import reader_of, request_of, ruled
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.texts import NO_CREDENTIALS
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Unsettled
from diagnostics.policy import ContextValue, Unknown
from diagnostics.pull import account_named, region_named
from diagnostics.snapshot import NOT_ASKED, Absent, Fact, KmsKey, Known, Unavailable
from diagnostics.stop_reason import SymptomId
from diagnostics.write import quoted
from diagnostics.write.policies import Json

ACTION = "kms:Decrypt"

FAULT = Fault(
    id="kms-denied",
    kind="secret",
    title="The execution role may decrypt with the key of each secret",
    why="The secret or parameter is encrypted with a customer managed key. Whoever reads it must be allowed kms:Decrypt by that key's policy, or by an identity policy where the key policy leaves it to those; and the key has to be enabled.",
    how="Allow kms:Decrypt on the key, or enable the key.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-secrets",
    explains=Explains(
        symptoms=(*NO_CREDENTIALS, SymptomId.SECRET_DENIED),
        refusals=SECRET_REFUSALS,
        actions=("kms:",),
    ),
)


def _judge(world: World, item: Item) -> Outcome:
    reader, reason = reader_of(world)
    key = item.customer_key
    if item.gone is not None or reader is None:
        return skipped(FAULT, reason or f"{item.name} cannot be read by anybody")
    if isinstance(key, Unavailable):
        return unknown(FAULT, Unsettled.by(key), "secrets", item.resources)
    if isinstance(key, Absent):
        return passes(FAULT, f"{item.name} is encrypted with a key of AWS, or not at all")
    found, policy = _facts_of(world, key.value)
    if isinstance(found, Unavailable):
        return unknown(FAULT, Unsettled.by(found), "secrets", (key.value,))
    if isinstance(found, Absent) or _unusable(found.value):
        return _dead_key(item, key.value, found.value if isinstance(found, Known) else None)
    arn = found.value.arn or key.value
    if found.value.key_manager == "AWS":
        return passes(FAULT, f"{item.name} is encrypted with a key of AWS")
    tags = world.snapshot.kms_key_tags.get(key.value, NOT_ASKED)
    bearer = Bearer("key", f"key {arn}", arn, region_named(arn) or item.region, tags)
    asked_for = {**bearer.keys, **organization_keys(world, account_named(arn))}
    reading = Reading(
        item=item,
        bearer=bearer,
        reader=reader,
        request=request_of(world, reader, ACTION, arn, {**_as_service(item), **asked_for}),
        policy=document_of(policy, "key", arn, f"the policy of key {arn}"),
        about=f"the key of {item.name}",
        concerns=(arn,),
        verb="decrypt",
        change=partial(_change_policy, item.region),
        lacks=f"The key policy of {arn} does not let {reader.role_name} do {ACTION}",
    )
    return ruled(world, FAULT, reading)


def _facts_of(world: World, key: str) -> tuple[Fact[KmsKey], Fact[str]]:
    """A key and its policy, by what a secret or parameter calls it."""
    found = world.snapshot.kms_keys.get(key, Unavailable(call="kms:DescribeKey", resource=key))
    policy = world.snapshot.kms_key_policies.get(key, Unavailable(call="kms:GetKeyPolicy", resource=key))
    return found, policy


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


def _change_policy(
    region: str, arn: str, old: Json, new: Json | None, *, title: str, text: str, warning: str | None
) -> Fix:
    # A key policy without a statement is refused; a Deny is never all that is in one that works.
    return change_key_policy(
        arn, region, old, new if new is not None else old, title=title, text=text, warning=warning
    )


# --- keys that nobody can use ------------------------------------------------------------------------


def _unusable(key: KmsKey) -> bool:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""
    return key.key_state is not None and key.key_state not in ("Enabled", "Creating", "Updating")


def _dead_key(item: Item, name: str, key: KmsKey | None) -> Outcome:
    arn = (key.arn if key else None) or name
    state = key.key_state if key else None
    say = f"is in the state {state}" if state else "does not exist"
    return fails(
        FAULT,
        f"Key {arn} of {item.name} {say}, so that nobody can decrypt with it.",
        stage="secrets",
        resources=(arn, *item.resources),
        evidence=(Evidence(what=f"key {arn} {say}", source="kms:DescribeKey"),),
        fix=_revive(item, arn, state),
        console_url=console.kms_key(item.region, arn.rsplit("/", 1)[-1]),
    )


def _revive(item: Item, arn: str, state: str | None) -> Fix:
    """The key enabled again where that is possible, else another one."""
    which = f"--key-id {quoted(arn)} --region {item.region}"
    commands = {
        "Disabled": f"aws kms enable-key {which}",
        "PendingDeletion": f"aws kms cancel-key-deletion {which}\naws kms enable-key {which}",
    }
    encrypt = f"aws secretsmanager update-secret --secret-id {quoted(item.reference)} --kms-key-id alias/aws/secretsmanager --secret-string file://secret.txt --region {item.region}"
    return Fix(
        text="Enable the key again."
        if state in commands
        else "Encrypt the secret with a key that can be used, and store its value again.",
        cli=commands.get(state or "", encrypt),
        verify=f"aws kms describe-key {which} --query KeyMetadata.KeyState",
        undo=f"aws kms disable-key {which}" if state == "Disabled" else None,
    )


ROOM = SecretFault(fault=FAULT, judge=_judge)
