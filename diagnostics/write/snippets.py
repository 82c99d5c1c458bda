"""How a repair is written down: AWS CLI commands, Terraform blocks, CloudFormation resources, placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diagnostics.write.code import code_json, yaml_string
from diagnostics.write.shell import named, quoted, reads_variables

Option = str | bool | tuple[str, ...] | Mapping[str, object] | list[object]

PLACEHOLDERS = {
    "ALLOCATION_ID": "the AllocationId that allocate-address prints",
    "NAT_GATEWAY_ID": "the NatGatewayId that create-nat-gateway prints",
    "PUBLIC_SUBNET_ID": "a subnet whose route table leads to an internet gateway",
    "INTERNET_GATEWAY_ID": "the InternetGatewayId that create-internet-gateway prints",
    "EGRESS_ONLY_GATEWAY_ID": "the EgressOnlyInternetGatewayId that create-egress-only-internet-gateway prints",
    "NEW_ROUTE_TABLE_ID": "the RouteTableId that create-route-table prints",
    "ROUTE_TABLE_ID": "the route table of the pulling subnet",
    "ASSOCIATION_ID": "the id of the subnet's present route table association",
    "VPC_ID": "the VPC of the pulling subnet",
    "ENDPOINT_GROUP_ID": "the GroupId that create-security-group prints",
    "VPC_ENDPOINT_IDS": "the ids that the create-vpc-endpoint commands print",
    "PULLING_GROUP_ID": "the security group of the task or container instance",
    "SECURITY_GROUP_ID": "the security group of the task",
    "NETWORK_INTERFACE_ID": "the primary network interface of the container instance",
    "ASSOCIATION_OF_ADDRESS": "the AssociationId that associate-address prints",
    "DHCP_OPTIONS_ID": "the DhcpOptionsId that create-dhcp-options prints",
    "OLD_DHCP_OPTIONS_ID": "the DHCP options set that the VPC has now",
    "EXCLUSION_ID": "the ExclusionId that the first command prints",
    "RULE_NUMBER": "a free rule number lower than that of the entry that denies",
    "CLUSTER_NAME": "the cluster",
    "TASK_DEFINITION": "the task definition",
    "SERVICE_NAME": "the endpoint service that the task needs",
}
"""What nobody can know beforehand: a word that stands in a command, and what to put in its place."""


ENDPOINT = ("aws_vpc_endpoint", "AWS::EC2::VPCEndpoint")
ROUTE = ("aws_route", "AWS::EC2::Route")
"""The kinds of resources that several repairs make, for Terraform and for CloudFormation."""


def command(region: str, service: str, operation: str, /, **options: Option) -> str:
    """One AWS CLI command. `True` gives a bare switch, `False` its `--no-` form, structures become JSON."""
    words = ["aws", service, operation]
    for name, value in options.items():
        flag = name.strip("_").replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        elif isinstance(value, str):
            words.extend((f"--{flag}", quoted(value)))
        elif isinstance(value, tuple):
            words.append(f"--{flag}")
            words.extend(quoted(item) for item in value)
        else:
            words.extend((f"--{flag}", quoted(value if reads_variables(value) else _compact(value))))
    return " ".join([*words, "--region", quoted(region)])


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def lines(*parts: str | None) -> str:
    """The parts that are there, one a line."""
    return "\n".join(part for part in parts if part)


def logical(name: str) -> str:
    """A CloudFormation logical id made of an AWS id or a service name."""
    return "".join(word[0].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name) if word)


def label(name: str) -> str:
    """A Terraform label made of an AWS id or a name."""
    return re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")


def hcl(kind: str, name: str, /, **arguments: object) -> str:
    """A Terraform resource block. Strings are quoted, lists and booleans written as HCL has them, documents encoded as JSON."""
    width = max((len(key) for key in arguments), default=0)
    body = "\n".join(f"  {key.ljust(width)} = {_hcl_value(value)}" for key, value in arguments.items())
    return f'resource "{kind}" "{label(name)}" {{\n{body}\n}}'


def _hcl_value(value: object) -> str:
    if isinstance(value, Reference):
        return value.terraform
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_hcl_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return f"jsonencode({code_json(value, indent=2)})".replace("\n", "\n  ")
    return code_json(value)


@dataclass(frozen=True)
class Reference:
    """A value of a resource that the same snippet creates."""

    terraform: str
    cloudformation: str


def template(name: str, kind: str, /, **properties: object) -> str:
    """A resource of a CloudFormation template in YAML, two-space indented, values quoted where YAML needs it."""
    body = "\n".join(f"    {key}: {_yaml_value(value)}" for key, value in properties.items())
    return f"{logical(name)}:\n  Type: {kind}\n  Properties:\n{body}"


def pascal(name: str) -> str:
    """`SubnetIds` of `subnet_ids`: CloudFormation's name of an argument, as the API has it."""
    return "".join(word.capitalize() for word in name.split("_"))


def as_code(kinds: tuple[str, str], name: str, /, **arguments: object) -> tuple[str, str]:
    """One resource as Terraform and as CloudFormation, which name its arguments alike but for the spelling."""
    properties = {pascal(key): value for key, value in arguments.items()}
    return hcl(kinds[0], name, **arguments), template(name, kinds[1], **properties)


def changed_code(kinds: tuple[str, str], which: str, /, **arguments: object) -> tuple[str, str]:
    """What changes of a resource that exists, as Terraform and as CloudFormation: the lines that stand in it then.

    Never the whole resource: deployed, that would make a second one, or put what it leaves out back to defaults.
    `which` names it, such as `vpc-1`.
    """
    terraform = (f"{key} = {_hcl_value(value)}" for key, value in arguments.items())
    cloudformation = (f"{pascal(key)}: {_yaml_value(value)}" for key, value in arguments.items())
    where = f"{named(which)}, which exists:"
    return lines(f"# In the {kinds[0]} {where}", *terraform), lines(
        f"# In the {kinds[1]} {where}", *cloudformation
    )


def _yaml_value(value: object) -> str:
    if isinstance(value, Reference):
        return value.cloudformation
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_yaml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml_value(item)}" for key, item in value.items()) + "}"
    return yaml_string(value)


def joined(items: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = list(items)
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
