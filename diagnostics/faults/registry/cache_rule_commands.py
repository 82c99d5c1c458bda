"""A pull-through cache rule as commands and as code, with the secret that it logs in with."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.registry.secret_values import SECRET_ARN, new_secret, without_secret
from diagnostics.write import Variable, quoted
from diagnostics.write.snippets import Reference, as_code, label, logical

_RULE = ("aws_ecr_pull_through_cache_rule", "AWS::ECR::PullThroughCacheRule")
_SECRET = ("aws_secretsmanager_secret", "AWS::SecretsManager::Secret")
SECRET_PREFIX = "ecr-pullthroughcache/"


def made_rule(
    prefix: str, url: str | Variable, region: str, secret: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Commands that make a rule, and those that take it back; `secret` is the name of a new secret that it logs in with."""
    where = f"--region {quoted(region)}"
    log_in = f" --credential-arn {quoted(SECRET_ARN)}" if secret else ""
    make = (
        f"aws ecr create-pull-through-cache-rule --ecr-repository-prefix {quoted(prefix)} --upstream-registry-url {quoted(url)}"
        f"{log_in} {where} --query ecrRepositoryPrefix --output text"
    )
    delete = f"aws ecr delete-pull-through-cache-rule --ecr-repository-prefix {quoted(prefix)} {where} --query ecrRepositoryPrefix --output text"
    if secret is None:
        return (make,), (delete,)
    return (new_secret(secret, region), make), (delete, without_secret(secret, region))


def rule_as_code(prefix: str, url: str, secret: str | None) -> tuple[str, str]:
    """A rule as Terraform and as CloudFormation, with the secret that it logs in with."""
    arguments: dict[str, Any] = {"ecr_repository_prefix": prefix, "upstream_registry_url": url}
    if secret is None:
        return as_code(_RULE, f"cache-{prefix}", **arguments)
    name = f"upstream-{prefix}"
    arn = Reference(f"aws_secretsmanager_secret.{label(name)}.arn", f"!Ref {logical(name)}")
    kept = as_code(_SECRET, name, name=secret)
    rule = as_code(_RULE, f"cache-{prefix}", **arguments, credential_arn=arn)
    return f"{kept[0]}\n\n{rule[0]}", f"{kept[1]}\n{rule[1]}"
