"""Properties: knowing less never decides otherwise, order does not matter, wildcards mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from diagnostics.policy import (
    CannotTell,
    ContextValue,
    Decision,
    Document,
    Missing,
    Policies,
    Principal,
    Request,
    Unknown,
    evaluate,
    parse_document,
)
from diagnostics.policy.wildcard import Wild, matches, matches_beginning, parse_pattern

from .questions import Question
from .random_questions import random_questions

SEEDS = st.integers(min_value=0, max_value=2**32)


def _ask(question: Question) -> tuple[Request, Policies, Decision]:
    request, policies = question.request(), _with_registry(question)
    return request, policies, evaluate(request, policies)


def _with_registry(question: Question) -> Policies:
    """Half of the questions get their repository policy as a registry policy too."""
    policies = question.policies()
    if question.repository is None or question.name.endswith(("1", "3", "5", "7", "9")):
        return policies
    statements = [{**one, "Resource": "*"} for one in question.repository["Statement"]]
    registry = parse_document("registry", "registry", {**question.repository, "Statement": statements})
    assert isinstance(registry, Document)
    return policies.model_copy(update={"registry": registry, "registry_scope": "V2"})


def _forget(random: Random, request: Request, policies: Policies) -> tuple[Request, Policies]:
    """The same request and policies with some of what is known taken away."""
    context: dict[str, ContextValue] = {}
    for key, value in request.context.items():
        kind = random.random()
        if kind < 0.5:
            context[key] = value
        elif kind < 0.6 and isinstance(value, tuple) and len(value) == 1:
            cut = random.randrange(len(value[0]) + 1)
            context[key] = Unknown(prefix=value[0][:cut], present=random.choice((True, None)))
        elif kind < 0.7 and isinstance(value, tuple):
            context[key] = Unknown(excluding=tuple({"vpce-2", "vpc-2", "other", "o-zzzzzzzzzz"} - set(value)))
        elif kind < 0.85:
            context[key] = Unknown()
        elif "/" in key or key == "aws:PrincipalArn":
            # Left out, its family or AWS itself would speak for it.
            context[key] = Unknown(why="not read")
        # else: not a word about it
    if random.random() < 0.2:
        context["aws:PrincipalArn"] = Unknown(prefix="arn:aws:iam::")
    principal = request.principal
    if random.random() < 0.3:
        assert isinstance(principal, Principal)
        principal = principal.model_copy(update={"session_name": None})
    update: dict[str, Any] = {}
    for name in ("boundary", "resource", "registry", "endpoint"):
        if random.random() < 0.2:
            update[name] = Missing(what=name, why="denied")
    if random.random() < 0.2:
        update["registry_scope"] = None
    if isinstance(policies.identity, tuple) and random.random() < 0.3:
        kept = [
            one if random.random() < 0.5 else Missing(what="identity", why="denied")
            for one in policies.identity
        ]
        update["identity"] = tuple(kept)
    elif random.random() < 0.1:
        update["identity"] = Missing(what="identity", why="denied")
    return (
        request.model_copy(update={"context": context, "principal": principal}),
        policies.model_copy(update=update),
    )


@settings(max_examples=400, deadline=None)
@given(seed=SEEDS)
def test_knowing_less_never_decides_otherwise(seed: int) -> None:
    random = Random(seed)
    for question in random_questions(seed, 5, settled=seed % 2 == 0):
        request, policies, decision = _ask(question)
        for _ in range(2):
            request, policies = _forget(random, request, policies)
            weaker = evaluate(request, policies)
            assert weaker.outcome in (decision.outcome, "cannot_tell"), (question, request, policies)
            if isinstance(weaker, CannotTell):
                assert weaker.missing
                assert all(weaker.missing)
            decision = weaker


def _shuffled(random: Random, text: Mapping[str, Any]) -> Mapping[str, Any]:
    statements = list(text["Statement"])
    random.shuffle(statements)
    return {**text, "Statement": statements}


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_policies_and_statements_does_not_matter(seed: int) -> None:
    random = Random(seed)
    for question in random_questions(seed, 5, settled=seed % 2 == 0):
        identity = [_shuffled(random, one) for one in question.identity]
        random.shuffle(identity)
        other = Question(
            name=question.name,
            action=question.action,
            resource=question.resource,
            identity=identity,
            boundary=question.boundary and _shuffled(random, question.boundary),
            repository=question.repository and _shuffled(random, question.repository),
            endpoint=question.endpoint and _shuffled(random, question.endpoint),
            scps=question.scps,
            context=question.context,
        )
        ours, theirs = question.ask(), other.ask()
        assert ours.outcome == theirs.outcome
        assert getattr(ours, "explicit", None) == getattr(theirs, "explicit", None)


def _plain_reading(pattern: str, text: str) -> bool:
    """What `*` and `?` mean, spelled out."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_plain_reading(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _plain_reading(pattern[1:], text[1:])


PATTERNS = st.text(alphabet="ab:*?", max_size=7)
TEXTS = st.text(alphabet="ab:", max_size=7)


@settings(max_examples=500, deadline=None)
@given(pattern=PATTERNS, text=TEXTS)
@example(pattern="**", text="")
@example(pattern="*a*?", text="ba")
def test_wildcards(pattern: str, text: str) -> None:
    assert matches(parse_pattern(pattern), text) is _plain_reading(pattern, text)


@settings(max_examples=300, deadline=None)
@given(pattern=PATTERNS, known=st.text(alphabet="ab:", max_size=4))
@example(pattern="ab*", known="ab")
@example(pattern="a*b", known="ab")
def test_wildcards_on_the_beginning_of_a_text(pattern: str, known: str) -> None:
    found = matches_beginning(parse_pattern(pattern), known, "the rest")
    ends = ["".join(end) for size in range(5) for end in product("ab:", repeat=size)]
    answers = {_plain_reading(pattern, known + end) for end in ends}
    if found.value is not None:
        assert answers == {found.value}
    else:
        assert found.missing == ("the rest",)
        # Only a pattern that ends in a wildcard may be undecided and yet fit every end that was tried.
        assert answers == {True, False} or len(pattern) > 4 or pattern[-1:] in ("*", "?")


def test_a_pattern_of_many_stars_on_a_long_text() -> None:
    pattern = parse_pattern("*a" * 200 + "b")
    assert not matches(pattern, "a" * 20_000)
    assert matches(pattern, "a" * 20_000 + "b")


def test_a_wildcard_is_not_the_character_itself() -> None:
    assert parse_pattern("a*?") == ("a", Wild.MANY, Wild.ONE)
