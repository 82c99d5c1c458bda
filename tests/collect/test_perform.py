"""Every operation of the table against a stubbed botocore client: what each kind of answer becomes."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from diagnostics.collect import AwsClients, calls, parsing
from diagnostics.collect.calls import OPERATIONS
from diagnostics.collect.operation import Call, Operation
from diagnostics.collect.perform import Performed, perform
from diagnostics.snapshot import Absent, Known, Tag, Unavailable
from tests.rows import every_row

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/shop"
POLICY = {"Version": "2012-10-17", "Statement": []}
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:token-AbCdEf"
ENCODED = "%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%5B%5D%7D"
FILTERS: dict[str, Any] = {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}
NAMED = {"repositoryName": "team/shop"}

Sample = tuple[Operation[Any], dict[str, Any], dict[str, Any]]

SAMPLES: tuple[Sample, ...] = (
    (calls.GET_CALLER_IDENTITY, {}, {"Account": "123456789012", "Arn": ROLE, "UserId": "x"}),
    (
        calls.DESCRIBE_TASKS,
        {"cluster": "prod", "tasks": ["1"]},
        {"tasks": [{"taskArn": "arn:1"}], "failures": []},
    ),
    (
        calls.TASK_TAGS,
        {"cluster": "prod", "tasks": ["1"], "include": ["TAGS"]},
        {"tasks": [{"taskArn": "arn:1", "tags": [{"key": "team", "value": "payments"}]}], "failures": []},
    ),
    (
        calls.SERVICE_TAGS,
        {"cluster": "prod", "services": ["shop"], "include": ["TAGS"]},
        {"services": [{"serviceArn": "arn:1", "tags": [{"key": "team"}]}], "failures": []},
    ),
    (calls.LIST_TASKS, {"cluster": "prod", "serviceName": "shop"}, {"taskArns": ["arn:1"]}),
    (calls.LIST_CLUSTERS, {}, {"clusterArns": ["arn:prod"]}),
    (calls.LIST_ALL_CLUSTERS, {}, {"clusterArns": ["arn:prod"]}),
    (calls.LIST_SERVICES, {"cluster": "prod"}, {"serviceArns": ["arn:shop"]}),
    (calls.SERVICES_TO_CHOOSE, {"cluster": "prod"}, {"serviceArns": ["arn:shop"]}),
    (calls.EVERY_CLUSTER, {}, {"clusterArns": ["arn:prod"]}),
    (calls.LIST_LIVE_TASKS, {"cluster": "prod"}, {"taskArns": ["arn:1"]}),
    (
        calls.DESCRIBE_SERVICE_DEPLOYMENTS,
        {"serviceDeploymentArns": ["arn:1"]},
        {
            "serviceDeployments": [
                {"serviceDeploymentArn": "arn:1", "sourceServiceRevisions": [{"arn": "arn:2"}]}
            ],
            "failures": [],
        },
    ),
    (
        calls.LIST_FEW_REPOSITORIES,
        {},
        {"repositories": [{"repositoryArn": "arn:shop", "repositoryName": "shop"}]},
    ),
    (calls.LIST_FEW_IMAGES, {"repositoryName": "shop"}, {"imageDetails": [{"imageDigest": "sha256:1"}]}),
    (calls.LIST_ALL_IMAGES, {"repositoryName": "shop"}, {"imageDetails": [{"imageDigest": "sha256:1"}]}),
    (calls.LIST_RULE_NAMES_BY_TARGET, {"TargetArn": "arn:prod"}, {"RuleNames": ["nightly"]}),
    (calls.LIST_EVENT_BUSES, {}, {"EventBuses": [{"Name": "default"}]}),
    (calls.LIST_RULES, {}, {"Rules": [{"Name": "nightly", "State": "ENABLED"}]}),
    (
        calls.LIST_TARGETS_BY_RULE,
        {"Rule": "nightly"},
        {"Targets": [{"Id": "1", "Arn": "arn:prod", "EcsParameters": {"TaskDefinitionArn": "shop:1"}}]},
    ),
    (calls.LIST_SCHEDULES, {}, {"Schedules": [{"Name": "weekly", "Target": {"Arn": "arn:prod"}}]}),
    (
        calls.GET_SCHEDULE,
        {"Name": "weekly"},
        {
            "Name": "weekly",
            "Target": {
                "Arn": "arn:prod",
                "RoleArn": "arn:role",
                "EcsParameters": {"TaskDefinitionArn": "shop:1"},
            },
        },
    ),
    (
        calls.DESCRIBE_SERVICES,
        {"cluster": "prod", "services": ["shop"]},
        {"services": [{"serviceArn": "arn:shop", "serviceName": "shop"}], "failures": []},
    ),
    (
        calls.LIST_SERVICE_DEPLOYMENTS,
        {"cluster": "prod", "service": "shop", "status": ["ROLLBACK_SUCCESSFUL"]},
        {"serviceDeployments": [{"serviceDeploymentArn": "arn:1", "status": "ROLLBACK_SUCCESSFUL"}]},
    ),
    (
        calls.DESCRIBE_SERVICE_REVISIONS,
        {"serviceRevisionArns": ["arn:1"]},
        {"serviceRevisions": [{"serviceRevisionArn": "arn:1"}], "failures": []},
    ),
    (
        calls.DESCRIBE_TASK_DEFINITION,
        {"taskDefinition": "shop:1"},
        {"taskDefinition": {"taskDefinitionArn": "arn:1", "containerDefinitions": [{"name": "app"}]}},
    ),
    (
        calls.DESCRIBE_CONTAINER_INSTANCES,
        {"containerInstances": ["1"]},
        {"containerInstances": [{"containerInstanceArn": "arn:1"}], "failures": []},
    ),
    (calls.LIST_CONTAINER_INSTANCES, {"cluster": "prod"}, {"containerInstanceArns": ["arn:1"]}),
    (
        calls.DESCRIBE_CAPACITY_PROVIDERS,
        {"capacityProviders": ["hosts"]},
        {"capacityProviders": [{"name": "hosts", "status": "ACTIVE"}], "failures": []},
    ),
    (
        calls.DESCRIBE_REPOSITORY,
        {"repositoryNames": ["team/shop"]},
        {"repositories": [{"repositoryArn": "arn:shop", "repositoryName": "team/shop"}]},
    ),
    (calls.LIST_REPOSITORIES, {}, {"repositories": [{"repositoryName": "team/shop"}]}),
    (calls.DESCRIBE_IMAGE, NAMED, {"imageDetails": [{"imageDigest": "sha256:1", "imageTags": ["v1"]}]}),
    (calls.LIST_IMAGES, NAMED, {"imageDetails": [{"imageDigest": "sha256:1", "imagePushedAt": NOW}]}),
    (calls.GET_REPOSITORY_POLICY, NAMED, {"policyText": "{}"}),
    (
        calls.GET_LIFECYCLE_POLICY,
        NAMED,
        {"lifecyclePolicyText": json.dumps({"rules": []}).ljust(100), "lastEvaluatedAt": NOW},
    ),
    (calls.GET_REGISTRY_POLICY, {}, {"policyText": "{}"}),
    (
        calls.DESCRIBE_PULL_THROUGH_CACHE_RULES,
        {},
        {
            "pullThroughCacheRules": [
                {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io"}
            ]
        },
    ),
    (calls.DESCRIBE_INSTANCES, FILTERS, {"Reservations": [{"Instances": [{"InstanceId": "i-1"}]}]}),
    (calls.DESCRIBE_VOLUMES, FILTERS, {"Volumes": [{"VolumeId": "vol-1", "Size": 30}]}),
    (calls.DESCRIBE_NETWORK_INTERFACES, FILTERS, {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]}),
    (calls.DESCRIBE_SUBNETS, FILTERS, {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]}),
    (calls.DESCRIBE_VPC, {"VpcIds": ["vpc-1"]}, {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "123456789012"}]}),
    (
        calls.DESCRIBE_DNS_SUPPORT,
        {"VpcId": "v", "Attribute": "enableDnsSupport"},
        {"EnableDnsSupport": {"Value": False}},
    ),
    (
        calls.DESCRIBE_DNS_HOSTNAMES,
        {"VpcId": "v", "Attribute": "enableDnsHostnames"},
        {"EnableDnsHostnames": {"Value": True}},
    ),
    (
        calls.DESCRIBE_DHCP_OPTIONS,
        {"DhcpOptionsIds": ["dopt-1"]},
        {"DhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [{"Key": "domain-name"}]}]},
    ),
    (
        calls.DESCRIBE_ROUTE_TABLES,
        FILTERS,
        {
            "RouteTables": [
                {
                    "RouteTableId": "rtb-1",
                    "Associations": [],
                    "Routes": [{"GatewayId": "local", "State": "active"}],
                }
            ]
        },
    ),
    (
        calls.DESCRIBE_NETWORK_ACLS,
        FILTERS,
        {
            "NetworkAcls": [
                {
                    "NetworkAclId": "acl-1",
                    "Entries": [
                        {
                            "RuleNumber": 1,
                            "Protocol": "6",
                            "RuleAction": "allow",
                            "Egress": True,
                            "CidrBlock": "0.0.0.0/0",
                            "PortRange": {"From": 1, "To": 2},
                        }
                    ],
                }
            ]
        },
    ),
    (calls.DESCRIBE_NAT_GATEWAYS, {}, {"NatGateways": [{"NatGatewayId": "nat-1", "State": "deleted"}]}),
    (
        calls.DESCRIBE_INTERNET_GATEWAYS,
        FILTERS,
        {"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}]},
    ),
    (
        calls.DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS,
        {},
        {"EgressOnlyInternetGateways": [{"EgressOnlyInternetGatewayId": "eigw-1", "Attachments": []}]},
    ),
    (
        calls.DESCRIBE_VPC_ENDPOINTS,
        FILTERS,
        {
            "VpcEndpoints": [
                {
                    "VpcEndpointId": "vpce-1",
                    "VpcEndpointType": "Gateway",
                    "ServiceName": "s3",
                    "State": "available",
                    "PolicyDocument": "{}",
                }
            ]
        },
    ),
    (
        calls.DESCRIBE_SECURITY_GROUPS,
        FILTERS,
        {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [], "IpPermissionsEgress": []}]},
    ),
    (calls.DESCRIBE_PREFIX_LISTS, {}, {"PrefixLists": [{"PrefixListId": "pl-1", "Cidrs": ["192.0.2.0/24"]}]}),
    (
        calls.GET_MANAGED_PREFIX_LIST_ENTRIES,
        {"PrefixListId": "pl-1"},
        {"Entries": [{"Cidr": "192.0.2.0/24"}]},
    ),
    (
        calls.DESCRIBE_BLOCK_PUBLIC_ACCESS_OPTIONS,
        {},
        {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}},
    ),
    (
        calls.DESCRIBE_BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
        {},
        {"VpcBlockPublicAccessExclusions": [{"ExclusionId": "x-1"}]},
    ),
    (
        calls.GET_INSTANCE_PROFILE,
        {"InstanceProfileName": "host"},
        {
            "InstanceProfile": {
                "Path": "/",
                "InstanceProfileName": "host",
                "InstanceProfileId": "AIPA1234567890123456",
                "Arn": "arn:aws:iam::123456789012:instance-profile/host",
                "CreateDate": NOW,
                "Roles": [],
            }
        },
    ),
    (
        calls.GET_ROLE,
        {"RoleName": "shop"},
        {
            "Role": {
                "Path": "/",
                "RoleName": "shop",
                "RoleId": "AROA1234567890123456",
                "Arn": ROLE,
                "CreateDate": NOW,
                "AssumeRolePolicyDocument": ENCODED,
            }
        },
    ),
    (
        calls.SIMULATE_PRINCIPAL_POLICY,
        {"PolicySourceArn": ROLE, "ActionNames": ["ecr:GetAuthorizationToken"]},
        {
            "EvaluationResults": [
                {
                    "EvalActionName": "ecr:GetAuthorizationToken",
                    "EvalDecision": "explicitDeny",
                    "OrganizationsDecisionDetail": {"AllowedByOrganizations": False},
                }
            ]
        },
    ),
    (calls.LIST_ROLE_POLICIES, {"RoleName": "shop"}, {"PolicyNames": ["inline"], "IsTruncated": False}),
    (
        calls.GET_ROLE_POLICY,
        {"RoleName": "shop", "PolicyName": "inline"},
        {"RoleName": "shop", "PolicyName": "inline", "PolicyDocument": ENCODED},
    ),
    (
        calls.LIST_ATTACHED_ROLE_POLICIES,
        {"RoleName": "shop"},
        {
            "AttachedPolicies": [{"PolicyName": "pull", "PolicyArn": "arn:aws:iam::aws:policy/pull"}],
            "IsTruncated": False,
        },
    ),
    (calls.GET_POLICY, {"PolicyArn": "arn:aws:iam::aws:policy/pull"}, {"Policy": {"DefaultVersionId": "v3"}}),
    (
        calls.GET_POLICY_VERSION,
        {"PolicyArn": "arn:aws:iam::aws:policy/pull", "VersionId": "v3"},
        {"PolicyVersion": {"Document": ENCODED, "VersionId": "v3"}},
    ),
    (
        calls.BATCH_GET_IMAGE,
        {**NAMED, "imageIds": [{"imageTag": "v1"}]},
        {"images": [{"imageManifest": '{"schemaVersion": 2, "config": {}}'}], "failures": []},
    ),
    (
        calls.DESCRIBE_KEY,
        {"KeyId": "arn:key"},
        {"KeyMetadata": {"KeyId": "1", "KeyState": "Enabled", "DeletionDate": NOW}},
    ),
    (calls.DESCRIBE_SECRET, {"SecretId": "token"}, {"ARN": SECRET, "Name": "token", "DeletedDate": NOW}),
    (calls.GET_SECRET_POLICY, {"SecretId": "token"}, {"ARN": SECRET, "ResourcePolicy": "{}"}),
    (
        calls.DESCRIBE_PARAMETERS,
        {"ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": ["/db"]}]},
        {"Parameters": [{"Name": "/db", "Type": "SecureString", "KeyId": "alias/aws/ssm"}]},
    ),
    (calls.GET_KEY_POLICY, {"KeyId": "arn:key", "PolicyName": "default"}, {"Policy": "{}"}),
    (calls.LIST_REPOSITORY_TAGS, {"resourceArn": "arn:shop"}, {"tags": [{"Key": "team", "Value": "shop"}]}),
    (
        calls.LIST_PARAMETER_TAGS,
        {"ResourceType": "Parameter", "ResourceId": "/shop/token"},
        {"TagList": [{"Key": "team", "Value": "shop"}]},
    ),
    (
        calls.LIST_KEY_TAGS,
        {"KeyId": "arn:key"},
        {"Tags": [{"TagKey": "team", "TagValue": "shop"}], "Truncated": False},
    ),
    (
        calls.DESCRIBE_CREATION_TEMPLATES,
        {},
        {"repositoryCreationTemplates": [{"prefix": "hub", "appliedFor": ["PULL_THROUGH_CACHE"]}]},
    ),
    (calls.GET_BUCKET_LOCATION, {"Bucket": "conf"}, {"LocationConstraint": "eu-central-1"}),
    (calls.GET_BUCKET_POLICY, {"Bucket": "conf"}, {"Policy": "{}"}),
    (calls.DESCRIBE_ORGANIZATION, {}, {"Organization": {"Id": "o-a1b2c3d4e5"}}),
    (
        calls.GET_REGISTRY_POLICY_SCOPE,
        {"name": "REGISTRY_POLICY_SCOPE"},
        {"name": "REGISTRY_POLICY_SCOPE", "value": "V2"},
    ),
)

EVERY = every_row(
    ("operation", "params", "answer"),
    SAMPLES,
    ids=[f"{number}-{item[0].method}" for number, item in enumerate(SAMPLES)],
)


@functools.cache
def client(service: str) -> Any:
    """A client of a service, made once, since each new one reads botocore's models again."""
    return boto3.client(
        service,
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )


class Stubbed(AwsClients):
    """One client whose answers are given beforehand; botocore checks them against its models."""

    active: Stubber | None = None

    def __init__(self, operation: Operation[Any]) -> None:
        super().__init__()
        self.client = client(operation.service)
        if Stubbed.active is not None:
            Stubbed.active.deactivate()
        self.stub = Stubbed.active = Stubber(self.client)
        self.stub.activate()

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        return self.client


def question(operation: Operation[Any], params: Mapping[str, Any]) -> Call[Any]:
    return Call.to(operation, params, region="eu-central-1", resource="it")


def test_there_is_a_sample_of_every_operation() -> None:
    assert {id(item[0]) for item in SAMPLES} == {id(item) for item in OPERATIONS}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([{"Key": "team", "Value": "payments"}], (Tag(key="team", value="payments"),)),
        ([], ()),
        # AWS leaves the member out of the answer about a secret that has no tags.
        (None, ()),
        # What cannot be read is not known, and costs nothing else.
        ([{"Key": "team"}], None),
        ("team", None),
    ],
)
def test_the_tags_of_a_secret(tags: Any, expected: tuple[Tag, ...] | None) -> None:
    answer = {"ARN": SECRET, "Name": "token"} | ({} if tags is None else {"Tags": tags})
    found = parsing.secret(answer)
    assert (found.name, found.tags) == ("token", expected)


VERSION = "01234567-89ab-4cde-8f01-23456789abcd"


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ({VERSION: ["AWSCURRENT"]}, {VERSION: ("AWSCURRENT",)}),
        # AWS leaves the member out of the answer about a secret that has no value yet.
        (None, {}),
        # What cannot be read may be the version that counts, so that none is known.
        ({VERSION: "AWSCURRENT"}, None),
        ({VERSION: [1]}, None),
        (["AWSCURRENT"], None),
        ({"new": ["AWSCURRENT"]}, None),
        # A member that is no version costs nothing.
        ({VERSION: ["AWSCURRENT"], "new": 1}, {VERSION: ("AWSCURRENT",)}),
    ],
)
def test_the_versions_of_a_secret(versions: Any, expected: dict[str, tuple[str, ...]] | None) -> None:
    answer = {"ARN": SECRET, "Name": "token"} | ({} if versions is None else {"VersionIdsToStages": versions})
    found = parsing.secret(answer)
    assert (found.name, found.version_ids_to_stages) == ("token", expected)


def test_a_secret_without_a_policy_has_none() -> None:
    clients = Stubbed(calls.GET_SECRET_POLICY)
    clients.stub.add_response("get_resource_policy", {"ARN": SECRET, "Name": "token"})
    done = perform(question(calls.GET_SECRET_POLICY, {"SecretId": "token"}), clients)
    assert done.fact == Absent(call="secretsmanager:GetResourcePolicy")


@EVERY
def test_an_answer_is_known(
    operation: Operation[Any], params: dict[str, Any], answer: dict[str, Any]
) -> None:
    clients = Stubbed(operation)
    clients.stub.add_response(operation.method, copy.deepcopy(answer))
    done = perform(question(operation, params), clients)
    assert isinstance(done.fact, Known), done.fact
    assert done.fact.value not in (None, (), "")
    assert done.requests == 1


@EVERY
def test_an_answer_without_its_members_is_not_an_answer(
    operation: Operation[Any], params: dict[str, Any], answer: dict[str, Any]
) -> None:
    clients = Stubbed(operation)
    required = clients.client.meta.service_model.operation_model(
        operation.action.partition(":")[2]
    ).output_shape.required_members
    if required:
        # botocore itself refuses such an answer before it is parsed.
        clients.stub.deactivate()
        clients.client.meta.events.register("before-call", _nothing)
    else:
        clients.stub.add_response(operation.method, {})
    done = perform(question(operation, params), clients)
    clients.client.meta.events.unregister("before-call", _nothing)
    assert done.fact == Unavailable(why="the answer could not be read", call=operation.action, resource="it")


class _Http:
    status_code = 200


def _nothing(**_: Any) -> tuple[_Http, dict[str, Any]]:
    return _Http(), {}


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("AccessDeniedException", 400, "denied"),
        ("403", 403, "denied"),
        ("ThrottlingException", 400, "throttled"),
        ("InternalError", 500, "AWS answered with an error (InternalError)"),
    ],
)
@EVERY
def test_a_refusal_is_unavailable(
    operation: Operation[Any],
    params: dict[str, Any],
    answer: dict[str, Any],
    code: str,
    status: int,
    why: str,
) -> None:
    clients = Stubbed(operation)
    clients.stub.add_client_error(operation.method, code, "no", status)
    done = perform(question(operation, params), clients)
    assert done.fact == Unavailable(why=why, call=operation.action, resource="it")
    assert done.requests == 1


@EVERY
def test_its_absent_codes_are_absence(
    operation: Operation[Any], params: dict[str, Any], answer: dict[str, Any]
) -> None:
    for item in operation.absent:
        code, message = (item, "gone") if isinstance(item, str) else item
        clients = Stubbed(operation)
        clients.stub.add_client_error(operation.method, code, message, 400)
        fact = perform(question(operation, params), clients).fact
        assert isinstance(fact, Absent)
        assert fact.call == operation.action
        assert fact.without == ("cluster" if code == "ClusterNotFoundException" else None)


@pytest.mark.parametrize("operation", [calls.DESCRIBE_REPOSITORY, calls.DESCRIBE_IMAGE, calls.DESCRIBE_VPC])
def test_an_empty_list_of_the_one_thing_asked_for_is_absence(operation: Operation[Any]) -> None:
    params = next(item[1] for item in SAMPLES if item[0] is operation)
    answer = next(item[2] for item in SAMPLES if item[0] is operation)
    clients = Stubbed(operation)
    clients.stub.add_response(operation.method, {key: [] for key in answer})
    assert perform(question(operation, params), clients).fact == Absent(call=operation.action)


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        (calls.DESCRIBE_IMAGE, {"imageDetails": [{}]}),
        (calls.LIST_IMAGES, {"imageDetails": [{}]}),
        (calls.DESCRIBE_BLOCK_PUBLIC_ACCESS_OPTIONS, {"VpcBlockPublicAccessOptions": {}}),
        (calls.DESCRIBE_BLOCK_PUBLIC_ACCESS_EXCLUSIONS, {"VpcBlockPublicAccessExclusions": [{}]}),
    ],
)
def test_an_empty_object_is_not_an_answer(operation: Operation[Any], answer: dict[str, Any]) -> None:
    params = next(item[1] for item in SAMPLES if item[0] is operation)
    clients = Stubbed(operation)
    clients.stub.add_response(operation.method, answer)
    fact = perform(question(operation, params), clients).fact
    assert fact == Unavailable(why="the answer could not be read", call=operation.action, resource="it")


@pytest.mark.parametrize(
    "broken", [{}, {"taskArn": "arn:2", "containers": [{"name": None}]}, {"lastStatus": "RUNNING"}]
)
def test_a_task_that_cannot_be_read_costs_no_other(broken: dict[str, Any]) -> None:
    clients = Stubbed(calls.DESCRIBE_TASKS)

    def tasks(**_: Any) -> tuple[_Http, dict[str, Any]]:
        return _Http(), {"tasks": [broken, {"taskArn": "arn:1"}]}

    # The stub would refuse such an answer.
    clients.stub.deactivate()
    clients.client.meta.events.register("before-call", tasks)
    done = perform(question(calls.DESCRIBE_TASKS, {"tasks": ["1", "2"]}), clients)
    clients.client.meta.events.unregister("before-call", tasks)
    assert isinstance(done.fact, Known)
    assert [task.task_arn for task in done.fact.value.items] == ["arn:1"]


Raw = dict[str, Any]

RECORDS: tuple[tuple[Operation[Any], str, Raw, Raw, tuple[str, ...]], ...] = (
    (calls.DESCRIBE_ROUTE_TABLES, "RouteTables", {"RouteTableId": "rtb-1", "Routes": [], "Associations": []}, {"RouteTableId": "rtb-2", "Associations": []}, ("rtb-2",)),
    (calls.DESCRIBE_ROUTE_TABLES, "RouteTables", {"RouteTableId": "rtb-1", "Routes": [], "Associations": []}, {"RouteTableId": "rtb-2", "Routes": [{"State": 1}], "Associations": []}, ("rtb-2",)),
    (calls.DESCRIBE_NETWORK_ACLS, "NetworkAcls", {"NetworkAclId": "acl-1", "Entries": [], "Associations": []}, {"NetworkAclId": "acl-2", "Entries": [{"RuleNumber": 100}], "Associations": []}, ("acl-2",)),
    (calls.DESCRIBE_NAT_GATEWAYS, "NatGateways", {"NatGatewayId": "nat-1", "State": "available"}, {"NatGatewayId": "nat-2"}, ("nat-2",)),
    (calls.DESCRIBE_NAT_GATEWAYS, "NatGateways", {"NatGatewayId": "nat-1", "State": "available"}, {"State": "available"}, ("",)),
    (calls.DESCRIBE_SECURITY_GROUPS, "SecurityGroups", {"GroupId": "sg-1", "IpPermissions": [], "IpPermissionsEgress": []}, {"GroupId": "sg-2", "IpPermissions": []}, ("sg-2",)),
    (calls.DESCRIBE_NETWORK_INTERFACES, "NetworkInterfaces", {"NetworkInterfaceId": "eni-1"}, {"NetworkInterfaceId": "eni-2", "Groups": [{}]}, ("eni-2",)),
    (calls.DESCRIBE_SUBNETS, "Subnets", {"SubnetId": "subnet-1", "VpcId": "vpc-1"}, {"SubnetId": "subnet-2"}, ("subnet-2",)),
    (calls.DESCRIBE_VPC_ENDPOINTS, "VpcEndpoints", {"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "ServiceName": "s3", "State": "available"}, {"VpcEndpointId": "vpce-2", "VpcEndpointType": "Interface", "State": "available"}, ("vpce-2",)),
    (calls.DESCRIBE_VPC_ENDPOINTS, "VpcEndpoints", {"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "ServiceName": "s3", "State": "available"}, {"VpcEndpointType": "ServiceNetwork"}, ()),
    (calls.DESCRIBE_VPC_ENDPOINTS, "VpcEndpoints", {"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "ServiceName": "s3", "State": "available"}, {"ServiceName": "com.amazonaws.eu-west-1.execute-api"}, ()),
    (calls.DESCRIBE_VPC_ENDPOINTS, "VpcEndpoints", {"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "ServiceName": "s3", "State": "available"}, {"ServiceName": "com.amazonaws.eu-west-1.ecr.api"}, ("",)),
)  # fmt: skip


@pytest.mark.parametrize(("operation", "key", "good", "broken", "unread"), RECORDS)
def test_a_record_of_a_vpc_that_cannot_be_read_costs_no_other(
    operation: Operation[Any], key: str, good: Raw, broken: Raw, unread: tuple[str, ...]
) -> None:
    """It is named where its id can be read; what no pull needs is not missed."""
    clients = Stubbed(operation)
    clients.stub.deactivate()

    def both(**_: Any) -> tuple[_Http, Raw]:
        return _Http(), {key: [broken, good]}

    clients.client.meta.events.register("before-call", both)
    fact = perform(question(operation, {}), clients).fact
    clients.client.meta.events.unregister("before-call", both)
    assert isinstance(fact, Known)
    assert (len(fact.value), fact.unread) == (1, unread)


def value_of(operation: Operation[Any]) -> Any:
    _, params, answer = next(item for item in SAMPLES if item[0] is operation)
    clients = Stubbed(operation)
    clients.stub.add_response(operation.method, copy.deepcopy(answer))
    fact = perform(question(operation, params), clients).fact
    assert isinstance(fact, Known)
    return fact.value


def test_policies_are_json_text() -> None:
    for operation in (calls.GET_ROLE_POLICY, calls.GET_POLICY_VERSION):
        assert json.loads(value_of(operation)) == POLICY
    assert json.loads(value_of(calls.GET_ROLE).assume_role_policy_document) == POLICY


def test_attributes_are_read_by_their_own_name() -> None:
    assert value_of(calls.DESCRIBE_DNS_SUPPORT) is False
    assert value_of(calls.DESCRIBE_DNS_HOSTNAMES) is True


INDEX = {
    "mediaType": "application/vnd.oci.image.index.v1+json",
    "manifests": [
        {"platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
        {"platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1970"}},
        {
            "platform": {"os": "unknown", "architecture": "unknown"},
            "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
        },
        {},
    ],
}


def manifest(answer: dict[str, Any]) -> Any:
    clients = Stubbed(calls.BATCH_GET_IMAGE)
    clients.stub.add_response("batch_get_image", answer)
    return perform(question(calls.BATCH_GET_IMAGE, {**NAMED, "imageIds": [{"imageTag": "v1"}]}), clients).fact


def test_an_index_names_its_platforms_and_attestations_are_none() -> None:
    value = manifest({"images": [{"imageManifest": json.dumps(INDEX)}]}).value
    assert value.index
    assert value.media_type == INDEX["mediaType"]
    assert [str(item) for item in value.platforms] == [
        "linux/arm64/v8",
        "windows/amd64 10.0.20348.1970",
        "?/?",
    ]


def test_the_manifest_of_one_image_names_no_platform() -> None:
    single = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {}, "layers": []}
    value = manifest({"images": [{"imageManifest": json.dumps(single)}]}).value
    assert not value.index
    assert value.platforms == ()


@pytest.mark.parametrize(
    ("code", "expected"),
    [("ImageNotFound", Absent(call="ecr:BatchGetImage")), ("KmsError", Unavailable)],
)
def test_a_manifest_that_does_not_come_is_absent_only_if_it_says_so(code: str, expected: Any) -> None:
    fact = manifest({"images": [], "failures": [{"failureCode": code}]})
    assert fact == expected or (isinstance(fact, Unavailable) and expected is Unavailable)


def test_pages_are_merged_and_counted() -> None:
    clients = Stubbed(calls.LIST_TASKS)
    params = {"cluster": "prod"}
    clients.stub.add_response("list_tasks", {"taskArns": ["a"], "nextToken": "2"}, params)
    clients.stub.add_response("list_tasks", {"taskArns": ["b"]}, {**params, "nextToken": "2"})
    assert perform(question(calls.LIST_TASKS, params), clients) == Performed(Known(value=("a", "b")), 2)


def test_a_list_that_may_be_cut_is_cut() -> None:
    clients = Stubbed(calls.LIST_IMAGES)
    for number in range(calls.LIST_IMAGES.pages):
        clients.stub.add_response(
            "describe_images",
            {"imageDetails": [{"imageDigest": f"sha256:{number}"}], "nextToken": str(number)},
            {**NAMED, "maxResults": 1000} | ({"nextToken": str(number - 1)} if number else {}),
        )
    done = perform(question(calls.LIST_IMAGES, NAMED), clients)
    assert isinstance(done.fact, Known)
    assert [item.image_digest for item in done.fact.value] == ["sha256:0", "sha256:1"]
    assert done.requests == 2


def test_half_a_list_does_not_say_what_there_is() -> None:
    clients = Stubbed(calls.DESCRIBE_ROUTE_TABLES)
    for number in range(calls.DESCRIBE_ROUTE_TABLES.pages):
        clients.stub.add_response(
            "describe_route_tables",
            {"RouteTables": [{"RouteTableId": f"rtb-{number}"}], "NextToken": str(number)},
        )
    done = perform(question(calls.DESCRIBE_ROUTE_TABLES, FILTERS), clients)
    assert done.fact == Unavailable(
        why="the list is too long to read all of it", call="ec2:DescribeRouteTables", resource="it"
    )
    assert done.requests == calls.DESCRIBE_ROUTE_TABLES.pages


def test_an_answer_that_botocore_cannot_page_and_that_goes_on_is_not_whole() -> None:
    operation = calls.DESCRIBE_BLOCK_PUBLIC_ACCESS_EXCLUSIONS
    clients = Stubbed(operation)
    clients.stub.add_response(operation.method, {"VpcBlockPublicAccessExclusions": [], "NextToken": "2"})
    assert isinstance(perform(question(operation, {}), clients).fact, Unavailable)


def test_an_error_on_a_later_page_leaves_nothing_known() -> None:
    clients = Stubbed(calls.LIST_TASKS)
    clients.stub.add_response("list_tasks", {"taskArns": ["a"], "nextToken": "2"})
    clients.stub.add_client_error("list_tasks", "ThrottlingException", "slow down", 400)
    done = perform(question(calls.LIST_TASKS, {}), clients)
    assert done == Performed(
        Unavailable(why="throttled", call="ecs:ListTasks", resource="it"), 2, in_passing=True
    )


def test_nobody_waits_for_further_pages_of_a_run_that_is_over() -> None:
    clients = Stubbed(calls.LIST_TASKS)
    clients.stub.add_response("list_tasks", {"taskArns": ["a"], "nextToken": "2"})
    assert perform(question(calls.LIST_TASKS, {}), clients, lambda: True).requests == 1


def test_urls_are_redacted_before_anything_is_parsed() -> None:
    clients = Stubbed(calls.DESCRIBE_TASKS)
    secret = "https://b.s3.amazonaws.com/k?X-Amz-Signature=abc"
    task = {"taskArn": "arn:1", "stoppedReason": secret, "containers": [{"name": "app", "reason": secret}]}
    clients.stub.add_response("describe_tasks", {"tasks": [task]})
    fact = perform(question(calls.DESCRIBE_TASKS, {"tasks": ["1"]}), clients).fact
    assert isinstance(fact, Known)
    assert "abc" not in repr(fact.value)
    assert "https://b.s3.amazonaws.com/k?[redacted]" in repr(fact.value)


def test_environment_values_never_come_in() -> None:
    clients = Stubbed(calls.DESCRIBE_TASK_DEFINITION)
    container = {"name": "app", "environment": [{"name": "PASSWORD", "value": "hunter2"}]}
    answer = {"taskDefinition": {"taskDefinitionArn": "arn:1", "containerDefinitions": [container]}}
    clients.stub.add_response("describe_task_definition", answer)
    fact = perform(question(calls.DESCRIBE_TASK_DEFINITION, {"taskDefinition": "shop:1"}), clients).fact
    assert isinstance(fact, Known)
    assert "hunter2" not in repr(fact.value)


class NoClient(AwsClients):
    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        raise RuntimeError("no client")


def test_a_client_that_cannot_be_made_is_a_reason_too() -> None:
    done = perform(question(calls.GET_ROLE, {"RoleName": "shop"}), NoClient())
    assert done == Performed(
        Unavailable(why="the call failed (RuntimeError)", call="iam:GetRole", resource="it"), 0
    )
