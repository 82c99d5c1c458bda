"""The KMS key that encrypts the repository cannot be used, whoever pulls."""

from __future__ import annotations

import dataclasses

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World, fails, passes, skipped
from diagnostics.faults.image.in_ecr import ecr_room
from diagnostics.faults.image.repo_not_found import NO_REPOSITORY
from diagnostics.faults.images import Place, log_in, reference_of
from diagnostics.faults.task_definition import with_image
from diagnostics.faults.text_only import shown
from diagnostics.faults.texts import REFUSED
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage, region_named
from diagnostics.snapshot import KmsKey, Known, Unavailable, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import chain, free_name, quoted

KEY_UNUSABLE = Fault(
    id="repository-key-unusable",
    kind="permission",
    title="The repository's KMS key can be used",
    short="the repository's KMS key cannot be used",
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
        return _unusable(world, image, place, item, arn)
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
            text="Look at the key: enable it or cancel its deletion, let its policy admit the account's roles, and see whether ECR still has its grant (aws kms list-grants). Where the grant was revoked, make a new repository with the key and push the images there.",
        ),
        stage="manifest",
        resources=(arn, place.arn),
        console_url=console.kms_key(region, arn.rsplit("/", 1)[-1]),
    )


def _unusable(world: World, image: ContainerImage, place: Place, item: KmsKey | None, arn: str) -> Outcome:
    state = item.key_state if item else None
    says = {"PendingDeletion": "is scheduled for deletion", "Disabled": "is disabled", None: "does not exist"}
    what = says.get(state, f"is in state {state}")
    region = region_named(arn) or place.region
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
        fix=_pushed_elsewhere(world, image, place)
        if state is None
        else key_enabled(world, arn, region, state),
        console_url=console.kms_key(region, arn.rsplit("/", 1)[-1]),
    )


def key_enabled(world: World, arn: str, region: str, state: str) -> Fix:
    """A key that is disabled or scheduled for deletion made usable again."""
    name = f"--key-id {quoted(arn)} --region {region}"
    enable = f"aws kms enable-key {name}"
    whose = "Somebody did this on purpose, perhaps to take the key out of use: ask its owner. It is then usable again by all that it encrypts."
    verify = f"aws kms describe-key {name} --query KeyMetadata.KeyState --output text"
    if state == "PendingDeletion":
        cancel = f"aws kms cancel-key-deletion {name} --query KeyId --output text"
        return Fix(
            title="Cancel the deletion of the key",
            text="Cancel the deletion of the key and enable it.",
            warning=whose,
            cli=chain(cancel, enable),
            verify=verify,
            expect="Enabled",
            undo=f"aws kms schedule-key-deletion {name} --pending-window-in-days 30",
            undo_note="The deletion is scheduled for 30 days from then, not for the day of before.",
            then=then_for(world),
        )
    return Fix(
        title="Enable the key",
        text="Enable the key.",
        warning=whose,
        cli=enable,
        verify=verify,
        expect="Enabled",
        undo=f"aws kms disable-key {name}",
        then=then_for(world),
        terraform="# In the aws_kms_key that exists:\nis_enabled = true" if state == "Disabled" else None,
        cloudformation="# In the AWS::KMS::Key that exists:\nEnabled: true" if state == "Disabled" else None,
    )


def _pushed_elsewhere(world: World, image: ContainerImage, place: Place) -> Fix:
    """What the key encrypted is lost. The repository stays: nothing else that names it is touched."""
    reference = reference_of(image)
    name = free_name(f"{place.repository}-2", None, of=place.arn, most=256)
    new = dataclasses.replace(place, repository=name, base=f"{place.base.partition('/')[0]}/{name}")
    pushed = f"{new.base}:{reference.wanted_tag or 'rebuilt'}"
    which = f"--repository-name {quoted(name)}"
    create = f"aws ecr create-repository {which} --region {place.region} --query repository.repositoryArn --output text"
    return with_image(
        world,
        image,
        pushed,
        title="Push the image to a new repository",
        text=f"What the key encrypted is lost. Create the repository {name}, build the image, push it there, and name it in the task definition.",
        first=(create, log_in(new), f"docker buildx build --tag {quoted(pushed)} --push ."),
        last=(
            f"aws ecr delete-repository {which} --force --region {place.region} --query repository.repositoryArn --output text",
        ),
        undo_note=f"It deletes the repository {name}, which these commands made, with all that was pushed there.",
    )


ROOM = ecr_room(KEY_UNUSABLE, _judge)
