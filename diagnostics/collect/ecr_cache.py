"""Reads what the first pull through a pull-through cache rule needs: its upstream secret, and the template of its repositories."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.collect import calls
from diagnostics.collect.iam import name_of
from diagnostics.collect.reading import Reader
from diagnostics.image_reference import ImageReference
from diagnostics.pull import is_secrets_manager, region_named
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    KmsKey,
    Known,
    PullThroughCacheRule,
    Reason,
    Repository,
    RepositoryCreationTemplate,
    Role,
    Secret,
    Unavailable,
    Why,
    creation_template,
    serving_rule,
)


@dataclass(frozen=True)
class CacheFacts:
    """What a first pull needs, as fields of `ImageFacts`."""

    cache_secret: Fact[Secret] = NOT_ASKED
    cache_key: Fact[KmsKey] = NOT_ASKED
    creation_templates: Fact[tuple[RepositoryCreationTemplate, ...]] = NOT_ASKED
    template_role: Fact[Role] = NOT_ASKED
    template_key: Fact[KmsKey] = NOT_ASKED


def read_cache(
    reader: Reader,
    reference: ImageReference,
    rules: Fact[tuple[PullThroughCacheRule, ...]],
    repository: Fact[Repository],
    account: str | None,
) -> CacheFacts:
    """What the rule that serves the name logs in upstream with, and what its repository is made by where there is none yet.

    `account` is the account that asks: nobody else's templates can be read.
    """
    rule = serving_rule(reference.repository, rules.value) if isinstance(rules, Known) else None
    if rule is None:
        return CacheFacts()
    secret = _read_secret(reader, rule)
    templates = _read_templates(reader, reference, repository, account)
    found = creation_template(reference.repository, templates.value) if isinstance(templates, Known) else None
    role, key = (found.custom_role_arn, found.kms_key) if found is not None else (None, None)
    return CacheFacts(
        cache_secret=secret,
        cache_key=_read_key_of(reader, secret, rule),
        creation_templates=templates,
        template_role=reader.read(calls.GET_ROLE, {"RoleName": name_of(role)}, about=role)
        if role
        else NOT_ASKED,
        template_key=_read_key(reader, key, reference.region) if key else NOT_ASKED,
    )


def _read_secret(reader: Reader, rule: PullThroughCacheRule) -> Fact[Secret]:
    arn = rule.credential_arn
    if not arn or not is_secrets_manager(arn):
        return NOT_ASKED
    return reader.read(calls.DESCRIBE_SECRET, {"SecretId": arn}, about=arn, region=region_named(arn))


def _read_key_of(reader: Reader, secret: Fact[Secret], rule: PullThroughCacheRule) -> Fact[KmsKey]:
    """The key of the secret, where it is not AWS's own, which anybody may use who may read the secret."""
    key = secret.value.kms_key_id if isinstance(secret, Known) else None
    if not key or "alias/aws/" in key:
        return NOT_ASKED
    return _read_key(reader, key, region_named(rule.credential_arn or ""))


def _read_key(reader: Reader, key: str, region: str | None) -> Fact[KmsKey]:
    return reader.read(calls.DESCRIBE_KEY, {"KeyId": key}, about=key, region=region_named(key) or region)


def _read_templates(
    reader: Reader, reference: ImageReference, repository: Fact[Repository], account: str | None
) -> Fact[tuple[RepositoryCreationTemplate, ...]]:
    if not isinstance(repository, Absent):
        return NOT_ASKED
    if account is not None and reference.account_id != account:
        return Unavailable(
            reason=Reason.about(Why.TEMPLATES_OF_ANOTHER, reference.account_id or ""),
            call=calls.DESCRIBE_CREATION_TEMPLATES.action,
            resource=reference.account_id,
        )
    return reader.read(calls.DESCRIBE_CREATION_TEMPLATES, about=reference.account_id, region=reference.region)
