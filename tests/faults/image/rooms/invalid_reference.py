"""The image reference cannot be parsed."""

from __future__ import annotations

from diagnostics.faults.image.invalid_reference import INVALID_REFERENCE
from tests.build import (
    ACCOUNT,
    IMAGE,
    REGION,
    REGISTRY,
    REPOSITORY_ARN,
    Edit,
    World,
    absent,
    definition_of,
    known,
    stopped,
    task_of,
)
from tests.build.images import facts, named
from tests.faults.image.worlds import THEIRS, UNREAD
from tests.faults.judging import Table, case

DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7"

NEARLY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonawss.com/team/api:1"

REFUSED = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/{0}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed."
WRONG = IMAGE.replace(ACCOUNT, "111122223334")
FORBIDDEN = f"CannotPullContainerError: failed to resolve ref {WRONG}: pulling from host {WRONG.split('/')[0]} failed with status code [manifests 1.4.2]: 403 Forbidden"
OWN = known({"repositoryArn": REPOSITORY_ARN, "repositoryName": "payments-api", "registryId": ACCOUNT})
HIDDEN = facts(repository=UNREAD, detail=UNREAD)


def other_container(image: str) -> Edit:
    """The task has a second container with this image."""

    def edit(world: World) -> None:
        task_of(world)["containers"].append({"name": "side", "image": image})
        definition_of(world)["containerDefinitions"].append({"name": "side", "image": image})

    return edit


TABLE = Table(
    INVALID_REFERENCE,
    (
        case("valid", "pass"),
        case(
            "upper case", "fail", named(f"{REGISTRY}/Payments-API:1.4.2"),
            resources=(f"{REGISTRY}/Payments-API:1.4.2", DEFINITION), says="upper-case",
        ),
        case("placeholder", "fail", named(f"{REGISTRY}/payments-api:${{TAG}}"), says="placeholder"),
        case("scheme", "fail", named(f"https://{IMAGE}"), says="scheme"),
        case(
            "a host that is nearly ECR's", "fail", named(NEARLY), resources=(NEARLY, DEFINITION),
            says="end in amazonaws.com, not amazonawss.com",
        ),
        case("a Region without its hyphen", "fail", named(NEARLY.replace("west-1.amazonawss", "west1.amazonaws")), says="no Region"),
        case("an account with a digit too few", "fail", named(NEARLY[1:].replace("wss", "ws")), says="11 digits"),
        case("China's host without its ending", "fail", named(NEARLY.replace("eu-west", "cn-north").replace("wss", "ws")), says=".cn"),
        case("a label of the host is misspelt", "fail", named(f"{ACCOUNT}.drk.ecr.{REGION}.amazonaws.com/a:1"), says="stands .dkr.ecr."),
        case("the account's id has hyphens", "fail", named(f"1111-2222-3333.dkr.ecr.{REGION}.amazonaws.com/a:1"), says="without hyphens"),
        case("the account was never filled in", "fail", named(f"undefined.dkr.ecr.{REGION}.amazonaws.com/a:1"), says="here with undefined"),
        case("the Region is missing", "fail", named(f"{ACCOUNT}.dkr.ecr.amazonaws.com/a:1"), says="names no Region"),
        case("the Region is misspelt", "fail", named(f"{ACCOUNT}.dkr.ecr.us-eats-1.amazonaws.com/a:1"), says="us-eats-1 is no Region"),
        case("the host of ECR's API", "fail", named(f"api.ecr.{REGION}.amazonaws.com/a:1"), says="the host of ECR's API"),
        case("a Region that is not known here", "pass", named(f"{ACCOUNT}.dkr.ecr.us-east-9.amazonaws.com/a:1")),
        case("a VPC endpoint's own name", "pass", named(f"vpce-0a1-b2.dkr.ecr.{REGION}.vpce.amazonaws.com/a:1")),
        case("another host of AWS", "pass", named("registry.example.amazonaws.com/a:1")),
        case("a bare word that a template left", "warn", named("repository"), stopped(REFUSED.format("repository:latest")),
             resources=("repository", DEFINITION), says="bare word repository"),
        case("undefined", "warn", named("undefined"), stopped(REFUSED.format("undefined:latest"))),
        case("a bare word, and no error", "pass", named("repository")),
        case("an image of that name with a tag", "pass", named("repository:2.1"), stopped(REFUSED.format("repository:2.1"))),
        case("an ordinary name", "pass", named("shop"), stopped(REFUSED.format("shop:latest"))),
        case("a word in upper case", "fail", named("IMAGE_URI"), says="upper-case"),
        case("an account with a wrong digit", "fail", named(WRONG), HIDDEN, facts(own_repository=OWN), stopped(FORBIDDEN),
             resources=(WRONG, DEFINITION), says=f"names account 111122223334, and account {ACCOUNT}, this task's own, has"),
        case("an account with a wrong digit, which has the repository", "pass", named(WRONG), stopped(FORBIDDEN)),
        case("an account with a wrong digit, and nobody refuses", "pass", named(WRONG), HIDDEN, facts(own_repository=OWN)),
        case("an account like this, and the own has no such repository", "pass", named(WRONG), HIDDEN,
             facts(own_repository=absent()), stopped(FORBIDDEN)),
        case("an account like this, and the own is denied", "unknown", named(WRONG), HIDDEN, facts(own_repository=UNREAD), stopped(FORBIDDEN)),
        case("an account like this, and nobody asked", "pass", named(WRONG), HIDDEN, stopped(FORBIDDEN)),
        case("another account", "pass", named(THEIRS), HIDDEN, facts(own_repository=OWN), stopped(FORBIDDEN.replace(WRONG, THEIRS))),
        case("an account like that of another container", "fail", named(THEIRS.replace("6666", "6656")), other_container(THEIRS),
             HIDDEN, facts(own_repository=OWN), stopped(FORBIDDEN.replace(WRONG, THEIRS.replace("6666", "6656")), container="app"),
             says="444455556666, that of another image of this task"),
        case("a host of ECR in another Region", "pass", named(NEARLY.replace("wss", "ws"))),
        case("somebody's own host", "pass", named("ecr.corp.example/a:1")),
        case(
            "the task definition is denied", "fail", named(f"https://{IMAGE}"),
            lambda world: world.update(task_definition=UNREAD), resources=(f"https://{IMAGE}",),
        ),
    ),
    statuses=frozenset({"pass", "fail", "warn", "unknown"}),
    repairs={"image": "upper case", "image/misspelt": "a host that is nearly ECR's", "image/account": "an account with a wrong digit", "image/bare-word": "a bare word that a template left"},
)  # fmt: skip
