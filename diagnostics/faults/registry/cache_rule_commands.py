"""Commands and code that make a pull-through cache rule, and the secret that it logs in with."""

from __future__ import annotations

from diagnostics.write import quoted

SECRET_PREFIX = "ecr-pullthroughcache/"


def new_secret(name: str, region: str) -> str:
    """A command that keeps the content of `credentials.json` in a new secret, whose ARN is then `$secret`."""
    return (
        f"secret=$(aws secretsmanager create-secret --name {quoted(name)} --secret-string file://credentials.json"
        f" --region {region} --query ARN --output text)"
    )


def rule_in_terraform(prefix: str, url: str, *, secret: bool) -> str:
    """A pull-through cache rule as Terraform, with the secret that it logs in with."""
    name = prefix.replace("-", "_").replace(".", "_")
    more = f"\n  credential_arn        = aws_secretsmanager_secret.{name}.arn" if secret else ""
    rule = f'resource "aws_ecr_pull_through_cache_rule" "{name}" {{\n  ecr_repository_prefix = "{prefix}"\n  upstream_registry_url = "{url}"{more}\n}}'
    kept = f'resource "aws_secretsmanager_secret" "{name}" {{\n  name = "{SECRET_PREFIX}{prefix}"\n}}\n\n'
    return f"{kept if secret else ''}{rule}"


def rule_in_cloudformation(prefix: str, url: str, *, secret: bool) -> str:
    """The same as CloudFormation."""
    more = "\n    CredentialArn: !Ref UpstreamSecret" if secret else ""
    rule = f"CacheRule:\n  Type: AWS::ECR::PullThroughCacheRule\n  Properties:\n    EcrRepositoryPrefix: {prefix}\n    UpstreamRegistryUrl: {url}{more}"
    kept = f"UpstreamSecret:\n  Type: AWS::SecretsManager::Secret\n  Properties:\n    Name: {SECRET_PREFIX}{prefix}\n"
    return f"{kept if secret else ''}{rule}"
