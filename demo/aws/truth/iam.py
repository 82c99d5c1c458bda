"""Corrections of moto's IAM: the policy simulator, which it does not have, and the service control policies it tells of."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.utilities.utils import get_partition

from demo.aws.errors import AwsRefusal
from demo.aws.truth.conditions import CannotJudge
from demo.aws.truth.judge import Judgement, PoliciesAround, PolicyMapping, SessionRequest, judge

log = logging.getLogger(__name__)

ALLOW_ALL: PolicyMapping = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_OPEN_REPOSITORY: PolicyMapping = {"Statement": [{**ALLOW_ALL["Statement"][0], "Principal": "*"}]}


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""
    patches.enter_context(
        mock.patch.object(IamResponse, "simulate_principal_policy", simulate_principal_policy, create=True)
    )


def set_service_control_policies(account_id: str, region: str, policies: Sequence[Mapping[str, Any]]) -> None:
    """What the organization attaches to the account beside FullAWSAccess, kept so that a reset forgets it."""
    backend: Any = iam_backends[account_id][get_partition(region)]
    backend.service_control_policies = tuple(policies)


def simulate_principal_policy(self: IamResponse) -> ActionResult:
    """SimulatePrincipalPolicy of a role; moto does not have it.

    AWS: identity policies, boundary and service control policies decide, a condition key that is not given counts as
    absent and is named (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
    What `judge` does not know is logged as an error and answered like a call that AWS does not have.
    """
    arn = str(self._get_param("PolicySourceArn"))
    backend: Any = self.backend
    role = next((item for item in backend.roles.values() if item.arn == arn), None)
    if role is None:
        raise AwsRefusal("NoSuchEntity", f"Role {arn} does not exist.")
    context = {
        item["ContextKeyName"]: tuple(item["ContextKeyValues"])
        for item in self._get_param("ContextEntries") or ()
    }
    resources = [str(item) for item in self._get_param("ResourceArns") or ()]
    results = []
    for action in self._get_param("ActionNames"):
        requests = [_request(role, str(action), item, context) for item in resources or ["*"]]
        results.append(_result(backend, role, requests, named=bool(resources)))
    return ActionResult({"IsTruncated": False, "EvaluationResults": results})


def _result(backend: Any, role: Any, requests: Sequence[SessionRequest], *, named: bool) -> dict[str, Any]:
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


def _request(role: Any, action: str, resource: str, context: Mapping[str, Sequence[str]]) -> SessionRequest:
    """What a session of the role asks for; a resource that does not name its account is the role's own account's."""
    _, partition, _, _, account, _ = role.arn.split(":", 5)
    session = f"arn:{partition}:sts::{account}:assumed-role/{role.name}/simulated"
    owner = resource.split(":")[4] if resource.count(":") >= 5 else ""
    return SessionRequest(action, resource, role.arn, session, owner or account, role.id, context)


def _judged(backend: Any, role: Any, request: SessionRequest) -> dict[str, Any]:
    levels = ((ALLOW_ALL, *getattr(backend, "service_control_policies", ())),)
    bound = role.permissions_boundary_arn
    boundary = managed_policy(backend.get_policy(bound)) if bound else None
    whole = _decided(request, PoliciesAround(identity_policies(role), boundary, levels))
    # Another account's policies are not asked about, whatever they say.
    organization = _decided(request, PoliciesAround((ALLOW_ALL,), None, levels, _OPEN_REPOSITORY))
    foreign = request.owner != request.account_id
    # A grant to everybody stands above a boundary, so it is given only where the request needs one.
    granted = _OPEN_REPOSITORY if foreign else None
    within = _decided(request, PoliciesAround((ALLOW_ALL,), boundary, (), granted))
    return {
        "decision": whole.decision,
        "missing": whole.missing,
        "organization": organization.decision == "allowed",
        "boundary": boundary is None or within.decision == "allowed",
    }


def _decided(request: SessionRequest, policies: PoliciesAround) -> Judgement:
    try:
        return judge(request, policies)
    except CannotJudge as error:
        log.error("the emulated IAM cannot judge %s: %s", request.action, error)
        raise NotImplementedError(f"SimulatePrincipalPolicy: {error}") from error


def identity_policies(role: Any) -> list[PolicyMapping]:
    """The inline and attached policies of moto's record of a role."""
    inline = [_document(text) for text in role.policies.values()]
    return [*inline, *(managed_policy(item) for item in role.managed_policies.values())]


def managed_policy(policy: Any) -> PolicyMapping:
    """The default version of moto's record of a managed policy."""
    version = next(item for item in policy.versions if item.version_id == policy.default_version_id)
    return _document(version.document)


def _document(text: str | PolicyMapping) -> PolicyMapping:
    document: PolicyMapping = json.loads(text) if isinstance(text, str) else text
    return document
