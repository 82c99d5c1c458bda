"""The security group of interface endpoints that a repair makes."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.network import Blocker
from diagnostics.write import Variable, captured, found, free_name
from diagnostics.write.snippets import Reference, hcl, joined, template

HTTPS: dict[str, object] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
DESCRIPTION = "HTTPS from the VPC to VPC endpoints"


class EndpointGroup:
    """A group that admits the VPC's own addresses on 443, whose calls the endpoints' private names take over.

    Where the VPC's range is not known it admits the security group that pulls. Its name is one that no group has: the VPC's
    groups are not read.
    """

    group_id = Variable("ENDPOINT_GROUP_ID")
    reference = Reference("aws_security_group.endpoints.id", "!Ref EndpointGroup")

    def __init__(self, repair: Repair[Blocker]) -> None:
        self._repair = repair
        self._ranges = tuple(item for item in repair.view.cidrs if ":" not in item)
        self._puller = repair.puller_group_id or Variable("PULLING_GROUP_ID")
        self._name = free_name("vpc-endpoints-https", None, repair.mark)

    @property
    def admits(self) -> str:
        """What it lets in, in words."""
        return joined(self._ranges) or f"security group {self._puller}"

    @property
    def make(self) -> tuple[str, ...]:
        """The commands that make it."""
        peer: dict[str, object] = {"UserIdGroupPairs": [{"GroupId": self._puller}]}
        if self._ranges:
            peer = {"IpRanges": [{"CidrIp": item} for item in self._ranges]}
        repair = self._repair
        made = repair.ec2(
            "create-security-group", group_name=self._name, description=DESCRIPTION, vpc_id=repair.vpc_id
        )
        return (
            captured(self.group_id, made, "GroupId"),
            repair.ec2(
                "authorize-security-group-ingress", group_id=self.group_id, ip_permissions=[{**HTTPS, **peer}]
            ),
        )

    @property
    def find(self) -> tuple[str, ...]:
        """The command that finds it again."""
        named = self._repair.ec2(
            "describe-security-groups",
            filters=(f"Name=vpc-id,Values={self._repair.vpc_id}", f"Name=group-name,Values={self._name}"),
        )
        return (
            found(
                self.group_id, named, "SecurityGroups[0].GroupId", f"security group {self._name} in the VPC"
            ),
        )

    @property
    def remove(self) -> tuple[str, ...]:
        """The command that deletes it, once no endpoint has it."""
        return (self._repair.ec2("delete-security-group", group_id=self.group_id),)

    @property
    def terraform(self) -> tuple[str, ...]:
        """The group and its rules as Terraform."""
        rule: dict[str, object] = {
            "security_group_id": self.reference, "ip_protocol": "tcp", "from_port": 443, "to_port": 443,
        }  # fmt: skip
        ends: tuple[dict[str, object], ...] = tuple({"cidr_ipv4": item} for item in self._ranges)
        ends = ends or ({"referenced_security_group_id": str(self._puller)},)
        return (
            hcl(
                "aws_security_group", "endpoints", name=self._name, description=DESCRIPTION, vpc_id=str(self._repair.vpc_id)
            ),
            *(
                hcl(
                    "aws_vpc_security_group_ingress_rule", f"endpoints_https{f'_{place}' if place > 1 else ''}", **rule, **end
                )
                for place, end in enumerate(ends, start=1)
            ),
        )  # fmt: skip

    @property
    def cloudformation(self) -> str:
        """The same as CloudFormation."""
        ends: list[dict[str, object]] = [{**HTTPS, "CidrIp": item} for item in self._ranges]
        return template(
            "EndpointGroup", "AWS::EC2::SecurityGroup", GroupDescription=DESCRIPTION,
            VpcId=str(self._repair.vpc_id),
            SecurityGroupIngress=ends or [{**HTTPS, "SourceSecurityGroupId": str(self._puller)}],
        )  # fmt: skip
