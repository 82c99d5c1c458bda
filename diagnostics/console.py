"""Links to the exact page of the AWS console, for each partition that has one."""

from __future__ import annotations

from urllib.parse import quote

from diagnostics.arn import partition_of_region

DOMAINS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}
"""The isolated partitions have consoles too, but their addresses are not public."""


def _link(region: str, path: str) -> str | None:
    domain = DOMAINS.get(partition_of_region(region))
    return f"https://{quote(region, safe='')}.{domain}{path}" if domain else None


def _vpc(region: str, fragment: str) -> str | None:
    return _link(region, f"/vpcconsole/home?region={quote(region, safe='')}#{fragment}")


def task(region: str, cluster: str, task_id: str) -> str | None:
    """The page of a task."""
    where = f"/ecs/v2/clusters/{quote(cluster, safe='')}/tasks/{quote(task_id, safe='')}/configuration"
    return _link(region, f"{where}?region={quote(region, safe='')}")


def task_definition(region: str, family: str, revision: int | str) -> str | None:
    """A revision of a task definition."""
    return _link(
        region,
        f"/ecs/v2/task-definitions/{quote(family, safe='')}/{quote(str(revision), safe='')}?region={quote(region, safe='')}",
    )


def repository(region: str, account_id: str, name: str) -> str | None:
    """A private ECR repository."""
    return _link(
        region,
        f"/ecr/repositories/private/{quote(account_id, safe='')}/{quote(name)}?region={quote(region, safe='')}",
    )


def repositories(region: str, account_id: str) -> str | None:
    """The private ECR repositories of a registry."""
    return (
        _link(region, f"/ecr/private-registry/repositories?region={quote(region, safe='')}")
        if account_id
        else None
    )


def cache_rules(region: str) -> str | None:
    """The pull-through cache rules of the private registry."""
    return _link(region, f"/ecr/private-registry/pull-through-cache?region={quote(region, safe='')}")


def role(region: str, name: str) -> str | None:
    """An IAM role. IAM is global; the Region only chooses the partition's console."""
    return _link(region, f"/iam/home#/roles/details/{quote(name, safe='')}")


def vpc_endpoint(region: str, endpoint_id: str) -> str | None:
    """A VPC endpoint, interface or gateway."""
    return _vpc(region, f"EndpointDetails:vpcEndpointId={quote(endpoint_id, safe='')}")


def vpc_endpoints(region: str, vpc_id: str) -> str | None:
    """The VPC endpoints of one VPC: where a missing one is created."""
    return _vpc(region, f"Endpoints:vpcId={quote(vpc_id, safe='')}")


def subnet(region: str, subnet_id: str) -> str | None:
    """A subnet."""
    return _vpc(region, f"SubnetDetails:subnetId={quote(subnet_id, safe='')}")


def route_table(region: str, route_table_id: str) -> str | None:
    """A route table."""
    return _vpc(region, f"RouteTableDetails:RouteTableId={quote(route_table_id, safe='')}")


def security_group(region: str, group_id: str) -> str | None:
    """A security group."""
    return _vpc(region, f"SecurityGroup:groupId={quote(group_id, safe='')}")


def network_acl(region: str, acl_id: str) -> str | None:
    """A network ACL."""
    return _vpc(region, f"NetworkAclDetails:networkAclId={quote(acl_id, safe='')}")


def nat_gateway(region: str, nat_gateway_id: str) -> str | None:
    """A NAT gateway."""
    return _vpc(region, f"NatGatewayDetails:natGatewayId={quote(nat_gateway_id, safe='')}")


def vpc(region: str, vpc_id: str) -> str | None:
    """A VPC."""
    return _vpc(region, f"VpcDetails:VpcId={quote(vpc_id, safe='')}")


def runbook(region: str, name: str) -> str | None:
    """The page on which a runbook of Systems Manager is started."""
    return _link(
        region,
        f"/systems-manager/automation/execute/{quote(name, safe='')}?region={quote(region, safe='')}",
    )


def instance(region: str, instance_id: str) -> str | None:
    """An EC2 instance."""
    return _link(
        region,
        f"/ec2/home?region={quote(region, safe='')}#InstanceDetails:instanceId={quote(instance_id, safe='')}",
    )


def secret(region: str, name: str) -> str | None:
    """A Secrets Manager secret."""
    return _link(
        region, f"/secretsmanager/secret?name={quote(name, safe='')}&region={quote(region, safe='')}"
    )


def bucket(region: str, name: str) -> str | None:
    """An S3 bucket: its permissions."""
    return _link(
        region, f"/s3/buckets/{quote(name, safe='')}?region={quote(region, safe='')}&tab=permissions"
    )


def kms_key(region: str, key_id: str) -> str | None:
    """A KMS key."""
    return _link(region, f"/kms/home?region={quote(region, safe='')}#/kms/keys/{quote(key_id, safe='')}")


_BY_PREFIX = {
    "subnet-": subnet,
    "rtb-": route_table,
    "sg-": security_group,
    "acl-": network_acl,
    "nat-": nat_gateway,
    "vpce-": vpc_endpoint,
    "vpc-": vpc,
    "i-": instance,
}


def of_resource(region: str, resource: str) -> str | None:
    """The page of an EC2 resource by its id, `None` for an id of another kind."""
    for prefix, link in _BY_PREFIX.items():
        if resource.startswith(prefix):
            return link(region, resource)
    return None


_PAGES = (
    ("#EndpointDetails:", "endpoint"),
    ("#Endpoints:", "endpoints"),
    ("#SubnetDetails:", "subnet"),
    ("#RouteTableDetails:", "route table"),
    ("#SecurityGroup:", "security group"),
    ("#NetworkAclDetails:", "network ACL"),
    ("#NatGatewayDetails:", "NAT gateway"),
    ("#VpcDetails:", "VPC"),
    ("#InstanceDetails:", "instance"),
    ("#/roles/details/", "role"),
    ("#/kms/keys/", "key"),
    ("/ecs/v2/task-definitions/", "task definition"),
    ("/ecs/v2/clusters/", "task"),
    ("/ecr/private-registry/pull-through-cache", "cache rules"),
    ("/ecr/private-registry/repositories", "repositories"),
    ("/ecr/repositories/", "repository"),
    ("/secretsmanager/secret", "secret"),
    ("/s3/buckets/", "bucket"),
    ("/systems-manager/automation/", "runbook"),
)
"""What the pages of the functions above are about, by a part of their address."""


def opens(url: str) -> str:
    """What a page shows, in the words that stand behind "Open"."""
    return next((name for part, name in _PAGES if part in url), "console")
