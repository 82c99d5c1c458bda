"""The faults of the network path, as data: what is healthy, why the pull fails without it, and how to fix it."""

from __future__ import annotations

from typing import Literal

from diagnostics.faults.texts import NO_ANSWER
from diagnostics.finding import Explains, Fault, Over
from diagnostics.network import faults as ids
from diagnostics.stop_reason import SymptomId

ECR_ENDPOINTS = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
CONNECTIVITY = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/verify-connectivity.html"
FARGATE_NETWORKING = (
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html"
)
ROUTE_PRIORITY = "https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html"
NAT_TROUBLE = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"
NAT_BASICS = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"
NAT_INSTANCES = "https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html"
GROUP_RULES = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
NETWORK_ACLS = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html"
BLOCK_PUBLIC_ACCESS = "https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html"
S3_GATEWAY = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html"
PRIVATE_DNS = "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"
ENDPOINT_STATES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html"
VPC_DNS = "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html"
DHCP_OPTIONS = "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html"
SECRETS_ENDPOINTS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html"
ECR_IPV6 = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html"
INSPECTION = "https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config.html"


def _fault(
    id: str,
    title: str,
    why: str,
    how: str,
    source: str,
    *,
    kind: Literal["network", "dns"] = "network",
    text_only: bool = False,
    also: tuple[SymptomId, ...] = (),
    over: tuple[Over, ...] = ("internet",),
) -> Fault:
    """A fault of the way. Each may show as no answer; `also` are further texts, `over` the ways that it stops."""
    explains = Explains(symptoms=(*NO_ANSWER, *also), over=over)
    return Fault(
        id=id, kind=kind, title=title, why=why, how=how, source=source, explains=explains, text_only=text_only
    )


ROUTES = (
    _fault(
        ids.ROUTE_NO_EGRESS,
        "The pulling subnet has a way to ECR",
        "The subnet's route table has no route that leads out of the VPC, and the VPC has no ECR endpoint either. "
        "Packets to ECR are dropped at the route table, so the pull waits until it times out.",
        "Give the route table a default route to a NAT gateway in a public subnet, or create the endpoints that a pull "
        "needs: ecr.api, ecr.dkr and S3. A task in a public subnet needs a route to the internet gateway and a public "
        "address instead.",
        FARGATE_NETWORKING,
    ),
    _fault(
        ids.ROUTE_BLACKHOLE,
        "The route that the leg takes leads to something that exists",
        "The route is still in the table, but its target is gone: the NAT gateway was deleted or the internet gateway "
        "was detached. AWS marks such a route as a blackhole and drops every packet that matches it.",
        "Point the route at a target that works (replace-route), or attach the internet gateway again. The route does "
        "not heal by itself when a new NAT gateway is created, because that has a new id.",
        ROUTE_PRIORITY,
    ),
    _fault(
        ids.NAT_UNUSABLE,
        "The NAT gateway on the route is available and public",
        "The default route names a NAT gateway that cannot carry traffic to the internet: it failed, is still being "
        "created, is being deleted, or is a private NAT gateway, which only translates between private networks.",
        "Point the route at an available public NAT gateway, or create one in a public subnet. A pending one only "
        "needs a few minutes.",
        NAT_TROUBLE,
    ),
    _fault(
        ids.NAT_NO_IGW,
        "The NAT gateway stands in a subnet that reaches the internet gateway",
        "A NAT gateway sends what it translates through the route table of its own subnet. That table has no route to "
        "an internet gateway, so the NAT gateway itself cannot get out. The usual mistake is a NAT gateway that was "
        "created in a private subnet.",
        "Give the NAT gateway's subnet a route table of its own with 0.0.0.0/0 to the internet gateway, or move the "
        "default route of the tasks' subnet to a NAT gateway that stands in a public subnet.",
        NAT_BASICS,
    ),
    _fault(
        ids.NAT_INSTANCE,
        "The NAT instance on the route runs and may forward",
        "The default route names an instance that should translate addresses. It does not run, or its source/destination "
        "check is on, so that EC2 drops every packet that is not addressed to the instance itself.",
        "Start the instance, turn its source/destination check off, or send the default route to a NAT gateway.",
        NAT_INSTANCES,
    ),
    _fault(
        ids.NO_PUBLIC_IP,
        "What pulls through an internet gateway has a public address",
        "The subnet's default route leads to an internet gateway, and an internet gateway only carries packets of "
        "interfaces that have a public IPv4 address. The interface that pulls has none. On Fargate assignPublicIp of "
        "the service or task decides, not the subnet's own setting; on EC2 it is the instance's address.",
        "Set assignPublicIp to ENABLED, or move the tasks to a private subnet whose route table leads to a NAT gateway. "
        "An EC2 instance needs an Elastic IP address or a private subnet with a NAT gateway.",
        FARGATE_NETWORKING,
    ),
    _fault(
        ids.BLOCK_PUBLIC_ACCESS,
        "VPC Block Public Access lets the pull out",
        "VPC Block Public Access is on for the account in this Region. It overrides route tables, security groups and "
        "network ACLs and drops what passes an internet gateway. The mode block-bidirectional drops everything; "
        "block-ingress still lets out what goes through NAT gateways and egress-only internet gateways.",
        "Create an exclusion for the VPC or subnet (it takes a few minutes), or let the pull go through VPC endpoints, "
        "which the setting does not touch. If the setting comes from a declarative policy of the organization, its "
        "owners must allow the exclusion.",
        BLOCK_PUBLIC_ACCESS,
    ),
    _fault(
        ids.FIREWALL,
        "No firewall on the route interferes with the pull",
        "The default route leads through a firewall or appliance. The error text shows what such a device does: it "
        "presents a certificate of its own, breaks the TLS handshake or resets the connection. AWS's API cannot show "
        "the device's rules, so this is never more than likely.",
        "Exempt ECR and S3 from TLS inspection and allow their names on 443, or create VPC endpoints for ecr.api, "
        "ecr.dkr and S3: traffic to an endpoint does not take the default route.",
        INSPECTION,
        text_only=True,
        also=(SymptomId.TLS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET),
        over=("endpoint", "internet"),
    ),
)
FILTERS = (
    _fault(
        ids.SG_EGRESS,
        "The pulling security group lets 443 out",
        "No outbound rule of the security groups of the interface that pulls matches TCP 443 to the address of this "
        "leg. A security group without a matching rule drops the packet; a group made with Terraform has no outbound "
        "rules unless they are written down.",
        "Add one outbound rule for TCP 443: to the endpoint's security group where the leg goes to an interface "
        "endpoint, to the S3 prefix list for S3, to 0.0.0.0/0 only where the leg leaves to the internet.",
        GROUP_RULES,
        over=("endpoint", "internet"),
    ),
    _fault(
        ids.SG_EGRESS_S3,
        "The pulling security group lets 443 out to S3",
        "ECR hands out image layers from S3. The security group lets the pull reach ECR's endpoints, but no outbound "
        "rule covers S3's addresses, so log-in and manifest work and the layers time out. An S3 gateway endpoint keeps "
        "S3's public addresses: a rule for the VPC's own range does not cover them.",
        "Add one outbound rule for TCP 443 to the Region's S3 prefix list.",
        S3_GATEWAY,
    ),
    _fault(
        ids.NACL_OUT,
        "The network ACLs on the path let the request through on 443",
        "A network ACL of a subnet on the path denies the request: out of the pulling subnet on TCP 443, or into the "
        "subnet of the endpoint or NAT gateway. Network ACLs are read in the order of their rule numbers, and the "
        "first match decides.",
        "Add an entry that allows TCP 443, with a rule number lower than the entry that denies.",
        NETWORK_ACLS,
        over=("endpoint", "internet"),
    ),
    _fault(
        ids.NACL_BACK,
        "The network ACLs on the path let the answers back in",
        "Network ACLs are stateless: the answer to a request needs a rule of its own. It comes back to an ephemeral "
        "port between 1024 and 65535 (Linux uses 32768 to 60999, Windows 49152 to 65535), and a network ACL on the "
        "path denies all or some of them. Where some are open, only some connections work.",
        "Add an entry that allows TCP 1024-65535 in that direction, with a rule number lower than the entry that "
        "denies.",
        NETWORK_ACLS,
        also=(SymptomId.TLS_FAILURE,),
        over=("endpoint", "internet"),
    ),
    _fault(
        ids.ENDPOINT_SG,
        "The endpoint's security group admits the task on 443",
        "The name of the service leads to an interface endpoint in the VPC, and the security group of that endpoint "
        "has no inbound rule for TCP 443 from the interface that pulls. With private DNS the endpoint takes the "
        "traffic of the whole VPC, also of subnets that have a NAT gateway.",
        "Add one inbound rule for TCP 443 to the endpoint's security group, from the security group that pulls.",
        ECR_ENDPOINTS,
        over=("endpoint",),
    ),
)


def _missing(id: str, needs: str, service: str, source: str) -> Fault:
    gateway = id == ids.MISSING_S3
    return _fault(
        id,
        f"The VPC has the {service} endpoint, or another way to that service",
        f"{needs} The VPC reaches other services through endpoints, has none for {service}, and the subnet has no "
        "other way out, so the connection times out.",
        f"Create the {service} {'gateway' if gateway else 'interface'} endpoint"
        + (
            " on the route table of the pulling subnet (gateway endpoints cost nothing)."
            if gateway
            else " with private DNS, in the subnets of the tasks, with a security group that admits them on 443."
        ),
        source,
    )


ENDPOINTS = (
    _missing(
        ids.MISSING_ECR_API, "The log-in (GetAuthorizationToken) goes to ecr.api.", "ecr.api", ECR_ENDPOINTS
    ),
    _missing(ids.MISSING_ECR_DKR, "The image manifest comes from ecr.dkr.", "ecr.dkr", ECR_ENDPOINTS),
    _missing(
        ids.MISSING_S3, "The image layers come from S3, not from ECR's own endpoints.", "S3", ECR_ENDPOINTS
    ),
    _missing(
        ids.MISSING_SECRETSMANAGER,
        "The task reads a secret from Secrets Manager before its image is pulled.",
        "secretsmanager",
        SECRETS_ENDPOINTS,
    ),
    _missing(
        ids.MISSING_SSM,
        "The task reads a parameter from Systems Manager before its image is pulled.",
        "ssm",
        SECRETS_ENDPOINTS,
    ),
    _missing(
        ids.MISSING_LOGS,
        "The awslogs driver opens a CloudWatch Logs stream when the container starts, right after the pull.",
        "logs",
        SECRETS_ENDPOINTS,
    ),
    _fault(
        ids.S3_NOT_ON_TABLE,
        "The S3 gateway endpoint is on the pulling subnet's route table",
        "The VPC has an S3 gateway endpoint, but a gateway endpoint serves only the route tables that it is associated "
        "with. The pulling subnet uses another table, so the layers have no way out.",
        "Associate the endpoint with the subnet's route table; AWS then adds the route to the S3 prefix list itself.",
        S3_GATEWAY,
    ),
    _fault(
        ids.PRIVATE_DNS_OFF,
        "The endpoint that the leg depends on has private DNS",
        "The interface endpoint exists, but with private DNS off the service's ordinary name still leads to public "
        "addresses, and the subnet has no way to those. ECS always uses the ordinary names.",
        "Turn private DNS on for the endpoint. Both VPC attributes enableDnsSupport and enableDnsHostnames must be on.",
        PRIVATE_DNS,
    ),
    _fault(
        ids.ENDPOINT_NOT_AVAILABLE,
        "The endpoint that the leg depends on is available",
        "The endpoint exists but is not in the state available: it is still being created, waits for acceptance, "
        "failed, or is being deleted. Until then it carries no traffic.",
        "Wait if it is pending; otherwise delete it and create it again.",
        ENDPOINT_STATES,
        over=("endpoint", "internet"),
    ),
    _fault(
        ids.IMAGE_REGION,
        "The image's Region can be reached",
        "The image lives in another Region than the task. VPC endpoints serve only their own Region, and the subnet "
        "has no other way out, so neither the registry nor the layer bucket of that Region can be reached.",
        "Copy or replicate the image to the task's Region and name that one in the task definition, or give the subnet "
        "a route to a NAT gateway.",
        ECR_ENDPOINTS,
    ),
    _fault(
        ids.IPV6,
        "Registry name, route and endpoint speak the address family of the subnet",
        "The path only has IPv6, and something on it only has IPv4: the ordinary registry name "
        "(ACCOUNT.dkr.ecr.REGION.amazonaws.com) has no IPv6 address, the route table has no ::/0 route, or the "
        "endpoint is not dual-stack.",
        "Use ECR's dual-stack name (ACCOUNT.dkr-ecr.REGION.on.aws), give the subnet a ::/0 route, make the endpoint "
        "dual-stack, or run the task in a subnet that has IPv4.",
        ECR_IPV6,
        also=(SymptomId.DNS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET),
        over=("endpoint", "internet"),
    ),
)
DNS = (
    _fault(
        ids.VPC_DNS_OFF,
        "DNS resolution and host names are on for the VPC",
        "Without enableDnsSupport the VPC's DNS server does not answer, so no name can be looked up. Without "
        "enableDnsHostnames the private DNS of interface endpoints does not work, and their names lead to public "
        "addresses that the subnet may not reach.",
        "Turn on enableDnsSupport and enableDnsHostnames for the VPC.",
        VPC_DNS,
        kind="dns",
        also=(SymptomId.DNS_FAILURE,),
    ),
    _fault(
        ids.DNS_SERVER,
        "The DNS servers that the VPC hands out answer",
        "The VPC's DHCP options name a DNS server of your own, and every look-up goes there. If it is down, cannot be "
        "reached on port 53 or does not forward names it does not know, the registry's name cannot be resolved. AWS's "
        "API cannot show whether a server answers, so without the error text this stays open.",
        "Bring the server back, open TCP and UDP 53 to it, let it forward to the VPC's own resolver; or give the VPC "
        "DHCP options with AmazonProvidedDNS.",
        DHCP_OPTIONS,
        kind="dns",
        text_only=True,
        also=(SymptomId.DNS_FAILURE,),
        over=(),
    ),
)

NETWORK_FAULTS: tuple[Fault, ...] = (*ROUTES, *FILTERS, *ENDPOINTS, *DNS)
"""Every fault that a trace can show, in the order of a path: routes, filters, endpoints, names."""

BY_ID = {fault.id: fault for fault in NETWORK_FAULTS}
