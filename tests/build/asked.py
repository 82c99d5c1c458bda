"""An AWS that answers what a snapshot was made of: the facts of any world as botocore's own answers.

What is not known in the snapshot is denied, what is absent is answered as AWS says it of that call. So each world of the tests can
be read again, and each of its answers changed on the way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from diagnostics.collect import AwsClients, calls
from diagnostics.collect.operation import Operation
from diagnostics.pull import region_named, secret_name
from diagnostics.snapshot import (
    Absent,
    Fact,
    HostFacts,
    ImageFacts,
    Known,
    Model,
    RoleFacts,
    Simulated,
    Snapshot,
    Unavailable,
    VpcFacts,
)

Answer = dict[str, Any]
Change = Callable[[Answer], Answer]
Asked = Mapping[str, Any]

LISTED_IMAGES = "filter"
"""A parameter that only the call has that lists a repository's images."""


class AbsentError(Exception):
    """There is no such thing."""


class DeniedError(Exception):
    """It may not be asked."""


class Asking(AwsClients):
    """Clients that answer from a snapshot; `change` changes an answer before it is given."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(lambda account_id: SimpleNamespace(region_name=snapshot.region))
        self.facts = snapshot
        self.change: Change = lambda answer: answer

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        return _Client(self, region)


class _Client:
    def __init__(self, clients: Asking, region: str) -> None:
        self._clients, self._region = clients, region

    def can_paginate(self, method: str) -> bool:
        return any(item.method == method and item.list_key for item in calls.OPERATIONS)

    def get_paginator(self, method: str) -> Any:
        def paginate(*, PaginationConfig: Any, **asked: Any) -> Iterator[Answer]:
            yield self._answer(method, asked)

        return SimpleNamespace(paginate=paginate)

    def __getattr__(self, method: str) -> Callable[..., Answer]:
        return lambda **asked: self._answer(method, asked)

    def _answer(self, method: str, asked: Asked) -> Answer:
        answers = _Answers(self._clients.facts, self._region, asked)
        try:
            made: Answer = getattr(answers, method)()
        except DeniedError:
            raise _error(method, "AccessDeniedException", "not authorized") from None
        except AbsentError:
            code, message = _absent(method)
            raise _error(method, code, message) from None
        return self._clients.change(made)


def _absent(method: str) -> tuple[str, str]:
    """How AWS says of a call that there is no such thing."""
    operation: Operation[Any] = next(
        item for item in calls.OPERATIONS if item.method == method and item.absent
    )
    code = operation.absent[0]
    return code if isinstance(code, tuple) else (code, "not there")


def _error(method: str, code: str, message: str) -> ClientError:
    operation = "".join(part.capitalize() for part in method.split("_"))
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def _raw(value: Any) -> Any:
    """A value of a fact in AWS's own spelling."""
    if isinstance(value, Model):
        made = value.model_dump(by_alias=True)
        return _without_none(made)
    return [_raw(item) for item in value] if isinstance(value, tuple) else value


def _without_none(value: Any) -> Any:
    """botocore leaves out what AWS does not say."""
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list | tuple) else value


def _of(fact: Fact[Any]) -> Any:
    """What AWS answers of a fact."""
    if isinstance(fact, Absent):
        raise AbsentError
    if isinstance(fact, Unavailable):
        raise DeniedError
    return _raw(fact.value)


class _Answers:
    """The answers to one request, by botocore's methods."""

    def __init__(self, facts: Snapshot, region: str, asked: Asked) -> None:
        self.facts, self.region, self.asked = facts, region, asked

    # --- ECS -----------------------------------------------------------------------------------------

    def get_caller_identity(self) -> Answer:
        return dict(_of(self.facts.caller))

    def _batch(self, key: str, fact: Fact[Any]) -> Answer:
        try:
            return {key: [_of(fact)], "failures": []}
        except AbsentError:
            return {key: [], "failures": [{"arn": "arn:aws:ecs", "reason": "MISSING"}]}

    def _cluster(self) -> str | None:
        task = self.facts.task
        return task.value.cluster_arn if isinstance(task, Known) else None

    def describe_tasks(self) -> Answer:
        if self._cluster() not in (None, self.asked["cluster"]):
            return self._batch("tasks", Absent())
        return self._batch("tasks", self.facts.task)

    def list_clusters(self) -> Answer:
        return {"clusterArns": [self._cluster()]}

    def list_tasks(self) -> Answer:
        task = _of(self.facts.task)
        stopped = task["lastStatus"] == "STOPPED"
        return {
            "taskArns": [task["taskArn"]] if stopped == (self.asked["desiredStatus"] == "STOPPED") else []
        }

    def describe_services(self) -> Answer:
        return self._batch("services", self.facts.service)

    def list_service_deployments(self) -> Answer:
        return {"serviceDeployments": [_of(self.facts.failed_deployment)]}

    def describe_service_revisions(self) -> Answer:
        planned = self.facts.planned is not None
        return self._batch(
            "serviceRevisions", self.facts.service_revision if planned else self.facts.failed_revision
        )

    def describe_task_definition(self) -> Answer:
        return {"taskDefinition": _of(self.facts.task_definition)}

    def _hosts(self) -> tuple[HostFacts, ...]:
        return self.facts.hosts.value if isinstance(self.facts.hosts, Known) else ()

    def list_container_instances(self) -> Answer:
        _of(self.facts.hosts)
        return {
            "containerInstanceArns": [
                item.container_instance.container_instance_arn for item in self._hosts()
            ]
        }

    def describe_capacity_providers(self) -> Answer:
        (name,) = self.asked["capacityProviders"]
        return self._batch("capacityProviders", self.facts.capacity_providers.get(name, Unavailable()))

    def describe_container_instances(self) -> Answer:
        if self.facts.planned is not None:
            hosts = [item.container_instance for item in self._hosts()]
            return {"containerInstances": _raw(tuple(hosts)), "failures": []}
        return self._batch("containerInstances", self.facts.container_instance)

    # --- ECR -----------------------------------------------------------------------------------------

    def _images(self) -> Iterable[ImageFacts]:
        name = self.asked.get("repositoryName") or (self.asked.get("repositoryNames") or [""])[0]
        return (item for item in self.facts.images if f"/{name}:" in item.image or f"/{name}@" in item.image)

    def describe_repositories(self) -> Answer:
        if "repositoryNames" not in self.asked:
            names = next(
                (
                    item.repository_names
                    for item in self.facts.images
                    if isinstance(item.repository_names, Known)
                ),
                None,
            )
            return {"repositories": [{"repositoryName": name} for name in _of(names or Unavailable())]}
        for item in self._images():
            fact = item.elsewhere.get(self.region, item.repository)
            if f".{self.region}." in item.image:
                fact = item.repository
            return {"repositories": [_of(fact)]}
        return {
            "repositories": [_of(next((item.own_repository for item in self.facts.images), Unavailable()))]
        }

    def describe_images(self) -> Answer:
        if LISTED_IMAGES in self.asked:
            return {"imageDetails": _of(next((item.tagged for item in self._images()), Unavailable()))}
        wanted = next(iter(self.asked["imageIds"][0].values()))
        for item in self._images():
            if item.image.endswith((f":{wanted}", f"@{wanted}")):
                return {"imageDetails": [_of(item.detail)]}
            if item.counterpart_id == wanted:
                return {"imageDetails": [_of(item.counterpart)]}
        raise DeniedError

    def batch_get_image(self) -> Answer:
        fact = next((item.manifest for item in self._images()), Unavailable())
        if not isinstance(fact, Known):
            raise DeniedError
        content: Answer = {"schemaVersion": 2, "mediaType": fact.value.media_type}
        if fact.value.index:
            content["manifests"] = [
                {"platform": _raw(item) | {"os.version": item.os_version}} for item in fact.value.platforms
            ]
        return {
            "images": [
                {"imageManifest": json.dumps(content), "imageManifestMediaType": fact.value.media_type}
            ],
            "failures": [],
        }

    def get_repository_policy(self) -> Answer:
        return {"policyText": _of(next((item.repository_policy for item in self._images()), Unavailable()))}

    def _any_image(self, name: str) -> Any:
        facts = [getattr(item, name) for item in self.facts.images]
        return _of(next((fact for fact in facts if not isinstance(fact, Unavailable)), Unavailable()))

    def get_lifecycle_policy(self) -> Answer:
        policy = self._any_image("lifecycle_policy")
        return {
            "registryId": self.asked["registryId"],
            "repositoryName": self.asked["repositoryName"],
            **policy,
        }

    def get_registry_policy(self) -> Answer:
        return {"policyText": self._any_image("registry_policy")}

    def get_account_setting(self) -> Answer:
        return {"name": self.asked["name"], "value": self._any_image("registry_policy_scope")}

    def describe_pull_through_cache_rules(self) -> Answer:
        return {"pullThroughCacheRules": self._any_image("pull_through_cache_rules")}

    def describe_repository_creation_templates(self) -> Answer:
        templates = self._any_image("creation_templates")
        return {
            "repositoryCreationTemplates": [
                {**item, "resourceTags": [{"Key": "a", "Value": "b"}] if item["tagged"] else []}
                for item in templates
            ]
        }

    # --- EC2 -----------------------------------------------------------------------------------------

    def _ids(self) -> set[str]:
        return {value for item in self.asked.get("Filters", ()) for value in item["Values"]}

    def _vpc(self) -> VpcFacts:
        """The VPC that is asked about; every saved world has one at most."""
        return next(iter(self.facts.vpcs.values()), VpcFacts(vpc_id=""))

    def _by_id(self, *facts: Mapping[str, Fact[Any]]) -> list[Any]:
        """Those of the wanted ids that are there; denied where one may not be read."""
        every = {name: fact for some in facts for name, fact in some.items()}
        wanted = [every[name] for name in sorted(self._ids()) if name in every]
        return [_of(fact) for fact in wanted if not isinstance(fact, Absent)]

    def describe_instances(self) -> Answer:
        host = self.facts.instance
        own = {host.value.instance_id: host} if isinstance(host, Known) else {}
        own |= {item.name: item.instance for item in self._hosts()}
        return {"Reservations": [{"Instances": [item]} for item in self._by_id(self._vpc().instances, own)]}

    def describe_volumes(self) -> Answer:
        return {"Volumes": self._by_id(self.facts.volumes)}

    def describe_network_interfaces(self) -> Answer:
        task = self.facts.task_interface
        own = {task.value.network_interface_id: task} if isinstance(task, Known) else {}
        return {"NetworkInterfaces": self._by_id(self._vpc().interfaces, own)}

    def describe_subnets(self) -> Answer:
        if self._vpc().vpc_id in self._ids():
            return {"Subnets": _of(self._vpc().subnets)}
        return {"Subnets": self._by_id(self.facts.subnets)}

    def describe_vpcs(self) -> Answer:
        return {"Vpcs": [_of(self._vpc().vpc)]}

    def describe_vpc_attribute(self) -> Answer:
        if self.asked["Attribute"] == "enableDnsSupport":
            return {"EnableDnsSupport": {"Value": _of(self._vpc().enable_dns_support)}}
        return {"EnableDnsHostnames": {"Value": _of(self._vpc().enable_dns_hostnames)}}

    def describe_dhcp_options(self) -> Answer:
        return {"DhcpOptions": [_of(self._vpc().dhcp_options)]}

    def describe_route_tables(self) -> Answer:
        return {"RouteTables": _of(self._vpc().route_tables)}

    def describe_network_acls(self) -> Answer:
        return {"NetworkAcls": _of(self._vpc().network_acls)}

    def describe_nat_gateways(self) -> Answer:
        return {"NatGateways": _of(self._vpc().nat_gateways)}

    def describe_internet_gateways(self) -> Answer:
        return {"InternetGateways": _of(self._vpc().internet_gateways)}

    def describe_egress_only_internet_gateways(self) -> Answer:
        return {"EgressOnlyInternetGateways": _of(self._vpc().egress_only_internet_gateways)}

    def describe_vpc_endpoints(self) -> Answer:
        return {"VpcEndpoints": _of(self._vpc().vpc_endpoints)}

    def describe_security_groups(self) -> Answer:
        return {"SecurityGroups": self._by_id(self._vpc().security_groups)}

    def describe_prefix_lists(self) -> Answer:
        return {"PrefixLists": _of(self._vpc().service_prefix_lists)}

    def get_managed_prefix_list_entries(self) -> Answer:
        fact = self._vpc().prefix_lists.get(self.asked["PrefixListId"], Unavailable())
        return {"Entries": [{"Cidr": cidr} for cidr in _of(fact)["Cidrs"]]}

    def describe_vpc_block_public_access_options(self) -> Answer:
        return {"VpcBlockPublicAccessOptions": _of(self._vpc().block_public_access)}

    def describe_vpc_block_public_access_exclusions(self) -> Answer:
        return {"VpcBlockPublicAccessExclusions": _of(self._vpc().block_public_access_exclusions)}

    # --- IAM, Secrets Manager and KMS ----------------------------------------------------------------

    def _role(self) -> RoleFacts:
        arn = self.asked.get("PolicySourceArn")
        name = arn or self.asked["RoleName"]
        return next(
            (item for item in self.facts.roles.values() if item.role_arn.endswith(name)),
            RoleFacts(role_arn=""),
        )

    def get_instance_profile(self) -> Answer:
        for item in self._hosts():
            instance = item.instance.value if isinstance(item.instance, Known) else None
            profile = instance.iam_instance_profile if instance else None
            if profile is not None and profile.arn.rpartition("/")[2] == self.asked["InstanceProfileName"]:
                return {"InstanceProfile": _of(item.instance_profile)}
        return {"InstanceProfile": _of(self.facts.instance_profile)}

    def get_role(self) -> Answer:
        for fact in (item.template_role for item in self.facts.images):
            if isinstance(fact, Known) and fact.value.role_name == self.asked["RoleName"]:
                return {"Role": _of(fact)}
        return {"Role": _of(self._role().role)}

    def list_role_policies(self) -> Answer:
        return {"PolicyNames": _of(self._role().inline_policy_names)}

    def get_role_policy(self) -> Answer:
        return {
            "PolicyDocument": json.loads(
                _of(self._role().inline_policies.get(self.asked["PolicyName"], Unavailable()))
            )
        }

    def list_attached_role_policies(self) -> Answer:
        arns = _of(self._role().attached_policy_arns)
        return {
            "AttachedPolicies": [{"PolicyArn": arn, "PolicyName": arn.rsplit("/", 1)[-1]} for arn in arns]
        }

    def get_policy(self) -> Answer:
        self.get_policy_version()
        return {"Policy": {"Arn": self.asked["PolicyArn"], "DefaultVersionId": "v1"}}

    def get_policy_version(self) -> Answer:
        arn = self.asked["PolicyArn"]
        for role in self.facts.roles.values():
            if arn in role.attached_policies:
                return {
                    "PolicyVersion": {
                        "Document": json.loads(_of(role.attached_policies[arn])),
                        "VersionId": "v1",
                    }
                }
        boundary = next((item.boundary_policy for item in self.facts.roles.values()), Unavailable())
        return {"PolicyVersion": {"Document": json.loads(_of(boundary)), "VersionId": "v1"}}

    def simulate_principal_policy(self) -> Answer:
        role = self._role()
        login = self.asked["ActionNames"] == ["ecr:GetAuthorizationToken"]
        fact = role.simulated_login if login else role.simulated_pull
        if not isinstance(fact, Known):
            raise DeniedError
        return {"EvaluationResults": [_simulated(item) for item in fact.value.results]}

    def describe_secret(self) -> Answer:
        wanted = self.asked["SecretId"]
        cached = {str(place): item.cache_secret for place, item in enumerate(self.facts.images)}
        for name, fact in (*self.facts.secrets.items(), *cached.items()):
            if name.startswith(wanted) or (isinstance(fact, Known) and fact.value.arn == wanted):
                return dict(_of(fact))
        for value, fact in self.facts.secrets_by_name.items():
            if wanted == secret_name(value):
                return dict(_of(fact))
        raise DeniedError

    def get_resource_policy(self) -> Answer:
        wanted = self.asked["SecretId"]
        for name, fact in self.facts.secret_policies.items():
            if name.startswith(wanted):
                return (
                    {"ARN": wanted}
                    if isinstance(fact, Absent)
                    else {"ARN": wanted, "ResourcePolicy": _of(fact)}
                )
        raise DeniedError

    def describe_parameters(self) -> Answer:
        names = self.asked["ParameterFilters"][0]["Values"]
        held = (*self.facts.parameters.items(), *self.facts.parameters_here.items())
        facts = [
            fact
            for value, fact in held
            if not isinstance(fact, Absent) and (_region_of(fact, value) in (None, self.region))
        ]
        return {"Parameters": [found for found in map(_of, facts) if found["Name"] in names]}

    def describe_key(self) -> Answer:
        wanted = self.asked["KeyId"]
        of_images = [
            fact for item in self.facts.images for fact in (item.cache_key, item.template_key, item.key)
        ]
        named = [
            (wanted if fact.value.arn in (None, wanted) else "", fact)
            for fact in of_images
            if isinstance(fact, Known)
        ]
        keys = [*self.facts.kms_keys.items(), *named, *((wanted, item.key) for item in self.facts.images)]
        return {"KeyMetadata": _of(next((fact for name, fact in keys if name == wanted), Unavailable()))}

    def list_tags_for_resource(self) -> Answer:
        if "resourceArn" in self.asked:
            name = self.asked["resourceArn"].split("repository/", 1)[1]
            return {"tags": _tags(((item.image, item.tags) for item in self.facts.images), f"/{name}")}
        return {"TagList": _tags(self.facts.parameter_tags.items(), self.asked["ResourceId"])}

    def list_resource_tags(self) -> Answer:
        tags = _tags(self.facts.kms_key_tags.items(), self.asked["KeyId"].rsplit("/", 1)[-1])
        return {"Tags": [{"TagKey": item["Key"], "TagValue": item["Value"]} for item in tags]}

    def describe_organization(self) -> Answer:
        return {"Organization": {"Id": _of(self.facts.organization), "MasterAccountId": "999999999999"}}

    def get_bucket_location(self) -> Answer:
        region = _of(self.facts.bucket_regions.get(self.asked["Bucket"], Unavailable()))
        return {"LocationConstraint": None if region == "us-east-1" else region}

    def get_bucket_policy(self) -> Answer:
        return {"Policy": _of(self.facts.bucket_policies.get(self.asked["Bucket"], Unavailable()))}

    def get_key_policy(self) -> Answer:
        wanted = self.asked["KeyId"]
        facts = [
            fact for name, fact in self.facts.kms_key_policies.items() if name in wanted or wanted in name
        ]
        return {"Policy": _of(next(iter(facts), Unavailable()))}


def _region_of(fact: Fact[Any], value: str) -> str | None:
    """The Region of a parameter."""
    return region_named((fact.value.arn if isinstance(fact, Known) else None) or value)


def _tags(facts: Iterable[tuple[str, Fact[Any]]], name: str) -> Any:
    """The tags of what a name is part of, in AWS's own spelling."""
    return _of(next((fact for key, fact in facts if name in key), Unavailable()))


def _simulated(item: Simulated) -> Answer:
    made: Answer = {
        "EvalActionName": item.action, "EvalResourceName": item.resource, "EvalDecision": item.decision,
        "MissingContextValues": list(item.missing_context),
    }  # fmt: skip
    if item.allowed_by_organizations is not None:
        made["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": item.allowed_by_organizations}
    if item.allowed_by_boundary is not None:
        made["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": item.allowed_by_boundary}
    if item.resource != "*":
        made["ResourceSpecificResults"] = [
            {"EvalResourceName": item.resource, "EvalResourceDecision": item.decision}
        ]
    return made
