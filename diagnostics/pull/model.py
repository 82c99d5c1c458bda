"""The description of a pull: its images, the hosts that must answer, the interfaces and the roles."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from diagnostics.image_reference import HTTPS_PORT, ImageReference, InvalidImageReference, host_and_port
from diagnostics.image_reference import parse as parse_image
from diagnostics.snapshot import Fact, Known, Model, known_value
from diagnostics.stop_reason import Stage

Launch = Literal["fargate", "ec2", "external", "managed_instances"]
InterfaceKind = Literal["task", "container_instance"]
LegName = Literal["login", "manifest", "layers", "secretsmanager", "ssm", "files", "logs"]


class Interface(Model):
    """An interface that a pull leaves by, in one subnet.

    `used` tells whether this is where the task in hand pulled; the others are subnets that its service may use for
    the next task. `told_by` says in words where the groups and the public address come from. `windows` tells the
    operating system, whose ephemeral ports network ACLs must let in.
    """

    kind: InterfaceKind
    used: bool
    subnet_id: str
    vpc_id: Fact[str]
    interface_id: str | None = None
    instance_id: str | None = None
    private_ip: str | None = None
    security_group_ids: Fact[tuple[str, ...]]
    public_ip: Fact[bool]
    ipv6: Fact[bool]
    windows: Fact[bool] = Known(value=False)
    told_by: str


@lru_cache(4096)
def _address(hostname: str) -> str | None:
    try:
        return str(ip_address(hostname))
    except ValueError:
        return None


class Leg(Model):
    """One host that must answer for the pull to succeed.

    `service` is the suffix of the VPC endpoint service that serves the host (`ecr.api`, `ecr.dkr`, `s3`, …) or `None`
    for a registry outside AWS's endpoints. `port` is the TCP port, which is another than HTTPS's only for a registry whose
    `host` is written with one. `public`: the host is known to stand on the internet; the name of a company's own registry may
    lead to a private address as well. `by` says whose interface carries it: platform versions up to 1.3.0 of
    Fargate log in and read secrets over an interface that AWS owns.
    """

    name: LegName
    stage: Stage
    host: str
    region: str
    service: str | None
    port: int = HTTPS_PORT
    public: bool = True
    containers: tuple[str, ...]
    by: Literal["puller", "aws"] = "puller"
    needed_for_pull: bool = True

    @property
    def hostname(self) -> str:
        """The host without its port: what is looked up."""
        return host_and_port(self.host)[0]

    @property
    def address(self) -> str | None:
        """The address that the host's name is, where it is one, so that nothing is looked up."""
        return _address(self.hostname)

    def is_at(self, host: str | None) -> bool:
        """True if this is the host that an error text names, with its port or, as in a look-up, without."""
        if host is None:
            return False
        name, port = host_and_port(host)
        return name.lower() == self.hostname.lower() and port in (None, self.port)


class PullingRole(Model):
    """A role that may be the one that pulls. `session_name` is known only from a denied ARN."""

    kind: Literal["execution_role", "instance_role"]
    role_arn: str
    session_name: str | None = None
    why: str


class ContainerImage(Model):
    """The image of one or more containers, parsed; `reference` is `None` where it cannot be, with the `error`."""

    image: str
    containers: tuple[str, ...]
    reference: ImageReference | None
    error: str | None = None
    credentials_parameter: str | None = None
    injected: bool = False

    @property
    def in_ecr(self) -> ImageReference | None:
        """The reference of an image in private ECR, whose registry and Region it then names."""
        return self.reference if self.reference is not None and self.reference.is_ecr else None

    def is_in_repository_of(self, text: str) -> bool | None:
        """True if `text` names an image of the same repository, whatever the tag; `None` if one cannot be parsed."""
        try:
            said = parse_image(text)
        except InvalidImageReference:
            return None
        if self.reference is None:
            return None
        return (said.registry, said.repository) == (self.reference.registry, self.reference.repository)


class Pull(Model):
    """The whole description. `principals` holds one role, or several where the facts do not settle which."""

    launch: Fact[Launch]
    platform_version: str | None
    region: str
    partition: str
    images: tuple[ContainerImage, ...]
    legs: tuple[Leg, ...]
    interfaces: Fact[tuple[Interface, ...]]
    principals: Fact[tuple[PullingRole, ...]]

    @property
    def used_interface(self) -> Interface | None:
        """The interface that the task in hand pulled through, if it is known."""
        items = known_value(self.interfaces) or ()
        return next((item for item in items if item.used), None)

    @property
    def principal(self) -> PullingRole | None:
        """The role that pulls, if the facts leave no more than one."""
        items = known_value(self.principals) or ()
        return items[0] if len(items) == 1 else None
