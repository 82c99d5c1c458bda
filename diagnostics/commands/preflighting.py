"""`preflight TASK_DEFINITION`: would the pull of a task that nobody has started work?"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from diagnostics.arn import partition_of_region
from diagnostics.commands.answering import WRONG_INPUT, failing
from diagnostics.commands.documents import DocumentError, NamedDefinition, named_definition
from diagnostics.commands.options import Parser, add_reading_options, wide
from diagnostics.commands.program import PROGRAM
from diagnostics.commands.running import answer
from diagnostics.snapshot import AwsvpcConfiguration, PlannedTask
from diagnostics.target import REGION, Target

_PROG = f"{PROGRAM} preflight"
_EPILOG = f"""\
examples:
  {_PROG} payments-api:8 --cluster payments --service payments-api
  {_PROG} taskdef.json --cluster payments --service payments-api --format github
  ecspresso render taskdef | {_PROG} - --cluster payments --service payments-api
  {_PROG} report:3 --cluster batch --subnets subnet-0aa1 subnet-0bb2 --security-groups sg-0cc3
  {_PROG} report:3 --cluster batch --launch-type EC2

A task definition that is not registered is read from a file with the JSON of RegisterTaskDefinition, whose name has a dot or a
slash, or from standard input (-). The exit status is that of a diagnosis.
"""

_NAME = r"[A-Za-z0-9_-]{1,255}"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html (clusterName)"""
_CLUSTER_ARN = re.compile(
    rf"arn:(?P<partition>aws[a-z-]{{0,30}}):ecs:(?P<region>{REGION}):(?P<account>[0-9]{{12}}):cluster/(?P<cluster>{_NAME})"
)
_SERVICE_ARN = re.compile(
    rf"arn:(?P<partition>aws[a-z-]{{0,30}}):ecs:(?P<region>{REGION}):(?P<account>[0-9]{{12}}):service/(?:(?P<cluster>{_NAME})/)?(?P<service>{_NAME})"
)
_SUBNET = re.compile(r"subnet-[0-9A-Za-z-]{1,40}")
_GROUP = re.compile(r"sg-[0-9A-Za-z-]{1,40}")
_OF_FARGATE = ("FARGATE", "FARGATE_SPOT")
_NETWORK_EXAMPLE = "--subnets subnet-0aa1 subnet-0bb2 --security-groups sg-0cc3"


class UsageError(ValueError):
    """Options that do not go together; the message is one sentence with an example."""


def parser() -> Parser:
    """The words of the command."""
    made = Parser(
        prog=_PROG,
        description="Says if the pull of a task would work before the task starts, and what to do about it. Reads only.",
        epilog=_EPILOG,
        formatter_class=wide,
    )
    made.add_argument(
        "task_definition",
        metavar="TASK_DEFINITION",
        help="family[:revision], an ARN, a file with the JSON of RegisterTaskDefinition, or - for standard input",
    )
    made.add_argument("--cluster", help="the cluster's name or ARN")
    made.add_argument("--service", help="the service (name or ARN) whose network and capacity it would have")
    made.add_argument(
        "--subnets",
        nargs="+",
        metavar="SUBNET",
        help="the subnets of a task on Fargate, in place of a service",
    )
    made.add_argument(
        "--security-groups", nargs="+", metavar="GROUP", help="the security groups of such a task"
    )
    made.add_argument(
        "--assign-public-ip", dest="public", action="store_true", help="such a task gets a public address"
    )
    made.add_argument(
        "--launch-type",
        choices=("FARGATE", "EC2"),
        help="EC2: on the container instances of the cluster that would take it, in place of a service",
    )
    made.add_argument("--capacity-provider", metavar="NAME", help="only on what this capacity provider gives")
    add_reading_options(made)
    return made


def command(words: Sequence[str]) -> int:
    """Judge a task that nobody has started; the exit status."""
    options = parser().parse_args(words)
    fail = failing(options.format)
    try:
        definition = named_definition(options.task_definition)
        target = target_of(options, definition)
        planned = plan_of(options, definition)
    except (DocumentError, UsageError) as error:
        return fail("bad_input", str(error), WRONG_INPUT)
    return answer(options, fail, target, planned=planned)


# --- what is meant -----------------------------------------------------------------------------------


def target_of(options: argparse.Namespace, definition: NamedDefinition) -> Target:
    """The place: what the ARNs say must agree."""
    told: dict[str, tuple[str, str]] = {}

    def tell(where: str, **values: str | None) -> None:
        for name, value in values.items():
            if value is None:
                continue
            before = told.setdefault(name, (value, where))
            if before[0] != value:
                what = {"account_id": "account", "region": "Region"}.get(name, name)
                raise UsageError(
                    f"{before[1]} is of {what} {before[0]} and {where} of {value}; give what belongs together."
                )

    tell(
        "The task definition",
        partition=definition.partition,
        region=definition.region,
        account_id=definition.account_id,
    )
    if definition.region is not None and definition.partition != partition_of_region(definition.region):
        raise UsageError(
            f"Region {definition.region} is of partition {partition_of_region(definition.region)}, and the ARN of the task definition says "
            f"{definition.partition}; give it as ECS prints it, for example arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7."
        )
    if options.cluster is not None:
        arn = _CLUSTER_ARN.fullmatch(options.cluster)
        if arn is None and not re.fullmatch(_NAME, options.cluster):
            raise UsageError(
                f"--cluster takes the name or the ARN of a cluster, for example payments; got {options.cluster[:80]!r}."
            )
        tell("--cluster", cluster=arn["cluster"] if arn else options.cluster)
        if arn is not None:
            tell("--cluster", partition=arn["partition"], region=arn["region"], account_id=arn["account"])
    if options.service is not None:
        arn = _SERVICE_ARN.fullmatch(options.service)
        if arn is None and not re.fullmatch(_NAME, options.service):
            raise UsageError(
                f"--service takes the name or the ARN of a service, for example payments-api; got {options.service[:80]!r}."
            )
        tell("--service", service=arn["service"] if arn else options.service)
        if arn is not None:
            tell("--service", partition=arn["partition"], region=arn["region"], account_id=arn["account"])
            tell("--service", cluster=arn["cluster"])
    if "cluster" not in told:
        raise UsageError("Which cluster? Give it with --cluster, for example --cluster payments.")
    return Target(
        kind="preflight",
        task_definition=definition.name,
        **{name: value for name, (value, _) in told.items()},
    )


def plan_of(options: argparse.Namespace, definition: NamedDefinition) -> PlannedTask:
    """Where it would run: as a service, by subnets on Fargate, or on container instances; one of these."""
    plan = PlannedTask(document=definition.document, reads_manifests=True)
    network = [
        name
        for name, value in (
            ("--subnets", options.subnets),
            ("--security-groups", options.security_groups),
            ("--assign-public-ip", options.public),
        )
        if value
    ]
    capacity = [
        name
        for name, value in (
            ("--launch-type", options.launch_type),
            ("--capacity-provider", options.capacity_provider),
        )
        if value
    ]
    if options.service is not None:
        if network or capacity:
            raise UsageError(
                f"--service tells where the task runs, so leave {' and '.join((*network, *capacity))} out, "
                "for example: --cluster payments --service payments-api."
            )
        return plan
    on_fargate = options.launch_type == "FARGATE" or options.capacity_provider in _OF_FARGATE
    provider = options.capacity_provider
    if len(capacity) == 2 and (options.launch_type == "FARGATE") is not (provider in _OF_FARGATE):
        raise UsageError(
            f"Capacity provider {provider} does not give {options.launch_type}; leave --launch-type out, "
            "for example: --capacity-provider my-instances."
        )
    if capacity and not on_fargate:
        if network:
            raise UsageError(
                f"On a container instance the instance pulls, whatever network the task has, so leave {' and '.join(network)} out, "
                "for example: --cluster batch --launch-type EC2."
            )
        return plan.model_copy(
            update={
                "launch_type": "EC2" if options.launch_type else None,
                "capacity_provider": options.capacity_provider,
            }
        )
    if not network and not on_fargate:
        raise UsageError(
            f"Say where it would run: --service payments-api, {_NETWORK_EXAMPLE}, or --launch-type EC2."
        )
    return plan.model_copy(update={"launch_type": "FARGATE", "network": _network(options)})


def _network(options: argparse.Namespace) -> AwsvpcConfiguration:
    if not options.subnets or not options.security_groups:
        missing = "--security-groups" if options.subnets else "--subnets"
        raise UsageError(f"A task on Fargate needs {missing} too, for example: {_NETWORK_EXAMPLE}.")
    return AwsvpcConfiguration.model_validate(
        {
            "subnets": _ids(options.subnets, _SUBNET, "--subnets", "subnet-0aa1"),
            "securityGroups": _ids(options.security_groups, _GROUP, "--security-groups", "sg-0cc3"),
            "assignPublicIp": "ENABLED" if options.public else "DISABLED",
        }
    )


def _ids(given: Sequence[str], form: re.Pattern[str], option: str, example: str) -> tuple[str, ...]:
    """Ids with spaces or commas between them, as the AWS CLI and pipelines write them."""
    ids = tuple(dict.fromkeys(name for text in given for name in text.replace(",", " ").split()))
    wrong = next((name for name in ids if not form.fullmatch(name)), None)
    if wrong is not None or not ids:
        raise UsageError(f"{option} takes ids such as {example}; got {(wrong or '')[:80]!r}.")
    return ids
