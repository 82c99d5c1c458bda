"""Corrections of moto's Amazon ECR: other accounts' registries, image sizes, pull-through cache rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.ecr.models import Image
from moto.ecr.responses import ECRResponse

from demo.aws.errors import AwsRefusal


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""
    _sizes_are_those_of_the_layers(patches)
    _other_accounts_deny(patches)
    for call in (
        describe_pull_through_cache_rules,
        create_pull_through_cache_rule,
        delete_pull_through_cache_rule,
        describe_repository_creation_templates,
        create_repository_creation_template,
        update_repository_creation_template,
        delete_repository_creation_template,
        get_account_setting,
    ):
        patches.enter_context(mock.patch.object(ECRResponse, call.__name__, call, create=True))


def _sizes_are_those_of_the_layers(patches: ExitStack) -> None:
    """Let imageSizeInBytes be what the registry stores.

    AWS: ImageDetail https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
    moto: the size of the image's configuration.
    """

    def size(image: Image) -> int | None:
        manifest = json.loads(image.image_manifest)
        if "layers" not in manifest:
            return None
        return sum(int(part["size"]) for part in (manifest["config"], *manifest["layers"]))

    patches.enter_context(mock.patch.object(Image, "get_image_size_in_bytes", size))


def _other_accounts_deny(patches: ExitStack) -> None:
    """Refuse to read another account's registry.

    AWS: denied unless the other account's repository policy allows the call
    (https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html).
    moto: says that the repository does not exist, whatever the other account holds.
    """
    call_action: Callable[[ECRResponse], Any] = ECRResponse.call_action

    def guarded(self: ECRResponse) -> Any:
        registry = self._get_param("registryId")
        if registry is None or registry == self.current_account:
            return call_action(self)
        action = self._get_action()
        name = self._get_param("repositoryName") or next(iter(self._get_param("repositoryNames") or ["*"]))
        raise AwsRefusal(
            "AccessDeniedException",
            f"User: arn:{self.partition}:iam::{self.current_account}:user/on-call is not authorized to "
            f"perform: ecr:{action} on resource: "
            f"arn:{self.partition}:ecr:{self.region}:{registry}:repository/{name} because no "
            f"resource-based policy allows the ecr:{action} action",
        )

    patches.enter_context(mock.patch.object(ECRResponse, "call_action", guarded))


# AWS: Sync an upstream registry with an Amazon ECR private registry
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
def _rules(response: ECRResponse) -> dict[str, dict[str, Any]]:
    """The Region's cache rules by prefix, kept on moto's backend so that a reset forgets them."""
    backend: Any = response.ecr_backend
    if not hasattr(backend, "pull_through_cache_rules"):
        backend.pull_through_cache_rules = {}
    rules: dict[str, dict[str, Any]] = backend.pull_through_cache_rules
    return rules


def describe_pull_through_cache_rules(self: ECRResponse) -> ActionResult:
    """DescribePullThroughCacheRules; moto does not have it."""
    rules, wanted = _rules(self), self._get_param("ecrRepositoryPrefixes")
    for prefix in wanted or []:
        if prefix not in rules:
            raise _no_rule(self, prefix)
    return ActionResult({"pullThroughCacheRules": [rules[prefix] for prefix in wanted or rules]})


def create_pull_through_cache_rule(self: ECRResponse) -> ActionResult:
    """CreatePullThroughCacheRule; moto does not have it."""
    now = datetime.now(UTC)
    rule = {
        "ecrRepositoryPrefix": self._get_param("ecrRepositoryPrefix"),
        "upstreamRegistryUrl": self._get_param("upstreamRegistryUrl"),
        "upstreamRegistry": self._get_param("upstreamRegistry"),
        "credentialArn": self._get_param("credentialArn"),
        "registryId": self.current_account,
        "createdAt": now,
        "updatedAt": now,
    }
    _rules(self)[rule["ecrRepositoryPrefix"]] = rule
    return ActionResult(rule)


def delete_pull_through_cache_rule(self: ECRResponse) -> ActionResult:
    """DeletePullThroughCacheRule; moto does not have it."""
    prefix = self._get_param("ecrRepositoryPrefix")
    rule = _rules(self).pop(prefix, None)
    if rule is None:
        raise _no_rule(self, prefix)
    return ActionResult(rule)


def _no_rule(response: ECRResponse, prefix: str) -> AwsRefusal:
    return AwsRefusal(
        "PullThroughCacheRuleNotFoundException",
        f"Pull through cache rule with ecrRepositoryPrefix '{prefix}' not found in the registry with id "
        f"'{response.current_account}'",
    )


# AWS: Templates to control repositories created during a pull through cache, create on push, or replication action
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
_TEMPLATE = (
    "prefix", "description", "encryptionConfiguration", "resourceTags", "imageTagMutability", "repositoryPolicy",
    "lifecyclePolicy", "appliedFor", "customRoleArn",
)  # fmt: skip


def _templates(response: ECRResponse) -> dict[str, dict[str, Any]]:
    """The Region's creation templates by prefix, kept as the cache rules are."""
    backend: Any = response.ecr_backend
    if not hasattr(backend, "creation_templates"):
        backend.creation_templates = {}
    templates: dict[str, dict[str, Any]] = backend.creation_templates
    return templates


def _template_given(response: ECRResponse) -> dict[str, Any]:
    given = {name: response._get_param(name) for name in _TEMPLATE}
    return {name: value for name, value in given.items() if value is not None}


def describe_repository_creation_templates(self: ECRResponse) -> ActionResult:
    """DescribeRepositoryCreationTemplates; moto does not have it."""
    templates, wanted = _templates(self), self._get_param("prefixes")
    found = [templates[prefix] for prefix in wanted or templates if prefix in templates]
    return ActionResult({"registryId": self.current_account, "repositoryCreationTemplates": found})


def create_repository_creation_template(self: ECRResponse) -> ActionResult:
    """CreateRepositoryCreationTemplate; moto does not have it."""
    now = datetime.now(UTC)
    template = {"imageTagMutability": "MUTABLE", **_template_given(self), "createdAt": now, "updatedAt": now}
    if template["prefix"] in _templates(self):
        raise AwsRefusal(
            "TemplateAlreadyExistsException",
            f"The repository creation template with prefix '{template['prefix']}' already exists",
        )
    _templates(self)[template["prefix"]] = template
    return ActionResult({"registryId": self.current_account, "repositoryCreationTemplate": template})


def update_repository_creation_template(self: ECRResponse) -> ActionResult:
    """UpdateRepositoryCreationTemplate: what is not given stays; moto does not have it."""
    template = _templates(self).get(self._get_param("prefix"))
    if template is None:
        raise _no_template(self)
    template.update(_template_given(self), updatedAt=datetime.now(UTC))
    return ActionResult({"registryId": self.current_account, "repositoryCreationTemplate": template})


def delete_repository_creation_template(self: ECRResponse) -> ActionResult:
    """DeleteRepositoryCreationTemplate; moto does not have it."""
    template = _templates(self).pop(self._get_param("prefix"), None)
    if template is None:
        raise _no_template(self)
    return ActionResult({"registryId": self.current_account, "repositoryCreationTemplate": template})


def _no_template(response: ECRResponse) -> AwsRefusal:
    return AwsRefusal(
        "TemplateNotFoundException",
        f"The repository creation template with prefix '{response._get_param('prefix')}' does not exist in the registry "
        f"with id '{response.current_account}'",
    )


def get_account_setting(self: ECRResponse) -> ActionResult:
    """GetAccountSetting: what a registry is set to that nobody changed; moto does not have it.

    AWS: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAccountSetting.html
    """
    defaults = {
        "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE",
        "REGISTRY_POLICY_SCOPE": "V2",
        "BLOB_MOUNTING": "DISABLED",
    }
    name = self._get_param("name")
    if name not in defaults:
        raise AwsRefusal(
            "InvalidParameterException", f"Invalid parameter at 'name': '{name}' is not a setting"
        )
    return ActionResult({"name": name, "value": defaults[name]})
