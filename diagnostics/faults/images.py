"""One image of a task, as sentences and commands name it: its containers, and its repository in private ECR."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics import console
from diagnostics.faults.base import Subject
from diagnostics.finding import Fix
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.write import chain, quoted


def image_of(subject: Subject) -> ContainerImage:
    """The image that a subject is about."""
    assert subject.image is not None
    return subject.image


def containers(image: ContainerImage) -> str:
    """`container app`, `containers app and worker`; `the task` where the image is known from an error text alone."""
    names = image.containers
    if not names:
        return "the task"
    if len(names) == 1:
        return f"container {names[0]}"
    return f"containers {', '.join(names[:-1])} and {names[-1]}"


def reference_of(image: ContainerImage) -> ImageReference:
    """The reference of an image that is known to have a valid one."""
    assert image.reference is not None
    return image.reference


def image_id(reference: ImageReference) -> str:
    """`imageTag=1.4.2` or `imageDigest=sha256:…`: how ECR's commands name the image of a repository."""
    kind = "imageDigest" if reference.digest else "imageTag"
    return f"{kind}={reference.tag_or_digest}"


def found_there(place: Place, which: str) -> str:
    """The command that counts the images of a repository which a tag or digest names: 1 where it is there."""
    return f"aws ecr describe-images {place.flags} --image-ids {quoted(which)} --query 'length(imageDetails)' --output text"


def stops_without(place: Place, which: str) -> str:
    """The command that fails where a repository has no image that a tag or digest names, and prints nothing where it has."""
    return f"aws ecr describe-images {place.flags} --image-ids {quoted(which)} > /dev/null"


def log_in(place: Place) -> str:
    """The command that logs Docker in to the registry, with the credentials of whoever runs it."""
    host = place.base.partition("/")[0]
    return (
        f"aws ecr get-login-password --region {place.region} |\n"
        f"docker login --username AWS --password-stdin {quoted(host)}"
    )


def pushed_image(place: Place, tag: str, *, title: str, text: str, then: str) -> Fix:
    """A repair by an image that is pushed under a tag which no image has."""
    which = f"imageTag={tag}"
    return Fix(
        title=title,
        text=text,
        cli=chain(log_in(place), f"docker push {quoted(f'{place.base}:{tag}')}"),
        verify=found_there(place, which),
        expect="1",
        undo=f"aws ecr batch-delete-image {place.flags} --image-ids {quoted(which)}",
        then=then,
    )


@dataclass(frozen=True)
class Place:
    """A repository of private ECR and how commands name it."""

    account: str
    region: str
    repository: str
    arn: str
    base: str

    @classmethod
    def of(cls, reference: ImageReference) -> Place:
        """The repository that an image reference names.

        Raises:
            ValueError: the reference is not one of private ECR.
        """
        if reference.account_id is None or reference.region is None or reference.repository_arn is None:
            raise ValueError(f"{reference.text} is not in private ECR")
        return cls(
            account=reference.account_id,
            region=reference.region,
            repository=reference.repository,
            arn=reference.repository_arn,
            base=f"{reference.registry}/{reference.repository}",
        )

    @property
    def flags(self) -> str:
        """The options that name the repository in an `aws ecr` command."""
        return (
            f"--registry-id {self.account} --repository-name {quoted(self.repository)} --region {self.region}"
        )

    @property
    def link(self) -> str | None:
        """The repository's page of the console."""
        return console.repository(self.region, self.account, self.repository)
