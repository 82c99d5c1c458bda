"""Answers of AWS that this version does not know, in every call there is: what is said then stays, or becomes unknown.

Worlds of all families are read again from their own facts (`tests.build.asked`), with one answer of one call changed: new members,
new words, members that are left out or are of another type, a record that nobody can read, a policy with elements that came later.
The rule is that of `tests/cases/test_knowing_less.py`: no new cause, and nothing is all right that was not.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from diagnostics.collect import calls, plan
from diagnostics.collect.operation import Ask, Call, Operation
from diagnostics.collect.perform import perform
from diagnostics.snapshot import CapacityProvider, Fact, Known, Snapshot
from tests.build import ACCOUNT, changed, ec2, fargate, image_of, known, permissions, policy_text, stopped
from tests.build import network as net
from tests.build.asked import Answer, Asking
from tests.build.facts import World
from tests.build.names import TASK_ID
from tests.build.planned import host_of, on_hosts, planned
from tests.build.saved import case
from tests.cases.rejudging import Rejudging, judgement
from tests.cases.test_knowing_less import violations
from tests.faults.files import buckets
from tests.faults.host.worlds import volume
from tests.faults.secrets import secret_edits as secrets

from .replaying import Facts, completed, replay

# --- the worlds --------------------------------------------------------------------------------------


def old_arn(world: World) -> None:
    """The target is an ARN in the old format, which does not name the cluster."""
    world["target"].update(cluster=None, task_id=TASK_ID)


def registry_policy(world: World) -> None:
    """The registry has a policy, which decides about pulls too."""
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "ecr:*",
        "Resource": "*",
    }
    image_of(world).update(registry_policy=known(policy_text(allow)), registry_policy_scope=known("V2"))


def conditions(world: World) -> None:
    """Policies ask for tags and for the organization, and what they ask for is as they want it."""
    tags = known([{"Key": "team", "Value": "payments"}])
    image_of(world)["tags"] = tags
    world.update(organization=known("o-exampleorgid"))
    world.update(parameter_tags={secrets.PARAMETER_ARN: tags}, kms_key_tags={secrets.KEY_ARN: tags})
    others = {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
    untagged = {"StringEquals": {"aws:ResourceTag/team": "another"}}
    denials = [
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": item} for item in (others, untagged)
    ]
    permissions.attached(permissions.CUSTOMER_POLICY, *denials)(world)


def rolled_back(world: World) -> None:
    """The service's deployment failed and was rolled back, and it no longer lists that."""
    service = world["service"]["value"]
    arn = service["serviceArn"].replace(":service/", ":service-revision/") + "/1"
    event = {"message": "(service remembered) rolling back to deployment ecs-svc/1."}
    service["events"] = [event, *service["events"]]
    deployment = {"status": "ROLLBACK_SUCCESSFUL", "targetServiceRevisionArn": arn}
    revision = {name: service[name] for name in ("taskDefinition", "networkConfiguration")}
    world.update(failed_deployment=known(deployment), failed_revision=known(revision))


def with_everything() -> Snapshot:
    """A healthy task that has a secret, a parameter, their key, an environment file, a registry policy, IPv6 and prefix lists."""
    return changed(
        fargate(),
        secrets.taking(secrets.SECRET_ARN, key=secrets.KEY_ARN),
        secrets.taking(secrets.PARAMETER_ARN, key=secrets.KEY_ARN),
        secrets.kms_key(secrets.USUAL_KEY_POLICY),
        buckets.env_file,
        buckets.bucket(buckets.FOR_THE_ROLE),
        registry_policy,
        conditions,
        net.ipv6(),
        net.egress_only_gateway,
        net.prefix_list("pl-own", "0.0.0.0/0"),
        net.egress(net.to_list("pl-own")),
        stopped("CannotPullContainerError: pull image manifest has been retried 1 time(s): context canceled"),
    )


def given_up(world: World) -> None:
    """The host gave up the pull, so that its volume is asked for, which is large enough."""
    volume(100)(world)
    stopped("CannotPullContainerError: context canceled")(world)


def on_a_capacity_provider() -> Snapshot:
    """A task that nobody has started, for the container instances of one capacity provider."""
    healthy = ec2()
    host = host_of(healthy, capacity_provider_name="hosts")
    facts = on_hosts(healthy, host, launch_type=None, capacity_provider="hosts")
    provider = CapacityProvider.model_validate(
        {"name": "hosts", "autoScalingGroupProvider": {"autoScalingGroupArn": "arn:aws:autoscaling"}}
    )
    return facts.model_copy(update={"capacity_providers": {"hosts": Known[CapacityProvider](value=provider)}})


WORLDS: dict[str, Callable[[], Snapshot]] = {
    "planned, on a capacity provider": on_a_capacity_provider,
    "planned, as a service": lambda: planned(fargate()),
    "everything": with_everything,
    "given up": lambda: changed(case("healthy-ec2-bridge"), given_up),
    "rolled back": lambda: changed(case("task-gone-service-events"), rolled_back),
    "everything, by its old ARN": lambda: changed(with_everything(), old_arn),
    **{
        name: functools.partial(case, name)
        for name in (
            "healthy-ec2-bridge",
            "healthy-endpoints",
            "task-gone-service-events",
            "container-secret-access-denied",
            "boundary-denies",
            "scp-denies",
            "repo-policy-denies-instance",
            "role-trust-denies",
            "platform-mismatch",
            "tag-not-found-second-container",
            "digest-not-found",
            "repo-not-found",
            "pull-through-cache-permission-missing",
            "route-no-egress",
            "dns-server-unusable",
            "vpc-block-public-access",
            "public-subnet-no-public-ip",
        )
    },
}


LIKE = {"everything, by its old ARN": "everything"}
"""A world that is another one as soon as the task is found. What both ask, and are answered alike, is changed in the other one
only: from there on the target tells no more than a name in a sentence."""


@dataclass(frozen=True)
class Read:
    """A world as it is read: its clients, every call with its fact, and what is said of it."""

    build: Callable[[Ask], Snapshot]
    asking: Asking
    facts: Facts
    world: Rejudging


@functools.cache
def read(name: str) -> Read:
    facts = WORLDS[name]()
    asking = Asking(facts)

    def build(ask: Ask) -> Snapshot:
        return plan.build(facts.target, ask, region=facts.region, planned=facts.planned)

    snapshot, answers = replay(build, lambda call: perform(call, asking).fact)
    return Read(build, asking, answers, Rejudging(snapshot))


def own_facts(name: str) -> Facts:
    """Every call of a world with its fact, without those of the world that it is like."""
    others = read(LIKE[name]).facts if name in LIKE else {}
    return {
        call: fact for call, fact in read(name).facts.items() if call not in others or others[call] != fact
    }


def test_a_world_that_is_read_again_is_judged_alike() -> None:
    different = {
        name: (before.causes, after.causes)
        for name, make in WORLDS.items()
        for before, after in [(judgement(make()), read(name).world.before)]
        if (before.causes, before.outcome) != (after.causes, after.outcome)
    }
    assert different == {}


def _asked_by_a_diagnosis() -> set[str]:
    """The names of operations in the modules of the plan: an audit, a menu, a pre-flight and the routes of events ask for more."""
    folder = Path(calls.__file__).parent
    plans = (
        path for path in folder.glob("*.py") if path.stem not in ("inventory", "listing", "needed", "planned")
    )
    return {name for path in plans for name in re.findall(r"\bcalls\.([A-Z_]+)\b", path.read_text("utf-8"))}


def test_every_call_is_made_in_some_world() -> None:
    made = {call.operation for name in WORLDS for call in read(name).facts}
    names = {id(value): name for name, value in vars(calls).items() if isinstance(value, Operation)}
    asked = _asked_by_a_diagnosis()
    assert {"DESCRIBE_TASKS", "GET_ROLE", "DESCRIBE_ROUTE_TABLES"} <= asked
    missing = [names[id(item)] for item in calls.OPERATIONS if item not in made]
    assert [name for name in missing if name in asked] == []


# --- what is changed ---------------------------------------------------------------------------------

_ENUMS = re.compile(
    r"(?i)(\w*(state|status|type|mode|domain)|action|stopCode|origin|ruleAction|launchType|\w*compatibilit\w*|assignPublicIp|"
    r"cpuArchitecture|operatingSystemFamily|imageTagMutability|keyManager|EvalDecision|EvalResourceDecision|exclusionsAllowed|"
    r"platformFamily|platformVersion|architecture|protocol|ipProtocol|imageManifestMediaType|artifactMediaType|upstreamRegistry|reason|value)"
)
_NOT_ENUMS = ("Value", "valueFrom", "stoppedReason")


def objects(content: Any) -> Iterator[dict[str, Any]]:
    """Every object of an answer, its envelope and what is inside policies left out."""
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for value in inner:
        if isinstance(value, dict):
            if "Statement" in value:
                continue
            yield value
        yield from objects(value)


def new_members(answer: Answer) -> None:
    """Every object has a member that nobody knows yet."""
    for item in list(objects(answer)):
        item["SomethingNew"] = {"Deep": [1, None]}


def new_words(answer: Answer) -> None:
    """Every word of a list of words that AWS may add to is a new one."""
    for item in list(objects(answer)):
        for key, value in item.items():
            if (
                isinstance(value, str)
                and _ENUMS.fullmatch(key)
                and key not in _NOT_ENUMS
                and " " not in value
            ):
                item[key] = "SOMETHING_NEW"
            elif (
                isinstance(value, list)
                and _ENUMS.fullmatch(key)
                and all(isinstance(one, str) for one in value)
            ):
                item[key] = ["SOMETHING_NEW"]


MEANS_NONE = (
    "IamInstanceProfile",
    "PermissionsBoundary",
    "cpuArchitecture",
    "executionRoleArn",
    "operatingSystemFamily",
    "runtimePlatform",
    "secrets",
)
"""Members that AWS leaves out to say that there is none, or that the documented default holds: nothing tells one from the other."""


def left_out(number: int) -> Callable[[Answer], None]:
    def change(answer: Answer) -> None:
        """Every object lacks one of its members."""
        for item in list(objects(answer)):
            key = list(item)[number % len(item)] if len(item) > 1 else None
            if key is not None and key not in MEANS_NONE:
                del item[key]

    return change


def of_another_type(number: int) -> Callable[[Answer], None]:
    def change(answer: Answer) -> None:
        """One member of every object is of another type, its inner objects first."""
        for item in reversed(list(objects(answer))):
            if item:
                key = list(item)[number % len(item)]
                item[key] = other_type(item[key])

    return change


def other_type(value: Any) -> Any:
    if isinstance(value, dict | list):
        return "something"
    if isinstance(value, datetime):
        return "soon"
    return {"Something": "else"} if isinstance(value, str) else "many"


def lists(content: Any) -> Iterator[list[Any]]:
    if isinstance(content, list) and content and isinstance(content[0], dict):
        yield content
    for value in (
        content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    ):
        yield from lists(value)


def a_record_more(answer: Answer) -> None:
    """Every list of records has another that nobody can read."""
    for found in list(lists(answer)):
        found.append(dict.fromkeys(found[0], 7))


def an_empty_record(answer: Answer) -> None:
    """The last record of every list is empty."""
    for found in list(lists(answer)):
        found[-1] = {}


def newer_policies(answer: Answer) -> None:
    """Every policy has elements, and every statement an operator, that came later."""

    def newer(value: Any) -> Any:
        if isinstance(value, dict) and "Statement" in value:
            statements = value["Statement"] if isinstance(value["Statement"], list) else [value["Statement"]]
            return {**value, "NewElement": 1, "Statement": [{**item, "NewElement": 2} for item in statements]}
        if isinstance(value, str) and value.startswith("{"):
            parsed = json.loads(value)
            return json.dumps(newer(parsed)) if "Statement" in parsed else value
        return value

    for item in [answer, *objects(answer)]:
        for key, value in item.items():
            item[key] = newer(value)


CHANGES: dict[str, Callable[[Answer], None]] = {
    "new words": new_words,
    "a record more": a_record_more,
    "an empty record": an_empty_record,
    "newer policies": newer_policies,
    **{f"without member {number}": left_out(number) for number in range(12)},
    **{f"member {number} of another type": of_another_type(number) for number in range(12)},
}


def strange(name: str, call: Call[Any], change: Callable[[Answer], None]) -> Fact[Any]:
    """What a changed answer makes of a call."""

    def other(answer: Answer) -> Answer:
        copied = copy.deepcopy(answer)
        change(copied)
        return copied

    asking = read(name).asking
    asking.change = other
    try:
        return perform(call, asking).fact
    finally:
        asking.change = lambda answer: answer


def judged_with(name: str, call: Call[Any], fact: Fact[Any]) -> tuple[str, ...]:
    """What is decided with another fact that was not decided before."""
    before = read(name)
    snapshot = completed(
        before.build, {**before.facts, call: fact}, lambda item: perform(item, before.asking).fact
    )
    found = violations(before.world.before, before.world.judgement(snapshot))
    # A list that is left out is an empty one in most of AWS's answers, so that what is about its records does not apply.
    return tuple(item for item in found if " is skipped, was " not in item)


@pytest.mark.parametrize("name", WORLDS)
def test_new_members_change_no_fact(name: str) -> None:
    assert [call for call, fact in own_facts(name).items() if strange(name, call, new_members) != fact] == []


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_not_known_is_no_fault(name: str) -> None:
    wrong = {}
    for call, known_fact in own_facts(name).items():
        seen = [known_fact]
        for what, change in CHANGES.items():
            fact = strange(name, call, change)
            if fact in seen:
                continue
            seen.append(fact)
            if found := judged_with(name, call, fact):
                wrong[f"{call.operation.action} {call.params[:80]}: {what}"] = found
    assert wrong == {}
