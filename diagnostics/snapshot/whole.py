"""The facts of one run as a whole, and those about one image, one VPC and one role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from diagnostics.snapshot.ec2 import (
    Instance,
    NetworkInterface,
    Volume,
)
from diagnostics.snapshot.ecr import (
    ImageDetail,
    ImageManifest,
    LifecyclePolicy,
    PullThroughCacheRule,
    Repository,
    RepositoryCreationTemplate,
)
from diagnostics.snapshot.ecs import (
    CapacityProvider,
    ContainerInstance,
    Service,
    ServiceDeployment,
    ServiceRevision,
    Task,
    TaskDefinition,
)
from diagnostics.snapshot.facts import (
    NOT_ASKED,
    Absent,
    Fact,
    Known,
    Model,
    Unavailable,
    known_value,
)
from diagnostics.snapshot.iam import (
    CallerIdentity,
    InstanceProfile,
    KmsKey,
    ManagedPolicy,
    Parameter,
    Role,
    Secret,
    Simulation,
    Tag,
)
from diagnostics.snapshot.planned import HostFacts, PlannedTask
from diagnostics.snapshot.reasons import Why
from diagnostics.snapshot.vpc import (
    BlockPublicAccessExclusion,
    BlockPublicAccessOptions,
    DhcpOptions,
    EgressOnlyInternetGateway,
    InternetGateway,
    NatGateway,
    NetworkAcl,
    PrefixList,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcEndpoint,
)
from diagnostics.target import REGION, Target

SCHEMA_VERSION = 1
"""The version of the saved form. A fact added later defaults to `NOT_ASKED`."""


class ImageFacts(Model):
    """What ECR knows about one image reference of the task.

    `detail` is the image that the tag or digest names. `tagged` (images that do exist), `repository_names` and
    `elsewhere` (the repository of the same name by Region) are only asked where the image or the repository is absent,
    to offer the nearest. `counterpart` is the same image under its other name, `counterpart_id`: the digest that ECS
    resolved the tag to, or the tag of the task definition where the task's image has a digest. `manifest` is read only
    where the error is about the platform, `key` only where the repository is encrypted with a KMS key, and
    `cache_secret` (of the pull-through cache rule that serves the name) only where the image is absent. `tags` are those of
    the repository, and `organization` is the id of its owner's organization, where that is another account which can be
    asked; each is read only where a condition of a policy asks for it. `own_repository` is the repository that was probably
    meant, of another registry than the reference names. `lifecycle_policy` is read only where the image is gone from a
    repository that exists, or archived. `cache_key` is the customer managed key of `cache_secret`. `creation_templates` are read only
    where a cache rule would have to create the repository, `template_role` and `template_key` are what the template for it names.
    """

    image: str
    containers: tuple[str, ...] = ()
    repository: Fact[Repository] = NOT_ASKED
    detail: Fact[ImageDetail] = NOT_ASKED
    tagged: Fact[tuple[ImageDetail, ...]] = NOT_ASKED
    repository_names: Fact[tuple[str, ...]] = NOT_ASKED
    repository_policy: Fact[str] = NOT_ASKED
    registry_policy: Fact[str] = NOT_ASKED
    registry_policy_scope: Fact[str] = NOT_ASKED
    pull_through_cache_rules: Fact[tuple[PullThroughCacheRule, ...]] = NOT_ASKED
    cache_secret: Fact[Secret] = NOT_ASKED
    elsewhere: Mapping[str, Fact[Repository]] = {}
    counterpart_id: str | None = None
    counterpart: Fact[ImageDetail] = NOT_ASKED
    manifest: Fact[ImageManifest] = NOT_ASKED
    key: Fact[KmsKey] = NOT_ASKED
    own_repository: Fact[Repository] = NOT_ASKED
    tags: Fact[tuple[Tag, ...]] = NOT_ASKED
    organization: Fact[str] = NOT_ASKED
    lifecycle_policy: Fact[LifecyclePolicy] = NOT_ASKED
    cache_key: Fact[KmsKey] = Field(NOT_ASKED, exclude_if=lambda value: value == NOT_ASKED)
    creation_templates: Fact[tuple[RepositoryCreationTemplate, ...]] = Field(
        NOT_ASKED, exclude_if=lambda value: value == NOT_ASKED
    )
    template_role: Fact[Role] = Field(NOT_ASKED, exclude_if=lambda value: value == NOT_ASKED)
    template_key: Fact[KmsKey] = Field(NOT_ASKED, exclude_if=lambda value: value == NOT_ASKED)


class VpcFacts(Model):
    """Everything about one VPC that a pull may depend on.

    `security_groups`, `prefix_lists`, `interfaces` and `instances` hold only those that the path names, by id:
    the puller's and the endpoints' groups, the lists that routes and rules refer to, the endpoints' network
    interfaces, and NAT instances. `service_prefix_lists` are AWS's own lists of the Region (S3 among them).
    """

    vpc_id: str
    vpc: Fact[Vpc] = NOT_ASKED
    enable_dns_support: Fact[bool] = NOT_ASKED
    enable_dns_hostnames: Fact[bool] = NOT_ASKED
    dhcp_options: Fact[DhcpOptions] = NOT_ASKED
    subnets: Fact[tuple[Subnet, ...]] = NOT_ASKED
    route_tables: Fact[tuple[RouteTable, ...]] = NOT_ASKED
    network_acls: Fact[tuple[NetworkAcl, ...]] = NOT_ASKED
    nat_gateways: Fact[tuple[NatGateway, ...]] = NOT_ASKED
    internet_gateways: Fact[tuple[InternetGateway, ...]] = NOT_ASKED
    egress_only_internet_gateways: Fact[tuple[EgressOnlyInternetGateway, ...]] = NOT_ASKED
    vpc_endpoints: Fact[tuple[VpcEndpoint, ...]] = NOT_ASKED
    security_groups: Mapping[str, Fact[SecurityGroup]] = {}
    prefix_lists: Mapping[str, Fact[PrefixList]] = {}
    service_prefix_lists: Fact[tuple[PrefixList, ...]] = NOT_ASKED
    interfaces: Mapping[str, Fact[NetworkInterface]] = {}
    instances: Mapping[str, Fact[Instance]] = {}
    block_public_access: Fact[BlockPublicAccessOptions] = NOT_ASKED
    block_public_access_exclusions: Fact[tuple[BlockPublicAccessExclusion, ...]] = NOT_ASKED


class RoleFacts(Model):
    """A role and every policy that speaks about it, as JSON text by policy name or ARN.

    `simulated_login` and `simulated_pull` are what IAM's own simulator says of the login, and of the pull from the
    repositories of the task's images in private ECR. `managed_policies` are what is known of the attached policies and of the
    boundary besides their text.
    """

    role_arn: str
    role: Fact[Role] = NOT_ASKED
    inline_policy_names: Fact[tuple[str, ...]] = NOT_ASKED
    inline_policies: Mapping[str, Fact[str]] = {}
    attached_policy_arns: Fact[tuple[str, ...]] = NOT_ASKED
    attached_policies: Mapping[str, Fact[str]] = {}
    boundary_policy: Fact[str] = NOT_ASKED
    managed_policies: Mapping[str, Fact[ManagedPolicy]] = {}
    simulated_login: Fact[Simulation] = NOT_ASKED
    simulated_pull: Fact[Simulation] = NOT_ASKED


Source = Literal["live", "saved", "sibling", "service_events", "alert", "none"]
"""Where the task's own facts come from; of `alert` and `service_events` there is the error text alone. `sibling`: they are
those of another task of the same service, since the one that was asked about is gone.
"""


class Snapshot(Model):
    """Everything that was read about one target, at one moment.

    `secrets`, `secret_policies` and `parameters` are kept by the text that names them in the task definition, `kms_keys` and
    `kms_key_policies` by what a secret or parameter calls its customer managed key. `parameter_tags` and `kms_key_tags`, by the
    same names, and `organization`, the id of the account's organization, are read only where a condition of a policy asks
    for them. `dropped` says in words what was left out of the facts to keep them in a store (`diagnostics.report.fitting`).
    `secrets_by_name` holds, by the same text, the secret of that name where there is none by its ARN, `parameters_here` the parameter
    of that name in the task's own Region where the one that its ARN names has none.
    `bucket_regions` and `bucket_policies`, by the bucket's name, are those of the buckets that hold environment files or a log
    router's configuration; whose bucket it is follows from them, for no other account is told its policy.
    `failed_deployment` and what it deployed, `failed_revision`, are read only where a service was rolled back and no task tells why;
    `task_definition` is then that of the revision which failed, not of what runs now.
    `former_definition` is the revision that ran before, by the service's other deployment or else by its number; it is read only
    where the repository lacks an image, to tell which ran last.
    `volumes` holds the one on which the container instance keeps images, read only where an error text may be about its room.
    `task_role` is read only where the error text says that ECS could not assume it.
    `alert_text` is the error text that the alert held which somebody asked about; it stands in for that of a task which
    cannot be read (`source`).
    `planned` is the task that nobody has started yet, where that is what is asked about; `task` is absent then. What tells of it, and
    what only that asks for: `service_revision`, `capacity_providers` by name, and `hosts`, every container instance of the cluster.
    `reused` counts the answers that were read for another run, the oldest `reused_age` seconds before it was taken from there;
    `waited` are the seconds for which the budget for automatic work held this run back.
    """

    schema_version: int = SCHEMA_VERSION
    taken_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    seconds: float = 0.0
    api_calls: int = 0
    depth: int = 0
    reused: int = Field(0, exclude_if=lambda value: not value)
    reused_age: float | None = Field(None, exclude_if=lambda value: value is None)
    waited: float = Field(0.0, exclude_if=lambda value: not value)
    target: Target
    partition: str = Field("aws", pattern=r"^aws[a-z-]{0,30}$")
    region: str = Field(pattern=rf"^{REGION}$")
    account_id: str | None = Field(None, pattern=r"^[0-9]{12}$")
    source: Source = "none"
    alert_text: str | None = None
    caller: Fact[CallerIdentity] = NOT_ASKED
    task: Fact[Task] = NOT_ASKED
    task_definition: Fact[TaskDefinition] = NOT_ASKED
    former_definition: Fact[TaskDefinition] = NOT_ASKED
    service: Fact[Service] = NOT_ASKED
    failed_deployment: Fact[ServiceDeployment] = NOT_ASKED
    failed_revision: Fact[ServiceRevision] = NOT_ASKED
    container_instance: Fact[ContainerInstance] = NOT_ASKED
    instance: Fact[Instance] = NOT_ASKED
    instance_profile: Fact[InstanceProfile] = NOT_ASKED
    volumes: Mapping[str, Fact[Volume]] = {}
    task_role: Fact[Role] = NOT_ASKED
    task_interface: Fact[NetworkInterface] = NOT_ASKED
    subnets: Mapping[str, Fact[Subnet]] = {}
    vpcs: Mapping[str, VpcFacts] = {}
    images: tuple[ImageFacts, ...] = ()
    roles: Mapping[str, RoleFacts] = {}
    secrets: Mapping[str, Fact[Secret]] = {}
    secret_policies: Mapping[str, Fact[str]] = {}
    parameters: Mapping[str, Fact[Parameter]] = {}
    kms_keys: Mapping[str, Fact[KmsKey]] = {}
    kms_key_policies: Mapping[str, Fact[str]] = {}
    parameter_tags: Mapping[str, Fact[tuple[Tag, ...]]] = {}
    kms_key_tags: Mapping[str, Fact[tuple[Tag, ...]]] = {}
    organization: Fact[str] = NOT_ASKED
    bucket_regions: Mapping[str, Fact[str]] = Field({}, exclude_if=lambda value: not value)
    bucket_policies: Mapping[str, Fact[str]] = Field({}, exclude_if=lambda value: not value)
    secrets_by_name: Mapping[str, Fact[Secret]] = Field({}, exclude_if=lambda value: not value)
    parameters_here: Mapping[str, Fact[Parameter]] = Field({}, exclude_if=lambda value: not value)
    dropped: tuple[str, ...] = Field((), exclude_if=lambda value: not value)
    planned: PlannedTask | None = Field(None, exclude_if=lambda value: value is None)
    service_revision: Fact[ServiceRevision] = Field(NOT_ASKED, exclude_if=lambda value: value == NOT_ASKED)
    capacity_providers: Mapping[str, Fact[CapacityProvider]] = Field({}, exclude_if=lambda value: not value)
    hosts: Fact[tuple[HostFacts, ...]] = Field(NOT_ASKED, exclude_if=lambda value: value == NOT_ASKED)

    def on(self, host: HostFacts) -> Snapshot:
        """The facts with one container instance as that on which the planned task is placed."""
        return self.model_copy(
            update={
                "hosts": NOT_ASKED,
                "container_instance": Known(value=host.container_instance),
                "instance": host.instance,
                "instance_profile": host.instance_profile,
            }
        )

    @property
    def is_undeployed(self) -> bool:
        """True for a planned task that no service runs yet, so that there is nothing to deploy again."""
        return self.planned is not None and not self.planned.deployed

    @property
    def service_name(self) -> str | None:
        """The service that the task belongs to, or that was asked about and described."""
        task, service = known_value(self.task), known_value(self.service)
        return (task.service_name if task else None) or (service.service_name if service else None)

    @property
    def through_service(self) -> bool:
        """True where a service was asked about, or stands in for a task that AWS says is gone."""
        return self.target.kind == "service" or self.gone_of_service

    @property
    def gone_of_service(self) -> bool:
        """True for a task that AWS says is gone, whose service is known by name and was read."""
        gone = isinstance(self.task, Absent) and not self.without_cluster
        named = self.target.kind == "task" and self.target.service is not None
        return gone and named and not isinstance(self.service, Unavailable)

    @property
    def denied_of_service(self) -> bool:
        """True for a task that could not be read, though it may be there, whose service is known by name and was read."""
        named = self.target.kind == "task" and self.target.service is not None
        return isinstance(self.task, Unavailable) and named and isinstance(self.service, Known)

    @property
    def other_account(self) -> tuple[str, str] | None:
        """The account of the credentials and that of the target, where they differ, so that nothing was asked."""
        reason = self.task.reason if isinstance(self.task, Unavailable) else None
        if reason is None or reason.why is not Why.OTHER_ACCOUNT or len(reason.of) != 2:
            return None
        return reason.of[0], reason.of[1]

    @property
    def without_cluster(self) -> bool:
        """True if AWS said that there is no cluster of the name that was given, and nothing else tells of the task."""
        return known_value(self.task) is None and any(
            isinstance(fact, Absent) and fact.without == "cluster" for fact in (self.task, self.service)
        )
