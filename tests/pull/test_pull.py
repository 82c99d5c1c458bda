"""Who pulls, through which interface and from which hosts, in healthy worlds and small differences to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diagnostics.pull import (
    Interface,
    Leg,
    PullingRole,
    container_images,
    describe,
    is_secrets_manager,
    is_session_of,
    launch_of,
    network_configuration,
    parameter_names,
)
from diagnostics.snapshot import Absent, Known, Snapshot, Unavailable, known_value
from tests.build import (
    ACCOUNT,
    IMAGE,
    INSTANCE_ROLE_ARN,
    PROFILE_ARN,
    REGION,
    REGISTRY,
    ROLE_ARN,
    VPC,
    Edit,
    World,
    absent,
    changed,
    definition_of,
    ec2,
    fargate,
    known,
    public,
    task_of,
    unavailable,
)
from tests.build.tasks import container, definition, gone, not_asked, service, task, unread

DENIED = {"why": "denied", "call": "x:Y", "resource": "r"}
UNREAD = Unavailable(**DENIED)


def silent(world: World) -> None:
    """Neither the task nor its service nor the task definition says how the task was launched."""
    task_of(world).update(launchType=None, platformVersion=None)
    world["service"]["value"]["launchType"] = None
    definition_of(world)["requiresCompatibilities"] = ["EC2", "FARGATE"]


def alone(world: World) -> None:
    """The task was started by RunTask, not by a service."""
    task_of(world).update(group="family:payments-api", startedBy="someone")
    world["service"] = unavailable("not asked")


# --- launch ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "launch"),
    [
        ((), "fargate"),
        ((task(launchType="EC2"),), "ec2"),
        ((task(launchType="EXTERNAL"),), "external"),
        ((task(launchType="MANAGED_INSTANCES"),), "managed_instances"),
        ((silent, task(capacityProviderName="FARGATE")), "fargate"),
        ((silent, task(capacityProviderName="FARGATE_SPOT")), "fargate"),
        ((silent, task(launchType="", capacityProviderName="FARGATE_SPOT")), "fargate"),
        ((silent, task(capacityProviderName="my-hosts", containerInstanceArn="arn:aws:ecs:x")), "ec2"),
        ((silent, task(platformVersion="1.4.0")), "fargate"),
        ((silent, service(launchType="EC2")), "ec2"),
        ((silent, service(launchType="EC2"), task(launchType="FARGATE")), "fargate"),
        ((silent, definition(requiresCompatibilities=["EC2"])), "ec2"),
        ((silent, definition(requiresCompatibilities=["MANAGED_INSTANCES"])), "managed_instances"),
        ((silent, definition(requiresCompatibilities=["FARGATE"]), service(launchType="EXTERNAL")), "external"),
        ((unread("task"),), "fargate"),
        ((gone("task"),), "fargate"),
        ((unread("task", "service"),), "fargate"),
        ((gone("task"), service(launchType=None), definition(requiresCompatibilities=["EC2"])), "ec2"),
    ],
)  # fmt: skip
def test_how_the_task_runs(edits: tuple[Edit, ...], launch: str) -> None:
    snapshot = changed(fargate(), *edits)
    assert launch_of(snapshot) == Known(value=launch)
    assert describe(snapshot).launch == Known(value=launch)


NOBODY_SAYS = Unavailable(
    why="neither the task nor its service says how it was launched", call="ecs:DescribeTasks"
)


@pytest.mark.parametrize(
    ("edits", "fact"),
    [
        ((silent,), NOBODY_SAYS),
        ((silent, definition(requiresCompatibilities=[])), NOBODY_SAYS),
        ((silent, task(capacityProviderName="my-hosts")), NOBODY_SAYS),
        ((gone("task", "service", "task_definition"),), NOBODY_SAYS),
        ((not_asked("task", "service", "task_definition"),), NOBODY_SAYS),
        ((unread("task", "service", "task_definition"),), UNREAD),
        ((silent, unread("service")), UNREAD),
        ((silent, unread("task_definition")), UNREAD),
        ((silent, not_asked("service"), unread("task_definition")), UNREAD),
    ],
)
def test_an_unknown_launch_leaves_interfaces_and_principals_unknown(
    edits: tuple[Edit, ...], fact: Unavailable
) -> None:
    found = describe(changed(fargate(), *edits))
    assert (found.launch, found.interfaces, found.principals) == (fact, fact, fact)
    assert found.used_interface is None


# --- images ------------------------------------------------------------------------------------------

PUBLIC_IMAGE = "public.ecr.aws/docker/library/nginx:1"
GUARD = "593207742271.dkr.ecr.us-east-1.amazonaws.com/aws-guardduty-agent-fargate:v1"


def containers(**images: str | None) -> Edit:
    """The task has these containers, `name=image`."""
    return task(containers=[{"name": name, "image": image} for name, image in images.items()])


def defined(**images: str) -> Edit:
    """The task definition has these containers."""
    return definition(containerDefinitions=[{"name": name, "image": image} for name, image in images.items()])


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((), [(IMAGE, ("app",), False)]),
        ((containers(app=PUBLIC_IMAGE),), [(PUBLIC_IMAGE, ("app",), False)]),
        ((containers(app=None),), [(IMAGE, ("app",), False)]),
        ((containers(app=""),), [(IMAGE, ("app",), False)]),
        ((containers(app=IMAGE, agent=GUARD),), [(IMAGE, ("app",), False), (GUARD, ("agent",), True)]),
        ((containers(app=IMAGE, agent=None),), [(IMAGE, ("app",), False)]),
        ((containers(app=IMAGE, agent=IMAGE),), [(IMAGE, ("app", "agent"), False)]),
        (
            (containers(app=IMAGE, log=PUBLIC_IMAGE, job=IMAGE), defined(app=IMAGE, log=PUBLIC_IMAGE, job=IMAGE)),
            [(IMAGE, ("app", "job"), False), (PUBLIC_IMAGE, ("log",), False)],
        ),
        ((defined(app=IMAGE, log=PUBLIC_IMAGE),), [(IMAGE, ("app",), False), (PUBLIC_IMAGE, ("log",), False)]),
        ((unread("task"), defined(a=IMAGE, b=PUBLIC_IMAGE)), [(IMAGE, ("a",), False), (PUBLIC_IMAGE, ("b",), False)]),
        # Nobody can tell whether a container was injected while the task definition is unread.
        ((unread("task_definition"), containers(app=IMAGE, agent=GUARD)), [(IMAGE, ("app",), False), (GUARD, ("agent",), False)]),
        ((unread("task", "task_definition"),), []),
    ],
)  # fmt: skip
def test_images(edits: tuple[Edit, ...], expected: list[tuple[str, tuple[str, ...], bool]]) -> None:
    found = describe(changed(fargate(), *edits)).images
    assert [(item.image, item.containers, item.injected) for item in found] == expected
    assert all(item.reference is not None and item.error is None for item in found)


def test_an_image_that_cannot_be_parsed_has_no_legs() -> None:
    found = describe(changed(fargate(), containers(app="ghcr.io/Team/api"), defined(app="ghcr.io/Team/api")))
    assert found.images[0].reference is None
    assert "upper-case" in (found.images[0].error or "")
    assert found.legs == ()


def test_credentials_of_a_private_registry() -> None:
    secret = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:hub-AbCdEf"
    snapshot = changed(fargate(), container(repositoryCredentials={"credentialsParameter": secret}))
    assert describe(snapshot).images[0].credentials_parameter == secret
    assert describe(fargate()).images[0].credentials_parameter is None


def test_no_task_and_no_definition_have_no_images() -> None:
    assert container_images(None, None) == ()


# --- legs --------------------------------------------------------------------------------------------

API = ("login", f"api.ecr.{REGION}.amazonaws.com", REGION, "ecr.api", "puller")
DKR = ("manifest", REGISTRY, REGION, "ecr.dkr", "puller")
LAYERS = ("layers", f"prod-{REGION}-starport-layer-bucket.s3.{REGION}.amazonaws.com", REGION, "s3", "puller")
LOGS = ("logs", f"logs.{REGION}.amazonaws.com", REGION, "logs", "puller")


def by_aws(leg: tuple[str, ...]) -> tuple[str, ...]:
    return (*leg[:-1], "aws")


def host(name: str, region: str = REGION, suffix: str = "amazonaws.com") -> tuple[str, ...]:
    return (name, f"{name}.{region}.{suffix}", region, name, "puller")


def outside(name: str) -> tuple[str | None, ...]:
    return ("manifest", name, REGION, None, "puller")


def secrets(*values: str) -> Edit:
    """The container has secrets from these places."""
    return container(
        secrets=[{"name": f"S{place}", "valueFrom": value} for place, value in enumerate(values)]
    )


def arn(what: str, region: str = REGION, partition: str = "aws") -> str:
    return f"arn:{partition}:{what.partition(':')[0]}:{region}:{ACCOUNT}:{what.partition(':')[2]}"


def flat(leg: Leg) -> tuple[str | None, ...]:
    return (leg.name, leg.host, leg.region, leg.service, leg.by)


def image(name: str) -> Edit:
    """The container's image, in the task and its definition."""

    def edit(world: World) -> None:
        task_of(world)["containers"][0]["image"] = name
        definition_of(world)["containerDefinitions"][0]["image"] = name

    return edit


@pytest.mark.parametrize(
    ("edits", "legs"),
    [
        ((), [API, DKR, LAYERS, LOGS]),
        ((task(platformVersion="1.4.0"),), [API, DKR, LAYERS, LOGS]),
        ((task(platformVersion=None),), [API, DKR, LAYERS, LOGS]),
        ((task(platformVersion="LATEST"),), [API, DKR, LAYERS, LOGS]),
        ((task(platformVersion="1.3.0"),), [by_aws(API), DKR, LAYERS, LOGS]),
        ((task(platformVersion="1.0.0"),), [by_aws(API), DKR, LAYERS, LOGS]),
        # Fargate Windows counts again from 1.0.0 and logs in over the task's interface.
        ((task(platformVersion="1.0.0", platformFamily="WINDOWS_SERVER_2022_CORE"),), [API, DKR, LAYERS, LOGS]),
        ((task(platformVersion="1.3.0", launchType="EC2"),), [API, DKR, LAYERS, LOGS]),
        ((task(platformVersion="1.3.0"), secrets("p")), [by_aws(API), DKR, LAYERS, by_aws(host("ssm")), LOGS]),
        ((container(logConfiguration=None),), [API, DKR, LAYERS]),
        ((container(logConfiguration={"logDriver": "awsfirelens"}),), [API, DKR, LAYERS]),
        ((container(logConfiguration={"logDriver": "awslogs"}),), [API, DKR, LAYERS, LOGS]),
        (
            (container(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-region": "eu-west-1"}}),),
            [API, DKR, LAYERS, host("logs", "eu-west-1")],
        ),
        ((unread("task_definition"),), [API, DKR, LAYERS]),
        ((secrets("one", "/two/three"),), [API, DKR, LAYERS, host("ssm"), LOGS]),
        ((secrets(arn("ssm:parameter/x", "eu-west-1")),), [API, DKR, LAYERS, host("ssm", "eu-west-1"), LOGS]),
        ((secrets(arn("secretsmanager:secret:x-AbCdEf")),), [API, DKR, LAYERS, host("secretsmanager"), LOGS]),
        (
            (secrets(arn("secretsmanager:secret:x-AbCdEf:key::", "eu-west-1"), "p"),),
            [API, DKR, LAYERS, host("secretsmanager", "eu-west-1"), host("ssm"), LOGS],
        ),
        (
            (secrets(arn("secretsmanager:secret:x", "cn-north-1", "aws-cn")),),
            [API, DKR, LAYERS, host("secretsmanager", "cn-north-1", "amazonaws.com.cn"), LOGS],
        ),
        (
            (container(repositoryCredentials={"credentialsParameter": "hub"}), image("ghcr.io/team/api")),
            [outside("ghcr.io"), host("secretsmanager"), LOGS],
        ),
        (
            (container(logConfiguration={"logDriver": "splunk", "secretOptions": [{"name": "t", "valueFrom": "p"}]}),),
            [API, DKR, LAYERS, host("ssm")],
        ),
        ((image("nginx"),), [outside("registry-1.docker.io"), LOGS]),
        ((image(PUBLIC_IMAGE),), [outside("public.ecr.aws"), LOGS]),
        (
            (image(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/x"),),
            [
                ("login", "api.ecr.eu-west-1.amazonaws.com", "eu-west-1", "ecr.api", "puller"),
                ("manifest", f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1", "ecr.dkr", "puller"),
                ("layers", "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com", "eu-west-1", "s3", "puller"),
                LOGS,
            ],
        ),
        (
            (image(f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws/x"),),
            [API, ("manifest", f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws", REGION, "ecr.dkr", "puller"), LAYERS, LOGS],
        ),
    ],
)  # fmt: skip
def test_the_hosts_that_must_answer(edits: tuple[Edit, ...], legs: list[tuple[str | None, ...]]) -> None:
    assert [flat(leg) for leg in describe(changed(fargate(), *edits)).legs] == legs


def test_containers_share_the_legs_to_one_host() -> None:
    other = f"{REGISTRY}/other:1"
    images = {"app": IMAGE, "log": PUBLIC_IMAGE, "job": other}
    legs = describe(changed(fargate(), containers(**images), defined(**images))).legs
    assert [(leg.name, leg.containers) for leg in legs] == [
        ("login", ("app", "job")),
        ("manifest", ("app", "job")),
        ("layers", ("app", "job")),
        ("manifest", ("log",)),
    ]


def test_secrets_come_before_the_pull_and_logs_are_not_part_of_it() -> None:
    legs = describe(changed(fargate(), secrets("p"))).legs
    assert {leg.name: (leg.stage, leg.needed_for_pull) for leg in legs} == {
        "login": ("login", True),
        "manifest": ("manifest", True),
        "layers": ("layers", True),
        "ssm": ("secrets", True),
        "logs": ("secrets", False),
    }


@pytest.mark.parametrize(
    ("value", "is_secret", "names"),
    [
        ("p", False, ("p",)),
        ("/a/b", False, ("/a/b",)),
        ("p:3", False, ("p",)),
        (arn("ssm:parameter/p"), False, ("p", "/p")),
        (arn("ssm:parameter/a/b"), False, ("/a/b",)),
        (arn("ssm:parameter/a/b", "cn-north-1", "aws-cn"), False, ("/a/b",)),
    ],
)
def test_names_of_parameters(value: str, is_secret: bool, names: tuple[str, ...]) -> None:
    assert is_secrets_manager(value) is is_secret
    assert parameter_names(value) == names


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso-b"])
def test_secrets_of_every_partition(partition: str) -> None:
    assert is_secrets_manager(arn("secretsmanager:secret:x", REGION, partition))


# --- interfaces of Fargate ---------------------------------------------------------------------------


def eni(**values: Any) -> Edit:
    """The task's network interface still exists."""
    value = {
        "NetworkInterfaceId": "eni-task", "SubnetId": "subnet-private-a", "VpcId": VPC, "PrivateIpAddress": "10.0.10.20",
        "Groups": [{"GroupId": "sg-now"}], **values,
    }  # fmt: skip

    def edit(world: World) -> None:
        world["task_interface"] = known(value)

    return edit


def awsvpc(**values: Any) -> dict[str, Any]:
    """A network configuration as ECS gives it."""
    usual = {"subnets": ["subnet-private-a"], "securityGroups": ["sg-tasks"], "assignPublicIp": "DISABLED"}
    return {"awsvpcConfiguration": {**usual, **values}}


def configured(**values: Any) -> Edit:
    """The task's deployment and its service have this configuration."""

    def edit(world: World) -> None:
        world["service"]["value"]["networkConfiguration"] = awsvpc(**values)
        world["service"]["value"]["deployments"][0]["networkConfiguration"] = awsvpc(**values)

    return edit


def newer_service(world: World) -> None:
    """The service has other groups by now than the task's own deployment."""
    world["service"]["value"]["networkConfiguration"] = awsvpc(securityGroups=["sg-newer"])


def task_set(world: World) -> None:
    """A task set, not a deployment, started the task."""
    found = world["service"]["value"]
    found["deployments"][0]["id"] = "ecs-svc/2"
    found["taskSets"] = [{"id": "ecs-svc/1", "networkConfiguration": awsvpc(securityGroups=["sg-set"])}]


def unattached(world: World) -> None:
    """The task has no network interface (yet)."""
    task_of(world)["attachments"] = []


def short(item: Interface) -> tuple[str, bool]:
    return item.subnet_id, item.used


A, B = "subnet-private-a", "subnet-private-b"


@pytest.mark.parametrize(
    ("edits", "subnets"),
    [
        ((), [(A, True), (B, False)]),
        ((configured(subnets=[B, A]),), [(A, True), (B, False)]),
        ((configured(subnets=[B]),), [(A, True), (B, False)]),
        ((alone,), [(A, True)]),
        ((gone("service"),), [(A, True)]),
        ((unread("service"),), [(A, True)]),
        ((unattached,), [(A, False), (B, False)]),
        ((unattached, configured(subnets=[B])), [(B, True)]),
        ((gone("task"),), [(A, False), (B, False)]),
        ((unread("task"),), [(A, False), (B, False)]),
        ((unread("task_definition"),), [(A, True), (B, False)]),
        ((lambda w: task_of(w)["attachments"][0].update(type="eni"),), [(A, True), (B, False)]),
        (
            (lambda w: task_of(w)["attachments"][0].update(type="Service Connect"), configured(subnets=[B])),
            [(B, True)],
        ),
    ],
)
def test_the_subnets_of_a_fargate_task(edits: tuple[Edit, ...], subnets: list[tuple[str, bool]]) -> None:
    found = describe(changed(fargate(), *edits))
    assert [short(item) for item in known_value(found.interfaces) or ()] == subnets
    used = next((name for name, is_used in subnets if is_used), None)
    assert (found.used_interface.subnet_id if found.used_interface else None) == used


DEFAULT_GROUP = "the service names no security group, so the VPC's default group applies"
NOT_TOLD = "the task's network interface is gone and no service tells its security groups"


@pytest.mark.parametrize(
    ("edits", "groups", "told_by"),
    [
        ((), ("sg-tasks",), "deployment ecs-svc/1"),
        ((newer_service,), ("sg-tasks",), "deployment ecs-svc/1"),
        ((newer_service, task(startedBy="ecs-svc/0")), ("sg-newer",), "service payments-api"),
        ((newer_service, gone("task"), ), ("sg-newer",), "service payments-api"),
        ((task_set,), ("sg-set",), "deployment ecs-svc/1"),
        ((eni(),), ("sg-now",), "network interface eni-task"),
        ((eni(), unread("service")), ("sg-now",), "network interface eni-task"),
        ((eni(), alone), ("sg-now",), "network interface eni-task"),
        ((eni(Groups=[]),), (), "network interface eni-task"),
        ((configured(securityGroups=[]),), DEFAULT_GROUP, "deployment ecs-svc/1"),
        ((alone,), NOT_TOLD, "nothing"),
        ((alone, unread("task_interface")), "denied", "nothing"),
        ((alone, not_asked("task_interface")), NOT_TOLD, "nothing"),
        ((unread("service"),), "denied", "nothing"),
        ((gone("service"),), NOT_TOLD, "nothing"),
        ((unread("task_interface"),), ("sg-tasks",), "deployment ecs-svc/1"),
    ],
)  # fmt: skip
def test_the_groups_of_a_fargate_task(
    edits: tuple[Edit, ...], groups: tuple[str, ...] | str, told_by: str
) -> None:
    used = describe(changed(fargate(), *edits)).used_interface
    items = known_value(describe(changed(fargate(), *edits)).interfaces) or ()
    for item in items if used is None else (used,):
        assert item.told_by == told_by
        if isinstance(groups, str):
            assert isinstance(item.security_group_ids, Unavailable)
            assert item.security_group_ids.why == groups
        else:
            assert item.security_group_ids == Known(value=groups)


ADDRESS = {"Association": {"PublicIp": "198.51.100.20"}}


@pytest.mark.parametrize(
    ("edits", "has"),
    [
        ((), False),
        ((configured(assignPublicIp="ENABLED"),), True),
        ((configured(assignPublicIp=None),), False),
        ((eni(),), False),
        ((eni(**ADDRESS),), True),
        ((eni(**ADDRESS), configured(assignPublicIp="ENABLED")), True),
        ((eni(Association={}), configured(assignPublicIp="ENABLED")), True),
        ((eni(**ADDRESS), unread("service")), True),
        # The service might assign one: an interface without it does not tell.
        ((eni(), unread("service")), None),
        ((eni(), alone), False),
        ((eni(), gone("service")), False),
        ((alone,), None),
        ((unread("service"),), None),
    ],
)
def test_the_public_address_of_a_fargate_task(edits: tuple[Edit, ...], has: bool | None) -> None:
    used = describe(changed(fargate(), *edits)).used_interface
    assert used is not None
    assert known_value(used.public_ip) is has
    assert isinstance(used.public_ip, Known if has is not None else Unavailable)


def test_what_the_task_tells_of_its_interface() -> None:
    used = describe(changed(fargate(), eni(Ipv6Addresses=[{"Ipv6Address": "2600::1"}]))).used_interface
    assert used is not None
    assert (used.kind, used.interface_id, used.instance_id, used.private_ip) == (
        "task",
        "eni-task",
        None,
        "10.0.10.20",
    )
    assert (used.vpc_id, used.ipv6, used.windows) == (Known(value=VPC), Known(value=True), Known(value=False))
    other = (known_value(describe(fargate()).interfaces) or ())[1]
    assert (other.interface_id, other.private_ip) == (None, None)


def test_public_subnets() -> None:
    found = known_value(describe(public()).interfaces) or ()
    assert [short(item) for item in found] == [("subnet-public-a", True), ("subnet-public-b", False)]
    assert all(item.public_ip == Known(value=True) for item in found)


@pytest.mark.parametrize(
    ("blocks", "ipv6"),
    [
        ([], False),
        ([{"Ipv6CidrBlock": "2600::/64", "Ipv6CidrBlockState": {"State": "associated"}}], True),
        ([{"Ipv6CidrBlock": "2600::/64"}], True),
        ([{"Ipv6CidrBlock": "2600::/64", "Ipv6CidrBlockState": {"State": "disassociated"}}], False),
    ],
)
def test_ipv6_comes_from_the_subnet_where_the_interface_is_gone(
    blocks: list[dict[str, Any]], ipv6: bool
) -> None:
    def edit(world: World) -> None:
        world["subnets"][A]["value"]["Ipv6CidrBlockAssociationSet"] = blocks

    used = describe(changed(fargate(), edit)).used_interface
    assert used is not None
    assert used.ipv6 == Known(value=ipv6)


@pytest.mark.parametrize("fact", [unavailable(**DENIED), absent("ec2:DescribeSubnets")])
def test_an_unread_or_deleted_subnet(fact: dict[str, Any]) -> None:
    used = describe(changed(fargate(), lambda world: world["subnets"].update({A: fact}))).used_interface
    assert used is not None
    assert used.vpc_id == (UNREAD if fact["kind"] == "unavailable" else Absent(call="ec2:DescribeSubnets"))
    assert isinstance(used.ipv6, Unavailable)


def test_a_subnet_that_nobody_asked_for() -> None:
    used = describe(changed(fargate(), lambda world: world["subnets"].clear())).used_interface
    assert used is not None
    assert used.vpc_id == Unavailable(call="ec2:DescribeSubnets", resource=A)


@pytest.mark.parametrize(
    ("edits", "windows"),
    [
        ((), False),
        ((definition(runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}),), True),
        ((definition(runtimePlatform=None), task(platformFamily="Windows Server 2019 Core")), True),
        ((definition(runtimePlatform=None), task(platformFamily=None)), False),
        ((unread("task_definition"),), False),
        ((unread("task_definition"), task(platformFamily="WINDOWS_SERVER_2019_FULL")), True),
        ((unread("task_definition"), task(platformFamily=None)), None),
        ((definition(runtimePlatform=None), unread("task")), None),
    ],
)
def test_the_operating_system(edits: tuple[Edit, ...], windows: bool | None) -> None:
    found = known_value(describe(changed(fargate(), *edits)).interfaces) or ()
    assert {known_value(item.windows) for item in found} == {windows}
    assert windows is not None or all(item.windows == UNREAD for item in found)


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ((alone, unattached), "the task has no network interface and no service tells its subnets"),
        ((unattached, gone("service")), "the task has no network interface and no service tells its subnets"),
        ((unattached, unread("service")), "denied"),
        ((unread("task"), gone("service")), "denied"),
        ((unread("task"), not_asked("service")), "denied"),
    ],
)
def test_interfaces_that_nobody_tells(edits: tuple[Edit, ...], why: str) -> None:
    fact = describe(changed(fargate(), *edits)).interfaces
    assert isinstance(fact, Unavailable)
    assert fact.why == why


def test_no_configuration_without_a_service() -> None:
    assert network_configuration(changed(fargate(), alone)) == (None, "")
    assert network_configuration(ec2()) == (None, "")


# --- interfaces of hosts -----------------------------------------------------------------------------


def host_interface(world: World) -> dict[str, Any]:
    """The host's network interface."""
    found: dict[str, Any] = world["instance"]["value"]["NetworkInterfaces"][0]
    return found


def second_interface(world: World) -> None:
    """The host's first listed interface is not its primary one."""
    other = {
        **host_interface(world), "NetworkInterfaceId": "eni-2", "SubnetId": B, "Groups": [{"GroupId": "sg-2"}],
        "Attachment": {"DeviceIndex": 1},
    }  # fmt: skip
    world["instance"]["value"]["NetworkInterfaces"].insert(0, other)


def own_interface(world: World) -> None:
    """The task runs in awsvpc mode: it has an interface of its own, which plays no part."""
    definition_of(world)["networkMode"] = "awsvpc"
    details = [
        {"name": "subnetId", "value": B},
        {"name": "networkInterfaceId", "value": "eni-task"},
        {"name": "privateIPv4Address", "value": "10.0.11.20"},
    ]
    task_of(world)["attachments"] = [{"type": "ElasticNetworkInterface", "details": details}]
    world["service"]["value"]["networkConfiguration"] = awsvpc(subnets=[B])
    eni(SubnetId=B)(world)


@pytest.mark.parametrize(
    "edits",
    [
        (),
        (definition(networkMode="host"),),
        (definition(networkMode=None),),
        (own_interface,),
        (second_interface,),
        (unread("service"),),
        (task(launchType="MANAGED_INSTANCES"),),
        (lambda w: host_interface(w).update(SubnetId=None, VpcId=None, Groups=[]),),
        (lambda w: w["instance"]["value"].update(NetworkInterfaces=[]),),
    ],
)
def test_the_host_pulls_in_every_network_mode(edits: tuple[Edit, ...]) -> None:
    found = describe(changed(ec2(), *edits))
    assert isinstance(found.interfaces, Known)
    (item,) = found.interfaces.value
    assert found.used_interface == item
    assert (item.kind, item.subnet_id, item.instance_id) == ("container_instance", A, "i-0aaaabbbbccccdddd")
    assert item.vpc_id == Known(value=VPC)
    assert item.security_group_ids == Known(value=("sg-hosts",))
    assert (item.public_ip, item.ipv6) == (Known(value=False), Known(value=False))
    assert item.private_ip == "10.0.10.50"
    assert item.told_by == "instance i-0aaaabbbbccccdddd"


@pytest.mark.parametrize(
    "edit",
    [
        lambda w: host_interface(w).update(ADDRESS),
        lambda w: w["instance"]["value"].update(PublicIpAddress="198.51.100.20"),
    ],
)
def test_a_host_with_a_public_address(edit: Edit) -> None:
    used = describe(changed(ec2(), edit)).used_interface
    assert used is not None
    assert used.public_ip == Known(value=True)


def test_a_host_with_an_ipv6_address() -> None:
    def edit(world: World) -> None:
        host_interface(world)["Ipv6Addresses"] = [{"Ipv6Address": "2600::1"}]

    used = describe(changed(ec2(), edit)).used_interface
    assert used is not None
    assert used.ipv6 == Known(value=True)


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ((unread("container_instance"),), "denied"),
        ((unread("instance"),), "denied"),
        ((gone("container_instance"), not_asked("instance")), "the container instance is gone"),
        ((gone("instance"),), "the container instance is gone"),
        ((lambda w: w["instance"]["value"].update(NetworkInterfaces=[], SubnetId=None),), "the container instance has no network interface"),
    ],
)  # fmt: skip
def test_hosts_that_tell_nothing(edits: tuple[Edit, ...], why: str) -> None:
    fact = describe(changed(ec2(), *edits)).interfaces
    assert isinstance(fact, Unavailable)
    assert fact.why == why


def test_an_external_instance_has_no_interface_in_aws() -> None:
    found = describe(changed(ec2(), task(launchType="EXTERNAL")))
    assert found.interfaces == Absent()
    assert found.used_interface is None


# --- principals --------------------------------------------------------------------------------------

OVERRIDE = f"arn:aws:iam::{ACCOUNT}:role/override"
PATHED = f"arn:aws:iam::{ACCOUNT}:role/teams/payments/payments-execution"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/payments-execution/0123"
HOST_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ecsInstanceRole/i-0aaaabbbbccccdddd"

EXECUTION = PullingRole(kind="execution_role", role_arn=ROLE_ARN, why="the task definition's execution role")
INSTANCE = PullingRole(
    kind="instance_role", role_arn=INSTANCE_ROLE_ARN, why=f"the role of instance profile {PROFILE_ARN}"
)
OVERRIDDEN = PullingRole(
    kind="execution_role", role_arn=OVERRIDE, why="the task's override of the execution role"
)
NAMED = "the denied ARN in the error names it"

overrides = task(overrides={"executionRoleArn": OVERRIDE})
with_role = definition(executionRoleArn=ROLE_ARN)


def named(principal: PullingRole, session: str | None, **values: str) -> PullingRole:
    return principal.model_copy(update={"session_name": session, "why": NAMED, **values})


@pytest.mark.parametrize(
    ("world", "edits", "denied", "expected"),
    [
        (fargate, (), None, [EXECUTION]),
        (fargate, (overrides,), None, [OVERRIDDEN]),
        (fargate, (overrides, unread("task_definition")), None, [OVERRIDDEN]),
        (fargate, (definition(executionRoleArn=None),), None, []),
        (fargate, (definition(executionRoleArn=""),), None, []),
        (fargate, (alone,), None, [EXECUTION]),
        (fargate, (gone("task"),), None, [EXECUTION]),
        # Only RunTask overrides roles: a service's task has the task definition's.
        (fargate, (unread("task"),), None, [EXECUTION]),
        (fargate, (), SESSION, [named(EXECUTION, "0123")]),
        (fargate, (), HOST_SESSION, [EXECUTION]),
        (fargate, (definition(executionRoleArn=PATHED),), SESSION, [named(EXECUTION, "0123", role_arn=PATHED)]),
        (fargate, (), SESSION.removesuffix("/0123"), [named(EXECUTION, None)]),
        (fargate, (), "nonsense", [EXECUTION]),
        (ec2, (), None, [INSTANCE]),
        (ec2, (with_role,), None, [EXECUTION, INSTANCE]),
        (ec2, (with_role,), SESSION, [named(EXECUTION, "0123")]),
        (ec2, (with_role,), HOST_SESSION, [named(INSTANCE, "i-0aaaabbbbccccdddd")]),
        (ec2, (with_role, unread("instance_profile")), SESSION, [named(EXECUTION, "0123")]),
        (ec2, (with_role, unread("container_instance", "instance")), SESSION, [named(EXECUTION, "0123")]),
        (ec2, (gone("instance_profile"),), None, []),
        (ec2, (gone("instance_profile"), with_role), None, [EXECUTION]),
        (ec2, (lambda w: w["instance_profile"]["value"].update(Roles=[]),), None, []),
        (ec2, (with_role, task(launchType="MANAGED_INSTANCES")), None, [EXECUTION]),
        (ec2, (with_role, task(launchType="EXTERNAL")), None, [EXECUTION]),
        (ec2, (task(launchType="EXTERNAL"),), None, []),
    ],
)  # fmt: skip
def test_who_may_pull(
    world: Callable[[], Snapshot], edits: tuple[Edit, ...], denied: str | None, expected: list[PullingRole]
) -> None:
    found = describe(changed(world(), *edits), denied).principals
    assert found == Known(value=tuple(expected))


@pytest.mark.parametrize(
    ("world", "edits", "denied"),
    [
        (fargate, (unread("task_definition"),), None),
        (fargate, (alone, unread("task")), None),
        (fargate, (overrides, alone, unread("task")), SESSION),
        (ec2, (unread("task_definition"),), None),
        (ec2, (unread("container_instance"),), None),
        (ec2, (unread("instance"),), None),
        (ec2, (unread("instance_profile"),), None),
        (ec2, (with_role, unread("instance_profile")), None),
        (ec2, (with_role, unread("instance_profile")), HOST_SESSION),
    ],
)
def test_who_may_pull_is_unknown(
    world: Callable[[], Snapshot], edits: tuple[Edit, ...], denied: str | None
) -> None:
    assert describe(changed(world(), *edits), denied).principals == UNREAD


@pytest.mark.parametrize(
    ("denied", "role", "is_it"),
    [
        (SESSION, ROLE_ARN, True),
        (SESSION, PATHED, True),
        (SESSION, ROLE_ARN + "-2", False),
        (SESSION, ROLE_ARN.replace(ACCOUNT, "444455556666"), False),
        (SESSION, ROLE_ARN.replace("arn:aws:", "arn:aws-cn:"), False),
        (SESSION.replace("arn:aws:", "arn:aws-cn:"), ROLE_ARN.replace("arn:aws:", "arn:aws-cn:"), True),
        (SESSION, None, False),
        (None, ROLE_ARN, False),
        ("", ROLE_ARN, False),
        (ROLE_ARN, ROLE_ARN, False),
        (f"arn:aws:iam::{ACCOUNT}:user/payments-execution", ROLE_ARN, False),
    ],
)
def test_sessions_of_a_role(denied: str | None, role: str | None, is_it: bool) -> None:
    assert is_session_of(denied, role) is is_it


def test_the_rest_of_the_description() -> None:
    found = describe(fargate())
    assert (found.region, found.partition, found.platform_version) == (REGION, "aws", "1.4.0")
    assert describe(changed(fargate(), unread("task"))).platform_version is None
