"""The KMS key that encrypts the repository cannot be used, whoever pulls."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped
from diagnostics.faults.image.in_ecr import ecr_room
from diagnostics.faults.image.repo_not_found import NO_REPOSITORY
from diagnostics.faults.images import Place
from diagnostics.faults.text_only import shown
from diagnostics.faults.texts import REFUSED
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage, region_named
from diagnostics.snapshot import KmsKey, Known, Unavailable, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

KEY_UNUSABLE = Fault(
    id="repository-key-unusable",
    kind="permission",
    title="The repository's KMS key can be used",
    why="ECR decrypts the images of this repository with a KMS key, by a grant of its own. The key is disabled, scheduled for deletion or gone, or the grant was revoked, so ECR can hand out neither manifests nor layers, whoever asks. It shows as a refusal (403), as an error of the registry (500), or as a layer that cannot be fetched.",
    how="Enable the key or cancel its deletion. An image whose key is deleted is lost: push it to a new repository.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
    explains=Explains(
        symptoms=(
            *REFUSED,
            SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
            SymptomId.KMS_KEY_UNUSABLE,
            SymptomId.S3_403,
            SymptomId.REGISTRY_5XX,
        )
    ),
)

USABLE_STATES = ("Enabled", "Updating")
"""https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""

STATES_TOLD = ("disabled", "invalidstate", "notfound", "pending")
"""Words of a text about the key's state, which is another by now if the key can be used."""


def _judge(world: World, image: ContainerImage, place: Place) -> Outcome:
    facts = world.image_facts(image)
    found = need(facts.repository)
    if found is None:
        return skipped(KEY_UNUSABLE, NO_REPOSITORY)
    encryption = found.encryption_configuration
    if (
        encryption is None
        or not encryption.kms_key
        or not (encryption.encryption_type or "").startswith("KMS")
    ):
        return skipped(KEY_UNUSABLE, "the repository is not encrypted with a KMS key")
    arn = encryption.kms_key
    told_so = (
        told(world, image, SymptomId.KMS_KEY_UNUSABLE) if isinstance(facts.key, Known | Unavailable) else None
    )
    if isinstance(facts.key, Unavailable) and told_so is not None:
        return _by_text(place, arn, told_so, "whose state could not be read")
    item = need(facts.key)
    if item is None or (item.key_state or "") not in USABLE_STATES:
        return _unusable(place, item, arn)
    if told_so is not None and not any(word in told_so.text.lower() for word in STATES_TOLD):
        return _by_text(
            place, arn, told_so, "which is enabled, so that its policy or ECR's grant is what refuses"
        )
    return passes(KEY_UNUSABLE, f"The key of repository {place.repository} is enabled")


def _by_text(place: Place, arn: str, symptom: Symptom, state: str) -> Outcome:
    """The text says that the key cannot be used. A grant that was revoked is not made again by hand.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
    """
    region = region_named(arn) or place.region
    return shown(
        KEY_UNUSABLE,
        symptom,
        f"The KMS key of repository {place.repository} cannot be used by ECR, as the error text says: {arn}, {state}.",
        Fix(
            text="Look at the key: enable it or cancel its deletion, let its policy admit the account's roles, and see whether ECR still has its grant. Where the grant was revoked, make a new repository with the key and push the images there.",
            cli=f"aws kms list-grants --key-id {quoted(arn)} --region {region} --query 'Grants[].[GranteePrincipal,Operations]'",
            verify=f"aws kms describe-key --key-id {quoted(arn)} --region {region} --query KeyMetadata.KeyState",
        ),
        stage="manifest",
        resources=(arn, place.arn),
        console_url=console.kms_key(region, arn.rsplit("/", 1)[-1]),
    )


def _unusable(place: Place, item: KmsKey | None, arn: str) -> Outcome:
    state = item.key_state if item else None
    says = {"PendingDeletion": "is scheduled for deletion", "Disabled": "is disabled", None: "does not exist"}
    what = says.get(state, f"is in state {state}")
    region = region_named(arn) or place.region
    name = quoted(arn)
    undo: str | None
    enable = f"aws kms enable-key --key-id {name} --region {region}"
    if state == "PendingDeletion":
        text = "Cancel the deletion of the key and enable it."
        cli = f"aws kms cancel-key-deletion --key-id {name} --region {region}\n{enable}"
        undo = f"aws kms schedule-key-deletion --key-id {name} --pending-window-in-days 30 --region {region}"
    elif state is None:
        text = "What the key encrypted is lost: delete the repository, create it again with another key, and push the images."
        cli = (
            f"aws ecr delete-repository --registry-id {place.account} --repository-name {quoted(place.repository)} --force --region {place.region}\n"
            f"aws ecr create-repository --repository-name {quoted(place.repository)} --encryption-configuration encryptionType=KMS --region {place.region}"
        )
        undo = None
    else:
        text = "Enable the key."
        cli = enable
        undo = f"aws kms disable-key --key-id {name} --region {region}"
    return fails(
        KEY_UNUSABLE,
        f"The KMS key of repository {place.repository} {what}, so ECR cannot decrypt its images.",
        stage="manifest",
        # What ECR kept of the manifest may still be handed out, and the layers are refused.
        also_at=("layers",),
        resources=(arn, place.arn),
        evidence=(
            Evidence(
                what=f"repository {place.repository} is encrypted with {arn}",
                source="ecr:DescribeRepositories",
            ),
            Evidence(what=f"the key {what}", source="kms:DescribeKey"),
        ),
        fix=Fix(
            text=text,
            cli=cli,
            terraform="# In the aws_kms_key:\nis_enabled = true" if state == "Disabled" else None,
            cloudformation="# In the AWS::KMS::Key:\nEnabled: true" if state == "Disabled" else None,
            verify=f"aws kms describe-key --key-id {name} --region {region} --query KeyMetadata.KeyState",
            undo=undo,
        ),
        console_url=console.kms_key(region, arn.rsplit("/", 1)[-1]),
    )


ROOM = ecr_room(KEY_UNUSABLE, _judge)
