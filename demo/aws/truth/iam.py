"""Corrections of moto's IAM: the policy simulator, which it does not have, and the service control policies it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse

from demo.aws.errors import Refusal
from diagnostics.arn import partition_of_region
from diagnostics.policy import (
    Allowed,
    CannotTell,
    Decision,
    Denied,
    Document,
    NotPresent,
    Policies,
    Principal,
    Request,
    evaluate,
)

ALLOW_ALL: Mapping[str, Any] = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_OPEN = Document(kind="identity", name="everything", text=ALLOW_ALL)
_OPEN_REPOSITORY = Document(
    kind="resource", name="everything", text={"Statement": [{**ALLOW_ALL["Statement"][0], "Principal": "*"}]}
)
_FULL_ACCESS = Document(kind="scp", name="FullAWSAccess", text=ALLOW_ALL)


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""
    patches.enter_context(
        mock.patch.object(IamResponse, "simulate_principal_policy", simulate_principal_policy, create=True)
    )


def set_service_control_policies(account_id: str, region: str, policies: Sequence[Mapping[str, Any]]) -> None:
    """What the organization attaches to the account beside FullAWSAccess, kept so that a reset forgets it."""
    backend: Any = iam_backends[account_id][partition_of_region(region)]
    backend.service_control_policies = tuple(
        Document(kind="scp", name=f"p-{number}", text=text) for number, text in enumerate(policies)
    )


def simulate_principal_policy(self: IamResponse) -> ActionResult:
    """SimulatePrincipalPolicy of a role; moto does not have it.

    AWS: identity policies, boundary and service control policies decide, a condition key that is not given counts as
    absent and is named (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
    """
    arn = str(self._get_param("PolicySourceArn"))
    backend: Any = self.backend
    role = next((item for item in backend.roles.values() if item.arn == arn), None)
    if role is None:
        raise Refusal("NoSuchEntity", f"Role {arn} does not exist.")
    principal = Principal(role_arn=arn, role_id=role.id)
    context = {
        item["ContextKeyName"]: tuple(item["ContextKeyValues"])
        for item in self._get_param("ContextEntries") or ()
    }
    resources = [str(item) for item in self._get_param("ResourceArns") or ()]
    results = []
    for action in self._get_param("ActionNames"):
        requests = [
            Request(action=str(action), resource=item, principal=principal, context=context)
            for item in resources or ["*"]
        ]
        results.append(_result(backend, role, requests, named=bool(resources)))
    return ActionResult({"IsTruncated": False, "EvaluationResults": results})


def _result(backend: Any, role: Any, requests: Sequence[Request], *, named: bool) -> dict[str, Any]:
    """One action on each of the resources; what the organization says is one word for all of them."""
    judged = [_judged(backend, role, request) for request in requests]
    worst = max((item["decision"] for item in judged), key=_SEVERITY.index)
    result: dict[str, Any] = {
        "EvalActionName": requests[0].action,
        "EvalResourceName": requests[0].resource,
        "EvalDecision": worst,
        "MatchedStatements": [],
        "MissingContextValues": sorted({key for item in judged for key in item["missing"]}),
        "OrganizationsDecisionDetail": {
            "AllowedByOrganizations": all(item["organization"] for item in judged)
        },
        **_boundary_detail(all(item["boundary"] for item in judged), role),
    }
    if named:
        result["ResourceSpecificResults"] = [
            {
                "EvalResourceName": request.resource,
                "EvalResourceDecision": item["decision"],
                "MatchedStatements": [],
                "MissingContextValues": item["missing"],
                **_boundary_detail(item["boundary"], role),
            }
            for request, item in zip(requests, judged, strict=True)
        ]
    return result


_SEVERITY = ("allowed", "implicitDeny", "explicitDeny")


def _boundary_detail(allowed: bool, role: Any) -> dict[str, Any]:
    if role.permissions_boundary_arn is None:
        return {}
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": allowed}}


def _judged(backend: Any, role: Any, request: Request) -> dict[str, Any]:
    scps = getattr(backend, "service_control_policies", ())
    levels = ((_FULL_ACCESS, *scps),)
    bound = role.permissions_boundary_arn
    boundary = _managed("boundary", backend.get_policy(bound)) if bound else None
    own = Policies(identity=tuple(_identity(role)), boundary=boundary)
    whole, missing = _decided(request, own.model_copy(update={"scps": levels}))
    # AWS names the keys of the role's own policies only.
    _, keys = _decided(request, own)
    # Another account's policies are not asked about, whatever they say.
    other_side = _OPEN_REPOSITORY if request.owner not in (None, role.account_id) else None
    open_ = Policies(identity=(_OPEN,), resource=other_side)
    organization, _ = _decided(request, open_.model_copy(update={"scps": levels}))
    within, _ = _decided(request, Policies(identity=(_OPEN,), boundary=boundary, resource=other_side))
    decision = "allowed"
    if isinstance(whole, Denied):
        decision = "explicitDeny" if whole.explicit else "implicitDeny"
    return {
        "decision": decision,
        "missing": sorted(set(keys) & set(missing)),
        "organization": isinstance(organization, Allowed),
        "boundary": isinstance(within, Allowed),
    }


def _identity(role: Any) -> list[Document]:
    inline = [_document("identity", name, text) for name, text in role.policies.items()]
    return [*inline, *(_managed("identity", item) for item in role.managed_policies.values())]


def _managed(kind: Any, policy: Any) -> Document:
    version = next(item for item in policy.versions if item.version_id == policy.default_version_id)
    return _document(kind, policy.arn, version.document)


def _document(kind: Any, name: str, text: str | Mapping[str, Any]) -> Document:
    return Document(kind=kind, name=name, text=json.loads(text) if isinstance(text, str) else text)


def _decided(request: Request, policies: Policies) -> tuple[Decision, tuple[str, ...]]:
    """The decision, and the condition keys that it wanted and was not given."""
    decision = evaluate(request, policies)
    if not isinstance(decision, CannotTell):
        return decision, ()
    absent = {key: NotPresent() for key in decision.missing}
    return evaluate(
        request.model_copy(update={"context": {**absent, **request.context}}), policies
    ), decision.missing
