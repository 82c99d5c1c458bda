"""Reports for the tests of what Slack shows: one for each outcome, made by hand so that every part of a view is used.

They are not what the checks say of any world; what they hold in ids and sentences is like it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from diagnostics.finding import (
    Cause,
    Change,
    Evidence,
    Finding,
    Fix,
    Impact,
    LegSummary,
    NetworkSummary,
    PulledBy,
    Report,
    SecondOpinion,
    SnapshotSummary,
    Status,
    SymptomSummary,
    TaskContainer,
    TaskSummary,
    UnavailableSummary,
    Verdict,
)
from diagnostics.snapshot import Reason, Why
from diagnostics.target import Target, parse
from tests.build.names import ACCOUNT, CLUSTER, IMAGE, REGION, ROLE_ARN, TASK_ARN

TARGET: Target = parse(TASK_ARN)
SUBNET_A, SUBNET_B = "subnet-0a1b2c3d4e5f60718", "subnet-0b1b2c3d4e5f60718"
TABLE = "rtb-0a1b2c3d4e5f60718"
TIMEOUT = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon "
    "ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. RequestError: "
    'send request failed caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp 52.46.132.109:443: i/o timeout'
)
"""The text of a task that could not log in."""
NOT_FOUND = f"CannotPullContainerError: failed to resolve ref {IMAGE}: {IMAGE}: not found"


def task(**changes: Any) -> TaskSummary:
    """A stopped Fargate task of a service."""
    values: dict[str, Any] = {
        "arn": TASK_ARN,
        "cluster": CLUSTER,
        "account_id": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "service": "payments-api",
        "launch_type": "FARGATE",
        "platform_version": "1.4.0",
        "last_status": "STOPPED",
        "stop_code": "TaskFailedToStart",
        "stopped_reason": TIMEOUT,
        "stopped_at": datetime(2026, 11, 24, 9, 14, 40, tzinfo=UTC),
        "containers": (TaskContainer(name="app", image=IMAGE, reason=None),),
        "source": "live",
    }
    return TaskSummary(**{**values, **changes})


SECOND_OPINION = SecondOpinion(
    text="AWS's own runbook tests the connections from the task's subnet. It wants the newest task that failed of the service.",
    cli=(
        "aws ssm start-automation-execution --document-name AWSSupport-TroubleshootECSTaskFailedToStart "
        f"""--parameters '{{"ClusterName":["prod"],"TaskId":["{TASK_ARN.rpartition("/")[2]}"]}}' --region {REGION}"""
    ),
    console_url=f"https://{REGION}.console.aws.amazon.com/systems-manager/automation/execute/AWSSupport-TroubleshootECSTaskFailedToStart?region={REGION}",
    source="https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-troubleshootecstaskfailedtostart.html",
)


def report(outcome: Any, headline: str, **changes: Any) -> Report:
    """A report with nothing in it but its outcome and what is given."""
    symptoms = changes.pop("symptoms", ())
    caveats = changes.pop("caveats", ())
    values: dict[str, Any] = {
        "task": task(),
        "pulled_by": PulledBy(
            principal=ROLE_ARN, principal_kind="execution_role", interface=None, subnet=SUBNET_A
        ),
        "verdict": Verdict(outcome=outcome, headline=headline, symptoms=symptoms, caveats=caveats),
        "causes": (),
        "findings": (),
        "network": NetworkSummary(legs=()),
        "unavailable": (),
        "impact": Impact(
            desired=3,
            running=0,
            pending=1,
            headline="0 of 3 tasks running, 1 pending",
            notes=(
                "2 tasks of payments-api:17 failed in a row, in the deployment of 2026-11-24 09:02 UTC",
                "The deployment circuit breaker rolls the service back to its last completed deployment after 3 tasks that fail",
            ),
            failed_tasks=2,
            deployment="ecs-svc/0123456789012345678",
            deployed_at=datetime(2026, 11, 24, 9, 2, tzinfo=UTC),
        ),
        "changes": None,
        "second_opinion": SECOND_OPINION,
        "snapshot": SnapshotSummary(
            taken_at=datetime(2026, 11, 24, 9, 15, 2, tzinfo=UTC), seconds=1.24, api_calls=34, depth=5
        ),
    }
    return Report(**{**values, **changes})


def finding(fault: str, status: Status, summary: str, **more: Any) -> Finding:
    """A finding of some check."""
    return Finding(check="network.leg", fault=fault, status=status, stage="login", summary=summary, **more)


def no_route() -> Cause:
    """The subnet has no way out, with every part of a fix."""
    return Cause(
        id="route-no-egress",
        role="cause",
        certainty="confirmed",
        containers=("app",),
        subnets=(SUBNET_A,),
        resources=(SUBNET_A, TABLE),
        summary=f"Route table {TABLE} of subnet {SUBNET_A} has no route to the internet, and the VPC has no ECR endpoint.",
        evidence=(
            Evidence(what=f"{TABLE} has one route: 10.0.0.0/16 to local", source="ec2:DescribeRouteTables"),
            Evidence(
                what="the VPC has no endpoint for ecr.api or ecr.dkr", source="ec2:DescribeVpcEndpoints"
            ),
            Evidence(what="dial tcp 52.46.132.109:443: i/o timeout", source="error text"),
        ),
        fix=Fix(
            title="a route through the NAT gateway that is there",
            warning=f"{SUBNET_A} gains a way to the internet: ask who isolated it if that was on purpose.",
            text=f"Route what leaves {SUBNET_A} through NAT gateway nat-0a1b2c3d4e5f60718 of the same VPC.",
            cli=f"aws ec2 create-route --region {REGION} --route-table-id {TABLE} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-0a1b2c3d4e5f60718",
            verify=f"aws ec2 describe-route-tables --region {REGION} --route-table-ids {TABLE} --query 'RouteTables[].Routes[?DestinationCidrBlock==`0.0.0.0/0`].State' --output text",
            expect="active",
            undo=f"aws ec2 delete-route --region {REGION} --route-table-id {TABLE} --destination-cidr-block 0.0.0.0/0",
            terraform=f'resource "aws_route" "egress" {{\n  route_table_id         = "{TABLE}"\n  destination_cidr_block = "0.0.0.0/0"\n  nat_gateway_id         = "nat-0a1b2c3d4e5f60718"\n}}',
            cloudformation=f"Egress:\n  Type: AWS::EC2::Route\n  Properties:\n    RouteTableId: {TABLE}\n    DestinationCidrBlock: 0.0.0.0/0\n    NatGatewayId: nat-0a1b2c3d4e5f60718",
            then="ECS starts the next task by itself, within minutes.",
        ),
        alternatives=(
            Fix(
                title="endpoints for ECR and S3",
                text=f"The pull then stays inside the VPC, and {SUBNET_A} stays isolated.",
                cli=f"aws ec2 create-vpc-endpoint --region {REGION} --vpc-id vpc-0a1b2c3d4e5f60718 --service-name com.amazonaws.{REGION}.ecr.api --vpc-endpoint-type Interface --subnet-ids {SUBNET_A}",
                verify=f"aws ec2 describe-vpc-endpoints --region {REGION} --filters Name=service-name,Values=com.amazonaws.{REGION}.ecr.api --query 'VpcEndpoints[].State' --output text",
                expect="available",
                undo_note="Delete the endpoints that the command made; it prints their ids.",
                terraform=f'resource "aws_vpc_endpoint" "ecr_api" {{\n  service_name = "com.amazonaws.{REGION}.ecr.api"\n}}',
            ),
        ),
        console_url=f"https://{REGION}.console.aws.amazon.com/vpcconsole/home?region={REGION}#RouteTableDetails:RouteTableId={TABLE}",
        why_ranked="The pull stopped at the login stage, and nothing that leaves this subnet reaches the login host.",
        short="its subnet has no way to ECR",
    )


def missing_tag(role: Any = "next") -> Cause:
    """The tag does not exist."""
    return Cause(
        id="tag-not-found",
        role=role,
        certainty="confirmed",
        containers=("app",),
        subnets=(),
        resources=(IMAGE,),
        summary="Repository payments-api has no tag 1.4.2; the nearest are 1.4.1 and 1.4.0.",
        evidence=(Evidence(what="no image has the tag 1.4.2", source="ecr:DescribeImages"),),
        fix=Fix(text="Push the tag 1.4.2, or name 1.4.1 in the task definition."),
        console_url=None,
        why_ranked="The manifest is asked for after the login.",
        short="its image's tag does not exist",
    )


def legs() -> NetworkSummary:
    """Two subnets, one of which has no way out."""
    blocked = (
        "network interface eni-0a1b2c3d4e5f60718: in " + SUBNET_A,
        "security group sg-0a1b2c3d4e5f60718: lets 443 out to 0.0.0.0/0",
        f"route table {TABLE}: no route for 52.46.132.109",
    )
    hosts = (
        ("login", "api.ecr.us-east-1.amazonaws.com"),
        ("manifest", f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"),
        ("layers", "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com"),
    )
    made = [
        LegSummary(name=name, host=host, subnet=SUBNET_A, disposition="blocked", hops=blocked)
        for name, host in hosts
    ]
    made += [
        LegSummary(
            name=name,
            host=host,
            subnet=SUBNET_B,
            disposition="insufficient_information" if name == "layers" else "reachable",
            hops=("route table rtb-0b1b2c3d4e5f60718: to nat-0a1b2c3d4e5f60718",),
        )
        for name, host in hosts
    ]
    return NetworkSummary(legs=tuple(made))


def cause_found(**changes: Any) -> Report:
    """A cause, one that comes after it, and everything around them."""
    passed = [
        finding(f"fault-{number}", Status.PASS, f"Condition {number} of the path holds")
        for number in range(9)
    ]
    values: dict[str, Any] = {
        "symptoms": (SymptomSummary(id="ecr-auth-timeout", stage="login", container=None, text=TIMEOUT),),
        "caveats": ("A service control policy or a DNS firewall cannot be read from a workload account.",),
        "causes": (no_route(), missing_tag()),
        "findings": (finding("route-no-egress", Status.FAIL, "no route"), *passed),
        "network": legs(),
        "unavailable": (
            UnavailableSummary(
                call="ec2:DescribeNetworkAcls",
                why="denied",
                resource="vpc-0a1b2c3d4e5f60718",
                needed_by=("nacl-egress-blocked", "nacl-ephemeral-return-blocked"),
            ),
        ),
    }
    headline = f"payments-api could not pull its image: nothing that leaves {SUBNET_A} reaches Amazon ECR."
    return report("cause_found", headline, **{**values, **changes})


def cause_at(*resources: str) -> Report:
    """One cause, at these resources."""
    return cause_found(causes=(no_route().model_copy(update={"resources": resources}),))


def sharing(report: Report, **shared: Any) -> Report:
    """A report whose run took answers from others, or was held back: members of its snapshot's summary."""
    return report.model_copy(update={"snapshot": report.snapshot.model_copy(update=shared)})


def undecided() -> Report:
    """Nothing is proven, because two things could not be read."""
    return report(
        "undecided",
        "payments-api could not pull its image, and what could be read does not settle why.",
        symptoms=(SymptomSummary(id="ecr-auth-timeout", stage="login", container=None, text=TIMEOUT),),
        findings=(
            finding("sg-egress-blocked", Status.UNKNOWN, "Not known", reason="ec2:DescribeSecurityGroups could not be read: denied"),
            finding("route-no-egress", Status.PASS, "The subnet has a way out"),
        ),
        unavailable=(
            UnavailableSummary(call="ec2:DescribeSecurityGroups", why="denied", resource="sg-0a1b2c3d4e5f60718", needed_by=("sg-egress-blocked",)),
        ),
    )  # fmt: skip


def nothing_wrong(**changes: Any) -> Report:
    """Everything passes."""
    return report(
        "nothing_wrong",
        "Nothing would stop a pull of payments-api now.",
        **{"findings": (finding("route-no-egress", Status.PASS, "The subnet has a way out"),), **changes},
    )


def has_pulled(**changes: Any) -> Report:
    """The newest task of the service runs, after one whose pull failed; not everything could be read."""
    return report(
        "undecided",
        "Nothing that could be read would stop a pull of payments-api now, but 1 check could not be decided.",
        **{"task": newest_task("RUNNING"), "recovered": True, "changes": (), **changes},
    )


def starting(status: str = "PENDING", **changes: Any) -> Report:
    """The newest task of the service is there, and has not pulled yet."""
    return nothing_wrong(**{"task": newest_task(status), "changes": (), **changes})


def unread() -> Report:
    """The newest task of the service could not be read."""
    reason = Reason(why=Why.DENIED)
    return report(
        "undecided",
        "What stopped payments-api is not known: the task could not be read.",
        task=task(arn=None, last_status=None, stop_code=None, stopped_reason=None, stopped_at=None, source="none"),
        unavailable=(
            UnavailableSummary(call="ecs:ListTasks", why=str(reason), reason=reason, resource="payments-api", needed_by=()),
        ),
        changes=(),
    )  # fmt: skip


def newest_task(status: str, stop_code: str | None = None) -> TaskSummary:
    """Another task of the service, whose pull did not fail."""
    return task(
        arn=TASK_ARN[:-4] + "ffff", last_status=status, stop_code=stop_code, stopped_reason=None, stopped_at=None
    )  # fmt: skip


def not_a_pull_failure() -> Report:
    """The program of the container ended."""
    text = "Essential container in task exited"
    return report(
        "not_a_pull_failure",
        "payments-api pulled its image; its container then exited with status 1.",
        task=task(stopped_reason=text, stop_code="EssentialContainerExited"),
    )


def task_gone() -> Report:
    """ECS does not describe the task any more, and nothing else tells."""
    return report(
        "task_gone",
        "ECS no longer describes this task, and no service tells of it.",
        task=task(service=None, launch_type=None, last_status=None, stopped_at=None, source="none", containers=()),
        impact=None,
    )  # fmt: skip


def after_fix() -> Report:
    """The same task after its route was repaired: the tag is what stops it now."""
    return cause_found(
        causes=(missing_tag("cause"),),
        network=NetworkSummary(legs=()),
        unavailable=(),
        changes=(
            Change(fault="route-no-egress", was=Status.FAIL, is_=Status.PASS, resources=(SUBNET_A, TABLE)),
            Change(fault="tag-not-found", was=Status.FAIL, is_=Status.FAIL, resources=(IMAGE,)),
            Change(fault="role-missing", was=Status.PASS, is_=Status.FAIL, resources=(ROLE_ARN,)),
        ),
    )
