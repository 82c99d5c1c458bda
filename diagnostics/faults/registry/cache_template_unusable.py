"""ECR cannot create the repository for a first pull as the registry's repository creation template wants it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.images import Place, reference_of
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.refusal_words import not_told
from diagnostics.faults.permissions.role_policy_changes import change_trust
from diagnostics.faults.registry.cache_keys import trouble_of, usable_again
from diagnostics.faults.registry.first_pulls import RuleRoom
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.policy import CannotTell, Denied, Document, evaluate_trust, parse_document
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import (
    ImageFacts,
    KmsKey,
    PullThroughCacheRule,
    RepositoryCreationTemplate,
    Role,
    creation_template,
    need,
)
from diagnostics.write import chain, quoted
from diagnostics.write.policies import Json

CACHE_TEMPLATE = Fault(
    id="pull-through-cache-template-unusable",
    kind="image",
    title="The cache's repository can be created as its template wants it",
    short="the cache cannot create the image's repository",
    why="On the first pull through a pull-through cache ECR creates the repository as the repository creation template of its prefix says. A template with a KMS key or with tags needs a role of its own (customRoleArn), because ECR's service-linked role may create plain repositories only. The template has none, its role does not exist or does not trust ecr.amazonaws.com, or its key cannot be used, so there is no repository to pull from.",
    how="Give the template a role that trusts ecr.amazonaws.com and may create and tag repositories and use the key; or take key and tags out of the template; or create the repository by hand before the first pull.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create.html",
    explains=Explains(symptoms=MISSING_OR_REFUSED),
)

_ECR = "ecr.amazonaws.com"
_READ = "ecr:DescribeRepositoryCreationTemplates"
_TRUST: Json = {"Effect": "Allow", "Principal": {"Service": _ECR}, "Action": "sts:AssumeRole"}


def _judge(world: World, image: ContainerImage, rule: PullThroughCacheRule) -> Outcome:
    """What the template's role may do beyond being assumed is not looked at."""
    place, facts = Place.of(reference_of(image)), world.image_facts(image)
    if need(facts.repository) is not None:
        return skipped(CACHE_TEMPLATE, "the repository is there, so that no template makes it")
    templates = need(facts.creation_templates)
    template = creation_template(place.repository, templates or ())
    if template is None:
        return passes(CACHE_TEMPLATE, "No repository creation template applies to the cache's repositories")
    if template.kms_key is not None:
        key = need(facts.template_key)
        if (trouble := trouble_of(key)) is not None:
            return _key(world, place, template, key, trouble)
    if template.custom_role_arn is None:
        if template.by_kms or template.tagged:
            return _no_role(world, place, template)
        return passes(CACHE_TEMPLATE, f"Template {template.prefix} needs no role")
    return _of_role(world, place, template, facts)


def _of_role(world: World, place: Place, template: RepositoryCreationTemplate, facts: ImageFacts) -> Outcome:
    role = need(facts.template_role)
    arn = template.custom_role_arn or ""
    if role is None:
        return _no_role(world, place, template)
    trust = parse_document("trust", arn, role.assume_role_policy_document or "")
    decision = evaluate_trust(trust, _ECR, {"aws:SourceAccount": (place.account,)})
    if isinstance(decision, CannotTell):
        return unknown(CACHE_TEMPLATE, not_told("sts:AssumeRole", decision), "manifest", (arn,))
    if isinstance(decision, Denied) and isinstance(trust, Document):
        return _no_trust(world, place, template, role, trust, decision)
    return passes(CACHE_TEMPLATE, f"ECR can assume the role of template {template.prefix}")


def _fails(
    place: Place, template: RepositoryCreationTemplate, says: str, more: Evidence, resources: tuple[str, ...], fix: Fix,
    page: str | None,
) -> Outcome:  # fmt: skip
    wants = " and ".join(
        word for word, is_so in (("a KMS key", template.by_kms), ("tags", template.tagged)) if is_so
    )
    with_ = f", which gives repositories {wants}" if wants else ""
    return fails(
        CACHE_TEMPLATE,
        f"{says}, so ECR cannot create repository {place.repository} for the first pull.",
        stage="manifest",
        resources=resources,
        evidence=(
            Evidence(what=f"repository creation template {template.prefix} is for {place.repository}{with_}", source=_READ),
            more,
        ),
        fix=fix,
        console_url=page,
        named=True,
    )  # fmt: skip


# --- the key -----------------------------------------------------------------------------------------


def _key(
    world: World, place: Place, template: RepositoryCreationTemplate, key: KmsKey | None, trouble: str
) -> Outcome:
    arn = (key.arn if key else None) or template.kms_key or ""
    plain = Fix(
        title="Let the template encrypt as ECR does by itself",
        text="Let the template encrypt as ECR does by itself, or name another key there.",
        warning="Somebody wanted the repositories of this prefix encrypted with a key of their own: ask them.",
        cli=_update(place, template, "--encryption-configuration encryptionType=AES256"),
        verify=_shown(place, template, "encryptionConfiguration.encryptionType"),
        expect="AES256",
        undo=_update(place, template, f"--encryption-configuration {quoted(_encryption(template))}"),
        then=then_for(world),
    )
    return _fails(
        place,
        template,
        f"Key {arn} of repository creation template {template.prefix} {trouble}",
        Evidence(what=f"the key {trouble}", source="kms:DescribeKey"),
        (arn, template.prefix),
        usable_again(world, key, arn, place.region, plain),
        console.kms_key(place.region, arn.rsplit("/", 1)[-1]),
    )


def _encryption(template: RepositoryCreationTemplate) -> Mapping[str, Any]:
    given = template.encryption_configuration
    kind = given.encryption_type if given else None
    return {"encryptionType": kind or "KMS", "kmsKey": template.kms_key}


# --- the role ----------------------------------------------------------------------------------------


def _no_role(world: World, place: Place, template: RepositoryCreationTemplate) -> Outcome:
    named = template.custom_role_arn
    account, partition = place.account, place.arn.split(":")[1]
    arn = named or f"arn:{partition}:iam::{account}:role/ecr-repository-creation"
    says = (
        f"Role {named} of repository creation template {template.prefix} does not exist"
        if named
        else f"Repository creation template {template.prefix} has no role (customRoleArn)"
    )
    return _fails(
        place,
        template,
        says,
        Evidence(what=f"there is no role {named}", source="iam:GetRole")
        if named
        else Evidence(what=f"template {template.prefix} names no customRoleArn", source=_READ),
        (named, template.prefix) if named else (template.prefix,),
        _make_role(world, place, template, arn, named is None),
        console.repositories(place.region, place.account),
    )


def _make_role(
    world: World, place: Place, template: RepositoryCreationTemplate, arn: str, attach: bool
) -> Fix:
    """A role with what AWS's page gives it, on the repositories of the prefix and the template's key alone."""
    name, policy = quoted(arn.rsplit("/", 1)[-1]), "create-repositories"
    path = arn.split(":role", 1)[1].rsplit("/", 1)[0]
    below = f" --path {quoted(path + '/')}" if path else ""
    trust: Json = {"Version": "2012-10-17", "Statement": [_TRUST]}
    commands = [
        f"aws iam create-role --role-name {name}{below} --assume-role-policy-document {quoted(trust)}",
        f"aws iam put-role-policy --role-name {name} --policy-name {policy} --policy-document {quoted(_may(place, template))}",
    ]
    if attach:
        commands.append(_update(place, template, f"--custom-role-arn {quoted(arn)}"))
    made = chain(
        f"aws iam delete-role-policy --role-name {name} --policy-name {policy}",
        f"aws iam delete-role --role-name {name}",
    )
    return Fix(
        title=f"Make role {arn.rsplit('/', 1)[-1]}",
        text=f"Make role {arn.rsplit('/', 1)[-1]}, which ECR creates the repositories of {template.prefix} with{', and name it in the template' if attach else ''}.",
        cli=chain(*commands),
        verify=chain(
            _shown(place, template, "customRoleArn"),
            f"aws iam get-role --role-name {name} --query Role.Arn --output text",
        ),
        expect=f"{arn}\n{arn}",
        undo=None if attach else made,
        undo_note="The API cannot take a role out of a template again: make the template anew without it, then delete the role."
        if attach
        else None,
        then=then_for(world),
    )


def _may(place: Place, template: RepositoryCreationTemplate) -> Json:
    below = "" if template.prefix == "ROOT" else f"{template.prefix.rstrip('/')}/"
    repositories = f"{place.arn.removesuffix(place.repository)}{below}*"
    statements = policy_edits.allowing(
        [
            *((action, repositories) for action in ("ecr:CreateRepository", "ecr:TagResource")),
            *(
                (action, template.kms_key)
                for action in ("kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey")
                if template.kms_key is not None
            ),
        ]
    )
    return policy_edits.added(None, *statements)


def _no_trust(
    world: World,
    place: Place,
    template: RepositoryCreationTemplate,
    role: Role,
    trust: Document,
    decision: Denied,
) -> Outcome:
    arn, name = template.custom_role_arn or role.arn, role.role_name
    if decision.statement is not None:
        # A Deny is somebody's intention: nothing is to be pasted over it.
        fix = Fix(
            text=f"Ask the owner of role {name} to take {_ECR} out of what {decision.statement.label} of its trust policy denies, or give the template another role.",
        )
    else:
        old = policy_edits.as_written(trust)
        fix = change_trust(
            arn,
            old,
            policy_edits.added(trust, _TRUST),
            title=f"Let {_ECR} assume {name}",
            text=f"Let {_ECR} assume {name}; its other statements stay.",
        ).model_copy(update={"then": then_for(world)})
    return _fails(
        place,
        template,
        f"Role {name} of repository creation template {template.prefix} does not let {_ECR} assume it",
        Evidence(what=json.dumps(dict(trust.text)), source="iam:GetRole"),
        (arn, template.prefix),
        fix,
        console.role(place.region, name),
    )


# --- commands ----------------------------------------------------------------------------------------


def _update(place: Place, template: RepositoryCreationTemplate, change: str) -> str:
    return f"aws ecr update-repository-creation-template --prefix {quoted(template.prefix)} {change} --region {place.region} --query repositoryCreationTemplate.prefix --output text"


def _shown(place: Place, template: RepositoryCreationTemplate, what: str) -> str:
    return f"aws ecr describe-repository-creation-templates --prefixes {quoted(template.prefix)} --region {place.region} --query 'repositoryCreationTemplates[0].{what}' --output text"


ROOM = RuleRoom(CACHE_TEMPLATE, _judge)
