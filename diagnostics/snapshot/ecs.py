"""The shapes of ECS answers, by AWS's own names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from diagnostics.snapshot.facts import CamelCaseKeys


class KeyValue(CamelCaseKeys):
    """A name and a value, as in a task's attachments and attributes."""

    name: str | None = None
    value: str | None = None


class Attachment(CamelCaseKeys):
    """What ECS attached to the task, above all its elastic network interface."""

    id: str | None = None
    type: str | None = None
    status: str | None = None
    details: tuple[KeyValue, ...] = ()

    def detail(self, name: str) -> str | None:
        """The value of one detail, such as `subnetId`."""
        return next((item.value for item in self.details if item.name == name), None)


class Container(CamelCaseKeys):
    """One container of a task. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html"""

    name: str
    image: str | None = None
    image_digest: str | None = None
    reason: str | None = None
    last_status: str | None = None
    exit_code: int | None = None


class EphemeralStorage(CamelCaseKeys):
    """Ephemeral storage of a Fargate task, in GiB."""

    size_in_gi_b: int | None = Field(None, alias="sizeInGiB")


class Overrides(CamelCaseKeys):
    """The parts of a task's overrides that decide who pulls."""

    execution_role_arn: str | None = None
    task_role_arn: str | None = None


BEFORE_THE_PULL_ENDS = ("PROVISIONING", "PENDING")
_AFTER_THE_PULL = ("ACTIVATING", "RUNNING", "DEACTIVATING")
_RAN_AND_ENDED = "EssentialContainerExited"


def has_pulled(last_status: str | None, stop_code: str | None) -> bool:
    """True where a task's containers started, so that its images were pulled: one whose pull failed never comes there.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html,
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html (stopCode)
    """
    return last_status in _AFTER_THE_PULL or stop_code == _RAN_AND_ENDED


class Task(CamelCaseKeys):
    """A task. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html

    `unread_containers` is how many of its containers could not be read and are not among the others. What a task definition
    says of a container is read whole or not at all: credentials and secrets that are not there are a judgement.
    """

    task_arn: str
    cluster_arn: str | None = None
    task_definition_arn: str | None = None
    group: str | None = None
    started_by: str | None = None
    launch_type: str | None = None
    capacity_provider_name: str | None = None
    platform_version: str | None = None
    platform_family: str | None = None
    last_status: str | None = None
    desired_status: str | None = None
    availability_zone: str | None = None
    container_instance_arn: str | None = None
    containers: tuple[Container, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    attributes: tuple[KeyValue, ...] = ()
    stop_code: str | None = None
    stopped_reason: str | None = None
    created_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    ephemeral_storage: EphemeralStorage | None = None
    fargate_ephemeral_storage: EphemeralStorage | None = None
    overrides: Overrides = Overrides()
    version: int | None = None
    unread_containers: int = Field(0, exclude_if=lambda value: value == 0)

    @model_validator(mode="before")
    @classmethod
    def _one_container_costs_no_other(cls, values: Any) -> Any:
        raw = values.get("containers") if isinstance(values, Mapping) else None
        if not isinstance(raw, list):
            return values
        readable = [item for item in raw if _is_container(item)]
        if len(readable) in (0, len(raw)):
            return values
        return {**values, "containers": readable, "unreadContainers": len(raw) - len(readable)}

    @field_validator("launch_type", "platform_version", "container_instance_arn", "group", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None

    @property
    def service_name(self) -> str | None:
        """The service that started the task, from its group (`service:NAME`)."""
        group = self.group or ""
        return group.removeprefix("service:") if group.startswith("service:") else None

    @property
    def has_pulled(self) -> bool:
        """True where the task's containers started."""
        return has_pulled(self.last_status, self.stop_code)

    @property
    def interface_attachment(self) -> Attachment | None:
        """The attachment that describes the task's own elastic network interface."""
        kinds = ("ElasticNetworkInterface", "eni")
        return next((item for item in self.attachments if item.type in kinds), None)


def _is_container(raw: Any) -> bool:
    try:
        Container.model_validate(raw)
    except ValidationError:
        return False
    return True


class RepositoryCredentials(CamelCaseKeys):
    """Where the credentials of a private registry outside ECR are kept (a Secrets Manager ARN or name)."""

    credentials_parameter: str


class SecretReference(CamelCaseKeys):
    """One secret of a container definition: a name and where its value is; never the value."""

    name: str
    value_from: str


AWSLOGS_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-create-group", "awslogs-endpoint")


class LogConfiguration(CamelCaseKeys):
    """A container's log driver. Only the awslogs options are kept: others may hold tokens."""

    log_driver: str | None = None
    options: Mapping[str, str] = {}
    secret_options: tuple[SecretReference, ...] = ()

    @field_validator("options", mode="before")
    @classmethod
    def _only_awslogs(cls, value: Any) -> Any:
        items = value.items() if isinstance(value, Mapping) else ()
        return {key: text for key, text in items if key in AWSLOGS_OPTIONS}


class EnvironmentFile(CamelCaseKeys):
    """An environment file in Amazon S3: its ARN, never its content."""

    value: str
    type: str | None = None


FIRELENS_OPTIONS = ("config-file-type", "config-file-value")


class FirelensConfiguration(CamelCaseKeys):
    """The log router of a task. Only where its own configuration file is kept: other options may hold tokens.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef-customconfig.html
    """

    type: str | None = None
    options: Mapping[str, str] = {}

    @field_validator("options", mode="before")
    @classmethod
    def _only_its_file(cls, value: Any) -> Any:
        items = value.items() if isinstance(value, Mapping) else ()
        return {key: text for key, text in items if key in FIRELENS_OPTIONS}


class ContainerDefinition(CamelCaseKeys):
    """One container of a task definition. Environment values are never read into it."""

    name: str
    image: str | None = None
    essential: bool = True
    repository_credentials: RepositoryCredentials | None = None
    secrets: tuple[SecretReference, ...] = ()
    log_configuration: LogConfiguration | None = None
    environment_files: tuple[EnvironmentFile, ...] = ()
    firelens_configuration: FirelensConfiguration | None = Field(None, exclude_if=lambda value: value is None)


class RuntimePlatform(CamelCaseKeys):
    """The operating system and architecture that the task asks for."""

    cpu_architecture: str | None = None
    operating_system_family: str | None = None


class RequiredAttribute(CamelCaseKeys):
    """An attribute that a container instance must have to take the task, as ECS derives it at registration.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html (requiresAttributes)
    """

    name: str
    value: str | None = None


class PlacementConstraint(CamelCaseKeys):
    """A rule for where tasks are placed. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementConstraint.html"""

    type: str | None = None
    expression: str | None = None


class TaskDefinition(CamelCaseKeys):
    """A task definition revision; of one that is not registered the ARN is only its family.

    `requires_attributes` and `placement_constraints` tell on which container instances a task may be placed. `status` is `INACTIVE` of
    one that is deregistered, `DELETE_IN_PROGRESS` of one that goes for good; null of one that is active.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
    """

    task_definition_arn: str
    family: str | None = None
    revision: int | None = None
    network_mode: str | None = None
    execution_role_arn: str | None = None
    task_role_arn: str | None = None
    requires_compatibilities: tuple[str, ...] = ()
    runtime_platform: RuntimePlatform | None = None
    container_definitions: tuple[ContainerDefinition, ...] = ()
    ephemeral_storage: EphemeralStorage | None = None
    requires_attributes: tuple[RequiredAttribute, ...] = Field((), exclude_if=lambda value: not value)
    placement_constraints: tuple[PlacementConstraint, ...] = Field((), exclude_if=lambda value: not value)
    status: str | None = Field(None, exclude_if=lambda value: value is None)

    @field_validator("status", mode="before")
    @classmethod
    def _only_what_is_not_active(cls, value: Any) -> Any:
        return None if value == "ACTIVE" else value

    @property
    def is_registered(self) -> bool:
        """True if ECS has it, so that it has an ARN."""
        return self.task_definition_arn.startswith("arn:")

    @field_validator("execution_role_arn", "task_role_arn", "network_mode", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None

    def container(self, name: str) -> ContainerDefinition | None:
        """The definition of one container; `None` for one that was injected (a GuardDuty sidecar, say)."""
        return next((item for item in self.container_definitions if item.name == name), None)


class AwsvpcConfiguration(CamelCaseKeys):
    """The subnets and security groups that a service gives its tasks."""

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    assign_public_ip: str | None = None


class NetworkConfiguration(CamelCaseKeys):
    """A service's or deployment's network configuration."""

    awsvpc_configuration: AwsvpcConfiguration | None = None


class Deployment(CamelCaseKeys):
    """A deployment or task set of a service; `id` is what a task's `startedBy` names.

    Only a task set says whether it is steady (`STEADY_STATE`, `STABILIZING`), and how many tasks it should have of the service's.
    """

    id: str | None = None
    started_by: str | None = None
    status: str | None = None
    task_definition: str | None = None
    network_configuration: NetworkConfiguration | None = None
    rollout_state: str | None = None
    created_at: datetime | None = None
    failed_tasks: int | None = None
    running_count: int | None = None
    computed_desired_count: int | None = None
    stability_status: str | None = None
    external_id: str | None = None


class ThresholdConfiguration(CamelCaseKeys):
    """After how many failed tasks the circuit breaker ends a deployment: a count, or a percentage of the desired tasks.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
    """

    type: str | None = None
    value: int | None = None


class DeploymentCircuitBreaker(CamelCaseKeys):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html"""

    enable: bool | None = None
    rollback: bool | None = None
    threshold_configuration: ThresholdConfiguration | None = None


class DeploymentConfiguration(CamelCaseKeys):
    """How a service replaces its tasks."""

    deployment_circuit_breaker: DeploymentCircuitBreaker | None = None


class DeploymentController(CamelCaseKeys):
    """Who deploys the service: `ECS`, `CODE_DEPLOY` or `EXTERNAL`; ECS where nothing is said."""

    type: str | None = None


class ServiceEvent(CamelCaseKeys):
    """One line of a service's event log (the newest 100 are kept by ECS)."""

    id: str | None = None
    created_at: datetime | None = None
    message: str = ""


class RevisionSummary(CamelCaseKeys):
    """A service revision as a service or a deployment names it.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevisionSummary.html
    """

    arn: str


class ServiceDeployment(CamelCaseKeys):
    """A service deployment, kept for 90 days. A roll-back returns to one of its source revisions, which are told of one that is described.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentBrief.html and API_ServiceDeployment.html
    """

    service_deployment_arn: str | None = None
    status: str | None = None
    status_reason: str | None = None
    created_at: datetime | None = None
    finished_at: datetime | None = None
    target_service_revision_arn: str | None = None
    source_service_revisions: tuple[RevisionSummary, ...] = Field((), exclude_if=lambda value: not value)


class ResolvedImage(CamelCaseKeys):
    """The image of a container in a service revision, with the digest that ECS resolved its tag to when it was deployed.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerImage.html
    """

    container_name: str | None = None
    image: str | None = None
    image_digest: str | None = None


class CapacityProviderStrategyItem(CamelCaseKeys):
    """One capacity provider of a strategy. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""

    capacity_provider: str


class ServiceRevision(CamelCaseKeys):
    """What a service deployment deployed. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html"""

    service_revision_arn: str | None = None
    task_definition: str | None = None
    launch_type: str | None = Field(None, exclude_if=lambda value: value is None)
    capacity_provider_strategy: tuple[CapacityProviderStrategyItem, ...] = Field(
        (), exclude_if=lambda value: not value
    )
    platform_version: str | None = Field(None, exclude_if=lambda value: value is None)
    platform_family: str | None = Field(None, exclude_if=lambda value: value is None)
    network_configuration: NetworkConfiguration | None = None
    container_images: tuple[ResolvedImage, ...] = ()

    @property
    def providers(self) -> tuple[str, ...]:
        """The capacity providers that may give a task its room."""
        return tuple(item.capacity_provider for item in self.capacity_provider_strategy)


def _is_event(value: Any) -> bool:
    try:
        ServiceEvent.model_validate(value)
    except ValidationError:
        return False
    return True


class Service(CamelCaseKeys):
    """A service. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""

    service_arn: str
    service_name: str
    cluster_arn: str | None = None
    status: str | None = None
    desired_count: int | None = None
    running_count: int | None = None
    pending_count: int | None = None
    scheduling_strategy: str | None = None
    launch_type: str | None = None
    capacity_provider_strategy: tuple[CapacityProviderStrategyItem, ...] = Field(
        (), exclude_if=lambda value: not value
    )
    platform_version: str | None = Field(None, exclude_if=lambda value: value is None)
    platform_family: str | None = Field(None, exclude_if=lambda value: value is None)
    placement_constraints: tuple[PlacementConstraint, ...] = Field((), exclude_if=lambda value: not value)
    task_definition: str | None = None
    network_configuration: NetworkConfiguration | None = None
    deployments: tuple[Deployment, ...] = ()
    task_sets: tuple[Deployment, ...] = ()
    deployment_configuration: DeploymentConfiguration | None = None
    deployment_controller: DeploymentController | None = None
    current_service_deployment: str | None = Field(None, exclude_if=lambda value: value is None)
    current_service_revisions: tuple[RevisionSummary, ...] = Field((), exclude_if=lambda value: not value)
    events: tuple[ServiceEvent, ...] = ()

    @property
    def providers(self) -> tuple[str, ...]:
        """The capacity providers that may give a task its room."""
        return tuple(item.capacity_provider for item in self.capacity_provider_strategy)

    @property
    def primary_task_set(self) -> Deployment | None:
        """The task set that serves, where CodeDeploy or another tool deploys: it then names what the service does not.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
        """
        return next((item for item in self.task_sets if item.status == "PRIMARY"), None)

    @field_validator("events", mode="before")
    @classmethod
    def _only_readable(cls, value: Any) -> Any:
        """An event that cannot be read costs only itself."""
        return [item for item in value if _is_event(item)] if isinstance(value, list | tuple) else value


class VersionInfo(CamelCaseKeys):
    """The versions that a container instance's agent reported."""

    agent_version: str | None = None
    docker_version: str | None = None


class ContainerInstance(CamelCaseKeys):
    """A container instance; `ec2_instance_id` is the host that pulls on EC2."""

    container_instance_arn: str
    ec2_instance_id: str | None = None
    agent_connected: bool | None = None
    status: str | None = None
    version_info: VersionInfo | None = None
    attributes: tuple[KeyValue, ...] = ()
    capacity_provider_name: str | None = None

    def attribute(self, name: str) -> str | None:
        """The value of one attribute, such as `ecs.os-type`; empty where it has none, `None` where it is not there."""
        return next((item.value or "" for item in self.attributes if item.name == name), None)


class AutoScalingGroupProvider(CamelCaseKeys):
    """The Auto Scaling group of a capacity provider."""

    auto_scaling_group_arn: str | None = None


class ManagedInstancesProvider(CamelCaseKeys):
    """What ECS needs to start managed instances by itself."""

    infrastructure_role_arn: str | None = None


class CapacityProvider(CamelCaseKeys):
    """A capacity provider: of an Auto Scaling group, of managed instances, or one of AWS's own (`FARGATE`).

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProvider.html
    """

    name: str
    status: str | None = None
    auto_scaling_group_provider: AutoScalingGroupProvider | None = None
    managed_instances_provider: ManagedInstancesProvider | None = None
