"""Each scenario brings the account into its state, as boto3 sees it, and its repair ends that state."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.aws import DEMO, SCENARIOS, Account, Broken, EmulatedAws, Scenario, build_account
from tests.emulated_aws.judging import after_the_break, after_the_repair
from tests.emulated_aws.permissions import against, permissions_differ

ANYWHERE = "0.0.0.0/0"
Probe = Callable[[Account, Broken], Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Account]:
    """One account for all scenarios of this module: each is built once, and none may disturb another."""
    with EmulatedAws(sockets=False) as aws:
        yield build_account(aws)


def network_of(account: Account, broken: Broken) -> Any:
    return account.networks[broken.task.service or ""]


def default_route(table: str) -> Probe:
    def probe(account: Account, broken: Broken) -> Any:
        identifier = network_of(account, broken).route_tables[table]
        routes = account.ec2.describe_route_tables(RouteTableIds=[identifier])["RouteTables"][0]["Routes"]
        found = [route for route in routes if route.get("DestinationCidrBlock") == ANYWHERE]
        return [
            (route.get("GatewayId", route.get("NatGatewayId", ""))[:3], route["State"]) for route in found
        ]

    return probe


def nat_behind_default_route(account: Account, broken: Broken) -> Any:
    table = network_of(account, broken).route_tables["private"]
    routes = account.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    (nat,) = [route["NatGatewayId"] for route in routes if route.get("DestinationCidrBlock") == ANYWHERE]
    gateway = account.ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]
    return gateway["ConnectivityType"], gateway["State"]


def assign_public_ip(account: Account, broken: Broken) -> Any:
    described = account.ecs.describe_services(cluster=broken.task.cluster, services=[broken.task.service])
    service = described["services"][0]
    now = service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"]
    deployed = service["deployments"][0]["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"]
    return now, deployed


def vpc_attribute(name: str) -> Probe:
    def probe(account: Account, broken: Broken) -> Any:
        (vpc,) = broken.resources
        answer = account.ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)
        return answer[name[0].upper() + name[1:]]["Value"]

    return probe


def dns_servers(account: Account, broken: Broken) -> Any:
    vpc = account.ec2.describe_vpcs(VpcIds=[broken.resources[0]])["Vpcs"][0]
    options = account.ec2.describe_dhcp_options(DhcpOptionsIds=[vpc["DhcpOptionsId"]])["DhcpOptions"][0]
    return [
        value["Value"]
        for item in options["DhcpConfigurations"]
        if item["Key"] == "domain-name-servers"
        for value in item["Values"]
    ]


def public_access_exclusions(account: Account, broken: Broken) -> Any:
    options = account.ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert options["InternetGatewayBlockMode"] == "block-bidirectional"
    exclusions = account.ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"]
    return [exclusion["ResourceArn"].endswith(f":vpc/{broken.resources[0]}") for exclusion in exclusions]


def permissions(direction: str) -> Probe:
    """The peers on 443 of the group at fault."""

    def probe(account: Account, broken: Broken) -> Any:
        (group,) = broken.resources
        described = account.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        return sorted(
            kind
            for permission in described[direction]
            if permission.get("FromPort") == 443
            for kind, key in (("cidr", "IpRanges"), ("group", "UserIdGroupPairs"), ("list", "PrefixListIds"))
            for _ in permission[key]
        )

    return probe


def acl_numbers(egress: bool) -> Probe:
    def probe(account: Account, broken: Broken) -> Any:
        (acl,) = broken.resources
        described = account.ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]
        assert described["Associations"]
        return sorted(
            (entry["RuleNumber"], entry["RuleAction"], entry.get("PortRange", {}).get("From"))
            for entry in described["Entries"]
            if entry["Egress"] is egress
        )

    return probe


def endpoints(account: Account, broken: Broken) -> Any:
    network = network_of(account, broken)
    found = account.ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [network.vpc_id]}])
    return sorted(item["ServiceName"].partition("us-east-1.")[2] for item in found["VpcEndpoints"])


def layer_routes(account: Account, broken: Broken) -> Any:
    """Whether the private route table leads S3's prefix list to the endpoint."""
    endpoint, table = broken.resources
    routes = account.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return [route["GatewayId"] == endpoint for route in routes if "DestinationPrefixListId" in route]


def private_dns(account: Account, broken: Broken) -> Any:
    (endpoint,) = broken.resources
    return account.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0][
        "PrivateDnsEnabled"
    ]


def endpoint_statements(account: Account, broken: Broken) -> Any:
    (endpoint,) = broken.resources
    described = account.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    return [statement["Action"] for statement in json.loads(described["PolicyDocument"])["Statement"]]


def role_name(broken: Broken) -> str:
    return broken.resources[0].rpartition("/")[2]


def trusted_service(account: Account, broken: Broken) -> Any:
    try:
        role = account.iam.get_role(RoleName=role_name(broken))["Role"]
    except account.iam.exceptions.NoSuchEntityException:
        return None
    return role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]


def inline_resources(account: Account, broken: Broken) -> Any:
    document = account.iam.get_role_policy(RoleName=role_name(broken), PolicyName="pull")["PolicyDocument"]
    return [statement["Resource"] for statement in document["Statement"]]


def inline_policies(account: Account, broken: Broken) -> Any:
    return account.iam.list_role_policies(RoleName=role_name(broken))["PolicyNames"]


def boundary(account: Account, broken: Broken) -> Any:
    role = account.iam.get_role(RoleName=role_name(broken))["Role"]
    return "PermissionsBoundary" in role


def attached_policies(account: Account, broken: Broken) -> Any:
    attached = account.iam.list_attached_role_policies(RoleName=role_name(broken))["AttachedPolicies"]
    return sorted(item["PolicyName"] for item in attached)


def instance_profile(account: Account, broken: Broken) -> Any:
    described = account.ec2.describe_instances(InstanceIds=[broken.task.instance_id])
    profile = described["Reservations"][0]["Instances"][0].get("IamInstanceProfile", {})
    return str(profile.get("Arn", "")).rpartition("/")[2]


def repository_policy(account: Account, broken: Broken) -> Any:
    name = broken.resources[0].partition(":repository/")[2]
    try:
        text = account.ecr.get_repository_policy(repositoryName=name)["policyText"]
    except account.ecr.exceptions.RepositoryPolicyNotFoundException:
        return None
    return [(statement["Effect"], statement["Principal"]) for statement in json.loads(text)["Statement"]]


def described_image(account: Account, broken: Broken) -> Any:
    arn = broken.resources[0]
    region, name = arn.split(":")[3], arn.partition(":repository/")[2]
    reference = broken.resources[1] if len(broken.resources) > 1 else "1.4.2"
    wanted = {"imageDigest" if reference.startswith("sha256:") else "imageTag": reference}
    try:
        answer = account.client("ecr", region).describe_images(repositoryName=name, imageIds=[wanted])
    except ClientError as error:
        return error.response["Error"]["Code"]
    return len(answer["imageDetails"])


def platforms(account: Account, broken: Broken) -> Any:
    answer = account.ecr.batch_get_image(repositoryName="gateway", imageIds=[{"imageTag": "7.2"}])
    manifest = json.loads(answer["images"][0]["imageManifest"])
    return sorted(item["platform"]["architecture"] for item in manifest["manifests"])


def region_of_the_deployed_image(account: Account, broken: Broken) -> Any:
    described = account.ecs.describe_services(cluster=broken.task.cluster, services=[broken.task.service])
    deployed = described["services"][0]["deployments"][0]["taskDefinition"]
    definition = account.ecs.describe_task_definition(taskDefinition=deployed)["taskDefinition"]
    return definition["containerDefinitions"][0]["image"].split(".")[3]


def deployed_secret_exists(account: Account, broken: Broken) -> Any:
    described = account.ecs.describe_services(cluster=broken.task.cluster, services=[broken.task.service])
    deployed = described["services"][0]["deployments"][0]["taskDefinition"]
    definition = account.ecs.describe_task_definition(taskDefinition=deployed)["taskDefinition"]
    (secret,) = definition["containerDefinitions"][0]["secrets"]
    secrets = account.client("secretsmanager")
    try:
        return secrets.describe_secret(SecretId=secret["valueFrom"])["ARN"] == secret["valueFrom"]
    except secrets.exceptions.ResourceNotFoundException:
        return False


def cache_permissions(account: Account, broken: Broken) -> Any:
    assert (
        account.ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"][0]["ecrRepositoryPrefix"]
        == "quay"
    )
    with pytest.raises(account.ecr.exceptions.RepositoryNotFoundException):
        account.ecr.describe_repositories(repositoryNames=["quay/prometheus/node-exporter"])
    return inline_policies(account, broken)


DENY = [(32767, "deny", None)]
REPOSITORY = "arn:aws:ecr:us-east-1:111122223333:repository"
CLOUDWATCH, HOST_POLICY = "CloudWatchAgentServerPolicy", "AmazonEC2ContainerServiceforEC2Role"
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


# scenario id, probe, what it finds before the repair, what it finds afterwards
def the_organization_allows(account: Account, broken: Broken) -> bool:
    """What IAM's simulator says of the organization's policies about the manifest."""
    (role,) = broken.resources
    (result,) = account.iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["ecr:BatchGetImage"],
        ResourceArns=[account.repository_arn()],
        ContextEntries=[
            {"ContextKeyName": "aws:PrincipalArn", "ContextKeyValues": [role], "ContextKeyType": "string"}
        ],
    )["EvaluationResults"]
    return bool(result["OrganizationsDecisionDetail"]["AllowedByOrganizations"])


STATES: list[tuple[str, Probe, Any, Any]] = [
    ("route-no-egress", default_route("private"), [], [("nat", "active")]),
    ("route-no-egress-ec2", default_route("private"), [], [("nat", "active")]),
    ("route-blackhole", default_route("private"), [("nat", "blackhole")], [("nat", "active")]),
    (
        "route-blackhole-internet-gateway",
        default_route("public"),
        [("igw", "blackhole")],
        [("igw", "active")],
    ),
    ("nat-gateway-private", nat_behind_default_route, ("private", "available"), ("public", "available")),
    ("nat-gateway-failed", nat_behind_default_route, ("public", "failed"), ("public", "available")),
    ("nat-subnet-no-igw", default_route("egress"), [], [("igw", "active")]),
    ("public-subnet-no-public-ip", assign_public_ip, ("DISABLED", "DISABLED"), ("ENABLED", "ENABLED")),
    ("vpc-dns-off", vpc_attribute("enableDnsSupport"), False, True),
    ("vpc-dns-hostnames-off", vpc_attribute("enableDnsHostnames"), False, True),
    ("dns-server-unusable", dns_servers, ["10.99.0.53"], ["AmazonProvidedDNS"]),
    ("vpc-block-public-access", public_access_exclusions, [], [True]),
    ("sg-egress-blocked", permissions("IpPermissionsEgress"), [], ["cidr"]),
    ("sg-egress-s3-blocked", permissions("IpPermissionsEgress"), ["group"], ["group", "list"]),
    ("endpoint-sg-ingress-blocked", permissions("IpPermissions"), ["group"], ["cidr", "group"]),
    ("endpoint-sg-ingress-blocked-despite-nat", permissions("IpPermissions"), ["cidr"], ["cidr", "cidr"]),
    (
        "nacl-egress-blocked",
        acl_numbers(egress=True),
        [(100, "allow", None), *DENY],
        [(100, "allow", None), (110, "allow", 443), *DENY],
    ),
    (
        "nacl-ephemeral-return-blocked",
        acl_numbers(egress=False),
        [(100, "allow", 443), *DENY],
        [(100, "allow", 443), (110, "allow", 1024), *DENY],
    ),
    (
        "nacl-ephemeral-return-blocked-endpoint",
        acl_numbers(egress=True),
        [(100, "allow", 443), *DENY],
        [(100, "allow", 443), (110, "allow", 1024), *DENY],
    ),
    ("endpoint-missing-ecr-api", endpoints, ["ecr.dkr", "logs", "s3"], ["ecr.api", "ecr.dkr", "logs", "s3"]),
    ("endpoint-missing-ecr-dkr", endpoints, ["ecr.api", "logs", "s3"], ["ecr.api", "ecr.dkr", "logs", "s3"]),
    ("endpoint-missing-s3", endpoints, ["ecr.api", "ecr.dkr", "logs"], ["ecr.api", "ecr.dkr", "logs", "s3"]),
    (
        "endpoint-missing-secretsmanager",
        endpoints,
        ["ecr.api", "ecr.dkr", "logs", "s3"],
        ["ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager"],
    ),
    ("endpoint-s3-not-on-route-table", layer_routes, [], [True]),
    ("endpoint-private-dns-off", private_dns, False, True),
    ("endpoint-policy-denies", endpoint_statements, [PULL], [PULL, "ecr:GetAuthorizationToken"]),
    ("s3-endpoint-policy-denies-despite-nat", endpoint_statements, ["s3:*"], ["s3:*", "s3:GetObject"]),
    ("role-missing", trusted_service, None, "ecs-tasks.amazonaws.com"),
    ("role-trust-denies", trusted_service, "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"),
    (
        "role-permission-missing-other-repository",
        inline_resources,
        ["*", f"{REPOSITORY}/ledger"],
        ["*", [f"{REPOSITORY}/ledger", f"{REPOSITORY}/payments-api"]],
    ),
    (
        "role-token-on-repository",
        inline_resources,
        [f"{REPOSITORY}/payments-api"],
        [f"{REPOSITORY}/payments-api", "*"],
    ),
    ("role-explicit-deny", inline_policies, ["quarantine"], []),
    ("boundary-denies", boundary, True, False),
    ("instance-profile-permission-missing", attached_policies, [CLOUDWATCH], [HOST_POLICY, CLOUDWATCH]),
    ("instance-profile-missing", instance_profile, "", "ecsInstanceRole"),
    ("repo-policy-denies-instance", repository_policy, [("Deny", "*")], None),
    ("tag-not-found", described_image, "ImageNotFoundException", 1),
    ("tag-not-found-second-container", described_image, "ImageNotFoundException", 1),
    ("container-secret-access-denied", inline_policies, [], ["secret"]),
    ("pull-through-cache-permission-missing", cache_permissions, [], ["import"]),
    ("repo-not-found", described_image, "RepositoryNotFoundException", 1),
    ("wrong-region", described_image, "RepositoryNotFoundException", 1),
    ("image-region-unreachable", region_of_the_deployed_image, "us-west-2", "us-east-1"),
    ("digest-not-found", described_image, "ImageNotFoundException", 1),
    ("platform-mismatch", platforms, ["amd64"], ["amd64", "arm64"]),
    ("container-secret-missing", deployed_secret_exists, False, True),
    ("scp-denies", the_organization_allows, False, True),
    ("scp-denies-unnamed", the_organization_allows, False, True),
    ("task-gone-service-events", described_image, "ImageNotFoundException", 1),
    ("rolled-back", described_image, "ImageNotFoundException", 1),
]


def test_the_table_covers_the_catalogue() -> None:
    in_the_demo = [scenario.id for scenario in DEMO]
    broken = [scenario.id for scenario in SCENARIOS.values() if scenario.fault]
    assert sorted([state[0] for state in STATES] + in_the_demo) == sorted(broken)


def assert_real(account: Account, resource: str) -> None:
    """The id can be read back; an ARN, a tag or a digest may name what is missing, but is of this account."""
    ec2 = account.ec2
    reads: dict[str, Callable[[list[str]], Any]] = {
        "vpc": lambda ids: ec2.describe_vpcs(VpcIds=ids)["Vpcs"],
        "subnet": lambda ids: ec2.describe_subnets(SubnetIds=ids)["Subnets"],
        "rtb": lambda ids: ec2.describe_route_tables(RouteTableIds=ids)["RouteTables"],
        "nat": lambda ids: ec2.describe_nat_gateways(NatGatewayIds=ids)["NatGateways"],
        "sg": lambda ids: ec2.describe_security_groups(GroupIds=ids)["SecurityGroups"],
        "acl": lambda ids: ec2.describe_network_acls(NetworkAclIds=ids)["NetworkAcls"],
        "vpce": lambda ids: ec2.describe_vpc_endpoints(VpcEndpointIds=ids)["VpcEndpoints"],
        "dopt": lambda ids: ec2.describe_dhcp_options(DhcpOptionsIds=ids)["DhcpOptions"],
        "i": lambda ids: ec2.describe_instances(InstanceIds=ids)["Reservations"],
    }
    kind = resource.partition("-")[0]
    if kind in reads:
        assert len(reads[kind]([resource])) == 1
    elif resource.startswith("arn:"):
        assert resource.split(":")[4] == account.account_id
    else:
        assert re.fullmatch(r"sha256:[0-9a-f]{64}|[A-Za-z0-9_.-]+", resource)


def breaks_and_is_mended(account: Account, identifier: str, probe: Probe, before: Any, after: Any) -> None:
    """Once through: built, read and judged, repaired, read and judged again."""
    scenario = SCENARIOS[identifier]
    broken = scenario.break_it(account)
    assert probe(account, broken) == before
    assert broken.resources
    for resource in broken.resources:
        assert_real(account, resource)
    assert permissions_differ(broken, scenario) == []
    assert after_the_break(account, scenario, broken) == []
    scenario.fix(account)
    assert probe(account, broken) == after
    assert against(broken.task) == set()
    assert after_the_repair(account, scenario, broken) == []


IN_ONE_ACCOUNT = [state for state in STATES if not SCENARIOS[state[0]].region_wide]
REGION_WIDE = [state for state in STATES if SCENARIOS[state[0]].region_wide]
HEALTHY = [scenario.id for scenario in SCENARIOS.values() if scenario.fault is None]


@pytest.mark.parametrize(
    ("identifier", "probe", "before", "after"), IN_ONE_ACCOUNT, ids=[state[0] for state in IN_ONE_ACCOUNT]
)
def test_a_scenario_breaks_and_its_repair_mends(
    shared: Account, identifier: str, probe: Probe, before: Any, after: Any
) -> None:
    breaks_and_is_mended(shared, identifier, probe, before, after)


@pytest.mark.parametrize("identifier", HEALTHY)
def test_nothing_is_accused_beside_what_others_broke(shared: Account, identifier: str) -> None:
    scenario = SCENARIOS[identifier]
    assert after_the_break(shared, scenario, scenario.break_it(shared)) == []


@pytest.mark.parametrize("scenario", DEMO, ids=lambda scenario: scenario.id)
def test_a_service_of_the_demo(shared: Account, scenario: Scenario) -> None:
    broken = scenario.break_it(shared)
    assert broken.resources
    for resource in broken.resources:
        assert_real(shared, resource)
    assert after_the_break(shared, scenario, broken) == []
    scenario.fix(shared)
    assert after_the_repair(shared, scenario, broken) == []
