"""The repository that an image is pulled from, as the rooms name it."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics import console
from diagnostics.faults.image.faults import REPO_NOT_FOUND
from diagnostics.faults.permissions.pulling_role import Attempt, Puller
from diagnostics.snapshot import Absent


@dataclass(frozen=True)
class Repository:
    """A repository of private ECR by its ARN."""

    arn: str
    partition: str
    region: str
    account: str
    name: str

    @property
    def page(self) -> str | None:
        """Its page in the console."""
        return console.repository(self.region, self.account, self.name)


def repository_of(puller: Puller) -> Repository:
    """The repository that a role pulls from."""
    _, partition, _, region, account, resource = puller.repository_arn.split(":", 5)
    return Repository(puller.repository_arn, partition, region, account, resource.removeprefix("repository/"))


def no_policy_counts(attempt: Attempt) -> str | None:
    """Why the repository's policy is not asked about; `None` where it is."""
    if isinstance(attempt.world.image_facts(attempt.image).repository, Absent):
        return f"the repository does not exist: {REPO_NOT_FOUND.id}"
    if attempt.image.injected:
        return "the repository belongs to AWS, which lets every account pull"
    return None
