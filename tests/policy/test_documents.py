"""Reading policy documents.

AWS: Grammar of the IAM JSON policy language
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from diagnostics.policy import (
    Document,
    Malformed,
    Policies,
    evaluate,
    orphaned_principals,
    parse_document,
)
from diagnostics.policy.document import PolicyKind

from .questions import REPOSITORY, ROLE, Question, allow, deny, on_repository, policy

GOOD = policy(allow("ecr:*", "arn:aws:ecr:*:*:repository/100%25"))


@pytest.mark.parametrize(
    "text", [GOOD, json.dumps(GOOD), " " + json.dumps(GOOD, indent=1), quote(json.dumps(GOOD))]
)
def test_reads_parsed_plain_and_url_encoded_json(text: Any) -> None:
    document = parse_document("identity", "P", text)
    assert isinstance(document, Document)
    assert document.text == GOOD


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("identity", "", "not JSON"),
        ("identity", "{", "not JSON"),
        ("identity", "[" * 100_000, "not JSON"),
        ("identity", "null", "not a policy document"),
        ("identity", [allow()], "not a policy document"),
        ("identity", {}, "Statement must be"),
        ("identity", {"Statement": "Allow"}, "Statement must be"),
        ("identity", policy(allow(), "x"), "statement 2 is not an object"),  # type: ignore[arg-type]
        ("identity", policy({"Action": "*", "Resource": "*"}), "needs an Effect"),
        ("identity", policy({"Effect": "allow", "Action": "*", "Resource": "*"}), "needs an Effect"),
        ("identity", policy({"Effect": "Allow", "Resource": "*"}), "neither Action nor NotAction"),
        ("identity", policy({"Effect": "Allow", "Action": "*"}), "neither Resource nor NotResource"),
        ("identity", policy(allow(NotAction="s3:*")), "both Action and NotAction"),
        ("identity", policy(allow(NotResource="*")), "both Resource and NotResource"),
        ("identity", policy(allow(principal="*")), "must not have a Principal"),
        ("identity", policy(allow(Actions="*")), "unknown element 'Actions'"),
        ("identity", policy(allow({"a": 1})), "must be a text"),  # type: ignore[arg-type]
        ("identity", policy(allow(condition=["x"])), "Condition of statement 1"),
        ("identity", policy(allow(condition={"Bool": "x"})), "Bool in the Condition"),
        ("resource", on_repository(allow()), "needs a Principal"),
        ("resource", on_repository(allow(principal="me")), "Principal of statement 1"),
        (
            "resource",
            on_repository(allow(principal="*", NotPrincipal="*")),
            "both Principal and NotPrincipal",
        ),
        ("endpoint", on_repository(allow(principal="*")), "neither Resource nor NotResource"),
    ],
)
def test_says_what_is_wrong(kind: PolicyKind, text: Any, said: str) -> None:
    document = parse_document(kind, "P", text)
    assert isinstance(document, Malformed)
    assert said in document.why


def test_a_malformed_policy_counts_as_not_read() -> None:
    broken = parse_document("identity", "P", "{")
    question = Question(name="broken", identity=[policy(allow())])
    assert question.ask().outcome == "allowed"
    good = question.policies().identity
    assert isinstance(good, tuple)
    assert isinstance(broken, Malformed)
    policies = Policies(identity=(*good, broken))
    decision = evaluate(question.request(), policies)
    assert decision.outcome == "cannot_tell"
    assert decision.missing == ("identity-based policy P",)


def test_finds_principals_that_were_deleted() -> None:
    text = on_repository(
        allow(principal={"AWS": [ROLE, "AROAEXAMPLEROLEID0001", "111122223333"]}),
        deny(principal={"AWS": "AIDAEXAMPLEUSERID0001"}),
        {"Effect": "Deny", "Action": "*", "NotPrincipal": {"AWS": "AROAEXAMPLEROLEID0001"}},
        allow(principal="*"),
    )
    document = parse_document("resource", REPOSITORY, text)
    assert isinstance(document, Document)
    assert orphaned_principals(document) == ("AROAEXAMPLEROLEID0001", "AIDAEXAMPLEUSERID0001")
