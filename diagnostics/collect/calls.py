"""The one table of AWS calls: what is read, with which permission, and which errors mean *absent*.

The IAM policy and the permission table of the documentation are generated from it. Only calls that read and
change nothing are here: nothing that returns a secret's value or a registry token. One of them, `ecr:BatchGetImage`,
counts as a pull in ECR's records, so the plan asks it only where the error is about the platform, or before a deployment.
AWS:
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from typing import Any

from diagnostics import snapshot as facts
from diagnostics.collect.joining import by_filter, by_member, image_names, of_ecs
from diagnostics.collect.operation import Operation
from diagnostics.collect.parsing import (
    Found,
    OwnedVpc,
    attribute,
    bucket_region,
    document,
    ecs_tags,
    first,
    found,
    image_manifest,
    instance_profile,
    key_tags,
    many,
    member,
    role,
    secret,
    secret_policy,
    simulated,
    some,
    some_strings,
    strings,
    text,
    whole,
    with_items,
)
from diagnostics.collect.records import (
    RecordPredicate,
    each,
    has,
    instances,
    is_attached,
    names_its_service,
    serves_no_pull,
    tells_its_entries,
    tells_its_rules,
    tells_what_uses_it,
)

GET_CALLER_IDENTITY = Operation(
    "sts:GetCallerIdentity",
    "get_caller_identity",
    whole(facts.CallerIdentity),
    purpose="tell which account the credentials belong to",
)

# --- ECS ---------------------------------------------------------------------------------------------

DESCRIBE_TASKS: Operation[Found[facts.Task]] = Operation(
    "ecs:DescribeTasks",
    "describe_tasks",
    found("tasks", facts.Task),
    purpose="the stopped reason, the images and the network interface",
    resource="ecs:*:*:task/*",
    absent=("ClusterNotFoundException",),
    joining=of_ecs("tasks", 100, "taskArn"),
)
TASK_TAGS = Operation(
    "ecs:DescribeTasks",
    "describe_tasks",
    ecs_tags("tasks"),
    purpose="the tags of a task, where a route asks for one",
    resource="ecs:*:*:task/*",
    absent=("ClusterNotFoundException",),
    joining=of_ecs("tasks", 100, "taskArn"),
)
LIST_TASKS = Operation(
    "ecs:ListTasks",
    "list_tasks",
    some_strings("taskArns"),
    purpose="find the stopped tasks of a service",
    absent=("ClusterNotFoundException", "ServiceNotFoundException"),
    list_key="taskArns",
    pages=3,
    may_truncate=True,
)
LIST_CLUSTERS = Operation(
    "ecs:ListClusters",
    "list_clusters",
    some_strings("clusterArns"),
    purpose="find the cluster of a task ARN in the old format, which does not name it",
    list_key="clusterArns",
    pages=1,
    may_truncate=True,
)
LIST_ALL_CLUSTERS = Operation(
    "ecs:ListClusters",
    "list_clusters",
    strings("clusterArns"),
    purpose="the clusters of the account, for an audit of all of them",
    list_key="clusterArns",
    page_size=100,
)
EVERY_CLUSTER = Operation(
    "ecs:ListClusters",
    "list_clusters",
    some_strings("clusterArns"),
    purpose="the clusters that a person may choose from",
    list_key="clusterArns",
    page_size=100,
    may_truncate=True,
)
SERVICES_TO_CHOOSE = Operation(
    "ecs:ListServices",
    "list_services",
    some_strings("serviceArns"),
    purpose="the services of a cluster that a person may choose from",
    absent=("ClusterNotFoundException",),
    list_key="serviceArns",
    page_size=100,
    may_truncate=True,
)
LIST_SERVICES = Operation(
    "ecs:ListServices",
    "list_services",
    strings("serviceArns"),
    purpose="the services of a cluster, for an audit",
    absent=("ClusterNotFoundException",),
    list_key="serviceArns",
    pages=60,
    page_size=100,
)
LIST_LIVE_TASKS = Operation(
    "ecs:ListTasks",
    "list_tasks",
    strings("taskArns"),
    purpose="the tasks of a cluster that run, for an audit",
    absent=("ClusterNotFoundException",),
    list_key="taskArns",
    pages=200,
    page_size=100,
)
DESCRIBE_SERVICES: Operation[Found[facts.Service]] = Operation(
    "ecs:DescribeServices",
    "describe_services",
    found("services", facts.Service),
    purpose="the subnets, security groups and events of the task's service",
    resource="ecs:*:*:service/*",
    absent=("ClusterNotFoundException",),
    joining=of_ecs("services", 10, "serviceArn", "serviceName"),
)
SERVICE_TAGS = Operation(
    "ecs:DescribeServices",
    "describe_services",
    ecs_tags("services"),
    purpose="the tags of a service, where a route asks for one",
    resource="ecs:*:*:service/*",
    absent=("ClusterNotFoundException",),
    joining=of_ecs("services", 10, "serviceArn", "serviceName"),
)
LIST_SERVICE_DEPLOYMENTS: Operation[tuple[facts.ServiceDeployment, ...]] = Operation(
    "ecs:ListServiceDeployments",
    "list_service_deployments",
    some("serviceDeployments", facts.ServiceDeployment),
    purpose="which deployment of a service failed and was rolled back",
    resource="ecs:*:*:service/*",
    absent=("ClusterNotFoundException", "ServiceNotFoundException"),
    may_truncate=True,
)
DESCRIBE_SERVICE_REVISIONS: Operation[Found[facts.ServiceRevision]] = Operation(
    "ecs:DescribeServiceRevisions",
    "describe_service_revisions",
    found("serviceRevisions", facts.ServiceRevision),
    purpose="what a deployment deployed or is to deploy: its task definition, subnets and security groups, and the digests of its images",
    resource="ecs:*:*:service-revision/*",
    joining=of_ecs("serviceRevisionArns", 20, "serviceRevisionArn", records="serviceRevisions"),
)
DESCRIBE_SERVICE_DEPLOYMENTS: Operation[Found[facts.ServiceDeployment]] = Operation(
    "ecs:DescribeServiceDeployments",
    "describe_service_deployments",
    found("serviceDeployments", facts.ServiceDeployment),
    purpose="which revision a roll-back would return to, for an audit",
    resource="ecs:*:*:service-deployment/*",
    joining=of_ecs("serviceDeploymentArns", 20, "serviceDeploymentArn", records="serviceDeployments"),
)
DESCRIBE_TASK_DEFINITION = Operation(
    "ecs:DescribeTaskDefinition",
    "describe_task_definition",
    with_items("taskDefinition", "containerDefinitions", member("taskDefinition", facts.TaskDefinition)),
    purpose="the execution role, the platform and the private registry credentials",
    # ECS answers a general ClientException, which also covers missing permissions, so the message must say
    # it.
    absent=(("ClientException", "Unable to describe task definition"),),
)
DESCRIBE_CONTAINER_INSTANCES: Operation[Found[facts.ContainerInstance]] = Operation(
    "ecs:DescribeContainerInstances",
    "describe_container_instances",
    found("containerInstances", facts.ContainerInstance),
    purpose="the EC2 instance that pulled",
    resource="ecs:*:*:container-instance/*",
    absent=("ClusterNotFoundException",),
    joining=of_ecs("containerInstances", 100, "containerInstanceArn"),
)
LIST_CONTAINER_INSTANCES = Operation(
    "ecs:ListContainerInstances",
    "list_container_instances",
    strings("containerInstanceArns"),
    purpose="on which container instances a planned task may be placed",
    resource="ecs:*:*:cluster/*",
    absent=("ClusterNotFoundException",),
    list_key="containerInstanceArns",
)
DESCRIBE_CAPACITY_PROVIDERS: Operation[Found[facts.CapacityProvider]] = Operation(
    "ecs:DescribeCapacityProviders",
    "describe_capacity_providers",
    found("capacityProviders", facts.CapacityProvider),
    purpose="whether a planned task runs on container instances of yours or on managed ones",
    resource="ecs:*:*:capacity-provider/*",
)

# --- ECR ---------------------------------------------------------------------------------------------

DESCRIBE_REPOSITORY = Operation(
    "ecr:DescribeRepositories",
    "describe_repositories",
    first("repositories", facts.Repository),
    purpose="whether the repository exists, and the names near it",
    resource="ecr:*:*:repository/*",
    absent=("RepositoryNotFoundException",),
    joining=by_member(
        "repositoryNames", 100, (("repositories",),), lambda item: (item.get("repositoryName") or "",)
    ),
)
LIST_FEW_REPOSITORIES = Operation(
    "ecr:DescribeRepositories",
    "describe_repositories",
    many("repositories", facts.Repository),
    purpose="the repositories of a registry that has no more than one page of them, for an audit",
    resource="ecr:*:*:repository/*",
    list_key="repositories",
    pages=1,
    page_size=1000,
)
LIST_REPOSITORIES = Operation(
    "ecr:DescribeRepositories",
    "describe_repositories",
    some_strings("repositories", "repositoryName"),
    purpose="whether the repository exists, and the names near it",
    resource="ecr:*:*:repository/*",
    list_key="repositories",
    pages=2,
    page_size=1000,
    may_truncate=True,
)
DESCRIBE_IMAGE = Operation(
    "ecr:DescribeImages",
    "describe_images",
    first("imageDetails", facts.ImageDetail),
    purpose="whether the tag or digest exists, and the tags near it",
    resource="ecr:*:*:repository/*",
    absent=("ImageNotFoundException", "RepositoryNotFoundException"),
    joining=by_member("imageIds", 100, (("imageDetails",),), image_names),
)
LIST_IMAGES = Operation(
    "ecr:DescribeImages",
    "describe_images",
    some("imageDetails", facts.ImageDetail),
    purpose="whether the tag or digest exists, and the tags near it",
    resource="ecr:*:*:repository/*",
    absent=("RepositoryNotFoundException",),
    list_key="imageDetails",
    pages=2,
    page_size=1000,
    may_truncate=True,
)
LIST_FEW_IMAGES = Operation(
    "ecr:DescribeImages",
    "describe_images",
    many("imageDetails", facts.ImageDetail),
    purpose="the images of a repository that has no more than one page of them, for an audit",
    resource="ecr:*:*:repository/*",
    absent=("RepositoryNotFoundException",),
    list_key="imageDetails",
    pages=1,
    page_size=1000,
)
LIST_ALL_IMAGES = Operation(
    "ecr:DescribeImages",
    "describe_images",
    many("imageDetails", facts.ImageDetail),
    purpose="the images that a lifecycle rule counts, for an audit",
    resource="ecr:*:*:repository/*",
    absent=("RepositoryNotFoundException",),
    list_key="imageDetails",
    pages=20,
    page_size=1000,
)
GET_REPOSITORY_POLICY = Operation(
    "ecr:GetRepositoryPolicy",
    "get_repository_policy",
    text("policyText"),
    purpose="whether the repository lets the role pull",
    resource="ecr:*:*:repository/*",
    absent=("RepositoryPolicyNotFoundException", "RepositoryNotFoundException"),
)
GET_LIFECYCLE_POLICY = Operation(
    "ecr:GetLifecyclePolicy",
    "get_lifecycle_policy",
    whole(facts.LifecyclePolicy),
    purpose="which rule may have removed or archived an image that is gone, or will",
    resource="ecr:*:*:repository/*",
    absent=("LifecyclePolicyNotFoundException", "RepositoryNotFoundException"),
)
GET_REGISTRY_POLICY = Operation(
    "ecr:GetRegistryPolicy",
    "get_registry_policy",
    text("policyText"),
    purpose="whether the registry lets the role pull or import",
    absent=("RegistryPolicyNotFoundException",),
)
GET_REGISTRY_POLICY_SCOPE = Operation(
    "ecr:GetAccountSetting",
    "get_account_setting",
    text("value"),
    purpose="whether the registry policy decides about pulls at all (its scope)",
)
LIST_REPOSITORY_TAGS = Operation(
    "ecr:ListTagsForResource",
    "list_tags_for_resource",
    many("tags", facts.Tag),
    purpose="the repository's tags, where a condition of a policy asks for one",
    resource="ecr:*:*:repository/*",
    absent=("RepositoryNotFoundException",),
)
DESCRIBE_PULL_THROUGH_CACHE_RULES = Operation(
    "ecr:DescribePullThroughCacheRules",
    "describe_pull_through_cache_rules",
    many("pullThroughCacheRules", facts.PullThroughCacheRule),
    purpose="whether a missing repository stands for an upstream registry",
    list_key="pullThroughCacheRules",
)
DESCRIBE_CREATION_TEMPLATES = Operation(
    "ecr:DescribeRepositoryCreationTemplates",
    "describe_repository_creation_templates",
    many("repositoryCreationTemplates", facts.RepositoryCreationTemplate),
    purpose="whether a pull-through cache can create the repository that an image needs: the role and the key of its template",
    list_key="repositoryCreationTemplates",
)

BATCH_GET_IMAGE = Operation(
    "ecr:BatchGetImage",
    "batch_get_image",
    image_manifest,
    purpose="the platforms of an image index, where the error is about the platform or a deployment is to come (its layers are never read)",
    resource="ecr:*:*:repository/*",
    absent=("RepositoryNotFoundException",),
)

# --- EC2 ---------------------------------------------------------------------------------------------


def _describe(
    action: str, method: str, key: str, model: type[facts.Model], purpose: str, whole: RecordPredicate = lambda _: True,
    passing: RecordPredicate = lambda _: False, **more: Any,
) -> Operation[Any]:  # fmt: skip
    parse = each(key, model, whole=whole, passing=passing)
    return Operation(f"ec2:{action}", method, parse, purpose=purpose, list_key=key, **more)


DESCRIBE_INSTANCES: Operation[Any] = Operation(
    "ec2:DescribeInstances",
    "describe_instances",
    instances,
    purpose="the interface and instance profile of the host, and NAT instances",
    absent=("InvalidInstanceID.NotFound",),
    list_key="Reservations",
    joining=by_filter("instance-id", 200, ("Reservations", "Instances"), "InstanceId"),
)
DESCRIBE_VOLUMES: Operation[tuple[facts.Volume, ...]] = _describe(
    "DescribeVolumes",
    "describe_volumes",
    "Volumes",
    facts.Volume,
    "the size of the volume on which a container instance keeps images, where the error may be about its room",
    absent=("InvalidVolume.NotFound",),
)
DESCRIBE_NETWORK_INTERFACES: Operation[tuple[facts.NetworkInterface, ...]] = _describe(
    "DescribeNetworkInterfaces",
    "describe_network_interfaces",
    "NetworkInterfaces",
    facts.NetworkInterface,
    "the security groups and public address of the task's interface, and the endpoints' interfaces",
    absent=("InvalidNetworkInterfaceID.NotFound",),
    joining=by_filter("network-interface-id", 200, ("NetworkInterfaces",), "NetworkInterfaceId"),
)
DESCRIBE_SUBNETS: Operation[tuple[facts.Subnet, ...]] = _describe(
    "DescribeSubnets",
    "describe_subnets",
    "Subnets",
    facts.Subnet,
    "the subnets a task may start in",
    joining=by_filter("subnet-id", 200, ("Subnets",), "SubnetId"),
)
DESCRIBE_VPC = Operation(
    "ec2:DescribeVpcs",
    "describe_vpcs",
    first("Vpcs", OwnedVpc),
    purpose="the address ranges of the VPC",
    absent=("InvalidVpcID.NotFound",),
)
DESCRIBE_DNS_SUPPORT = Operation(
    "ec2:DescribeVpcAttribute",
    "describe_vpc_attribute",
    attribute("EnableDnsSupport"),
    purpose="whether names resolve in the VPC, and to private addresses",
    absent=("InvalidVpcID.NotFound",),
)
DESCRIBE_DNS_HOSTNAMES = Operation(
    "ec2:DescribeVpcAttribute",
    "describe_vpc_attribute",
    attribute("EnableDnsHostnames"),
    purpose="whether names resolve in the VPC, and to private addresses",
    absent=("InvalidVpcID.NotFound",),
)
DESCRIBE_DHCP_OPTIONS = Operation(
    "ec2:DescribeDhcpOptions",
    "describe_dhcp_options",
    with_items("DhcpOptions", "DhcpConfigurations", first("DhcpOptions", facts.DhcpOptions)),
    purpose="which DNS server the VPC uses",
    absent=("InvalidDhcpOptionID.NotFound", "InvalidDhcpOptionsID.NotFound"),
)
DESCRIBE_ROUTE_TABLES: Operation[tuple[facts.RouteTable, ...]] = _describe(
    "DescribeRouteTables",
    "describe_route_tables",
    "RouteTables",
    facts.RouteTable,
    "the way out of the subnet",
    tells_what_uses_it,
)
DESCRIBE_NETWORK_ACLS: Operation[tuple[facts.NetworkAcl, ...]] = _describe(
    "DescribeNetworkAcls",
    "describe_network_acls",
    "NetworkAcls",
    facts.NetworkAcl,
    "whether the subnet lets the traffic out and the answers in",
    tells_its_entries,
)
DESCRIBE_NAT_GATEWAYS: Operation[tuple[facts.NatGateway, ...]] = _describe(
    "DescribeNatGateways",
    "describe_nat_gateways",
    "NatGateways",
    facts.NatGateway,
    "the state of the NAT gateway on the way out",
    has("State"),
)
DESCRIBE_INTERNET_GATEWAYS: Operation[tuple[facts.InternetGateway, ...]] = _describe(
    "DescribeInternetGateways",
    "describe_internet_gateways",
    "InternetGateways",
    facts.InternetGateway,
    "whether an internet gateway is attached",
    is_attached,
)
DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS: Operation[tuple[facts.EgressOnlyInternetGateway, ...]] = _describe(
    "DescribeEgressOnlyInternetGateways",
    "describe_egress_only_internet_gateways",
    "EgressOnlyInternetGateways",
    facts.EgressOnlyInternetGateway,
    "the way out over IPv6",
    has("Attachments"),
)
DESCRIBE_VPC_ENDPOINTS: Operation[tuple[facts.VpcEndpoint, ...]] = _describe(
    "DescribeVpcEndpoints",
    "describe_vpc_endpoints",
    "VpcEndpoints",
    facts.VpcEndpoint,
    "the endpoints of ECR, S3, Secrets Manager and others, with their policies",
    names_its_service,
    serves_no_pull,
)
DESCRIBE_SECURITY_GROUPS: Operation[tuple[facts.SecurityGroup, ...]] = _describe(
    "DescribeSecurityGroups",
    "describe_security_groups",
    "SecurityGroups",
    facts.SecurityGroup,
    "whether the puller may connect and the endpoint lets it in",
    tells_its_rules,
    joining=by_filter("group-id", 200, ("SecurityGroups",), "GroupId"),
)
DESCRIBE_PREFIX_LISTS: Operation[tuple[facts.PrefixList, ...]] = _describe(
    "DescribePrefixLists",
    "describe_prefix_lists",
    "PrefixLists",
    facts.PrefixList,
    "the address ranges of Amazon S3 in the Region",
)
GET_MANAGED_PREFIX_LIST_ENTRIES = Operation(
    "ec2:GetManagedPrefixListEntries",
    "get_managed_prefix_list_entries",
    strings("Entries", "Cidr"),
    purpose="the address ranges of a prefix list that a route or rule names",
    resource="ec2:*:*:prefix-list/*",
    absent=("InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound"),
    list_key="Entries",
)
DESCRIBE_BLOCK_PUBLIC_ACCESS_OPTIONS = Operation(
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "describe_vpc_block_public_access_options",
    member("VpcBlockPublicAccessOptions", facts.BlockPublicAccessOptions),
    purpose="whether VPC Block Public Access closes the way to the internet",
)
DESCRIBE_BLOCK_PUBLIC_ACCESS_EXCLUSIONS: Operation[tuple[facts.BlockPublicAccessExclusion, ...]] = _describe(
    "DescribeVpcBlockPublicAccessExclusions",
    "describe_vpc_block_public_access_exclusions",
    "VpcBlockPublicAccessExclusions",
    facts.BlockPublicAccessExclusion,
    "which VPCs and subnets are exempt from VPC Block Public Access",
)

# --- IAM, Secrets Manager and KMS --------------------------------------------------------------------

GET_INSTANCE_PROFILE = Operation(
    "iam:GetInstanceProfile",
    "get_instance_profile",
    instance_profile,
    purpose="the role of the host",
    resource="iam::*:instance-profile/*",
    absent=("NoSuchEntity",),
)
GET_ROLE = Operation(
    "iam:GetRole",
    "get_role",
    role,
    purpose="whether the role exists, who may assume it, its permissions boundary and its tags",
    resource="iam::*:role/*",
    absent=("NoSuchEntity",),
)
LIST_ROLE_POLICIES = Operation(
    "iam:ListRolePolicies",
    "list_role_policies",
    strings("PolicyNames"),
    purpose="the inline policies of the role that pulls",
    resource="iam::*:role/*",
    absent=("NoSuchEntity",),
    list_key="PolicyNames",
)
GET_ROLE_POLICY = Operation(
    "iam:GetRolePolicy",
    "get_role_policy",
    document("PolicyDocument"),
    purpose="the inline policies of the role that pulls",
    resource="iam::*:role/*",
    absent=("NoSuchEntity",),
)
LIST_ATTACHED_ROLE_POLICIES = Operation(
    "iam:ListAttachedRolePolicies",
    "list_attached_role_policies",
    strings("AttachedPolicies", "PolicyArn"),
    purpose="the managed policies of the role that pulls",
    resource="iam::*:role/*",
    absent=("NoSuchEntity",),
    list_key="AttachedPolicies",
)
GET_POLICY = Operation(
    "iam:GetPolicy",
    "get_policy",
    member("Policy", facts.ManagedPolicy),
    purpose="the managed policies and the permissions boundary of the role that pulls",
    resource="iam::*:policy/*",
    absent=("NoSuchEntity",),
)
GET_POLICY_VERSION = Operation(
    "iam:GetPolicyVersion",
    "get_policy_version",
    document("PolicyVersion", "Document"),
    purpose="the managed policies and the permissions boundary of the role that pulls",
    resource="iam::*:policy/*",
    absent=("NoSuchEntity",),
)
SIMULATE_PRINCIPAL_POLICY = Operation(
    "iam:SimulatePrincipalPolicy",
    "simulate_principal_policy",
    simulated,
    purpose="whether the organization's service control policies let the role pull (nothing is done, only judged)",
    resource="iam::*:role/*",
    absent=("NoSuchEntity",),
    list_key="EvaluationResults",
    pages=1,
    joining=by_member(
        "ResourceArns", 25, (("EvaluationResults",),), lambda item: (item.get("EvalResourceName") or "",)
    ),
)
DESCRIBE_SECRET = Operation(
    "secretsmanager:DescribeSecret",
    "describe_secret",
    secret,
    purpose="whether a secret exists and is not scheduled for deletion (its value is never read)",
    resource="secretsmanager:*:*:secret:*",
    absent=("ResourceNotFoundException",),
)
GET_SECRET_POLICY = Operation(
    "secretsmanager:GetResourcePolicy",
    "get_resource_policy",
    secret_policy,
    purpose="whether the secret lets the execution role read it",
    resource="secretsmanager:*:*:secret:*",
    absent=("ResourceNotFoundException",),
)
DESCRIBE_PARAMETERS = Operation(
    "ssm:DescribeParameters",
    "describe_parameters",
    many("Parameters", facts.Parameter),
    purpose="whether a parameter exists, and its key (its value is never read)",
    list_key="Parameters",
)
LIST_PARAMETER_TAGS = Operation(
    "ssm:ListTagsForResource",
    "list_tags_for_resource",
    many("TagList", facts.Tag),
    purpose="a parameter's tags, where a condition of a policy asks for one",
    resource="ssm:*:*:parameter/*",
)
DESCRIBE_KEY = Operation(
    "kms:DescribeKey",
    "describe_key",
    member("KeyMetadata", facts.KmsKey),
    purpose="whether the key of an encrypted repository or secret can be used",
    resource="kms:*:*:key/*",
    absent=("NotFoundException",),
)
GET_KEY_POLICY = Operation(
    "kms:GetKeyPolicy",
    "get_key_policy",
    text("Policy"),
    purpose="whether the key of a secret lets the execution role decrypt",
    resource="kms:*:*:key/*",
    absent=("NotFoundException",),
)
LIST_KEY_TAGS = Operation(
    "kms:ListResourceTags",
    "list_resource_tags",
    key_tags,
    purpose="the tags of a secret's key, where a condition of a policy asks for one",
    resource="kms:*:*:key/*",
    absent=("NotFoundException",),
    list_key="Tags",
)

# --- Amazon S3 ---------------------------------------------------------------------------------------

# Of a bucket these two are read, and nothing of what it holds: whether a file is there would take s3:ListBucket, the names of
# everything in every bucket, and s3:GetObject is the right to read the file.
GET_BUCKET_LOCATION = Operation(
    "s3:GetBucketLocation",
    "get_bucket_location",
    bucket_region,
    purpose="whether the bucket of an environment file exists, and its Region (no file in it is listed or read)",
    resource="s3:::*",
    absent=("NoSuchBucket",),
)
GET_BUCKET_POLICY = Operation(
    "s3:GetBucketPolicy",
    "get_bucket_policy",
    text("Policy"),
    purpose="whether the bucket of an environment file lets the execution role read it",
    resource="s3:::*",
    absent=("NoSuchBucketPolicy", "NoSuchBucket"),
)

# --- EventBridge and EventBridge Scheduler -----------------------------------------------------------

LIST_EVENT_BUSES: Operation[tuple[facts.EventBus, ...]] = Operation(
    "events:ListEventBuses",
    "list_event_buses",
    many("EventBuses", facts.EventBus),
    purpose="which event buses have rules beside the default one, for an audit",
    list_key="EventBuses",
    page_size=100,
)
LIST_RULE_NAMES_BY_TARGET = Operation(
    "events:ListRuleNamesByTarget",
    "list_rule_names_by_target",
    strings("RuleNames"),
    purpose="which EventBridge rules run tasks in a cluster, for an audit",
    absent=("ResourceNotFoundException",),
    list_key="RuleNames",
)
LIST_RULES: Operation[tuple[facts.EventRule, ...]] = Operation(
    "events:ListRules",
    "list_rules",
    many("Rules", facts.EventRule),
    purpose="which of the rules that run tasks are enabled, for an audit",
    absent=("ResourceNotFoundException",),
    list_key="Rules",
    pages=20,
    page_size=100,
)
LIST_TARGETS_BY_RULE: Operation[tuple[facts.EventTarget, ...]] = Operation(
    "events:ListTargetsByRule",
    "list_targets_by_rule",
    many("Targets", facts.EventTarget),
    purpose="the task definition and the subnets of the tasks that a rule runs, for an audit (the input it gives them is not kept)",
    resource="events:*:*:rule/*",
    absent=("ResourceNotFoundException",),
    list_key="Targets",
)
LIST_SCHEDULES: Operation[tuple[facts.ScheduleSummary, ...]] = Operation(
    "scheduler:ListSchedules",
    "list_schedules",
    many("Schedules", facts.ScheduleSummary),
    purpose="which schedules of EventBridge Scheduler run tasks in a cluster, for an audit",
    list_key="Schedules",
    pages=50,
    page_size=100,
)
GET_SCHEDULE: Operation[facts.Schedule] = Operation(
    "scheduler:GetSchedule",
    "get_schedule",
    whole(facts.Schedule),
    purpose="the task definition and the subnets of the tasks that a schedule runs, for an audit (the input it gives them is not kept)",
    resource="scheduler:*:*:schedule/*",
    absent=("ResourceNotFoundException",),
)

# --- AWS Organizations -------------------------------------------------------------------------------

# Any account of an organization may ask, its members too. It is a global service: botocore finds its endpoint in each partition.
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
DESCRIBE_ORGANIZATION = Operation(
    "organizations:DescribeOrganization",
    "describe_organization",
    text("Organization", "Id"),
    purpose="the id of the account's organization, where a condition of a policy asks for it",
    absent=("AWSOrganizationsNotInUseException",),
)

OPERATIONS: tuple[Operation[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Operation)
)
"""Every operation, in the order of this file."""
