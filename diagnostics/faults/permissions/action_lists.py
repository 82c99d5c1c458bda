"""The actions of a statement without some of them, as patterns.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import translate

_ECR = """
BatchCheckLayerAvailability BatchDeleteImage BatchGetImage BatchGetRepositoryScanningConfiguration BatchImportUpstreamImage
CompleteLayerUpload CreatePullThroughCacheRule CreateRepository CreateRepositoryCreationTemplate DeleteLifecyclePolicy
DeletePullThroughCacheRule DeleteRegistryPolicy DeleteRepository DeleteRepositoryCreationTemplate DeleteRepositoryPolicy
DeleteSigningConfiguration DeregisterPullTimeUpdateExclusion DescribeImageReplicationStatus DescribeImageScanFindings
DescribeImageSigningStatus DescribeImages DescribePullThroughCacheRules DescribeRegistry DescribeReplicationBackfillResults
DescribeRepositories DescribeRepositoryCreationTemplates GetAccountSetting GetAuthorizationToken GetDownloadUrlForLayer
GetImageCopyStatus GetLifecyclePolicy GetLifecyclePolicyPreview GetRegistryPolicy GetRegistryScanningConfiguration
GetRepositoryPolicy GetSigningConfiguration InitiateLayerUpload ListImageReferrers ListImages ListPullTimeUpdateExclusions
ListReplicationBackfills ListTagsForResource PutAccountSetting PutImage PutImageScanningConfiguration PutImageTagMutability
PutLifecyclePolicy PutRegistryPolicy PutRegistryScanningConfiguration PutReplicationConfiguration PutSigningConfiguration
RegisterPullTimeUpdateExclusion ReplicateImage SetRepositoryPolicy StartImageScan StartLifecyclePolicyPreview
StartReplicationBackfill StopReplicationBackfill TagResource UntagResource UpdateImageStorageClass UpdatePullThroughCacheRule
UpdateRepositoryCreationTemplate UploadLayerPart ValidatePullThroughCacheRule
""".split()  # noqa: SIM905


def matches(pattern: str, action: str) -> bool:
    """A pattern of Action or NotAction fits an action; case does not count."""
    text = translate(pattern.lower().replace("[", "[[]"))
    return re.match(text, action.lower()) is not None


def apart(patterns: Iterable[str], actions: Collection[str]) -> tuple[list[str], list[str]]:
    """The patterns that fit none of these actions, and those that fit one."""
    every = list(patterns)
    hit = [item for item in every if any(matches(item, action) for action in actions)]
    return [item for item in every if item not in hit], hit


def without(patterns: Iterable[str], actions: Collection[str]) -> list[str] | None:
    """Patterns for all that these fit but for some actions; `None` where that cannot be written down.

    A pattern of ECR, such as `ecr:Batch*`, is written out: by the verbs of which nothing is left out, and the rest by name.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        service, _, _ = pattern.lower().partition(":")
        if not set(pattern) & set("*?"):
            continue
        if service != "ecr":
            return None
        found.update(dict.fromkeys(_written_out(pattern, actions)))
    return list(found)


def _written_out(pattern: str, actions: Collection[str]) -> Iterable[str]:
    left = [name for name in _ECR if matches(pattern, f"ecr:{name}")]
    gone = {action.lower() for action in actions}
    by_verb: dict[str, list[str]] = {}
    for name in left:
        match = re.match(r"[A-Z][a-z]+", name)
        by_verb.setdefault(match[0] if match else name, []).append(name)
    for verb, names in by_verb.items():
        kept = [name for name in names if f"ecr:{name}".lower() not in gone]
        all_of_it = kept == [name for name in _ECR if name.startswith(verb)]
        # "ecr:Batch*" stands for what AWS adds later too, as the pattern did.
        if all_of_it and matches(pattern, f"ecr:{verb}Anything"):
            yield f"ecr:{verb}*"
        else:
            yield from (f"ecr:{name}" for name in kept)
