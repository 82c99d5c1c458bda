"""A large account, answered from memory in botocore's own shapes: what a diagnosis costs where there is much of everything.

Its figures are those that the design promises for: 400 subnets, 500 endpoints, 3,000 rules of the groups on the way and 20,000
images. Ids are drawn from a seeded source, because ids that resemble each other would pack better than AWS's do.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from diagnostics.collect import AwsClients, calls
from tests.build.names import ACCOUNT, CLUSTER, REGION, ROLE_ARN, S3_CIDRS, S3_LIST, TASK_ARN
from tests.build.policies import ECR_ACTIONS
from tests.build.vpc import everything, tcp

SUBNETS = 400
TABLES = 200
ROUTES = 40
ENDPOINTS = 500
RULES = 3_000
IMAGES = 20_000
PAGE = 1_000

REPOSITORY = "payments/api"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}"
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7"
VPC = "vpc-0f1e2d3c4b5a69788"
TIMED_OUT = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
    'retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post "'
    f'https://api.ecr.{REGION}.amazonaws.com/": dial tcp 44.213.79.10:443: i/o timeout'
)
MISSING = f"CannotPullContainerError: failed to resolve ref {IMAGE}:v20001: {IMAGE}:v20001: not found"

ON_THE_WAY = ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "kms")
Answer = dict[str, Any]


@dataclass
class LargeAccount:
    """The answers of the account. Attributes are what a test may change before it asks.

    Attributes:
        tag: the tag that the task wants; the repository has `v1` to `v20000`.
        reason: why the task stopped.
        endpoints_for: the services whose endpoints the VPC has, beside hundreds of others.
        default_route: whether the private subnets have a route to a NAT gateway.
    """

    tag: str = "v1"
    reason: str = TIMED_OUT
    endpoints_for: tuple[str, ...] = ()
    default_route: bool = True
    _random: random.Random = field(default_factory=lambda: random.Random(7))

    def id(self, kind: str) -> str:
        """An id of EC2."""
        return f"{kind}-{self._random.getrandbits(68):017x}"

    # --- the network ---------------------------------------------------------------------------------

    @cached_property
    def subnets(self) -> list[Answer]:
        """The subnets, the first three of which are the task's."""
        ranges = ip_network("10.0.0.0/16").subnets(new_prefix=26)
        return [
            {
                "SubnetId": self.id("subnet"), "VpcId": VPC, "CidrBlock": str(cidr), "AvailabilityZone": f"{REGION}{'abc'[place % 3]}",
                "AvailabilityZoneId": f"use1-az{place % 3 + 1}", "MapPublicIpOnLaunch": False, "AvailableIpAddressCount": 17,
                "Ipv6Native": False, "Ipv6CidrBlockAssociationSet": [], "State": "available", "OwnerId": ACCOUNT,
                "Tags": [{"Key": "Name", "Value": f"private-{place}"}, {"Key": "team", "Value": f"team-{place % 17}"}],
            }
            for place, cidr in zip(range(SUBNETS), ranges, strict=False)
        ]  # fmt: skip

    @cached_property
    def own_subnets(self) -> list[str]:
        """The subnets of the service."""
        return [item["SubnetId"] for item in self.subnets[:3]]

    @cached_property
    def nat_gateways(self) -> list[Answer]:
        """The NAT gateways, in the last subnets."""
        return [
            {
                "NatGatewayId": self.id("nat"), "VpcId": VPC, "SubnetId": item["SubnetId"], "State": "available",
                "ConnectivityType": "public", "AvailabilityMode": "zonal",
                "NatGatewayAddresses": [{"PublicIp": f"198.51.100.{place}", "PrivateIp": str(ip_network(item["CidrBlock"])[9]), "NetworkInterfaceId": self.id("eni")}],
            }
            for place, item in enumerate(self.subnets[-9:])
        ]  # fmt: skip

    @cached_property
    def route_tables(self) -> list[Answer]:
        """The route tables: the main one, one of the NAT gateways' subnets, the task's, and those of all other subnets."""
        public = [item["SubnetId"] for item in self.subnets[-9:]]
        shares = [self.own_subnets, *(
            [item["SubnetId"] for item in self.subnets[3:-9]][place :: TABLES - 3] for place in range(TABLES - 3)
        )]  # fmt: skip
        nat = self.nat_gateways[0]["NatGatewayId"]
        private = [
            self._table(share, {"NatGatewayId": nat} if self.default_route else None) for share in shares
        ]
        main = {**self._table([], None), "Associations": [{"Main": True}]}
        return [main, self._table(public, {"GatewayId": "igw-0a1b2c3d4e5f60718"}), *private]

    def _table(self, subnets: list[str], default: Answer | None) -> Answer:
        transit = self.id("tgw")
        routes: list[Answer] = [_route("10.0.0.0/16", GatewayId="local")]
        routes += [
            _route(f"172.{16 + place % 16}.{place}.0/24", TransitGatewayId=transit)
            for place in range(ROUTES - 2)
        ]
        if default is not None:
            routes.append(_route("0.0.0.0/0", **default))
        return {
            "RouteTableId": self.id("rtb"), "VpcId": VPC, "Routes": routes,
            "Associations": [{"Main": False, "SubnetId": name, "RouteTableAssociationId": self.id("rtbassoc")} for name in subnets],
        }  # fmt: skip

    @cached_property
    def network_acls(self) -> list[Answer]:
        """Forty network ACLs of twenty entries in each direction."""
        return [self._acl([item["SubnetId"] for item in self.subnets[place::40]]) for place in range(40)]

    def _acl(self, subnets: list[str]) -> Answer:
        ends = [(100 + place, "allow", f"192.168.{place}.0/24") for place in range(18)]
        ends += [(1000, "allow", "0.0.0.0/0"), (32767, "deny", "0.0.0.0/0")]
        return {
            "NetworkAclId": self.id("acl"), "VpcId": VPC, "IsDefault": False,
            "Associations": [{"SubnetId": name, "NetworkAclAssociationId": self.id("aclassoc")} for name in subnets],
            "Entries": [
                {"RuleNumber": number, "Protocol": "-1", "RuleAction": action, "Egress": egress, "CidrBlock": cidr}
                for egress in (True, False) for number, action, cidr in ends
            ],
        }  # fmt: skip

    @cached_property
    def own_groups(self) -> list[Answer]:
        """The task's five groups, of 200 rules each; the last lets everything out."""
        groups = [self._group(200) for _ in range(5)]
        groups[-1]["IpPermissionsEgress"].append(everything())
        return groups

    @cached_property
    def endpoint_groups(self) -> list[Answer]:
        """Twenty groups of endpoints, of 100 rules each; they admit the VPC."""
        groups = [self._group(RULES // 30) for _ in range(20)]
        for group in groups:
            group["IpPermissions"].append(tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/16"}]))
        return groups

    def _group(self, rules: int) -> Answer:
        made = [
            tcp(
                1024 + place,
                IpRanges=[{"CidrIp": f"10.{place % 200}.{place % 7}.0/24", "Description": f"team {place}"}],
            )
            if place % 3
            else tcp(5432, UserIdGroupPairs=[{"GroupId": self.id("sg"), "UserId": ACCOUNT}])
            for place in range(rules)
        ]
        return {
            "GroupId": self.id("sg"), "GroupName": f"group {rules}", "VpcId": VPC, "OwnerId": ACCOUNT,
            "IpPermissions": made[: rules // 2], "IpPermissionsEgress": made[rules // 2 :],
        }  # fmt: skip

    @cached_property
    def vpc_endpoints(self) -> list[Answer]:
        """The endpoints: those for the task, many of the same services without private names, and hundreds of partners'."""
        names = [f"com.amazonaws.{REGION}.{name}" for name in self.endpoints_for]
        own = [self._endpoint(name, self.subnets[:3], private=True) for name in names]
        wanted = [f"com.amazonaws.{REGION}.{name}" for name in ON_THE_WAY]
        twins = [
            self._endpoint(wanted[place % len(wanted)], self.subnets[20 + place : 23 + place])
            for place in range(60)
        ]
        others = [
            self._endpoint(
                f"com.amazonaws.vpce.{REGION}.{self.id('vpce-svc')}",
                self.subnets[place % 380 : place % 380 + 3],
            )
            for place in range(ENDPOINTS - len(own) - len(twins))
        ]
        return [*own, *twins, *others]

    def _endpoint(self, service: str, subnets: list[Answer], private: bool = False) -> Answer:
        name, group = self.id("vpce"), self._random.choice(self.endpoint_groups)
        statement = {
            "Sid": f"Org{name[-6:]}",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
        }
        return {
            "VpcEndpointId": name, "VpcEndpointType": "Interface", "VpcId": VPC, "ServiceName": service, "State": "available",
            "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "RouteTableIds": [],
            "SubnetIds": [item["SubnetId"] for item in subnets], "Groups": [{"GroupId": group["GroupId"], "GroupName": "endpoints"}],
            "IpAddressType": "ipv4", "PrivateDnsEnabled": private, "RequesterManaged": False, "OwnerId": ACCOUNT,
            "NetworkInterfaceIds": [self.id("eni") for _ in subnets], "DnsOptions": {"DnsRecordIpType": "ipv4"},
            "DnsEntries": [
                {"DnsName": f"{name}-{self._random.getrandbits(40):x}{zone}.{service[14:]}.vpce.amazonaws.com", "HostedZoneId": "Z7HUB22UULQXV"}
                for zone in ("", *(f"-{item['AvailabilityZone']}" for item in subnets))
            ],
        }  # fmt: skip

    @cached_property
    def interfaces(self) -> dict[str, Answer]:
        """The interfaces of the task and of the endpoints, by id."""
        cidrs = {item["SubnetId"]: ip_network(item["CidrBlock"]) for item in self.subnets}
        found: dict[str, Answer] = {}
        for place, item in enumerate(self.vpc_endpoints):
            for name, subnet in zip(item["NetworkInterfaceIds"], item["SubnetIds"], strict=True):
                found[name] = {
                    "NetworkInterfaceId": name, "InterfaceType": "vpc_endpoint", "Status": "in-use", "SubnetId": subnet,
                    "VpcId": VPC, "PrivateIpAddress": str(cidrs[subnet][10 + place % 50]), "Groups": item["Groups"],
                    "Attachment": {"AttachmentId": self.id("ela-attach"), "Status": "attached"}, "Description": f"VPC Endpoint Interface {item['VpcEndpointId']}",
                }  # fmt: skip
        return found

    # --- the task, its image and its role ------------------------------------------------------------

    @property
    def task(self) -> Answer:
        """The task, of three containers."""
        details = {
            "subnetId": self.own_subnets[0],
            "networkInterfaceId": "eni-0123456789abcdef0",
            "privateIPv4Address": "10.0.0.20",
        }
        return {
            "taskArn": TASK_ARN, "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{CLUSTER}", "taskDefinitionArn": DEFINITION,
            "group": "service:payments-api", "startedBy": "ecs-svc/1", "launchType": "FARGATE", "platformVersion": "1.4.0",
            "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stopCode": "TaskFailedToStart", "stoppedReason": self.reason,
            "stoppedAt": datetime(2026, 11, 24, 9, 15, tzinfo=UTC), "version": 4,
            "containers": [{"name": item["name"], "image": item["image"], "lastStatus": "STOPPED"} for item in self.containers],
            "attachments": [{"id": "att-1", "type": "ElasticNetworkInterface", "status": "DELETED", "details": [{"name": name, "value": value} for name, value in details.items()]}],
        }  # fmt: skip

    @property
    def containers(self) -> list[Answer]:
        """Three containers with five secrets each."""
        images = [f"{IMAGE}:{self.tag}", *(f"{IMAGE}:v{place + 2}" for place in range(2))]
        return [
            {
                "name": f"app-{place}", "image": image, "essential": place == 0, "environment": [{"name": "LEVEL", "value": "info"}] * 20,
                "secrets": [{"name": f"SECRET_{number}", "valueFrom": f"/payments/{place}/{number}"} for number in range(5)],
            }
            for place, image in enumerate(images)
        ]  # fmt: skip

    @property
    def service(self) -> Answer:
        """The service, with a hundred events."""
        network = {
            "awsvpcConfiguration": {
                "subnets": self.own_subnets,
                "securityGroups": [item["GroupId"] for item in self.own_groups],
                "assignPublicIp": "DISABLED",
            }
        }
        return {
            "serviceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/payments-api", "serviceName": "payments-api", "status": "ACTIVE",
            "desiredCount": 100, "runningCount": 0, "pendingCount": 9, "launchType": "FARGATE", "taskDefinition": DEFINITION,
            "networkConfiguration": network, "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "networkConfiguration": network}],
            "events": [{"id": self.id("event"), "createdAt": datetime(2026, 11, 24, 9, tzinfo=UTC), "message": f"(service payments-api) has started 1 tasks: (task {place:032x})."} for place in range(100)],
        }  # fmt: skip

    def images(self, number: int) -> list[Answer]:
        """So many of the images, in no order, as ECR gives them."""
        order = random.Random(3).sample(range(1, IMAGES + 1), number)
        return [self._image(f"v{place}", place) for place in order]

    def _image(self, tag: str, place: int) -> Answer:
        return {
            "registryId": ACCOUNT, "repositoryName": REPOSITORY, "imageDigest": f"sha256:{random.Random(place).getrandbits(256):064x}",
            "imageTags": [tag, f"build-{place * 7919 % 100_000:05d}", f"commit-{random.Random(-place).getrandbits(160):040x}"],
            "imageSizeInBytes": 80_000_000 + place, "imagePushedAt": datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=40 * place),
            "imageStatus": "ACTIVE", "imageManifestMediaType": "application/vnd.docker.distribution.manifest.v2+json",
        }  # fmt: skip

    @cached_property
    def policies(self) -> dict[str, Answer]:
        """The role's managed policies, as long as IAM lets them be; the last lets it pull."""
        many = {
            f"arn:aws:iam::{ACCOUNT}:policy/team-{number}": _policy(
                *({"Sid": f"S{place}", "Effect": "Allow", "Action": ["s3:GetObject", "sqs:SendMessage"], "Resource": f"arn:aws:s3:::{self.id('bucket')}/*"} for place in range(45))
            )
            for number in range(9)
        }  # fmt: skip
        allowed = [
            *ECR_ACTIONS,
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "ssm:GetParameters",
            "kms:Decrypt",
        ]
        pull = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
        return {**many, f"arn:aws:iam::{ACCOUNT}:policy/pull": _policy(pull)}

    # --- how it is asked -----------------------------------------------------------------------------

    def clients(self) -> AwsClients:
        """Clients that answer from here."""
        return _Clients(self)

    def answer(self, method: str, asked: Mapping[str, Any]) -> Answer:
        """What a botocore method answers.

        Raises:
            ClientError: as AWS does, for what is not there or is not known here.
        """
        made = getattr(self, f"_{method}", None)
        try:
            if made is None:
                raise _RefusedError("AccessDeniedException")
            found: Answer = made(asked)
        except _RefusedError as error:
            operation = "".join(part.capitalize() for part in method.split("_"))
            raise ClientError({"Error": {"Code": str(error), "Message": "no"}}, operation) from error
        return found

    def _get_caller_identity(self, asked: Mapping[str, Any]) -> Answer:
        return {
            "Account": ACCOUNT,
            "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/pullcheck/bot",
            "UserId": "AROAEXAMPLE",
        }

    def _describe_tasks(self, asked: Mapping[str, Any]) -> Answer:
        return {"tasks": [self.task], "failures": []}

    def _describe_services(self, asked: Mapping[str, Any]) -> Answer:
        return {"services": [self.service], "failures": []}

    def _describe_task_definition(self, asked: Mapping[str, Any]) -> Answer:
        platform = {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
        return {
            "taskDefinition": {
                "taskDefinitionArn": DEFINITION, "family": "payments-api", "revision": 7, "networkMode": "awsvpc", "executionRoleArn": ROLE_ARN,
                "requiresCompatibilities": ["FARGATE"], "runtimePlatform": platform, "containerDefinitions": self.containers,
            }
        }  # fmt: skip

    def _describe_repositories(self, asked: Mapping[str, Any]) -> Answer:
        arn = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{REPOSITORY}"
        return {"repositories": [{"repositoryArn": arn, "repositoryName": REPOSITORY, "registryId": ACCOUNT}]}

    def _describe_images(self, asked: Mapping[str, Any]) -> Answer:
        if "imageIds" not in asked:
            return {"imageDetails": self.images(IMAGES)}
        tag = asked["imageIds"][0]["imageTag"]
        if int(tag[1:]) > IMAGES:
            raise _RefusedError("ImageNotFoundException")
        return {"imageDetails": [self._image(tag, int(tag[1:]))]}

    def _get_repository_policy(self, asked: Mapping[str, Any]) -> Answer:
        raise _RefusedError("RepositoryPolicyNotFoundException")

    def _get_registry_policy(self, asked: Mapping[str, Any]) -> Answer:
        raise _RefusedError("RegistryPolicyNotFoundException")

    def _describe_pull_through_cache_rules(self, asked: Mapping[str, Any]) -> Answer:
        return {"pullThroughCacheRules": []}

    def _describe_network_interfaces(self, asked: Mapping[str, Any]) -> Answer:
        ids = _ids(asked)
        return {"NetworkInterfaces": [self.interfaces[name] for name in ids if name in self.interfaces]}

    def _describe_subnets(self, asked: Mapping[str, Any]) -> Answer:
        ids = _ids(asked)
        return {"Subnets": [item for item in self.subnets if VPC in ids or item["SubnetId"] in ids]}

    def _describe_vpcs(self, asked: Mapping[str, Any]) -> Answer:
        ranges = [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}]
        return {"Vpcs": [{"VpcId": VPC, "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "default", "IsDefault": False, "OwnerId": ACCOUNT, "CidrBlockAssociationSet": ranges}]}  # fmt: skip

    def _describe_vpc_attribute(self, asked: Mapping[str, Any]) -> Answer:
        name = asked["Attribute"]
        return {f"{name[0].upper()}{name[1:]}": {"Value": True}}

    def _describe_route_tables(self, asked: Mapping[str, Any]) -> Answer:
        return {"RouteTables": self.route_tables}

    def _describe_network_acls(self, asked: Mapping[str, Any]) -> Answer:
        return {"NetworkAcls": self.network_acls}

    def _describe_nat_gateways(self, asked: Mapping[str, Any]) -> Answer:
        return {"NatGateways": self.nat_gateways}

    def _describe_internet_gateways(self, asked: Mapping[str, Any]) -> Answer:
        attached = [{"VpcId": VPC, "State": "available"}]
        return {"InternetGateways": [{"InternetGatewayId": "igw-0a1b2c3d4e5f60718", "Attachments": attached}]}

    def _describe_vpc_endpoints(self, asked: Mapping[str, Any]) -> Answer:
        return {"VpcEndpoints": self.vpc_endpoints}

    def _describe_security_groups(self, asked: Mapping[str, Any]) -> Answer:
        ids = _ids(asked)
        return {
            "SecurityGroups": [
                item for item in (*self.own_groups, *self.endpoint_groups) if item["GroupId"] in ids
            ]
        }

    def _describe_prefix_lists(self, asked: Mapping[str, Any]) -> Answer:
        return {
            "PrefixLists": [
                {"PrefixListId": S3_LIST, "PrefixListName": f"com.amazonaws.{REGION}.s3", "Cidrs": S3_CIDRS}
            ]
        }

    def _describe_vpc_block_public_access_options(self, asked: Mapping[str, Any]) -> Answer:
        return {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off", "State": "default-state"}}

    def _describe_vpc_block_public_access_exclusions(self, asked: Mapping[str, Any]) -> Answer:
        return {"VpcBlockPublicAccessExclusions": []}

    def _get_role(self, asked: Mapping[str, Any]) -> Answer:
        trust = _policy(
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        )
        return {
            "Role": {
                "RoleName": asked["RoleName"],
                "Arn": ROLE_ARN,
                "Path": "/",
                "RoleId": "AROAEXAMPLEEXAMPLE123",
                "AssumeRolePolicyDocument": trust,
            }
        }

    def _list_role_policies(self, asked: Mapping[str, Any]) -> Answer:
        return {"PolicyNames": []}

    def _list_attached_role_policies(self, asked: Mapping[str, Any]) -> Answer:
        return {
            "AttachedPolicies": [
                {"PolicyArn": arn, "PolicyName": arn.rsplit("/", 1)[-1]} for arn in self.policies
            ]
        }

    def _get_policy(self, asked: Mapping[str, Any]) -> Answer:
        return {"Policy": {"Arn": asked["PolicyArn"], "DefaultVersionId": "v1"}}

    def _get_policy_version(self, asked: Mapping[str, Any]) -> Answer:
        return {"PolicyVersion": {"Document": self.policies[asked["PolicyArn"]], "VersionId": "v1"}}

    def _describe_parameters(self, asked: Mapping[str, Any]) -> Answer:
        names = asked["ParameterFilters"][0]["Values"]
        return {"Parameters": [{"Name": name, "Type": "String"} for name in names]}


def _route(destination: str, **target: str) -> Answer:
    return {"DestinationCidrBlock": destination, "State": "active", "Origin": "CreateRoute", **target}


def _policy(*statements: Answer) -> Answer:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _ids(asked: Mapping[str, Any]) -> set[str]:
    """What a filter asks for, of which EC2 takes 200 values.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
    """
    ids = {value for item in asked["Filters"] for value in item["Values"]}
    if len(ids) > 200:
        raise _RefusedError("FilterLimitExceeded")
    return ids


class _RefusedError(Exception):
    """AWS refuses with this code."""


class _Clients(AwsClients):
    """As much of boto3's clients as reading needs."""

    def __init__(self, account: LargeAccount) -> None:
        super().__init__(lambda account_id: SimpleNamespace(region_name=REGION))
        self._account = account

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        return _Client(self._account)


class _Client:
    def __init__(self, account: LargeAccount) -> None:
        self._account = account

    def can_paginate(self, method: str) -> bool:
        return any(item.method == method and item.list_key for item in calls.OPERATIONS)

    def get_paginator(self, method: str) -> Any:
        def paginate(*, PaginationConfig: Any, **asked: Any) -> Iterator[Answer]:
            answer = self._account.answer(method, asked)
            ((key, items),) = ((key, value) for key, value in answer.items() if isinstance(value, list))
            for start in range(0, max(len(items), 1), PAGE):
                page = {key: items[start : start + PAGE]}
                yield {**page, "NextToken": "more"} if start + PAGE < len(items) else page

        return SimpleNamespace(paginate=paginate)

    def __getattr__(self, method: str) -> Callable[..., Answer]:
        return lambda **asked: self._account.answer(method, asked)
