"""The policies of a role, a repository, a registry or an endpoint, as the evaluator takes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from diagnostics.policy import Document, Missing, parse_document
from diagnostics.policy.document import PolicyKind
from diagnostics.snapshot import Absent, Fact, Known, RoleFacts, Unavailable, VpcEndpoint

READ_ROLE = "iam:GetRolePolicy"
READ_MANAGED = "iam:GetPolicyVersion"
READ_REPOSITORY = "ecr:GetRepositoryPolicy"
READ_REGISTRY = "ecr:GetRegistryPolicy"
READ_ENDPOINT = "ec2:DescribeVpcEndpoints"
"""The calls that read policies, as evidence names them."""


def document_of(fact: Fact[str], kind: PolicyKind, name: str, what: str) -> Document | Missing | None:
    """A policy as the evaluator takes it; `None` where AWS said that there is none. `what` names it in sentences."""
    if isinstance(fact, Absent):
        return None
    if isinstance(fact, Unavailable):
        return Missing(what=f"{what} ({fact.in_words()})", why=fact.why, unread=fact)
    return parsed(kind, name, fact.value, what)


@lru_cache(maxsize=256)
def parsed(kind: PolicyKind, name: str, text: str, what: str) -> Document | Missing:
    """A policy text as a document. One that cannot be understood counts as not read.

    Remembered, because each image, each secret and each endpoint on the way asks for the role's policies again.
    """
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


def endpoint_document(endpoint: VpcEndpoint) -> Document | Missing | None:
    """An endpoint's policy; `None` where it has none, which lets everything through."""
    name = endpoint.vpc_endpoint_id
    if not endpoint.policy_document:
        return None
    return parsed("endpoint", name, endpoint.policy_document, f"the policy of endpoint {name}")
