"""The KMS key that encrypts the repository cannot be used, whoever pulls."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped
from diagnostics.faults.image.in_ecr import ecr_room
from diagnostics.faults.image.repo_not_found import NO_REPOSITORY
from diagnostics.faults.images import Place
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage, region_named
from diagnostics.snapshot import KmsKey, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import quoted

KEY_UNUSABLE = Fault(
    id="repository-key-unusable",
    kind="permission",
    title="The repository's KMS key can be used",
    why="ECR decrypts the images of this repository with a KMS key, by a grant of its own. The key is disabled, scheduled for deletion or gone, so ECR can hand out neither manifests nor layers, whoever asks.",
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
    item = need(facts.key)
    if item is not None and (item.key_state or "") in USABLE_STATES:
        return passes(KEY_UNUSABLE, f"The key of repository {place.repository} is enabled")
    return _unusable(place, item, encryption.kms_key)


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
