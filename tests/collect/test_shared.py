"""Answers that several diagnoses share: asked once, kept for a while, joined, and held back by the budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from diagnostics.collect import AwsClients, calls
from diagnostics.collect.budget import Budget, bucket_key
from diagnostics.collect.ids import ids_filter
from diagnostics.collect.operation import Call, Operation
from diagnostics.collect.shared import AskingRun, FactStore, SharedAnswer
from diagnostics.snapshot import Absent, Fact, Known, Unavailable

REGION = "eu-central-1"


class Scene:
    """A store on a pool and a clock that do nothing by themselves, and an AWS that answers from a script."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], Any], **settings: Any) -> None:
        self.now = 100.0
        self.work: list[Callable[[], None]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.clients: Any = Answering(self, answer)
        self.store = FactStore(self, **{"age": 30.0, "joins": True, "clock": self, **settings})

    def submit(self, work: Callable[[], None]) -> None:
        self.work.append(work)

    def elapsed(self) -> float:
        return self.now

    def later(self, seconds: float, work: Callable[[], None], /) -> None:
        self.timers.append((self.now + seconds, work))

    def do(self) -> None:
        """What the pool would do until it has nothing left."""
        while self.work:
            self.work.pop(0)()

    def wake(self) -> None:
        """Let time go on to the next timer."""
        self.timers.sort(key=lambda item: item[0])
        self.now, work = self.timers.pop(0)
        work()
        self.do()


class Answering(AwsClients):
    def __init__(self, scene: Scene, answer: Callable[[str, dict[str, Any]], Any]) -> None:
        super().__init__()
        self.scene = scene
        self.answer = answer

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        return self

    def can_paginate(self, method: str) -> bool:
        return False

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)

        def ask(**params: Any) -> Any:
            self.scene.asked.append((method, params))
            found = self.answer(method, params)
            if isinstance(found, Exception):
                raise found
            return found

        return ask


class Run:
    """One run, and what it was given."""

    def __init__(self, scene: Scene, **traits: Any) -> None:
        self.scene = scene
        self.over = False
        self.got: list[tuple[Call[Any], SharedAnswer]] = []
        self.asker = AskingRun(
            lambda call, taken: self.got.append((call, taken)), lambda: self.over, **traits
        )

    def ask(self, *questions: Call[Any]) -> None:
        self.scene.store.ask(questions, self.scene.clients, self.asker)

    @property
    def facts(self) -> list[Fact[Any]]:
        return [taken.performed.fact for _, taken in self.got]

    @property
    def requests(self) -> int:
        return sum(taken.performed.requests for _, taken in self.got)

    @property
    def reused(self) -> list[bool]:
        return [taken.reused for _, taken in self.got]


def question(operation: Operation[Any], **params: Any) -> Call[Any]:
    return Call.to(operation, params, region=REGION)


def repository(name: str) -> Call[Any]:
    return question(calls.DESCRIBE_REPOSITORY, repositoryNames=[name], registryId="1" * 12)


def policy(name: str) -> Call[Any]:
    return question(calls.GET_REPOSITORY_POLICY, repositoryName=name)


def error(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "DescribeRepositories"
    )


def registry(method: str, params: dict[str, Any]) -> Any:
    """A registry that has every repository but `gone`, may not show `secret`, and knows no policy."""
    names = params.get("repositoryNames", [params.get("repositoryName")])
    if "gone" in names:
        return error("RepositoryNotFoundException")
    if "secret" in names:
        return error("AccessDeniedException")
    if "busy" in names:
        return error("ThrottlingException")
    if method == "describe_repositories":
        return {"repositories": [{"repositoryName": name, "repositoryArn": f"arn:{name}"} for name in names]}
    return {"policyText": f"policy of {names[0]}"}


# --- once, and from memory ---------------------------------------------------------------------------


def test_what_is_under_way_is_asked_once() -> None:
    scene = Scene(registry)
    first, second = Run(scene), Run(scene)
    first.ask(policy("api"))
    second.ask(policy("api"))
    scene.do()
    assert len(scene.asked) == 1
    assert first.facts == second.facts == [Known(value="policy of api")]
    assert (first.requests, second.requests) == (1, 0)
    assert (first.reused, second.reused) == ([False], [True])


@pytest.mark.parametrize(
    ("later", "fresh", "requests"),
    [(0.0, False, 1), (29.9, False, 1), (30.0, False, 2), (0.0, True, 2), (5.0, True, 2)],
)
def test_a_young_answer_is_taken_from_memory(later: float, fresh: bool, requests: int) -> None:
    scene = Scene(registry)
    Run(scene).ask(policy("api"))
    scene.do()
    asked_at = scene.now
    scene.now += later
    run = Run(scene, fresh=fresh)
    run.ask(policy("api"))
    scene.do()
    assert run.facts == [Known(value="policy of api")]
    assert len(scene.asked) == requests
    assert run.got[0][1].asked_at == (asked_at if requests == 1 else scene.now)
    assert run.reused == [requests == 1]


def test_a_fresh_run_takes_nothing_that_was_asked_before_it() -> None:
    scene = Scene(registry)
    old = Run(scene)
    old.ask(policy("api"))
    scene.now += 1
    taken_up = scene.work.pop(0)

    fresh = Run(scene, fresh=True)
    scene.clients.answer = lambda method, params: (fresh.ask(policy("api")), registry(method, params))[1]
    taken_up()
    assert old.facts == [Known(value="policy of api")]
    assert fresh.facts == []
    scene.clients.answer = lambda method, params: {"policyText": "as it is now"}
    scene.do()
    assert fresh.facts == [Known(value="as it is now")]
    # And the newer answer is the one that is kept.
    after = Run(scene)
    after.ask(policy("api"))
    assert after.facts == [Known(value="as it is now")]


def test_an_older_answer_never_takes_the_place_of_a_newer_one() -> None:
    scene = Scene(registry)
    slow, fresh = Run(scene), Run(scene, fresh=True)
    slow.ask(policy("api"))
    during: list[Callable[[], None]] = []

    def answer(method: str, params: dict[str, Any]) -> Any:
        if not during:
            during.append(lambda: None)
            scene.now += 1
            fresh.ask(policy("api"))
            scene.do()
            return {"policyText": "as it was"}
        return {"policyText": "as it is"}

    scene.clients.answer = answer
    scene.do()
    assert (slow.facts, fresh.facts) == ([Known(value="as it was")], [Known(value="as it is")])
    after = Run(scene)
    after.ask(policy("api"))
    assert after.facts == [Known(value="as it is")]


@pytest.mark.parametrize(("name", "kept"), [("api", True), ("gone", True), ("secret", True), ("busy", False)])
def test_what_failed_in_passing_is_not_kept(name: str, kept: bool) -> None:
    scene = Scene(registry)
    for _ in range(2):
        Run(scene).ask(repository(name))
        scene.do()
    assert (len(scene.asked) == 1) is kept


def test_other_credentials_are_told_nothing() -> None:
    scene, other = Scene(registry), Scene(registry)
    Run(scene).ask(policy("api"))
    scene.do()
    stranger = Run(scene)
    scene.store.ask([policy("api")], other.clients, stranger.asker)
    scene.do()
    assert len(other.asked) == 1
    assert stranger.reused == [False]


def test_memory_is_bounded() -> None:
    scene = Scene(registry, most_records=3, joins=False)
    for name in ("a", "b", "c", "d", "e"):
        Run(scene).ask(policy(name))
        scene.do()
        scene.now += 1
    for name, fresh in (("e", False), ("d", False), ("a", True), ("b", True)):
        before = len(scene.asked)
        Run(scene).ask(policy(name))
        scene.do()
        assert (len(scene.asked) > before) is fresh, name


def test_a_question_that_nobody_waits_for_is_not_asked() -> None:
    scene = Scene(registry)
    gone = Run(scene)
    gone.ask(policy("api"))
    gone.over = True
    scene.do()
    assert scene.asked == []
    later = Run(scene)
    later.ask(policy("api"))
    scene.do()
    assert later.facts == [Known(value="policy of api")]


# --- joined ------------------------------------------------------------------------------------------


def test_questions_that_differ_in_their_ids_are_one_request() -> None:
    scene = Scene(registry)
    runs = [Run(scene) for _ in range(3)]
    for run, name in zip(runs, ("a", "b", "a"), strict=True):
        run.ask(repository(name), policy(name))
    scene.do()
    assert scene.asked == [
        ("describe_repositories", {"repositoryNames": ["a", "b"], "registryId": "1" * 12}),
        ("get_repository_policy", {"repositoryName": "a"}),
        ("get_repository_policy", {"repositoryName": "b"}),
    ]
    names = [
        [getattr(fact.value, "repository_name", None) for fact in run.facts if isinstance(fact, Known)]
        for run in runs
    ]
    assert [sorted(filter(None, of_one)) for of_one in names] == [["a"], ["b"], ["a"]]
    assert [run.requests for run in runs] == [2, 1, 0]


@pytest.mark.parametrize(
    ("others", "requests", "facts"),
    [
        (("gone",), 3, [Known, Absent]),
        (("secret",), 3, [Known, Unavailable]),
        # A throttle is not answered with more requests.
        (("busy",), 1, [Unavailable, Unavailable]),
    ],
)
def test_one_that_fails_costs_the_others_nothing(
    others: tuple[str, ...], requests: int, facts: list[type]
) -> None:
    scene = Scene(registry)
    run = Run(scene)
    run.ask(repository("api"), *map(repository, others))
    scene.do()
    assert len(scene.asked) == run.requests == requests
    assert [type(fact) for fact in run.facts] == facts


def test_no_request_asks_for_more_than_it_may() -> None:
    scene = Scene(lambda method, params: {"services": [], "failures": []})
    run = Run(scene)
    run.ask(*(question(calls.DESCRIBE_SERVICES, cluster="main", services=[f"s{n}"]) for n in range(23)))
    scene.do()
    assert [len(params["services"]) for _, params in scene.asked] == [10, 10, 3]


@pytest.mark.parametrize(
    ("operation", "params", "answer", "known"),
    [
        (
            calls.DESCRIBE_TASKS,
            [{"cluster": "c", "tasks": ["1" * 32]}, {"cluster": "c", "tasks": ["2" * 32]}],
            {
                "tasks": [{"taskArn": f"arn:aws:ecs:{REGION}:111111111111:task/c/{'1' * 32}"}],
                "failures": [
                    {"arn": f"arn:aws:ecs:{REGION}:111111111111:task/c/{'2' * 32}", "reason": "MISSING"}
                ],
            },
            [(1, 0), (0, 1)],
        ),
        (
            calls.DESCRIBE_SERVICES,
            [
                {"cluster": "c", "services": ["api"]},
                {"cluster": "c", "services": [f"arn:aws:ecs:{REGION}:1:service/c/web"]},
            ],
            {
                "services": [{"serviceName": "api"}, {"serviceArn": f"arn:aws:ecs:{REGION}:1:service/c/web"}],
                "failures": [],
            },
            [(1, 0), (1, 0)],
        ),
    ],
    ids=["tasks", "services"],
)
def test_an_answer_is_divided_by_what_was_asked(
    operation: Operation[Any],
    params: list[dict[str, Any]],
    answer: dict[str, Any],
    known: list[tuple[int, int]],
) -> None:
    assert operation.joining is not None
    shares = [operation.joining.share(answer, one) for one in params]
    key = operation.method.removeprefix("describe_")
    assert [(len(share[key]), len(share["failures"])) for share in shares] == known


def test_a_record_without_a_name_may_be_anybodys() -> None:
    joining = calls.DESCRIBE_SUBNETS.joining
    assert joining is not None
    answer = {"Subnets": [{"SubnetId": "subnet-1"}, {"VpcId": "vpc-1"}]}
    for name, count in (("subnet-1", 2), ("subnet-2", 1)):
        assert len(joining.share(answer, ids_filter("subnet-id", (name,)))["Subnets"]) == count


def test_instances_are_found_in_their_reservations() -> None:
    joining = calls.DESCRIBE_INSTANCES.joining
    assert joining is not None
    answer = {
        "Reservations": [
            {"Instances": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]},
            {"Instances": [{"InstanceId": "i-3"}]},
        ]
    }
    share = joining.share(answer, ids_filter("instance-id", ("i-2",)))
    assert share == {"Reservations": [{"Instances": [{"InstanceId": "i-2"}]}]}


def test_a_filter_on_a_vpc_is_joined_to_none() -> None:
    scene = Scene(lambda method, params: {"Subnets": []})
    run = Run(scene)
    for vpc in ("vpc-1", "vpc-2"):
        run.ask(question(calls.DESCRIBE_SUBNETS, **ids_filter("vpc-id", (vpc,))))
    scene.do()
    assert len(scene.asked) == 2


def test_a_store_that_does_not_join_asks_each_question_by_itself() -> None:
    scene = Scene(registry, joins=False)
    Run(scene).ask(repository("a"), repository("b"))
    scene.do()
    assert [params["repositoryNames"] for _, params in scene.asked] == [["a"], ["b"]]


# --- the budget --------------------------------------------------------------------------------------


def held(scene: Scene, count: int, **traits: Any) -> Run:
    run = Run(scene, urgent=False, **traits)
    run.ask(*(policy(f"r{number}") for number in range(count)))
    scene.do()
    return run


def test_automatic_work_waits_for_its_share() -> None:
    # Of an API without a published rate: ten at once, and five a second.
    scene = Scene(registry, budget=Budget(0.5))
    run = held(scene, 12)
    assert len(scene.asked) == 10
    assert scene.store.held_since(run.asker) == 100.0
    scene.wake()
    assert (len(scene.asked), round(scene.now, 3)) == (11, 100.2)
    scene.wake()
    assert (len(scene.asked), round(scene.now, 3)) == (12, 100.4)
    assert scene.store.held_since(run.asker) is None
    assert [round(taken.waited, 3) for _, taken in run.got] == [0.0] * 10 + [0.2, 0.4]


def test_what_a_person_asks_never_waits_and_automatic_work_waits_the_longer() -> None:
    scene = Scene(registry, budget=Budget(0.5))
    held(scene, 11)
    person = Run(scene)
    person.ask(*(policy(f"p{number}") for number in range(5)))
    scene.do()
    assert len(person.got) == 5
    assert all(taken.waited == 0 for _, taken in person.got)
    scene.wake()
    assert len(scene.asked) == 15
    while scene.timers:
        scene.wake()
    assert (len(scene.asked), round(scene.now, 3)) == (16, 101.2)


def test_a_person_takes_along_what_was_held_back() -> None:
    scene = Scene(registry, budget=Budget(0.5))
    run = held(scene, 11)
    Run(scene).ask(policy("r10"))
    scene.do()
    assert len(run.got) == 11


def test_what_waits_meanwhile_goes_out_as_one_request() -> None:
    scene = Scene(registry, budget=Budget(0.5))
    spent = Run(scene)
    spent.ask(
        *(
            question(calls.DESCRIBE_REPOSITORY, repositoryNames=[f"x{n}"], registryId=f"{n:012}")
            for n in range(10)
        )
    )
    scene.do()
    runs = [Run(scene, urgent=False) for _ in range(30)]
    for number, run in enumerate(runs):
        run.ask(repository(f"r{number}"))
    scene.do()
    assert len(scene.asked) == 10
    scene.wake()
    assert len(scene.asked) == 11
    assert len(scene.asked[-1][1]["repositoryNames"]) == 30
    assert all(len(run.got) == 1 for run in runs)


def test_a_throttle_halves_the_rate_for_a_minute() -> None:
    budget, key = Budget(0.5), bucket_key("ecr:GetRepositoryPolicy", REGION, None)
    assert budget.wait(key, 0.0) == 0
    budget.throttled(key, 0.0)
    assert budget.wait(key, 0.0) == pytest.approx(0.4)
    budget.take(key, 0.4)
    assert budget.wait(key, 59.9) == 0
    for _ in range(10):
        budget.take(key, 60.0)
    assert budget.wait(key, 60.0) == pytest.approx(0.2)


@pytest.mark.parametrize("share", [0, -1, 1.1])
def test_a_share_is_a_part(share: float) -> None:
    with pytest.raises(ValueError, match=r"such as 0\.5"):
        Budget(share)


@pytest.mark.parametrize(
    ("action", "account", "name", "region", "charged"),
    [
        ("ecs:DescribeTasks", "1" * 12, "ecs:cluster-resource-read", REGION, "1" * 12),
        ("ecs:ListTasks", "1" * 12, "ecs:cluster-resource-read", REGION, "1" * 12),
        ("ec2:DescribeSubnets", "1" * 12, "ec2:DescribeSubnets", REGION, "1" * 12),
        ("iam:GetRole", "1" * 12, "iam", "", "1" * 12),
        ("iam:SimulatePrincipalPolicy", "1" * 12, "iam:SimulatePrincipalPolicy", "", "1" * 12),
        ("kms:DescribeKey", "1" * 12, "kms:DescribeKey", REGION, None),
        ("secretsmanager:GetResourcePolicy", "1" * 12, "secretsmanager:GetResourcePolicy", REGION, None),
        ("sts:GetCallerIdentity", "1" * 12, "sts", "", None),
    ],
)
def test_whose_rate_a_request_takes(
    action: str, account: str, name: str, region: str, charged: str | None
) -> None:
    assert bucket_key(action, REGION, account) == (charged, region, name)


def test_a_throttle_in_the_middle_slows_what_comes_next() -> None:
    def throttled(method: str, params: dict[str, Any]) -> Any:
        return error("ThrottlingException")

    scene = Scene(throttled, budget=Budget(0.5))
    Run(scene, urgent=False).ask(policy("a"))
    scene.do()
    scene.clients.answer = registry
    later = Run(scene, urgent=False)
    later.ask(policy("b"))
    scene.do()
    assert later.got == []
    scene.wake()
    assert (len(later.got), round(scene.now, 3)) == (1, 100.4)


def test_what_botocore_sends_again_takes_tokens_and_slows_what_comes_next() -> None:
    def repeated(method: str, params: dict[str, Any]) -> Any:
        return {**registry(method, params), "ResponseMetadata": {"RetryAttempts": 2}}

    scene = Scene(repeated, budget=Budget(0.5))
    run = held(scene, 1)
    # The report counts what was asked, as ever.
    assert (run.requests, len(scene.asked)) == (1, 1)
    scene.clients.answer = registry
    later = held(scene, 1)
    later.ask(policy("b"))
    scene.do()
    assert [fact for _, fact in later.got] == [later.got[0][1]]
    scene.wake()
    # From nothing, and half as fast for a minute.
    assert (len(later.got), round(scene.now, 3)) == (2, 100.4)


@pytest.mark.parametrize(
    ("action", "rate"),
    [("ec2:DescribeSubnets", 50 / 3), ("ecs:DescribeTaskDefinition", 25 / 3), ("iam:GetRole", 15)],
)
def test_processes_divide_what_aws_publishes(action: str, rate: float) -> None:
    budget, key = Budget(0.5, among=3), bucket_key(action, REGION, None)
    taken = 0
    while budget.wait(key, 0.0) == 0:
        budget.take(key, 0.0)
        taken += 1
    assert taken == int(rate)
