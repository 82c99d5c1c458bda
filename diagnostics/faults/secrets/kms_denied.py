"""The customer managed key of a secret or parameter: not to be used by the execution role, or by nobody."""

from __future__ import annotations

from functools import partial

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.permissions.condition_keys import organization_keys
from diagnostics.faults.permissions.policy_changes import change_key_policy
from diagnostics.faults.permissions.policy_documents import document_of
from diagnostics.faults.permissions.tag_repairs import Bearer
from diagnostics.faults.registry.secret_values import VALUE, write_the_file
from diagnostics.faults.secrets.item_checks import SECRET_REFUSALS, SecretFault
from diagnostics.faults.secrets.reading import Reading
from diagnostics.faults.secrets.reading_role import reader_of, request_of, ruled
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.texts import NO_CREDENTIALS
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Unsettled
from diagnostics.policy import ContextValue, Unknown
from diagnostics.pull import account_named, parameter_names, region_named
from diagnostics.snapshot import NOT_ASKED, Absent, Fact, KmsKey, Known, Unavailable
from diagnostics.stop_reason import SymptomId
from diagnostics.write import chain, literal, named, quoted, word
from diagnostics.write.policies import Json

ACTION = "kms:Decrypt"

FAULT = Fault(
    id="kms-denied",
    kind="secret",
    title="The execution role may decrypt with the key of each secret",
    short="its execution role may not decrypt a secret",
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
    which = f"--key-id {quoted(arn.rpartition('/')[2])} --region {item.region}"
    if state not in ("Disabled", "PendingDeletion"):
        return _other_key(item)
    deleted = state == "PendingDeletion"
    disable = f"aws kms disable-key {which}"
    schedule = f"aws kms schedule-key-deletion {which} --query KeyState --output text"
    return Fix(
        title="Keep the key, and enable it" if deleted else "Enable the key",
        text=f"Take back that {arn} is deleted, and enable it." if deleted else f"Enable {arn} again.",
        warning=f"Somebody {'had this key deleted' if deleted else 'disabled this key'} on purpose, and all that is encrypted with it can be read again by those who may. Ask its owner before you run this.",
        cli=chain(
            f"aws kms cancel-key-deletion {which} --query KeyId --output text" if deleted else None,
            f"aws kms enable-key {which}",
        ),
        verify=f"aws kms describe-key {which} --query KeyMetadata.KeyState --output text",
        expect="Enabled",
        undo=schedule if deleted else disable,
        undo_note="It is then deleted 30 days from that moment, and not on the day of before."
        if deleted
        else None,
        terraform=None if deleted else f"# In the aws_kms_key {named(arn)}, which exists:\nis_enabled = true",
        cloudformation=None
        if deleted
        else f"# In the AWS::KMS::Key {named(arn)}, which exists:\nEnabled: true",
    )


def _other_key(item: Item) -> Fix:
    """The value stored again under the key of AWS. What the unusable key encrypted cannot be read to do that.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_update-encryption-key.html
    """
    text = f"Encrypt {item.name} with the key of AWS, and store its value again. {write_the_file('the value', VALUE)}"
    warning = "All that reads it gets this value; another account cannot read what the key of AWS encrypts."
    note = "Under its former key nobody can read it, so that there is nothing to go back to."
    region = f"--region {item.region}"
    if item.kind == "parameter":
        name = quoted(parameter_names(item.value)[0])
        return Fix(
            title="Encrypt it with the key of AWS",
            text=text,
            warning=warning,
            cli=f"aws ssm put-parameter --name {name} --type SecureString --key-id alias/aws/ssm --value {quoted(VALUE)} --overwrite {region}",
            verify=f"aws ssm describe-parameters --parameter-filters Key=Name,Option=Equals,Values={name} {region} --query 'Parameters[].KeyId' --output text",
            expect="alias/aws/ssm",
            undo_note=note,
        )
    which, aws = f"--secret-id {quoted(item.reference)} {region}", literal("alias/aws/")
    return Fix(
        title="Encrypt it with the key of AWS",
        text=text,
        warning=warning,
        cli=f"aws secretsmanager update-secret {which} --kms-key-id alias/aws/secretsmanager --secret-string {quoted(VALUE)}",
        # A secret under the key of AWS mostly names none.
        verify=f"aws secretsmanager describe-secret {which} --query {word(f'contains(KmsKeyId || {aws}, {aws})')} --output text",
        expect="True",
        undo_note=note,
    )


ROOM = SecretFault(fault=FAULT, judge=_judge)
