"""What stands against a pull in an emulated account, by the policies that are there and the emulated IAM's own evaluator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.iam.models import iam_backends

from demo.aws import Broken, Scenario, TaskHandle
from demo.aws.policies import TOKEN
from demo.aws.reasons import layer_bucket
from demo.aws.truth.iam import ALLOW_ALL, identity_policies, managed_policy
from demo.aws.truth.judge import PoliciesAround, PolicyMapping, SessionRequest, judge

LAYER_OF_FAULT = {
    "role-permission-missing": "identity says nothing",
    "instance-profile-permission-missing": "identity says nothing",
    "role-explicit-deny": "identity denies",
    "boundary-denies": "boundary says nothing",
    "scp-denies": "scp denies",
    "repo-policy-denies": "resource denies",
    "repo-policy-cross-account-missing": "resource says nothing",
    "repo-policy-principal-orphaned": "resource says nothing",
    "endpoint-policy-denies": "endpoint says nothing",
    "s3-endpoint-policy-denies": "s3 says nothing",
}
"""What a fault of permissions is in the words of the evaluator."""

NOT_SEEN: dict[str, set[str]] = {
    "cross-account": {"resource says nothing"},
    "cross-account-plain": {"resource says nothing"},
    "scp-by-text": set(),
}
"""What the evaluator sees and the diagnosis cannot, or the other way round, by scenario."""


def permissions_differ(broken: Broken, scenario: Scenario) -> list[str]:
    """Where the evaluator does not agree with the fault of permissions that the account is said to have."""
    expected = scenario.expected
    named = {*expected.cause, *expected.next, *expected.also}
    wanted = NOT_SEEN.get(scenario.id, {LAYER_OF_FAULT[fault] for fault in named & set(LAYER_OF_FAULT)})
    found = against(broken.task)
    return [] if found == wanted else [f"{sorted(found)} in the policies, {sorted(wanted)} expected"]


def against(task: TaskHandle) -> set[str]:
    """The layers that stand against the pull of the task's images from ECR."""
    iam: Any = iam_backends[task.account_id][task.partition]
    name = (task.execution_role_arn or "").rpartition("/")[2] or task.instance_role_name
    role = next((item for item in iam.roles.values() if item.name == name), None)
    if role is None:
        return set()
    session = f"arn:{task.partition}:sts::{task.account_id}:assumed-role/{name}/{task.id}"
    endpoints = dict(_endpoints(task))
    bound = role.permissions_boundary_arn
    levels = ((ALLOW_ALL, *getattr(iam, "service_control_policies", ())),)
    found = set()
    for action, resource, through, policy in _requests(task):
        endpoint = endpoints.get(through)
        context = {
            "aws:SourceVpce": [endpoint.id] if endpoint else None,
            "aws:SourceIp": None if endpoint else ["54.0.0.1"],
            "aws:SecureTransport": ["true"],
        }
        owner = resource.split(":")[4] if resource != "*" else task.account_id
        request = SessionRequest(
            action, resource, role.arn, session, owner or task.account_id, role.id,
            {key: value for key, value in context.items() if value},
        )  # fmt: skip
        policies = PoliciesAround(
            # S3 knows the layers by a signed address: the role's own policies do not count.
            identity_policies(role) if through != "s3" else (ALLOW_ALL,),
            managed_policy(iam.get_policy(bound)) if bound and through != "s3" else None,
            levels if through != "s3" else (),
            policy,
            json.loads(endpoint.policy_document) if endpoint and endpoint.policy_document else None,
        )
        told = judge(request, policies)
        if told.decision != "allowed":
            layer = "s3" if through == "s3" else told.layer
            found.add(f"{layer} {'denies' if told.decision == 'explicitDeny' else 'says nothing'}")
    return found


def _requests(task: TaskHandle) -> Iterator[tuple[str, str, str, PolicyMapping | None]]:
    """Action, resource, the endpoint's service, and the policy of what is asked."""
    for image in task.images.values():
        host, _, path = image.partition("/")
        if ".dkr.ecr." not in host:
            continue
        owner, region = host.split(".")[0], host.split(".")[3]
        name = path.partition("@")[0].partition(":")[0]
        repository = ecr_backends[owner][region].repositories.get(name)
        policy = json.loads(repository.policy) if repository is not None and repository.policy else None
        yield TOKEN, "*", "ecr.api", None
        for action in ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"):
            arn = f"arn:{task.partition}:ecr:{region}:{owner}:repository/{name}"
            yield action, arn, "ecr.dkr", policy
        yield "s3:GetObject", f"arn:{task.partition}:s3:::{layer_bucket(region)}/layer", "s3", None


def _endpoints(task: TaskHandle) -> Iterator[tuple[str, Any]]:
    """The endpoints of the VPC that the task is in, by service."""
    backend: Any = ec2_backends[task.account_id][task.region]
    subnet = task.subnet or backend.get_instance(task.instance_id).subnet_id
    vpc = backend.get_subnet(subnet).vpc_id
    for endpoint in backend.vpc_end_points.values():
        if endpoint.vpc_id == vpc and endpoint.state != "deleted":
            yield endpoint.service_name.partition(f"{task.region}.")[2], endpoint
