"""From the facts to policy documents, and the two halves of a document that are judged apart.

Whether a policy denies and whether it allows are two questions with two repairs, so that each is put on its own:
`only_allows` leaves out what a document denies, `only_denies` adds that it allows everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnostics.policy import Document, Missing, parse_document
from diagnostics.policy.document import Kind
from diagnostics.snapshot import Absent, Fact, Known, RoleFacts, Unavailable

_NAMES_A_PRINCIPAL = ("resource", "registry", "endpoint", "trust", "secret", "key")
_NOTHING = "none:Nothing"


def document_of(fact: Fact[str], kind: Kind, name: str, what: str) -> Document | Missing | None:
    """A policy as the evaluator takes it; `None` where AWS said that there is none. `what` names it in sentences."""
    if isinstance(fact, Absent):
        return None
    if isinstance(fact, Unavailable):
        return Missing(what=f"{what} ({fact.in_words()})", why=fact.why, unread=fact)
    return parsed(kind, name, fact.value, what)


def parsed(kind: Kind, name: str, text: str, what: str) -> Document | Missing:
    """A policy text as a document. One that cannot be understood counts as not read."""
    document = parse_document(kind, name, text)
    if isinstance(document, Document):
        return document
    return Missing(what=f"{what} ({document.why})", why=document.why)


def identity_documents(facts: RoleFacts) -> tuple[Document | Missing, ...]:
    """The inline and managed policies of a role, those that could not be read among them."""
    inline = facts.inline_policy_names
    attached = facts.attached_policy_arns
    return (
        *_listed(inline, facts.inline_policies, "inline policy", "the role's inline policies"),
        *_listed(attached, facts.attached_policies, "managed policy", "the role's managed policies"),
    )


def _listed(
    names: Fact[tuple[str, ...]], policies: Mapping[str, Fact[str]], each: str, every: str
) -> tuple[Document | Missing, ...]:
    # Policies that were read count even where the list of their names was not.
    known = names.value if isinstance(names, Known) else tuple(policies)
    found: list[Document | Missing] = []
    for name in known:
        fact = policies.get(name, Unavailable())
        document = document_of(fact, "identity", name, f"{each} {name}")
        if isinstance(document, Missing) and isinstance(fact, Unavailable):
            document = document.model_copy(update={"named": fact.resource == name})
        if document is not None:
            found.append(document)
    if isinstance(names, Unavailable):
        found.append(Missing(what=f"{every} ({names.in_words()})", why=names.why, unread=names))
    return tuple(found)


def boundary_document(facts: RoleFacts) -> Document | Missing | None:
    """The role's permissions boundary, named by its ARN."""
    if isinstance(facts.role, Unavailable):
        return Missing(
            what=f"the role's permissions boundary ({facts.role.in_words()})",
            why=facts.role.why,
            unread=facts.role,
        )
    limit = facts.role.value.permissions_boundary if isinstance(facts.role, Known) else None
    name = limit.permissions_boundary_arn if limit else None
    if name is None:
        return None
    if isinstance(facts.boundary_policy, Absent):
        # The role names a boundary that is gone; what then holds is not written anywhere.
        return Missing(what=f"the permissions boundary {name}, which does not exist", why="it does not exist")
    return document_of(facts.boundary_policy, "boundary", name, "the role's permissions boundary")


def open_document(kind: Kind) -> Document:
    """A document that allows everything to everybody."""
    return Document(kind=kind, name="everything", text={"Statement": [_everything(kind)]})


def _everything(kind: Kind) -> dict[str, Any]:
    principal = {"Principal": "*"} if kind in _NAMES_A_PRINCIPAL else {}
    return {"Effect": "Allow", **principal, "Action": "*", "Resource": "*"}


def only_denies(document: Document) -> Document:
    """The same document, if it allowed everything that it does not deny. Statements keep their places."""
    statements = [*(statement.raw for statement in document.statements), _everything(document.kind)]
    return with_statements(document, statements)


def only_allows(document: Document | Missing | None) -> Document | Missing | None:
    """The same document without what it denies. Statements keep their places."""
    if not isinstance(document, Document):
        return document
    statements = [
        statement.raw if statement.allow else _harmless(statement.raw) for statement in document.statements
    ]
    return with_statements(document, statements)


def with_statements(document: Document, statements: list[Any]) -> Document:
    """The same document with other statements."""
    text = {**document.text, "Statement": statements}
    return Document(kind=document.kind, name=document.name, text=text)


def _harmless(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Action": _NOTHING,
        **{key: value for key, value in raw.items() if key not in ("Action", "NotAction")},
    }
