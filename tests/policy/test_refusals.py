"""Every policy that refuses, each by itself: together they say what the whole evaluation says."""

from __future__ import annotations

import pytest

from diagnostics.policy import (
    Denied,
    Document,
    Missing,
    Policies,
    Refusals,
    evaluate,
    parse_document,
    refusals,
)
from tests.rows import every_row

from .cases import COMPLETE, OPEN
from .questions import (
    ACCOUNT,
    ANY_PULL,
    OTHER,
    OTHERS_REPOSITORY,
    READ_ONLY_BOUNDARY,
    ROLE,
    ROOT,
    Question,
    allow,
    deny,
    on_repository,
    policy,
    to,
)
from .random_questions import random_questions

QUESTIONS = [question for question, _ in (*COMPLETE, *OPEN)]
UNREAD = Missing(what="the policy", why="AccessDenied")
WITHOUT_ENDPOINT = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}


def asked(question: Question, **more: object) -> Refusals:
    return refusals(question.request(), question.policies().model_copy(update=more))


def outcome(found: Refusals) -> str:
    return "denied" if found.found else "cannot_tell" if found.open else "allowed"


@every_row("question", QUESTIONS, ids=lambda item: item.name)
def test_the_parts_make_the_whole(question: Question) -> None:
    assert outcome(asked(question)) == question.ask().outcome


@pytest.mark.parametrize("unread", [None, "boundary", "resource", "registry", "endpoint", "identity"])
def test_the_parts_make_the_whole_of_anything(unread: str | None) -> None:
    for question in random_questions(7, 300, settled=False):
        policies = question.policies()
        if unread == "identity":
            assert isinstance(policies.identity, tuple)
            policies = policies.model_copy(update={"identity": (*policies.identity, UNREAD)})
        elif unread is not None:
            policies = policies.model_copy(update={unread: UNREAD})
        request = question.request()
        assert outcome(refusals(request, policies)) == evaluate(request, policies).outcome, question


def test_every_policy_that_refuses_is_named() -> None:
    question = Question(
        "",
        identity=[policy(allow(), deny("ecr:Batch*", Sid="One")), policy(deny(Sid="Two"))],
        boundary=READ_ONLY_BOUNDARY,
        repository=on_repository(deny(ANY_PULL, principal="*")),
        endpoint=policy(allow("s3:*", principal="*")),
        scps=[policy(allow("s3:*"))],
    )
    assert [(item.policy_kind, item.explicit, item.statement and item.statement.label) for item in asked(question).found] == [
        ("identity", True, "statement 'One'"),
        ("identity", True, "statement 'Two'"),
        ("boundary", False, None),
        ("resource", True, "statement 1"),
        ("endpoint", False, None),
        ("scp", False, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "kind", "turns_on"),
    [
        (Question("", identity=[policy(allow(), deny(condition=WITHOUT_ENDPOINT))]), "identity", ("aws:SourceVpce",)),
        (Question("", identity=[policy(allow("ecr:*", OTHERS_REPOSITORY))]), "identity", ("resource",)),
        (Question("", identity=[policy(allow(condition={"Bool": {"aws:SecureTransport": "false"}}))]), "identity", ("aws:SecureTransport",)),
        (Question("", resource=OTHERS_REPOSITORY, identity=[policy(allow())], repository=to(f"arn:aws:iam::{OTHER}:root")), "resource", ("principal",)),
        (Question("", identity=[policy(allow())], boundary=policy(allow("ecr:*", OTHERS_REPOSITORY))), "boundary", ("resource",)),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)  # fmt: skip
def test_it_says_what_the_refusal_turned_on(question: Question, kind: str, turns_on: tuple[str, ...]) -> None:
    (found,) = asked(question).found
    assert isinstance(found, Denied)
    assert (found.policy_kind, found.turns_on) == (kind, turns_on)


def test_between_accounts_each_side_is_asked_by_itself() -> None:
    lacking = Question("", resource=OTHERS_REPOSITORY, identity=[policy(allow("s3:*"))])
    found = asked(lacking)
    assert [item.policy_kind for item in found.found] == ["identity", "resource"]
    allowed = Question("", resource=OTHERS_REPOSITORY, identity=[policy(allow("s3:*"))], repository=to(ROLE))
    assert asked(allowed).first("identity") is not None
    assert not asked(allowed).speak_of("resource")


def test_a_policy_that_was_not_read_takes_nothing_from_one_that_allows() -> None:
    question = Question("", identity=[policy(allow())])
    found = asked(question, identity=(*question.policies().identity, UNREAD))
    assert found.not_known("identity", explicit=False) == ()
    assert [item.unread for item in found.not_known("identity", explicit=True)] == [(UNREAD,)]


def test_a_deny_may_turn_on_a_boundary_that_was_not_read() -> None:
    spares = {"Effect": "Deny", "Action": "ecr:*", "NotPrincipal": {"AWS": [ROOT, ROLE, _session()]}}
    document = parse_document("resource", "repository", on_repository(spares))
    assert isinstance(document, Document)
    question = Question("", identity=[policy(allow())])
    identity = question.policies().identity
    limit = parse_document("boundary", "b", policy(allow()))
    for boundary, expected in ((None, "allowed"), (UNREAD, "cannot_tell"), (limit, "denied")):
        policies = Policies(identity=identity, boundary=boundary, resource=document)
        found = refusals(question.request(), policies)
        assert outcome(found) == expected
        assert found.speak_of("resource", explicit=True) is (boundary is not None)


def _session() -> str:
    principal = Question("").request().principal
    return getattr(principal, "session_arn", "")


@pytest.mark.parametrize(
    ("key_policy", "identity", "kind"),
    [
        (policy(allow("kms:*", principal={"AWS": ROOT})), policy(allow("kms:Decrypt")), None),
        (policy(allow("kms:*", principal={"AWS": ROOT})), policy(allow("ecr:*")), "identity"),
        (policy(allow("kms:*", principal={"AWS": OTHER})), policy(allow("kms:Decrypt")), "key"),
        (policy(allow("kms:*", principal={"AWS": OTHER})), policy(allow("ecr:*")), "identity"),
        (policy(allow("kms:*", principal={"AWS": ROLE})), policy(allow("ecr:*")), None),
    ],
)
def test_a_key_policy_lets_identity_policies_count(
    key_policy: dict[str, object], identity: dict[str, object], kind: str | None
) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
    question = Question("", action="kms:Decrypt", resource=key, identity=[identity])
    document = parse_document("key", key, key_policy)
    found = asked(question, resource=document)
    assert [item.policy_kind for item in found.found] == ([kind] if kind else [])
    whole = evaluate(question.request(), question.policies().model_copy(update={"resource": document}))
    assert (whole.policy_kind if isinstance(whole, Denied) else None) == kind
