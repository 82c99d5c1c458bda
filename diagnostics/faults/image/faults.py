"""The faults of what is pulled: the reference, the repository, the tag or digest, the image itself."""

from __future__ import annotations

from diagnostics.faults.texts import NOT_FOUND, REFUSED
from diagnostics.finding import Explains, Fault
from diagnostics.stop_reason import SymptomId

CANNOT_PULL = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html"

INVALID_REFERENCE = Fault(
    id="invalid-image-reference",
    kind="image",
    title="The image reference can be parsed",
    why="The container runtime refuses the reference before it asks any registry: upper-case letters in the repository, a placeholder that was never filled in, a scheme or a space.",
    how="Correct the image in the task definition and deploy the new revision.",
    source=CANNOT_PULL,
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED, SymptomId.INVALID_REFERENCE)),
)
REPO_NOT_FOUND = Fault(
    id="repo-not-found",
    kind="image",
    title="The ECR repository exists",
    why="The registry has no repository of this name in this account and Region, so there is no manifest to hand out. A misspelt name, another account and another Region look the same.",
    how="Correct the image in the task definition, or create the repository and push the image.",
    source=CANNOT_PULL,
    explains=Explains(
        symptoms=(
            *NOT_FOUND,
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
        )
    ),
)
WRONG_REGION = Fault(
    id="wrong-region",
    kind="image",
    title="The image reference names the Region that its repository is in",
    why="A repository belongs to one Region, and the Region stands in the image's host name. The registry of the named Region has no repository of this name, and that of another Region has.",
    how="Name the repository's own Region in the task definition, or have ECR replicate the repository to the Region that is named.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html",
    explains=Explains(
        symptoms=(
            *NOT_FOUND,
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.NO_BASIC_AUTH,
            SymptomId.REGISTRY_ACCESS_DENIED,
        )
    ),
)
TAG_NOT_FOUND = Fault(
    id="tag-not-found",
    kind="image",
    title="The repository has the tag that the task names",
    why="The repository exists but has no image with this tag: it was never pushed, was moved to another image, or a lifecycle policy removed it.",
    how="Push the tag, or name one that exists in the task definition.",
    source=CANNOT_PULL,
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)
DIGEST_NOT_FOUND = Fault(
    id="digest-not-found",
    kind="image",
    title="The repository has the digest that the task names",
    why="The task definition pins a digest that the repository does not hold, often because a lifecycle policy removed the untagged image.",
    how="Name a digest that exists, or push the image again.",
    source=CANNOT_PULL,
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)
DIGEST_EXPIRED = Fault(
    id="image-digest-expired",
    kind="image",
    title="The repository still has the digest that the deployment pinned",
    why="ECS resolves an image's tag to a digest when it deploys a service, and starts every task of that deployment with the digest. The tag has moved to another image since, and the old one was removed, by a lifecycle policy or by hand.",
    how="Force a new deployment, which resolves the tag again. Use a new tag for each build, and let the lifecycle policy keep the images that run.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability",
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)
IMAGE_ARCHIVED = Fault(
    id="image-archived",
    kind="image",
    title="The image is not in ECR's archive storage class",
    why="An archived image is still listed, but it cannot be pulled until it has been restored.",
    how="Restore the image (up to 20 minutes) or push it again.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html",
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)
UNSUPPORTED_ARTIFACT = Fault(
    id="unsupported-artifact",
    kind="platform",
    title="The tag points to a container image",
    why="A repository also holds things that are no container image: build attestations, signatures, Helm charts, lists of components. The tag points to one of these, and the container runtime cannot make a container of it.",
    how="Push the image again under the tag; with docker buildx, push with --provenance=false --sbom=false.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html",
    explains=Explains(
        symptoms=(SymptomId.PLATFORM_MISMATCH, SymptomId.UNSUPPORTED_ARTIFACT, SymptomId.MANIFEST_UNSUPPORTED)
    ),
)
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
PLATFORM_MISMATCH = Fault(
    id="platform-mismatch",
    kind="platform",
    title="The image has a variant for the task's operating system and architecture",
    why="The task runs on one operating system and processor architecture, and the image was built for another one: typically on an ARM laptop for X86_64 tasks, or for X86_64 only.",
    how="Build and push the image for the task's platform (docker buildx build --platform), or set runtimePlatform in the task definition to a platform that the image has.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#runtime-platform",
    explains=Explains(
        symptoms=(
            SymptomId.PLATFORM_MISMATCH,
            SymptomId.WINDOWS_OS_MISMATCH,
            SymptomId.UNSUPPORTED_ARTIFACT,
            SymptomId.MANIFEST_UNSUPPORTED,
        )
    ),
)
