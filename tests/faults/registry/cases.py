"""Worlds for the checks of registries, one table for each fault."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.base import Check
from diagnostics.faults.registry.cache import cache
from diagnostics.faults.registry.credentials import credentials
from diagnostics.faults.registry.first_pull import cache_internet, cache_permission
from diagnostics.faults.registry.limits import limits
from diagnostics.network import Gap, Trace
from diagnostics.network.blockers import NoWayOut
from tests.builders import (
    ACCOUNT,
    INSTANCE_ROLE_ARN,
    REGION,
    REGISTRY,
    ROLE_ARN,
    absent,
    definition_of,
    ec2,
    endpoints,
    image_of,
    known,
    policy,
    role_of,
    stopped,
    unavailable,
)
from tests.faults.judging import Case, case, facts, named, no_image, no_repository, rule, rules, traces

NAME = "hub/acme/shop"
CACHED = f"{REGISTRY}/{NAME}:1"
ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{NAME}"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
OWN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/payments-api"
CREDENTIALS = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:registry-AbCdEf"
HUB = rule("hub", "registry-1.docker.io", credentialArn=SECRET)
UNREAD = unavailable("denied", "ecr:DescribePullThroughCacheRules")
THERE = known({"arn": SECRET, "name": "ecr-pullthroughcache/hub"})
DENY = {"Effect": "Deny", "Action": "ecr:CreateRepository", "Resource": "*"}
OUTSIDE = "registry.example.com/acme/shop:1"

HUB_TEXT = (
    "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status "
    "code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:2bb501e6429: 429 Too Many Requests - Server "
    "message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and "
    "upgrading: https://www.docker.com/increase-rate-limit"
)
PUBLIC_TEXT = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://public.ecr.aws/v2/nginx/nginx/manifests/1.27: 429 Too Many Requests - Server message: toomanyrequests: Rate exceeded"
ECR_TEXT = "CannotPullECRContainerError: ThrottlingException: Rate exceeded"
OUTAGE_TEXT = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/blobs/sha256:69e520adb67b: 504 Gateway Time-out"
REFUSED_TEXT = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
WRONG_PASSWORD = "CannotPullContainerError: Error response from daemon: Get https://registry.example.com/v2/: unauthorized: incorrect username or password"
NO_REPOSITORY = f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {CACHED}: name unknown: The repository with name '{NAME}' does not exist in the registry with id '{ACCOUNT}'"


def first(*more: Any) -> tuple[Any, ...]:
    """The first pull through the rule for hub."""
    return named(CACHED), no_repository, rules(HUB), facts(cache_secret=THERE), *more


def allowing(*actions: str, arn: str = ROLE_ARN, resource: str = "*") -> Any:
    """A further inline policy of a role."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}

    def edit(world: dict[str, Any]) -> None:
        role_of(world, arn)["inline_policy_names"] = known(["more"])
        role_of(world, arn)["inline_policies"] = {"more": known(policy(statement))}

    return edit


def denying(world: dict[str, Any]) -> None:
    role_of(world)["inline_policy_names"] = known(["more", "deny"])
    role_of(world)["inline_policies"] = {
        "more": known(policy({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})),
        "deny": known(policy(DENY)),
    }


def registry_allows(world: dict[str, Any]) -> None:
    statement = {
        "Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Resource": f"{ARN.rpartition('/acme')[0]}/*",
        "Action": ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
    }  # fmt: skip
    image_of(world)["registry_policy"] = known(policy(statement))


def both_roles(world: dict[str, Any]) -> None:
    """On EC2, an execution role beside the instance role: it is not known which pulls."""
    definition_of(world)["executionRoleArn"] = ROLE_ARN
    world["roles"][ROLE_ARN] = {**world["roles"][INSTANCE_ROLE_ARN], "role_arn": ROLE_ARN}


def no_execution_role(world: dict[str, Any]) -> None:
    definition_of(world)["executionRoleArn"] = None


def with_credentials(world: dict[str, Any]) -> None:
    definition_of(world)["containerDefinitions"][0]["repositoryCredentials"] = {
        "credentialsParameter": CREDENTIALS
    }


def definition_denied(world: dict[str, Any]) -> None:
    world["task_definition"] = unavailable("denied", "ecs:DescribeTaskDefinition")


def traced(disposition: str, endpoint: str | None = "vpce-ecr-dkr", missing: bool = False) -> Any:
    """The manifest leg through an endpoint (or not), and what the way to the internet amounts to."""
    gap = (Gap(what="the route tables", why="denied", call="ec2:DescribeRouteTables"),)
    own = Trace(
        leg="manifest", host=REGISTRY, subnet_id="subnet-private-a", hops=(),
        via="interface_endpoint" if endpoint else "nat_gateway", endpoint_id=endpoint, missing=gap if missing else (),
    )  # fmt: skip
    blocker = NoWayOut(
        resources=("rtb-private", "subnet-private-a"),
        says="rtb-private has no default route",
    )
    out = Trace(
        leg="manifest", host="registry-1.docker.io", subnet_id="subnet-private-a", via="none", hops=(),
        blockers=(blocker,) if disposition == "blocked" else (), missing=gap if disposition == "unknown" else (),
    )  # fmt: skip
    return traces(own, out)


CASES: dict[str, tuple[Check, tuple[Case, ...]]] = {
    "pull-through-cache-rule-missing": (
        cache,
        (
            case("a rule serves it", "pass", *first()),
            case(
                "no rule for a cache's name", "fail", named(f"{REGISTRY}/docker-hub/library/nginx:1"), no_repository, rules(),
                resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/docker-hub/library/nginx",),
                says="nor a pull-through cache rule for docker-hub",
            ),
            case(
                "a rule of nearly that prefix", "fail", named(f"{REGISTRY}/my_hub/acme/shop:1"), no_repository,
                rules(rule("my-hub", "quay.io")),
            ),
            case("an ordinary name", "skipped", named(f"{REGISTRY}/team/shop:1"), no_repository, rules()),
            case("a repository of that name", "skipped", named(f"{REGISTRY}/quay/shop:1"), no_image, rules()),
            case("the image is there", "skipped", named(CACHED)),
            case("the rules are denied", "unknown", named(CACHED), no_repository, facts(pull_through_cache_rules=UNREAD)),
            case("the image is denied", "unknown", named(CACHED), facts(detail=UNREAD)),
            case("no prefix", "skipped", no_repository),
            case("outside ECR", "skipped", named("nginx:1.27")),
        ),
    ),
    "pull-through-cache-library-prefix": (
        cache,
        (
            case("an image of a user", "pass", *first()),
            case(
                "an official image", "fail", named(f"{REGISTRY}/hub/nginx:1"), no_repository, rules(HUB),
                facts(cache_secret=THERE), resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/hub/nginx", "1"),
            ),
            case(
                "an official image with library/", "pass", named(f"{REGISTRY}/hub/library/nginx:1"), no_repository,
                rules(HUB), facts(cache_secret=THERE),
            ),
            case(
                "a rule that adds library/", "pass", named(f"{REGISTRY}/hub/nginx:1"), no_repository,
                rules({**HUB, "upstreamRepositoryPrefix": "library"}), facts(cache_secret=THERE),
            ),
            case(
                "another upstream", "skipped", named(f"{REGISTRY}/quay/nginx:1"), no_repository,
                rules(rule("quay", "quay.io")),
            ),
            case("it is in the cache", "skipped", named(f"{REGISTRY}/hub/nginx:1"), rules(HUB)),
            case(
                "the rules are denied", "unknown", named(f"{REGISTRY}/hub/nginx:1"), no_repository,
                facts(pull_through_cache_rules=UNREAD),
            ),
        ),
    ),
    "pull-through-cache-secret-unusable": (
        cache,
        (
            case("it exists", "pass", *first()),
            case("it is gone", "fail", *first(facts(cache_secret=absent())), resources=(SECRET, "hub"), says="does not exist"),
            case(
                "it is being deleted", "fail",
                *first(facts(cache_secret=known({"ARN": SECRET, "DeletedDate": "2026-11-20T00:00:00Z"}))),
                says="scheduled for deletion",
            ),
            case(
                "its name is not one that ECR accepts", "fail",
                *first(rules({**HUB, "credentialArn": SECRET.replace("ecr-pullthroughcache/", "")})), says="is not named",
            ),
            case(
                "it is in another Region", "fail", *first(rules({**HUB, "credentialArn": SECRET.replace(REGION, "eu-west-1")})),
                says="eu-west-1",
            ),
            case("denied", "unknown", *first(facts(cache_secret=unavailable("denied", "secretsmanager:DescribeSecret")))),
            case("none is needed", "skipped", named(CACHED), no_repository, rules(rule("hub", "quay.io"))),
        ),
    ),
    "pull-through-cache-permission-missing": (
        cache_permission,
        (
            case("both are missing", "fail", *first(), resources=(ROLE_ARN,), says="ecr:CreateRepository and ecr:Batch"),
            case(
                "both are allowed", "pass", *first(allowing("ecr:CreateRepository", "ecr:BatchImportUpstreamImage", resource=ARN))
            ),
            case("one is missing", "fail", *first(allowing("ecr:CreateRepository")), says="it lacks ecr:BatchImport"),
            case("the registry policy allows them", "pass", *first(registry_allows)),
            case("a Deny", "fail", *first(denying), says="it lacks ecr:CreateRepository"),
            case(
                "the repository exists already", "pass", named(CACHED), no_image, rules(HUB),
                allowing("ecr:BatchImportUpstreamImage"),
            ),
            case("it is in the cache", "skipped", named(CACHED)),
            case("no rule", "skipped", named(CACHED), no_repository, rules()),
            case("the rules are denied", "unknown", named(CACHED), no_repository, facts(pull_through_cache_rules=UNREAD)),
            case(
                "the registry policy is denied", "unknown",
                *first(facts(registry_policy=unavailable("denied", "ecr:GetRegistryPolicy"))),
            ),
            case("EC2: the instance role", "fail", *first(), start=ec2, resources=(INSTANCE_ROLE_ARN,)),
            case(
                "EC2: one of two roles may", "unknown", *first(both_roles, allowing("ecr:*")), start=ec2,
                says="which role pulls is not known",
            ),
            case("no role", "skipped", *first(no_execution_role), says="role-missing"),
        ),
    ),
    "pull-through-cache-needs-internet": (
        cache_internet,
        (
            case("endpoints only", "fail", *first(), start=endpoints, traced=traced("blocked"),
                 resources=("subnet-private-a", "rtb-private")),
            case("endpoints and a way out", "pass", *first(), start=endpoints, traced=traced("reachable")),
            case("the way out is not known", "unknown", *first(), start=endpoints, traced=traced("unknown")),
            case("no endpoint", "skipped", *first(), traced=traced("reachable", None)),
            case("whether there is an endpoint is not known", "unknown", *first(), traced=traced("reachable", None, True)),
            case("it is in the cache", "skipped", named(CACHED), start=endpoints, traced=traced("blocked")),
            case("the rules are denied", "unknown", named(CACHED), no_repository, facts(pull_through_cache_rules=UNREAD),
                 start=endpoints, traced=traced("blocked")),
        ),
    ),
    "docker-hub-rate-limit": (
        limits,
        (
            case("the text shows it", "warn", named("nginx:1.27"), stopped(HUB_TEXT), resources=("nginx:1.27",),
                 says="without credentials"),
            case("with credentials", "warn", named("nginx:1.27"), with_credentials, stopped(HUB_TEXT), says=CREDENTIALS),
            case("no text", "skipped", named("nginx:1.27")),
            case("another text", "skipped", named("nginx:1.27"), stopped(OUTAGE_TEXT)),
            case("an ECR image", "skipped", stopped(HUB_TEXT), says="is not Docker Hub"),
            case("invalid", "skipped", named("NGINX:1.27"), stopped(HUB_TEXT)),
        ),
    ),
    "ecr-public-rate-limit": (
        limits,
        (
            case("the text shows it", "warn", named("public.ecr.aws/nginx/nginx:1.27"), stopped(PUBLIC_TEXT)),
            case("no text", "skipped", named("public.ecr.aws/nginx/nginx:1.27")),
            case("an ECR image", "skipped", stopped(PUBLIC_TEXT)),
        ),
    ),
    "ecr-throttled": (
        limits,
        (
            case("the text shows it", "warn", stopped(ECR_TEXT),
                 resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/payments-api",)),
            case("no text", "skipped"),
            case("not ECR", "skipped", named("nginx:1.27"), stopped(ECR_TEXT)),
        ),
    ),
    "registry-outage": (
        limits,
        (
            case("the text shows it", "warn", named("nginx:1.27"), stopped(OUTAGE_TEXT), says="504"),
            case("the connection was dropped", "warn", named("nginx:1.27"), stopped(
                "CannotPullContainerError: Error response from daemon: Get https://registry-1.docker.io/v2/: read tcp "
                "10.0.0.1:4711->34.226.69.105:443: read: connection reset by peer")),
            case("no text", "skipped"),
        ),
    ),
    "registry-credentials-missing": (
        credentials,
        (
            case("refused without credentials", "warn", named(OUTSIDE), stopped(REFUSED_TEXT.format(OUTSIDE)),
                 resources=(OUTSIDE, f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7")),
            case("an ECR image without its host", "warn", named("payments-api:1.4.2"),
                 facts(own_repository=known({"repositoryArn": OWN, "repositoryName": "payments-api"})),
                 stopped(REFUSED_TEXT.format("docker.io/library/payments-api:1.4.2")), says="account's own ECR registry"),
            case("an image of Docker Hub", "warn", named("acme/shop:1"), facts(own_repository=absent()),
                 stopped(REFUSED_TEXT.format("docker.io/acme/shop:1"))),
            case("a public image", "skipped", named("public.ecr.aws/acme/shop:1"),
                 stopped(REFUSED_TEXT.format("public.ecr.aws/acme/shop:1")), says="tag-not-found"),
            case("the task definition is denied", "unknown", named(OUTSIDE), definition_denied, stopped(REFUSED_TEXT.format(OUTSIDE))),
            case("refused with credentials", "skipped", named(OUTSIDE), with_credentials, stopped(REFUSED_TEXT.format(OUTSIDE))),
            case("no text", "skipped", named(OUTSIDE)),
            case("an ECR image", "skipped", stopped(REFUSED_TEXT.format(OUTSIDE))),
            case("invalid", "skipped", named("NGINX:1.27")),
        ),
    ),
    "registry-credentials-invalid": (
        credentials,
        (
            case("a wrong password", "warn", named(OUTSIDE), with_credentials, stopped(WRONG_PASSWORD), resources=(CREDENTIALS,)),
            case("refused with credentials", "warn", named(OUTSIDE), with_credentials, stopped(REFUSED_TEXT.format(OUTSIDE))),
            case("refused without credentials", "skipped", named(OUTSIDE), stopped(REFUSED_TEXT.format(OUTSIDE)),
                 says="registry-credentials-missing"),
            case("a login that is kept on the host", "warn", named(OUTSIDE), stopped(
                "CannotPullContainerError: Error response from daemon: denied: Your authorization token has expired. "
                "Reauthenticate and try again."), start=ec2, resources=("i-0aaaabbbbccccdddd",)),
            case("no text", "skipped", named(OUTSIDE)),
        ),
    ),
}  # fmt: skip
