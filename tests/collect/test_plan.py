"""The plan against answers made by hand: what is asked, and what the answers become."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from diagnostics.collect import calls
from diagnostics.collect.parsing import OwnedVpc
from diagnostics.collect.reading import merged
from diagnostics.report import build
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    BlockDeviceMapping,
    CallerIdentity,
    ContainerInstance,
    EgressOnlyInternetGateway,
    Group,
    ImageDetail,
    Instance,
    KmsKey,
    Known,
    ManagedPolicy,
    NetworkInterface,
    Parameter,
    PrefixList,
    PullThroughCacheRule,
    Repository,
    Role,
    RouteTable,
    Secret,
    SecurityGroup,
    Snapshot,
    Subnet,
    Tag,
    Task,
    TaskDefinition,
    Unavailable,
    Volume,
    VpcEndpoint,
    Why,
)
from tests.build.answers import (
    CLUSTER,
    IMAGE,
    REGISTRY,
    ROLE,
    Answers,
    Replies,
    Reply,
    built,
    definition,
    found,
    known,
    missing,
    replies,
    service,
    task,
)
from tests.build.targets import ACCOUNT, REGION, TASK_ID, service_target, task_target

# --- the account ---------------------------------------------------------------------------------------


def test_credentials_of_another_account_say_nothing_about_the_task() -> None:
    other = known(CallerIdentity(account="999999999999", arn="arn:other"))
    answers = Answers(replies(get_caller_identity=other))
    snapshot = built(task_target(), answers)
    assert isinstance(snapshot.task, Unavailable)
    assert snapshot.task.why == (
        f"the credentials belong to account 999999999999 and the target to account {ACCOUNT}"
    )
    assert snapshot.service == snapshot.task_definition == snapshot.container_instance == snapshot.task
    assert [call.operation for call in answers.asked] == [calls.GET_CALLER_IDENTITY]
    assert snapshot.account_id == ACCOUNT


def test_an_unknown_caller_stops_nothing() -> None:
    snapshot = built(task_target(), Answers(replies(get_caller_identity=Unavailable(why="timed out"))))
    assert isinstance(snapshot.task, Known)
    assert snapshot.caller == Unavailable(why="timed out")


def test_a_service_without_account_is_in_the_caller_s() -> None:
    answers = Answers(replies(list_tasks=known(("arn:1",))))
    snapshot = built(service_target(account=None), answers)
    assert snapshot.account_id == ACCOUNT
    assert answers.of(calls.DESCRIBE_SERVICES) == [{"cluster": "prod", "services": ["shop"]}]


def test_the_cluster_is_asked_for_in_the_account_of_the_task() -> None:
    answers = Answers(replies())
    built(task_target(), answers)
    assert answers.of(calls.DESCRIBE_TASKS) == [{"cluster": CLUSTER, "tasks": [TASK_ID]}]


# --- the task ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (missing(), Absent(call="ecs:DescribeTasks")),
        (found(), Absent(call="ecs:DescribeTasks")),
        (
            missing("INTERNAL"),
            Unavailable(why="ECS answered INTERNAL", call="ecs:DescribeTasks", resource="arn:task"),
        ),
        (Absent(call="ecs:DescribeTasks"), Absent(call="ecs:DescribeTasks")),
        (Unavailable(why="denied"), Unavailable(why="denied")),
    ],
)
def test_a_failure_inside_an_answer_is_a_fact(answer: Any, expected: Any) -> None:
    snapshot = built(task_target(), Answers(replies(describe_tasks=answer)))
    assert snapshot.task == expected
    assert snapshot.source == "none"


def test_a_task_that_is_gone_takes_with_it_what_hangs_on_it() -> None:
    snapshot = built(task_target(), Answers(replies(describe_tasks=missing())))
    for fact in (
        snapshot.task_definition,
        snapshot.service,
        snapshot.container_instance,
        snapshot.task_interface,
    ):
        assert isinstance(fact, Unavailable)
        assert fact.why.startswith("the task is gone")
        assert fact.call == "ecs:DescribeTasks"
    assert snapshot.images == ()
    assert snapshot.roles == {}


def test_what_hangs_on_a_denied_task_is_denied() -> None:
    denied = Unavailable(why="denied", call="ecs:DescribeTasks", resource=TASK_ID)
    snapshot = built(task_target(), Answers(replies(describe_tasks=denied)))
    assert snapshot.task_definition == snapshot.service == snapshot.task_interface == denied


def test_a_task_that_is_gone_is_taken_from_an_earlier_snapshot_and_the_rest_is_read() -> None:
    earlier = Snapshot(target=task_target(), region=REGION, task=known(task()))
    snapshot = built(task_target(), Answers(replies(describe_tasks=missing())), earlier)
    assert snapshot.source == "saved"
    assert snapshot.task == known(task())
    assert isinstance(snapshot.task_definition, Known)
    assert set(snapshot.vpcs) == {"vpc-1"}


@pytest.mark.parametrize("answer", [found(task(stoppedReason="now")), Unavailable(why="denied")])
def test_an_earlier_snapshot_does_not_stand_in_for_a_task_that_is_there_or_denied(answer: Any) -> None:
    earlier = Snapshot(target=task_target(), region=REGION, task=known(task(stoppedReason="then")))
    snapshot = built(task_target(), Answers(replies(describe_tasks=answer)), earlier)
    assert snapshot.source == ("live" if isinstance(answer, Known) else "none")
    assert "then" not in repr(snapshot.task)


def in_clusters(**facts: Any) -> Reply:
    return lambda params: facts[params["cluster"].rsplit("/", 1)[-1]]


ARNS = known(tuple(f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{name}" for name in ("blue", "default", "green")))


def test_an_old_arn_is_looked_for_in_every_cluster_after_the_default_one() -> None:
    where = in_clusters(default=missing(), blue=missing(), green=found(task()))
    answers = Answers(replies(describe_tasks=where, list_clusters=ARNS))
    assert isinstance(built(task_target(cluster=None), answers).task, Known)
    asked = [item["cluster"].rsplit("/", 1)[-1] for item in answers.of(calls.DESCRIBE_TASKS)]
    assert asked == ["default", "blue", "green"]


def test_an_old_arn_of_the_default_cluster_needs_no_list() -> None:
    answers = Answers(replies(describe_tasks=in_clusters(default=found(task()))))
    assert isinstance(built(task_target(cluster=None), answers).task, Known)
    assert answers.of(calls.LIST_CLUSTERS) == []


@pytest.mark.parametrize(
    ("blue", "clusters", "expected"),
    [
        (missing(), ARNS, Absent),
        (Unavailable(why="denied"), ARNS, Unavailable),
        (missing(), Unavailable(why="denied"), Unavailable),
        (missing(), known(tuple(f"cluster/{number}" for number in range(30))), Unavailable),
    ],
)
def test_an_old_arn_is_absent_only_where_every_cluster_was_looked_into(
    blue: Any, clusters: Any, expected: type
) -> None:
    def where(params: Any) -> Any:
        return blue if params["cluster"].endswith("blue") else missing()

    answers = Answers(replies(describe_tasks=where, list_clusters=clusters))
    assert isinstance(built(task_target(cluster=None), answers).task, expected)


def test_a_container_s_own_image_is_asked_for_before_the_definition_is_known() -> None:
    answers = Answers(replies(describe_task_definition=Unavailable(why="denied")))
    snapshot = built(task_target(), answers)
    assert [item.image for item in snapshot.images] == [IMAGE]
    assert isinstance(snapshot.images[0].repository, Known)


# --- a service -----------------------------------------------------------------------------------------

PULL = "CannotPullContainerError: not found"


def stopped(name: str, hour: int, reason: str = "Essential container exited", **more: Any) -> Task:
    return task(name, stoppedAt=datetime(2026, 1, 1, hour, tzinfo=UTC), stoppedReason=reason, **more)


def alive(name: str, hour: int, status: str) -> Task:
    return task(name, lastStatus=status, stoppedAt=None, createdAt=datetime(2026, 1, 1, hour, tzinfo=UTC))


def made(one: Task, hour: int) -> Task:
    return one.model_copy(update={"created_at": datetime(2026, 1, 1, hour, tzinfo=UTC)})


def of_service(stopped_tasks: tuple[Task, ...], live_tasks: tuple[Task, ...] = ()) -> Replies:
    tasks = {item.task_arn: item for item in (*stopped_tasks, *live_tasks)}

    def listed(params: Any) -> Any:
        assert params["serviceName"] == "shop"
        return known(
            tuple(
                item.task_arn
                for item in (stopped_tasks if params["desiredStatus"] == "STOPPED" else live_tasks)
            )
        )

    def described(params: Any) -> Any:
        return found(*(tasks[arn] for arn in params["tasks"]))

    return replies(list_tasks=listed, describe_tasks=described)


@pytest.mark.parametrize(
    ("stopped_tasks", "live_tasks", "expected"),
    [
        ((stopped("a", 1), stopped("b", 3), stopped("c", 2)), (), "b"),
        ((stopped("a", 1, PULL), stopped("b", 3), stopped("c", 2, PULL)), (), "c"),
        ((stopped("a", 1), stopped("b", 3, PULL, group="service:other")), (), "a"),
        ((stopped("b", 3), stopped("a", 1, "", containers=[{"name": "app", "reason": PULL}])), (), "a"),
        ((), (alive("r", 3, "RUNNING"), alive("p", 1, "PENDING")), "p"),
        ((stopped("b", 3, group="service:other"),), (alive("r", 3, "RUNNING"),), "r"),
    ],
)
def test_the_task_that_tells_most(stopped_tasks: Any, live_tasks: Any, expected: str) -> None:
    snapshot = built(service_target(), Answers(of_service(stopped_tasks, live_tasks)))
    assert isinstance(snapshot.task, Known)
    assert snapshot.task.value.task_arn.endswith(f"/{expected}")


@pytest.mark.parametrize(
    ("stopped_tasks", "live_tasks", "expected"),
    [
        ((made(stopped("a", 3, PULL), 2),), (alive("r", 5, "RUNNING"),), "r"),
        ((made(stopped("a", 3, PULL), 2),), (alive("p", 5, "PENDING"),), "p"),
        ((made(stopped("a", 7, PULL), 6),), (alive("r", 5, "RUNNING"),), "a"),
        # It was made before the one that runs, and stopped after that.
        ((made(stopped("a", 9, PULL), 2),), (alive("r", 5, "RUNNING"),), "r"),
        ((made(stopped("a", 9), 5), made(stopped("b", 8, PULL), 4)), (), "a"),
    ],
    ids=["runs", "pending", "failed again", "by when it was made", "ended otherwise"],
)
def test_the_newest_task_where_that_is_asked_for(stopped_tasks: Any, live_tasks: Any, expected: str) -> None:
    snapshot = built(service_target(), Answers(of_service(stopped_tasks, live_tasks)), newest=True)
    assert isinstance(snapshot.task, Known)
    assert (snapshot.task.value.task_arn[-2:], snapshot.source) == (f"/{expected}", "live")


def test_no_task_is_the_newest_one_where_there_is_none() -> None:
    snapshot = built(service_target(), Answers(of_service(())), newest=True)
    assert (snapshot.task, snapshot.source) == (Absent(call="ecs:ListTasks"), "none")
    assert isinstance(snapshot.task_definition, Known)


@pytest.mark.parametrize("denied", ["list_tasks", "describe_tasks"])
def test_of_a_newest_task_that_cannot_be_read_nothing_is_decided(denied: str) -> None:
    refused = Unavailable(why="denied", call="ecs:ListTasks")
    replied = of_service((stopped("a", 3, PULL),)) | replies_of(**{denied: refused})
    before = built(service_target(), Answers(of_service((stopped("a", 3, PULL),))))
    snapshot = built(service_target(), Answers(replied), before, newest=True)
    assert snapshot.task == refused
    assert (build(snapshot).verdict.outcome, build(snapshot, before).recovered) == ("undecided", False)


def test_both_lists_are_asked_at_once_and_live_tasks_described_only_where_none_stopped() -> None:
    answers = Answers(of_service((stopped("a", 1),), (alive("r", 3, "RUNNING"),)))
    built(service_target(), answers)
    assert [item["desiredStatus"] for item in answers.of(calls.LIST_TASKS)] == ["STOPPED", "RUNNING"]
    assert [len(item["tasks"]) for item in answers.of(calls.DESCRIBE_TASKS)] == [1]


def test_many_stopped_tasks_are_described_a_hundred_at_a_time() -> None:
    answers = Answers(of_service(tuple(stopped(f"{number:03}", 1) for number in range(250))))
    built(service_target(), answers)
    assert [len(item["tasks"]) for item in answers.of(calls.DESCRIBE_TASKS)] == [100, 100, 50]


def test_a_service_without_tasks_is_judged_by_what_it_would_start() -> None:
    event = {"message": f"(service shop) was unable to place a task. Reason: {PULL}"}
    answers = Answers(of_service(()) | replies_of(describe_services=found(service(events=[event]))))
    snapshot = built(service_target(), answers)
    assert isinstance(snapshot.task, Absent)
    assert snapshot.source == "service_events"
    assert isinstance(snapshot.task_definition, Known)
    assert [item.image for item in snapshot.images] == [IMAGE]
    assert set(snapshot.subnets) == {"subnet-1", "subnet-2"}


def replies_of(**more: Reply) -> Replies:
    return {getattr(calls, name.upper()): reply for name, reply in more.items()}


def test_a_denied_list_of_tasks_is_not_a_service_without_tasks() -> None:
    answers = Answers(replies(list_tasks=Unavailable(why="denied", call="ecs:ListTasks")))
    snapshot = built(service_target(), answers)
    assert snapshot.task == Unavailable(why="denied", call="ecs:ListTasks")
    assert snapshot.source == "none"
    assert [item.image for item in snapshot.images] == [IMAGE]


# --- the host ------------------------------------------------------------------------------------------

HOST = "arn:host"
ON_HOST = task(containerInstanceArn=HOST, launchType="EC2", group="family:shop")
INSTANCE = Instance.model_validate(
    {
        "InstanceId": "i-1",
        "VpcId": "vpc-1",
        "SubnetId": "subnet-2",
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/team/host"},
    }
)


def on_host(instance_id: str, *instances: Instance) -> Answers:
    host = ContainerInstance(container_instance_arn=HOST, ec2_instance_id=instance_id)
    return Answers(
        replies(
            describe_tasks=found(ON_HOST),
            describe_container_instances=found(host),
            describe_instances=known(instances),
        )
    )


def test_on_ec2_the_host_decides_and_the_task_s_interface_is_not_asked_for() -> None:
    answers = on_host("i-1", INSTANCE)
    snapshot = built(task_target(), answers)
    assert snapshot.instance == known(INSTANCE)
    assert snapshot.task_interface == NOT_ASKED
    assert answers.of(calls.DESCRIBE_NETWORK_INTERFACES) == []
    assert set(snapshot.subnets) == {"subnet-2"}
    assert answers.of(calls.GET_INSTANCE_PROFILE) == [{"InstanceProfileName": "host"}]
    assert snapshot.service == NOT_ASKED


TASK_ROLE = "arn:aws:iam::111122223333:role/programs"


@pytest.mark.parametrize(
    ("role", "asked"), [(TASK_ROLE, True), (TASK_ROLE.replace("programs", "other"), False), (ROLE, False)],
    ids=["the task role", "another role", "the execution role"],
)  # fmt: skip
def test_the_task_role_is_read_where_the_text_names_it(role: str, asked: bool) -> None:
    """It pulls nothing, so that its policies are not read."""
    text = f"ECS was unable to assume the role '{role}' that was provided for this task."
    answers = Answers(
        replies(
            describe_tasks=found(task(stoppedReason=text)),
            describe_task_definition=known(definition(taskRoleArn=TASK_ROLE)),
        )
    )
    snapshot = built(task_target(), answers)
    assert ({"RoleName": "programs"} in answers.of(calls.GET_ROLE)) is asked
    assert (snapshot.task_role != NOT_ASKED) is asked
    assert {"RoleName": "programs"} not in answers.of(calls.LIST_ROLE_POLICIES)


VOLUMES = {
    "root_device_name": "/dev/xvda",
    "block_device_mappings": tuple(
        BlockDeviceMapping.model_validate({"DeviceName": name, "Ebs": {"VolumeId": volume}})
        for name, volume in (("/dev/xvda", "vol-root"), ("/dev/xvdb", "vol-data"))
    ),
}
NO_SPACE = "CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob1: no space left on device"


@pytest.mark.parametrize(
    ("text", "attributes", "volume"),
    [
        (NO_SPACE, [], "vol-root"),
        (NO_SPACE, [{"name": "bottlerocket.variant", "value": "aws-ecs-2"}], "vol-data"),
        (PULL, [], None),
    ],
    ids=["root volume", "Bottlerocket's data volume", "the text is about something else"],
)
def test_the_volume_of_the_images_is_read_where_the_text_is_about_room(
    text: str, attributes: Any, volume: str | None
) -> None:
    host = ContainerInstance.model_validate(
        {"containerInstanceArn": HOST, "ec2InstanceId": "i-1", "attributes": attributes}
    )
    answers = Answers(
        replies(
            describe_tasks=found(task(containerInstanceArn=HOST, launchType="EC2", stoppedReason=text)),
            describe_container_instances=found(host),
            describe_instances=known((INSTANCE.model_copy(update=VOLUMES),)),
            describe_volumes=known((Volume(volume_id=volume or "", size=30),)),
        )
    )
    snapshot = built(task_target(), answers)
    assert snapshot.volumes == ({volume: known(Volume(volume_id=volume, size=30))} if volume else {})
    wanted = [{"Filters": [{"Name": "volume-id", "Values": [volume]}]}] if volume else []
    assert answers.of(calls.DESCRIBE_VOLUMES) == wanted


def test_an_instance_that_is_gone_is_absent() -> None:
    snapshot = built(task_target(), on_host("i-1"))
    assert snapshot.instance == Absent(call="ec2:DescribeInstances")
    assert isinstance(snapshot.instance_profile, Unavailable)
    assert snapshot.instance_profile.why == "the instance is gone"


def test_an_instance_without_profile_has_none() -> None:
    bare = INSTANCE.model_copy(update={"iam_instance_profile": None})
    assert built(task_target(), on_host("i-1", bare)).instance_profile == Absent(call="ec2:DescribeInstances")


def test_an_external_instance_is_not_looked_for_in_ec2() -> None:
    answers = on_host("mi-0123456789")
    assert built(task_target(), answers).instance == NOT_ASKED
    assert answers.of(calls.DESCRIBE_INSTANCES) == []


# --- the network ---------------------------------------------------------------------------------------


def vpc_of(**more: Reply) -> tuple[Any, Answers]:
    answers = Answers(replies(**more))
    snapshot = built(task_target(), answers)
    return snapshot.vpcs["vpc-1"], answers


def test_the_interface_of_a_stopped_task_is_gone_and_the_service_tells_the_groups() -> None:
    answers = Answers(replies())
    snapshot = built(task_target(), answers)
    assert snapshot.task_interface == Absent(call="ec2:DescribeNetworkInterfaces")
    assert list(snapshot.vpcs["vpc-1"].security_groups) == ["sg-1"]


def test_interface_and_service_that_agree_on_the_groups_are_one_call() -> None:
    eni = NetworkInterface.model_validate({"NetworkInterfaceId": "eni-1", "Groups": [{"GroupId": "sg-1"}]})
    answers = Answers(replies(describe_network_interfaces=known((eni,))))
    built(task_target(), answers)
    assert len(answers.of(calls.DESCRIBE_SECURITY_GROUPS)) == 1


def test_a_subnet_that_is_denied_leaves_no_vpc_and_one_that_is_gone_is_absent() -> None:
    snapshot = built(task_target(), Answers(replies(describe_subnets=Unavailable(why="denied"))))
    assert snapshot.vpcs == {}
    assert snapshot.subnets["subnet-1"] == Unavailable(why="denied")
    one = known((Subnet(subnet_id="subnet-1", vpc_id="vpc-1"),))
    snapshot = built(task_target(), Answers(replies(describe_subnets=one)))
    assert snapshot.subnets["subnet-2"] == Absent(call="ec2:DescribeSubnets")


def test_in_a_shared_vpc_an_empty_list_says_nothing() -> None:
    shared = OwnedVpc(vpc_id="vpc-1", owner_id="999999999999")
    tables = known((RouteTable(route_table_id="rtb-1"),))
    vpc, _ = vpc_of(describe_vpc=known(shared), describe_route_tables=tables)
    assert isinstance(vpc.route_tables, Known)
    for fact in (vpc.nat_gateways, vpc.vpc_endpoints, vpc.internet_gateways, vpc.network_acls):
        assert isinstance(fact, Unavailable)
        assert "999999999999" in fact.why
    assert isinstance(vpc.block_public_access, Unavailable)
    own, _ = vpc_of()
    assert own.nat_gateways == own.vpc_endpoints == known(())


@pytest.mark.parametrize(
    ("options", "expected"), [(None, Unavailable), ("default", Absent), ("dopt-1", Unavailable)]
)
def test_dhcp_options_are_asked_for_where_the_vpc_has_them(options: str | None, expected: type) -> None:
    vpc, answers = vpc_of(describe_vpc=known(OwnedVpc(vpc_id="vpc-1", dhcp_options_id=options)))
    assert isinstance(vpc.dhcp_options, expected)
    assert bool(answers.of(calls.DESCRIBE_DHCP_OPTIONS)) is (options == "dopt-1")


def test_egress_only_gateways_are_asked_for_only_where_there_is_ipv6() -> None:
    vpc, answers = vpc_of()
    assert vpc.egress_only_internet_gateways == known(())
    assert answers.of(calls.DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS) == []
    ipv6 = OwnedVpc.model_validate(
        {"VpcId": "vpc-1", "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2001:db8::/56"}]}
    )
    vpc, _ = vpc_of(
        describe_vpc=known(ipv6),
        describe_egress_only_internet_gateways=known(
            tuple(
                EgressOnlyInternetGateway.model_validate(
                    {"EgressOnlyInternetGatewayId": name, "Attachments": [{"VpcId": vpc_id}]}
                )
                for name, vpc_id in (("eigw-1", "vpc-1"), ("eigw-2", "vpc-2"))
            )
        ),
    )
    gateways = vpc.egress_only_internet_gateways.value
    assert [item.egress_only_internet_gateway_id for item in gateways] == ["eigw-1"]


def endpoint(name: str, suffix: str) -> VpcEndpoint:
    return VpcEndpoint.model_validate(
        {
            "VpcEndpointId": name,
            "ServiceName": f"com.amazonaws.{REGION}.{suffix}",
            "Groups": [{"GroupId": f"sg-{name}"}],
            "NetworkInterfaceIds": [f"eni-{name}"],
        }
    )


def test_the_groups_and_interfaces_of_the_endpoints_that_a_pull_may_use() -> None:
    vpc, _answers = vpc_of(
        describe_vpc_endpoints=known((endpoint("dkr", "ecr.dkr"), endpoint("sqs", "sqs"))),
        describe_security_groups=lambda params: known(
            tuple(SecurityGroup(group_id=name) for name in params["Filters"][0]["Values"])
        ),
        describe_network_interfaces=lambda params: known(
            tuple(NetworkInterface(network_interface_id=name) for name in params["Filters"][0]["Values"])
        ),
    )
    assert set(vpc.security_groups) == {"sg-1", "sg-dkr"}
    assert set(vpc.interfaces) == {"eni-dkr"}
    assert len(vpc.vpc_endpoints.value) == 2


def test_a_group_that_one_answer_knows_is_not_lost_to_another_that_does_not() -> None:
    def groups(params: Any) -> Any:
        names = params["Filters"][0]["Values"]
        return known((SecurityGroup(group_id="sg-1"),)) if names == ["sg-1"] else Unavailable(why="throttled")

    shared = endpoint("dkr", "ecr.dkr").model_copy(
        update={"groups": (Group(group_id="sg-1"), Group(group_id="sg-2"))}
    )
    vpc, _ = vpc_of(describe_vpc_endpoints=known((shared,)), describe_security_groups=groups)
    assert vpc.security_groups["sg-1"] == known(SecurityGroup(group_id="sg-1"))
    assert vpc.security_groups["sg-2"] == Unavailable(why="throttled")


def test_what_an_answer_leaves_open_another_may_know() -> None:
    unread, one = Unavailable(why="throttled"), Known(value=1)
    assert merged({"a": unread, "b": one}, {"a": one, "b": unread}) == {"a": one, "b": one}
    assert merged({"a": unread}, {"b": unread}) == {"a": unread, "b": unread}


def test_a_nat_instance_that_a_route_leads_to_is_read_with_its_groups() -> None:
    table = RouteTable.model_validate(
        {
            "RouteTableId": "rtb-1",
            "Routes": [
                {"DestinationCidrBlock": "0.0.0.0/0", "InstanceId": "i-9", "NetworkInterfaceId": "eni-9"}
            ],
        }
    )
    nat = Instance.model_validate({"InstanceId": "i-9", "SecurityGroups": [{"GroupId": "sg-9"}]})
    vpc, answers = vpc_of(describe_route_tables=known((table,)), describe_instances=known((nat,)))
    assert vpc.instances == {"i-9": known(nat)}
    assert vpc.interfaces == {"eni-9": Absent(call="ec2:DescribeNetworkInterfaces")}
    groups = answers.of(calls.DESCRIBE_SECURITY_GROUPS)
    assert {"Filters": [{"Name": "group-id", "Values": ["sg-9"]}]} in groups


def test_the_groups_of_route_targets_wait_until_all_targets_are_answered() -> None:
    routes = [{"InstanceId": "i-9", "NetworkInterfaceId": "eni-9"}]
    table = RouteTable.model_validate({"RouteTableId": "rtb-1", "Routes": routes})
    nat = Instance.model_validate({"InstanceId": "i-9", "SecurityGroups": [{"GroupId": "sg-9"}]})
    _, answers = vpc_of(
        describe_route_tables=known((table,)),
        describe_instances=known((nat,)),
        describe_network_interfaces=NOT_ASKED,
    )
    assert "sg-9" not in repr(answers.of(calls.DESCRIBE_SECURITY_GROUPS))


def lists(*names: str) -> Any:
    rule = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": name} for name in names]}
    return known((SecurityGroup.model_validate({"GroupId": "sg-1", "IpPermissionsEgress": [rule]}),))


def test_prefix_lists_that_rules_name_are_read_and_aws_s_own_are_not_asked_for_again() -> None:
    vpc, answers = vpc_of(
        describe_security_groups=lists("pl-s3", "pl-mine"),
        get_managed_prefix_list_entries=known(("198.51.100.0/24",)),
    )
    assert vpc.prefix_lists["pl-s3"].value.cidrs == ("192.0.2.0/24",)
    assert vpc.prefix_lists["pl-mine"].value.cidrs == ("198.51.100.0/24",)
    assert answers.of(calls.GET_MANAGED_PREFIX_LIST_ENTRIES) == [{"PrefixListId": "pl-mine"}]


def test_prefix_lists_wait_until_it_is_known_which_are_aws_s_own() -> None:
    vpc, answers = vpc_of(describe_security_groups=lists("pl-s3"), describe_prefix_lists=NOT_ASKED)
    assert answers.of(calls.GET_MANAGED_PREFIX_LIST_ENTRIES) == []
    assert vpc.prefix_lists == {}


def test_where_aws_s_own_lists_are_denied_each_list_is_asked_for() -> None:
    vpc, _ = vpc_of(
        describe_security_groups=lists("pl-s3"),
        describe_prefix_lists=Unavailable(why="denied"),
        get_managed_prefix_list_entries=known(("192.0.2.0/24",)),
    )
    assert vpc.prefix_lists["pl-s3"].value.cidrs == ("192.0.2.0/24",)


def test_more_prefix_lists_than_are_read_are_unavailable_not_empty() -> None:
    vpc, answers = vpc_of(
        describe_security_groups=lists(*(f"pl-{number:02}" for number in range(25))),
        get_managed_prefix_list_entries=known(()),
    )
    assert len(answers.of(calls.GET_MANAGED_PREFIX_LIST_ENTRIES)) == 20
    assert isinstance(vpc.prefix_lists["pl-24"], Unavailable)


def test_s3_s_list_without_its_entries_is_filled() -> None:
    bare = PrefixList(prefix_list_id="pl-s3", prefix_list_name=f"com.amazonaws.{REGION}.s3")
    vpc, _ = vpc_of(
        describe_prefix_lists=known((bare,)), get_managed_prefix_list_entries=known(("192.0.2.0/24",))
    )
    assert vpc.service_prefix_lists.value[0].cidrs == ("192.0.2.0/24",)
    denied = Unavailable(why="denied")
    vpc, _ = vpc_of(describe_prefix_lists=known((bare,)), get_managed_prefix_list_entries=denied)
    assert vpc.service_prefix_lists == denied


# --- images --------------------------------------------------------------------------------------------


def images_of(image: str, **more: Reply) -> tuple[Any, Answers]:
    containers = [{"name": "app", "image": image}]
    answers = Answers(
        replies(
            describe_tasks=found(task(containers=containers)),
            describe_task_definition=known(definition(containerDefinitions=containers)),
            **more,
        )
    )
    return built(task_target(), answers).images[0], answers


def test_an_image_that_is_there_needs_no_lists() -> None:
    facts, answers = images_of(IMAGE)
    assert facts.containers == ("app",)
    assert facts.tagged == facts.repository_names == facts.pull_through_cache_rules == NOT_ASKED
    assert answers.of(calls.DESCRIBE_IMAGE) == [
        {"registryId": ACCOUNT, "repositoryName": "team/shop", "imageIds": [{"imageTag": "v2"}]}
    ]


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        ("", {"imageTag": "latest"}),
        (":v2", {"imageTag": "v2"}),
        ("@sha256:" + "a" * 64, {"imageDigest": "sha256:" + "a" * 64}),
    ],
)
def test_what_the_reference_names_is_asked_for(suffix: str, expected: dict[str, str]) -> None:
    _, answers = images_of(f"{REGISTRY}/team/shop{suffix}")
    assert answers.of(calls.DESCRIBE_IMAGE)[0]["imageIds"] == [expected]


def test_where_the_tag_is_missing_the_nearest_are_offered() -> None:
    images = tuple(
        ImageDetail(
            image_digest=f"sha256:{n}", image_tags=(tag,), image_pushed_at=datetime(2026, 1, n, tzinfo=UTC)
        )
        for n, tag in ((1, "v1"), (2, "main"))
    )
    facts, answers = images_of(IMAGE, describe_image=Absent(), list_images=known(images))
    assert [item.image_tags for item in facts.tagged.value] == [("main",), ("v1",)]
    assert facts.repository_names == NOT_ASKED
    assert answers.of(calls.DESCRIBE_PULL_THROUGH_CACHE_RULES) == [{"registryId": ACCOUNT}]


def test_where_the_repository_is_missing_the_nearest_names_are_offered() -> None:
    facts, _answers = images_of(
        IMAGE,
        describe_repository=Absent(),
        describe_image=Absent(),
        list_repositories=known(("team/shop2", "other")),
    )
    assert facts.repository_names == known(("team/shop2",))
    assert facts.tagged == NOT_ASKED


def test_a_denied_image_is_not_a_missing_one() -> None:
    denied = Unavailable(why="denied")
    facts, answers = images_of(IMAGE, describe_image=denied, describe_repository=denied)
    assert facts.tagged == facts.repository_names == facts.pull_through_cache_rules == NOT_ASKED
    assert answers.of(calls.LIST_IMAGES) == answers.of(calls.LIST_REPOSITORIES) == []


def test_a_name_without_prefix_cannot_come_through_a_cache_rule() -> None:
    facts, _ = images_of(f"{REGISTRY}/shop:v2", describe_image=Absent(), list_images=known(()))
    assert facts.pull_through_cache_rules == NOT_ASKED
    rule = PullThroughCacheRule(ecr_repository_prefix="team")
    facts, _ = images_of(
        IMAGE,
        describe_image=Absent(),
        list_images=known(()),
        describe_pull_through_cache_rules=known((rule,)),
    )
    assert facts.pull_through_cache_rules == known((rule,))


def test_an_image_is_asked_for_in_its_own_region_and_registry() -> None:
    facts, answers = images_of("999999999999.dkr.ecr.us-east-1.amazonaws.com/team/shop:v2")
    asked = [call for call in answers.asked if call.operation.service == "ecr"]
    assert {call.region for call in asked} == {"us-east-1"}
    assert all(call.kwargs["registryId"] == "999999999999" for call in asked)
    assert isinstance(facts.registry_policy, Unavailable)
    assert facts.registry_policy.why == "only account 999999999999 can read its registry's policy"


def test_of_an_image_outside_ecr_nothing_is_asked() -> None:
    facts, answers = images_of("nginx:1.27")
    assert facts.repository == facts.detail == NOT_ASKED
    assert not [call for call in answers.asked if call.operation.service == "ecr"]


def test_two_containers_of_one_image_are_asked_for_once() -> None:
    containers = [{"name": name, "image": IMAGE} for name in ("app", "worker")]
    answers = Answers(replies(describe_tasks=found(task(containers=containers))))
    images = built(task_target(), answers).images
    assert [item.containers for item in images] == [("app", "worker")]
    assert len(answers.of(calls.DESCRIBE_IMAGE)) == 1


# --- roles and secrets ---------------------------------------------------------------------------------


def test_an_override_replaces_the_execution_role() -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    answers = Answers(replies(describe_tasks=found(task(overrides={"executionRoleArn": other}))))
    assert set(built(task_target(), answers).roles) == {other}
    assert answers.of(calls.GET_ROLE) == [{"RoleName": "other"}]


def test_a_denied_role_does_not_keep_its_policies_from_being_read() -> None:
    denied = Unavailable(why="denied", call="iam:GetRole")
    answers = Answers(
        replies(
            get_role=denied,
            list_role_policies=known(("inline",)),
            get_role_policy=known("{}"),
            list_attached_role_policies=known(("arn:aws:iam::aws:policy/pull",)),
            get_policy=known(ManagedPolicy(default_version_id="v3")),
            get_policy_version=known("{}"),
        )
    )
    role = built(task_target(), answers).roles[ROLE]
    assert role.role == role.boundary_policy == denied
    assert role.inline_policies == {"inline": known("{}")}
    assert role.attached_policies == {"arn:aws:iam::aws:policy/pull": known("{}")}
    wanted = {"PolicyArn": "arn:aws:iam::aws:policy/pull", "VersionId": "v3"}
    assert answers.of(calls.GET_POLICY_VERSION) == [wanted]


def test_a_policy_whose_version_is_denied_is_denied() -> None:
    answers = Answers(
        replies(
            list_attached_role_policies=known(("arn:p",)),
            get_policy=Unavailable(why="denied", call="iam:GetPolicy"),
        )
    )
    role = built(task_target(), answers).roles[ROLE]
    assert role.attached_policies == {"arn:p": Unavailable(why="denied", call="iam:GetPolicy")}


@pytest.mark.parametrize(
    ("boundary", "expected"), [(None, Absent(call="iam:GetRole")), ("arn:b", known("{}"))]
)
def test_the_permissions_boundary_is_read_where_there_is_one(boundary: str | None, expected: Any) -> None:
    role = Role.model_validate(
        {"RoleName": "execution", "Arn": ROLE, "PermissionsBoundary": {"PermissionsBoundaryArn": boundary}}
    )
    answers = Answers(
        replies(
            get_role=known(role),
            get_policy=known(ManagedPolicy(default_version_id="v1")),
            get_policy_version=known("{}"),
        )
    )
    assert built(task_target(), answers).roles[ROLE].boundary_policy == expected


def test_secrets_are_described_by_their_arn_and_kept_by_the_text_that_names_them() -> None:
    arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:token-AbCdEf"
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/token"
    containers = [
        {
            "name": "app",
            "image": "registry.example/app",
            "repositoryCredentials": {"credentialsParameter": "registry"},
            "secrets": [
                {"name": "A", "valueFrom": f"{arn}:user::"},
                {"name": "B", "valueFrom": f"{arn}:password::"},
                {"name": "C", "valueFrom": parameter},
            ],
            "logConfiguration": {"logDriver": "splunk", "secretOptions": [{"name": "t", "valueFrom": arn}]},
        }
    ]
    answers = Answers(
        replies(
            describe_task_definition=known(definition(containerDefinitions=containers)),
            describe_secret=lambda params: known(Secret(arn=params["SecretId"])),
        )
    )
    secrets = built(task_target(), answers).secrets
    assert set(secrets) == {arn, f"{arn}:user::", f"{arn}:password::", "registry"}
    assert answers.of(calls.DESCRIBE_SECRET) == [{"SecretId": arn}, {"SecretId": "registry"}]
    described = [call for call in answers.asked if call.operation is calls.DESCRIBE_SECRET]
    assert {call.kwargs["SecretId"]: call.region for call in described} == {
        arn: "us-east-1",
        "registry": REGION,
    }


# --- what only some situations call for ----------------------------------------------------------------


def read(
    image: str = IMAGE, *, containers: list[dict[str, Any]] | None = None, **more: Reply
) -> tuple[Any, Answers]:
    """The facts of the image, of a task whose container may carry a reason or a digest."""
    of_task = more.pop("of_task", {})
    answers = Answers(
        replies(
            describe_tasks=found(task(containers=[{"name": "app", "image": image, **of_task}])),
            describe_task_definition=known(
                definition(containerDefinitions=containers or [{"name": "app", "image": image}])
            ),
            **more,
        )
    )
    return built(task_target(), answers).images[0], answers


def repository(**more: Any) -> Any:
    return known(Repository.model_validate({"repositoryArn": "arn:r", "repositoryName": "team/shop", **more}))


def test_a_missing_repository_is_looked_for_in_other_regions() -> None:
    elsewhere = f"{ACCOUNT}.dkr.ecr.ca-central-1.amazonaws.com/team/shop:v2"
    log = {"logDriver": "awslogs", "options": {"awslogs-region": "eu-north-1"}}
    containers = [{"name": "app", "image": elsewhere, "logConfiguration": log}]
    facts, answers = read(
        elsewhere, containers=containers, describe_repository=Absent(), describe_image=Absent()
    )
    asked = {call.region for call in answers.asked if call.operation is calls.DESCRIBE_REPOSITORY}
    usual = {"us-east-1", "us-west-2", "eu-west-1", "eu-central-1"}
    assert asked == {"ca-central-1", REGION, "eu-north-1", *usual}
    assert set(facts.elsewhere) == asked - {"ca-central-1"}


def test_a_repository_that_is_there_is_not_looked_for_elsewhere() -> None:
    facts, answers = read()
    assert facts.elsewhere == {}
    assert len(answers.of(calls.DESCRIBE_REPOSITORY)) == 1


def test_a_usual_region_that_is_denied_tells_nothing_and_one_that_is_named_is_unknown() -> None:
    class Denied(Answers):
        def __call__(self, call: Any, /) -> Any:
            fact = super().__call__(call)
            if call.operation is calls.DESCRIBE_REPOSITORY and call.region != "ca-central-1":
                return Unavailable(why="denied" if call.region != "us-east-1" else "throttled")
            return fact

    image = f"{ACCOUNT}.dkr.ecr.ca-central-1.amazonaws.com/team/shop:v2"
    answers = Denied(
        replies(
            describe_tasks=found(task(containers=[{"name": "app", "image": image}])),
            describe_repository=Absent(),
            describe_image=Absent(),
        )
    )
    facts = built(task_target(), answers).images[0]
    assert set(facts.elsewhere) == {REGION, "us-east-1"}


DIGEST = "sha256:" + "c" * 64


@pytest.mark.parametrize(
    ("image", "of_task", "defined", "other"),
    [
        (IMAGE, {}, IMAGE, None),
        (IMAGE, {"imageDigest": DIGEST}, IMAGE, DIGEST),
        (f"{REGISTRY}/team/shop@{DIGEST}", {}, IMAGE, "v2"),
        (f"{REGISTRY}/team/shop@{DIGEST}", {}, f"{REGISTRY}/team/shop", "latest"),
        (f"{REGISTRY}/team/shop@{DIGEST}", {}, f"{REGISTRY}/team/shop@{DIGEST}", None),
        (f"{REGISTRY}/team/shop@{DIGEST}", {}, f"{REGISTRY}/team/other:v2", None),
    ],
)
def test_an_image_is_asked_for_by_its_other_name(
    image: str, of_task: dict[str, Any], defined: str, other: str | None
) -> None:
    facts, answers = read(image, containers=[{"name": "app", "image": defined}], of_task=of_task)
    assert facts.counterpart_id == other
    assert len(answers.of(calls.DESCRIBE_IMAGE)) == (1 if other is None else 2)
    assert (facts.counterpart == NOT_ASKED) is (other is None)


def test_the_other_name_of_the_same_image_is_not_asked_for() -> None:
    detail = known(ImageDetail(image_digest=DIGEST, image_tags=("v2",)))
    facts, answers = read(of_task={"imageDigest": DIGEST}, describe_image=detail)
    assert facts.counterpart == detail
    assert len(answers.of(calls.DESCRIBE_IMAGE)) == 1


def test_the_error_may_name_the_digest() -> None:
    reason = (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
        f"{REGISTRY}/team/shop@{DIGEST}: {REGISTRY}/team/shop@{DIGEST}: not found"
    )
    facts, _ = read(of_task={"reason": reason})
    assert facts.counterpart_id == DIGEST


PLATFORM = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain "
    "descriptor matching platform 'linux/arm64'"
)
NO_RULES = known(())


@pytest.mark.parametrize(
    ("reason", "image", "rules", "asked"),
    [
        (PLATFORM, f"{REGISTRY}/shop:v2", NO_RULES, True),
        (PLATFORM, IMAGE, NO_RULES, True),
        (PLATFORM, IMAGE, known((PullThroughCacheRule(ecr_repository_prefix="team"),)), False),
        (PLATFORM, IMAGE, known((PullThroughCacheRule(ecr_repository_prefix="ROOT"),)), False),
        (PLATFORM, IMAGE, Unavailable(why="denied"), False),
        ("CannotPullContainerError: not found", IMAGE, NO_RULES, False),
        (None, IMAGE, NO_RULES, False),
    ],
)
def test_a_manifest_is_read_only_where_the_error_is_about_the_platform(
    reason: str | None, image: str, rules: Any, asked: bool
) -> None:
    facts, answers = read(image, of_task={"reason": reason}, describe_pull_through_cache_rules=rules)
    assert bool(answers.of(calls.BATCH_GET_IMAGE)) is asked
    if asked:
        (params,) = answers.of(calls.BATCH_GET_IMAGE)
        assert "application/vnd.oci.image.index.v1+json" in params["acceptedMediaTypes"]
    assert isinstance(facts.manifest, Unavailable)


def test_a_manifest_is_not_read_of_a_container_that_did_not_fail() -> None:
    containers = [
        {"name": "app", "image": IMAGE, "reason": PLATFORM},
        {"name": "log", "image": f"{REGISTRY}/log:1"},
    ]
    answers = Answers(
        replies(
            describe_tasks=found(task(containers=containers, stoppedReason=PLATFORM)),
            describe_pull_through_cache_rules=NO_RULES,
        )
    )
    built(task_target(), answers)
    assert [item["repositoryName"] for item in answers.of(calls.BATCH_GET_IMAGE)] == ["team/shop"]


@pytest.mark.parametrize(("kind", "asked"), [("KMS", True), ("KMS_DSSE", True), ("AES256", False)])
def test_the_key_of_an_encrypted_repository_is_read(kind: str, asked: bool) -> None:
    encryption = {"encryptionType": kind, "kmsKey": "arn:key" if asked else None}
    facts, answers = read(describe_repository=repository(encryptionConfiguration=encryption))
    assert answers.of(calls.DESCRIBE_KEY) == ([{"KeyId": "arn:key"}] if asked else [])
    assert (facts.key == NOT_ASKED) is not asked


def test_the_secret_of_the_serving_cache_rule_is_read_where_the_image_is_missing() -> None:
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
    rules = known(
        (
            PullThroughCacheRule(ecr_repository_prefix="team", credential_arn=arn),
            PullThroughCacheRule(ecr_repository_prefix="te", credential_arn="arn:other"),
        )
    )
    missing: dict[str, Any] = {"describe_image": Absent(), "list_images": known(())}
    _, answers = read(describe_pull_through_cache_rules=rules, **missing)
    assert answers.of(calls.DESCRIBE_SECRET) == [{"SecretId": arn}]
    _, answers = read(describe_pull_through_cache_rules=rules)
    assert answers.of(calls.DESCRIBE_SECRET) == []


# --- policies of secrets, parameters and keys ----------------------------------------------------------

SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:token-AbCdEf"


def with_secrets(*values: str) -> TaskDefinition:
    secrets = [{"name": f"S{place}", "valueFrom": value} for place, value in enumerate(values)]
    return definition(
        containerDefinitions=[{"name": "app", "image": "registry.example/app", "secrets": secrets}]
    )


def test_the_policy_of_a_secret_is_asked_for_in_its_region() -> None:
    values = (f"{SECRET}:user::", f"{SECRET}:password::")
    answers = Answers(
        replies(describe_task_definition=known(with_secrets(*values)), get_secret_policy=known("{}"))
    )
    assert built(task_target(), answers).secret_policies == dict.fromkeys(values, known("{}"))
    (call,) = [item for item in answers.asked if item.operation is calls.GET_SECRET_POLICY]
    assert (call.kwargs, call.region) == ({"SecretId": SECRET}, "us-east-1")


def test_parameters_are_asked_for_together_by_every_name_they_may_have() -> None:
    path = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/db"
    flat = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/token"
    other = f"arn:aws:ssm:{REGION}:444455556666:parameter/theirs"
    described = (
        Parameter(name="/shop/db", type="SecureString", key_id="alias/aws/ssm"),
        Parameter(name="token"),
    )
    answers = Answers(
        replies(
            describe_task_definition=known(with_secrets(path, flat, "gone", other)),
            describe_parameters=known(described),
        )
    )
    found = built(task_target(), answers).parameters
    assert found[path] == known(described[0])
    assert found[flat] == known(described[1])
    assert found["gone"] == Absent(call="ssm:DescribeParameters")
    assert isinstance(found[other], Unavailable)
    wanted = ["/shop/db", "/token", "gone", "token"]
    assert answers.of(calls.DESCRIBE_PARAMETERS) == [
        {"ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": wanted}]}
    ]


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        (None, []),
        ("alias/aws/secretsmanager", []),
        ("alias/mine", ["arn:key"]),
        (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1", ["arn:key"]),
    ],
)
def test_customer_managed_keys_are_read_with_their_policy(key: str | None, asked: list[str]) -> None:
    answers = Answers(
        replies(
            describe_task_definition=known(with_secrets(SECRET)),
            describe_secret=known(Secret(arn=SECRET, kms_key_id=key)),
            describe_key=known(KmsKey(key_id="1", arn="arn:key")),
            get_key_policy=known("{}"),
        )
    )
    snapshot = built(task_target(), answers)
    assert [item["KeyId"] for item in answers.of(calls.GET_KEY_POLICY)] == asked
    assert set(snapshot.kms_keys) == set(snapshot.kms_key_policies) == ({key} if asked else set())


def test_the_policy_of_a_key_whose_alias_leads_nowhere_cannot_be_asked_for() -> None:
    answers = Answers(
        replies(
            describe_task_definition=known(with_secrets(SECRET)),
            describe_secret=known(Secret(arn=SECRET, kms_key_id="alias/mine")),
        )
    )
    snapshot = built(task_target(), answers)
    assert answers.of(calls.GET_KEY_POLICY) == []
    assert isinstance(snapshot.kms_key_policies["alias/mine"], Unavailable)


@pytest.mark.parametrize(
    ("account", "found", "asked"),
    [
        (ACCOUNT, Absent(), False),
        ("OTHER", Unavailable(why="denied"), False),
        ("NEARLY", repository(), False),
        ("NEARLY", Unavailable(why="denied"), True),
        ("NEARLY", Absent(), True),
    ],
)
def test_a_repository_is_looked_for_in_the_account_that_was_probably_meant(
    account: str, found: Any, asked: bool
) -> None:
    last = "0" if ACCOUNT[-1] != "0" else "1"
    account = {"NEARLY": f"{ACCOUNT[:-1]}{last}", "OTHER": "987654321098"}.get(account, account)
    _, answers = read(f"{account}.dkr.ecr.us-east-1.amazonaws.com/team/shop:v2", describe_repository=found)
    wanted = {"registryId": ACCOUNT, "repositoryNames": ["team/shop"]}
    meant = account != ACCOUNT and wanted in answers.of(calls.DESCRIBE_REPOSITORY)
    assert meant is asked


@pytest.mark.parametrize(("policy", "asked"), [(Absent(), 0), (known("{}"), 1)])
def test_the_scope_of_a_registry_policy_is_read_where_there_is_one(policy: Any, asked: int) -> None:
    answers = Answers(replies(get_registry_policy=policy, get_registry_policy_scope=known("V2")))
    (image,) = built(task_target(), answers).images
    assert image.registry_policy_scope == (known("V2") if asked else NOT_ASKED)
    assert len(answers.of(calls.GET_REGISTRY_POLICY_SCOPE)) == asked


REFUSED = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {}: pull access denied, "
    "repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
)


@pytest.mark.parametrize(
    ("image", "reason", "asked"),
    [
        ("shop:1.4.2", REFUSED.format("docker.io/library/shop:1.4.2"), "shop"),
        ("team/shop:v2", REFUSED.format("docker.io/team/shop:v2"), "team/shop"),
        ("docker.io/team/shop:v2", REFUSED.format("docker.io/team/shop:v2"), None),
        ("registry.example/shop:v2", REFUSED.format("registry.example/shop:v2"), None),
        ("shop:v2", None, None),
    ],
)
def test_an_image_that_docker_hub_refused_is_looked_for_in_ecr(
    image: str, reason: str | None, asked: str | None
) -> None:
    facts, answers = read(image, of_task={"reason": reason}, describe_repository=repository())
    wanted = [{"registryId": ACCOUNT, "repositoryNames": [asked]}] if asked else []
    assert answers.of(calls.DESCRIBE_REPOSITORY) == wanted
    assert isinstance(facts.own_repository, Known) is (asked is not None)


def test_the_puller_s_prefix_lists_come_first() -> None:
    """Routes of other subnets name more lists than are read, all of them before the puller's by name."""
    routes = [{"DestinationPrefixListId": f"pl-a{place:02}", "GatewayId": "tgw-1"} for place in range(30)]
    own = [{"DestinationPrefixListId": "pl-y", "GatewayId": "tgw-1"}]
    tables = (
        RouteTable.model_validate(
            {"RouteTableId": "rtb-1", "Routes": routes, "Associations": [{"SubnetId": "subnet-z"}]}
        ),
        RouteTable.model_validate({"RouteTableId": "rtb-2", "Routes": own, "Associations": [{"Main": True}]}),
    )
    vpc, answers = vpc_of(
        describe_security_groups=lists("pl-z"),
        describe_route_tables=known(tables),
        get_managed_prefix_list_entries=known(("198.51.100.0/24",)),
    )
    asked = [item["PrefixListId"] for item in answers.of(calls.GET_MANAGED_PREFIX_LIST_ENTRIES)]
    assert {"pl-y", "pl-z"} < set(asked)
    assert vpc.prefix_lists["pl-z"].value.cidrs == ("198.51.100.0/24",)
    assert vpc.prefix_lists["pl-a29"].kind == "unavailable"
    assert len(asked) == 20


def endpoint_with(name: str, service: str, interfaces: int) -> VpcEndpoint:
    """An endpoint with this many interfaces."""
    return VpcEndpoint(
        vpc_endpoint_id=f"vpce-{name}", vpc_endpoint_type="Interface", state="available",
        service_name=f"com.amazonaws.{REGION}.{service}",
        network_interface_ids=tuple(f"eni-{name}-{place:04}" for place in range(interfaces)),
    )  # fmt: skip


def asked_interfaces(answers: Answers) -> list[list[str]]:
    """The ids of each request for network interfaces of endpoints."""
    every = [item["Filters"][0]["Values"] for item in answers.of(calls.DESCRIBE_NETWORK_INTERFACES)]
    return [item for item in every if item[0].startswith(("eni-a", "eni-z"))]


@pytest.mark.parametrize(("count", "requests"), [(199, [200]), (200, [200, 1]), (450, [200, 200, 51])])
def test_more_interfaces_than_one_filter_holds_are_asked_for_in_parts(
    count: int, requests: list[int]
) -> None:
    every = (endpoint_with("a", "logs", count), endpoint_with("z", "ecr.api", 1))
    vpc, answers = vpc_of(describe_vpc_endpoints=known(every))
    assert [len(item) for item in asked_interfaces(answers)] == requests
    assert len(vpc.interfaces) == count + 1
    assert {fact.kind for fact in vpc.interfaces.values()} == {"absent"}


def test_more_interfaces_than_are_read_are_unavailable_and_no_service_is_left_out() -> None:
    many = (
        *(endpoint_with(f"a{place}", "logs", 300) for place in range(4)),
        endpoint_with("z", "ecr.api", 2),
    )
    vpc, answers = vpc_of(describe_vpc_endpoints=known(many))
    assert [len(item) for item in asked_interfaces(answers)] == [200] * 5
    assert vpc.interfaces["eni-z-0001"].kind == vpc.interfaces["eni-a0-0000"].kind == "absent"
    assert vpc.interfaces["eni-a3-0299"] == Unavailable(
        reason=Why.TOO_MANY_IDS, call="ec2:DescribeNetworkInterfaces", resource="eni-a3-0299"
    )
    assert len(vpc.interfaces) == 1202


def test_more_targets_of_routes_than_are_read_are_unavailable_and_the_puller_s_come_first() -> None:
    routes = [
        {"DestinationCidrBlock": f"10.9.{place}.0/24", "NetworkInterfaceId": f"eni-a{place:02}"}
        for place in range(60)
    ]
    own = [{"DestinationCidrBlock": "0.0.0.0/0", "NetworkInterfaceId": "eni-zz"}]
    tables = (
        RouteTable.model_validate(
            {"RouteTableId": "rtb-1", "Routes": routes, "Associations": [{"SubnetId": "subnet-z"}]}
        ),
        RouteTable.model_validate({"RouteTableId": "rtb-2", "Routes": own, "Associations": [{"Main": True}]}),
    )
    vpc, answers = vpc_of(describe_route_tables=known(tables))
    (asked,) = asked_interfaces(answers)
    assert "eni-zz" in asked
    assert len(asked) == 50
    assert vpc.interfaces["eni-zz"].kind == "absent"
    assert vpc.interfaces["eni-a59"].kind == "unavailable"


# --- what only conditions ask for ------------------------------------------------------------------------


def allowing(action: str, key: str | None = None, operator: str = "StringEquals") -> Known[str]:
    """An inline policy, which may have a condition on one key."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": "*"}
    if key is not None:
        statement["Condition"] = {operator: {key: "payments"}}
    return known(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def with_inline(policy: Known[str] | Unavailable, **more: Reply) -> Answers:
    """The answers about a task whose execution role has one inline policy, and whose secrets are of each kind."""
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/db"
    container = {
        "name": "app",
        "image": IMAGE,
        "secrets": [{"name": "A", "valueFrom": parameter}, {"name": "B", "valueFrom": SECRET}],
    }
    answers: dict[str, Any] = {
        "describe_task_definition": known(definition(containerDefinitions=[container])),
        "list_role_policies": known(("pull",)),
        "get_role_policy": policy,
        "describe_parameters": known((Parameter(name="/shop/db", arn=parameter),)),
        "describe_secret": known(Secret(arn=SECRET, kms_key_id="alias/mine")),
        "describe_key": known(KmsKey(key_id="1", arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1")),
        "get_key_policy": known("{}"),
        "list_repository_tags": known((TEAM,)),
        "list_parameter_tags": known((TEAM,)),
        "list_key_tags": known((TEAM,)),
        "describe_organization": known("o-a1b2c3d4e5"),
    }
    return Answers(replies(**{**answers, **more}))


TEAM = Tag(key="team", value="payments")
CONDITIONAL = {
    "repository": calls.LIST_REPOSITORY_TAGS,
    "parameter": calls.LIST_PARAMETER_TAGS,
    "key": calls.LIST_KEY_TAGS,
    "organization": calls.DESCRIBE_ORGANIZATION,
}


def asked_in(answers: Answers) -> set[str]:
    built(task_target(), answers)
    return {name for name, operation in CONDITIONAL.items() if answers.of(operation)}


@pytest.mark.parametrize(
    ("policy", "asked"),
    [
        (allowing("*"), set()),
        (allowing("ecr:*", "ecr:ResourceTag/team"), {"repository"}),
        (allowing("ecr:BatchGetImage", "ECR:resourcetag/Team"), {"repository"}),
        (allowing("ecr:GetAuthorizationToken", "ecr:ResourceTag/team"), set()),
        (allowing("ssm:GetParameter*", "ssm:resourceTag/team"), {"parameter"}),
        (allowing("kms:Decrypt", "aws:ResourceTag/team"), {"key"}),
        (allowing("*", "aws:ResourceTag/team"), {"repository", "parameter", "key"}),
        (allowing("s3:*", "aws:ResourceTag/team"), set()),
        (allowing("*", "aws:PrincipalTag/team"), set()),
        (allowing("*", "aws:PrincipalOrgID"), {"organization"}),
        (allowing("ecr:*", "aws:ResourceOrgPaths", "ForAnyValue:StringLike"), {"organization"}),
        (allowing("s3:*", "aws:ResourceOrgID"), set()),
        (known("not JSON"), set()),
        (Unavailable(reason=Why.DENIED), set()),
    ],
)
def test_tags_and_the_organization_are_read_only_where_a_condition_asks(policy: Any, asked: set[str]) -> None:
    assert asked_in(with_inline(policy)) == asked


def test_a_policy_variable_asks_too() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "ecr:*",
        "Resource": "arn:aws:ecr:*:*:repository/${aws:ResourceTag/team}",
    }
    document = {"Version": "2012-10-17", "Statement": statement}
    assert asked_in(with_inline(known(json.dumps(document)))) == {"repository"}


def test_the_policies_of_the_resources_ask_too() -> None:
    own = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    }
    of_key = {**own, "Resource": "*", "Condition": {"Null": {"aws:ResourceTag/team": "true"}}}
    repository, key = (
        known(json.dumps({"Version": "2012-10-17", "Statement": [item]})) for item in (own, of_key)
    )
    assert asked_in(with_inline(allowing("*"), get_repository_policy=repository)) == {"organization"}
    assert asked_in(with_inline(allowing("*"), get_key_policy=key)) == {"key"}


def test_what_conditions_ask_for_is_kept_by_the_name_that_the_definition_uses() -> None:
    answers = with_inline(allowing("*", "aws:ResourceTag/team"))
    snapshot = built(task_target(), answers)
    assert snapshot.images[0].tags == known((TEAM,))
    assert snapshot.parameter_tags == {f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/db": known((TEAM,))}
    assert snapshot.kms_key_tags == {"alias/mine": known((TEAM,))}
    assert answers.of(calls.LIST_PARAMETER_TAGS) == [{"ResourceType": "Parameter", "ResourceId": "/shop/db"}]
    assert answers.of(calls.LIST_KEY_TAGS) == [{"KeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"}]
    assert snapshot.organization == NOT_ASKED


def test_a_repository_that_is_not_there_has_no_tags_to_read() -> None:
    policy = allowing("*", "aws:ResourceTag/team")
    assert asked_in(with_inline(policy, describe_repository=Absent())) == {"parameter", "key"}
