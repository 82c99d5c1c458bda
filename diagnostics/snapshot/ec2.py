"""The shapes of EC2 answers about instances and network interfaces, by AWS's own names."""

from __future__ import annotations

from diagnostics.snapshot.facts import PascalCaseKeys


class Group(PascalCaseKeys):
    """A reference to a security group."""

    group_id: str
    group_name: str | None = None


class Association(PascalCaseKeys):
    """The public address of a network interface."""

    public_ip: str | None = None


class Ipv6Address(PascalCaseKeys):
    """An IPv6 address of a network interface."""

    ipv6_address: str


class InterfaceAttachment(PascalCaseKeys):
    """How an interface is attached to an instance; device 0 is the primary interface."""

    device_index: int | None = None


class NetworkInterface(PascalCaseKeys):
    """An elastic network interface, alone or as part of an instance."""

    network_interface_id: str | None = None
    interface_type: str | None = None
    status: str | None = None
    subnet_id: str | None = None
    vpc_id: str | None = None
    private_ip_address: str | None = None
    groups: tuple[Group, ...] = ()
    association: Association | None = None
    ipv6_addresses: tuple[Ipv6Address, ...] = ()
    attachment: InterfaceAttachment | None = None
    source_dest_check: bool | None = None


class IamInstanceProfile(PascalCaseKeys):
    """The instance profile of an instance."""

    arn: str
    id: str | None = None


class InstanceState(PascalCaseKeys):
    """The state of an instance."""

    name: str | None = None


class EbsInstanceBlockDevice(PascalCaseKeys):
    """The EBS volume of a device."""

    volume_id: str | None = None


class BlockDeviceMapping(PascalCaseKeys):
    """A device of an instance. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceBlockDeviceMapping.html"""

    device_name: str | None = None
    ebs: EbsInstanceBlockDevice | None = None


class Volume(PascalCaseKeys):
    """An EBS volume; `size` is in GiB. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html"""

    volume_id: str
    size: int | None = None
    volume_type: str | None = None


class Instance(PascalCaseKeys):
    """An EC2 instance that hosts tasks or carries a NAT role."""

    instance_id: str
    instance_type: str | None = None
    architecture: str | None = None
    state: InstanceState | None = None
    iam_instance_profile: IamInstanceProfile | None = None
    vpc_id: str | None = None
    subnet_id: str | None = None
    private_ip_address: str | None = None
    public_ip_address: str | None = None
    security_groups: tuple[Group, ...] = ()
    network_interfaces: tuple[NetworkInterface, ...] = ()
    source_dest_check: bool | None = None
    root_device_name: str | None = None
    block_device_mappings: tuple[BlockDeviceMapping, ...] = ()

    @property
    def primary_interface(self) -> NetworkInterface | None:
        """The interface with device index 0: the one the Docker daemon's traffic leaves by."""
        for item in self.network_interfaces:
            if item.attachment is not None and item.attachment.device_index == 0:
                return item
        return self.network_interfaces[0] if self.network_interfaces else None
