"""What is asked where the first pull through a pull-through cache would have to create the repository, and what is not."""

from __future__ import annotations

from typing import Any

from diagnostics.collect import plan
from diagnostics.collect.perform import perform
from diagnostics.snapshot import ImageFacts, Known, Unavailable, Why
from tests.build import ACCOUNT, Edit, absent, changed, fargate, known
from tests.build.asked import Asking
from tests.build.images import facts, named
from tests.faults.registry.worlds import (
    BY_KMS,
    CACHED,
    KEY,
    NAME,
    SECRET,
    TEMPLATE_ROLE,
    encrypted,
    first,
    key,
    template,
    template_role,
    templates,
)

from .replaying import replay

TEMPLATES = f"ecr:DescribeRepositoryCreationTemplates {ACCOUNT}"
KEY_OF = f"kms:DescribeKey {KEY}"
AWS_KEY = "kms:DescribeKey alias/aws/secretsmanager"
ROLE = f"iam:GetRole {TEMPLATE_ROLE}"
OTHERS = CACHED.replace(ACCOUNT, "444455556666")


def asked(*edits: Edit) -> tuple[ImageFacts, set[str]]:
    """A world read again, and what was asked for the sake of its first pull."""
    whole = changed(fargate(), *edits)
    asking = Asking(whole)
    snapshot, answers = replay(
        lambda ask: plan.build(whole.target, ask, region=whole.region),
        lambda call: perform(call, asking).fact,
    )
    sent = {f"{call.operation.action} {call.resource}" for call in answers}
    wanted = {TEMPLATES, KEY_OF, AWS_KEY, ROLE, f"secretsmanager:DescribeSecret {SECRET}"}
    return snapshot.images[0], sent & wanted


def test_all_that_the_rule_and_the_template_name() -> None:
    found, sent = asked(
        *first(encrypted(), facts(cache_key=key()), facts(template_key=key())),
        templates(template(**BY_KMS, customRoleArn=TEMPLATE_ROLE)),
        template_role(),
    )
    assert sent == {TEMPLATES, KEY_OF, ROLE, f"secretsmanager:DescribeSecret {SECRET}"}
    for fact in (
        found.cache_secret,
        found.cache_key,
        found.creation_templates,
        found.template_role,
        found.template_key,
    ):
        assert isinstance(fact, Known)


def test_nothing_of_it_where_the_image_is_there() -> None:
    _, sent = asked(templates())
    assert sent == set()


def test_no_template_where_the_repository_is_there() -> None:
    there: dict[str, Any] = {
        "repositoryArn": f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{NAME}",
        "repositoryName": NAME,
    }
    found, sent = asked(*first(), facts(repository=known(there), detail=absent()))
    assert TEMPLATES not in sent
    assert not isinstance(found.creation_templates, Known)


def test_neither_role_nor_key_of_a_plain_template() -> None:
    _, sent = asked(*first(templates(template())))
    assert sent == {TEMPLATES, f"secretsmanager:DescribeSecret {SECRET}"}


def test_aws_own_key_is_not_asked_for() -> None:
    _, sent = asked(*first(encrypted("alias/aws/secretsmanager"), templates()))
    assert AWS_KEY not in sent


def test_another_accounts_templates_are_not_asked_for() -> None:
    found, sent = asked(*first(templates()), named(OTHERS))
    assert TEMPLATES not in sent
    assert isinstance(found.creation_templates, Unavailable)
    assert found.creation_templates.reason.why is Why.TEMPLATES_OF_ANOTHER
