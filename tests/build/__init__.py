"""One way to build each thing that a test needs. What most tests need is here; the rest is in the modules of the package.

| What | How |
| --- | --- |
| a world, healthy but for small differences | `changed(fargate(), edit, …)`; also `endpoints()`, `public()`, `ec2()` |
| an edit | a function that changes the snapshot's JSON form in place; `task_of`, `routes_of`, … find the place |
| edits of a VPC | `network`: routes, groups, ACLs, endpoints, DNS |
| edits of the task, its definition and service | `tasks` |
| edits of the image and of what ECR says | `images` |
| edits of roles, and of policies that the facts hold | `permissions` |
| a fact in an edit | `known(value)`, `absent(call)`, `unavailable(why, call)` |
| a fact in a `Snapshot`, or from a call | the classes `Known`, `Absent`, `Unavailable` of `diagnostics.snapshot` |
| a task that nobody has started | `planned`: `planned(snapshot)`, `on_hosts(snapshot, host_of(…), …)` |
| a policy document | `policies`: `allow`, `deny`, `policy` as JSON; `policy_text` as AWS gives it |
| a task as the judges see it, with its symptoms | `judging.world_of(snapshot, *symptoms)`; `judging.symptom(…)` |
| a finding for the verdict | `findings`: `found`, `unknown`, `might`, `on_leg` |
| a report, for what shows it | `reports`: one function for each outcome |
| an audit of a cluster, a finding of one | `audits`: `report(…)`, `finding(…)` |
| a job, a run that is kept | `runs`: `job(…)`, `saved_run(…)` |
| a target | `targets`: `task_target`, `service_target` |
| answers to the collector's plan | `answers`: `Answers(replies(…))`, without any AWS |
| answers over HTTP, from a file | `recorded.recorded(name)`: real clients |
| an AWS to ask | `on_moto` for a small one in this process; `demo.aws` for the emulated one, `emulated.clients(aws)` asks it |
| a pool of the collector without threads | `unthreaded.UnthreadedPool` |
| an AWS that answers what a world says | `asked`: botocore's own answers, made of a snapshot's facts |
| an account of many resources | `large`: 400 subnets, 500 endpoints, 3,000 rules, 20,000 images |
| a lifecycle policy, and images as it sees them | `lifecycle`: `policy(rule(…), …)`, `image(…)` |
| a clock on which threads run one at a time | `simulated.Simulation` |
| a storm of task events on it, from the event to the message | `storm` |
| a saved case | `saved.case(name)`; `saved.case_json(name)` |

What can be imported from here stands in `facts`, `healthy`, `names`, `places`, `policies` and `vpc`. The tables of
`tests/faults` start from these, and keep what only their fault has in a room of their own.
"""

from __future__ import annotations

from tests.build.facts import Edit, World, absent, changed, known, known_facts, unavailable
from tests.build.healthy import ec2, endpoints, fargate, public, stopped
from tests.build.names import (
    ACCOUNT,
    CLUSTER,
    DIGEST,
    EXECUTION_POLICY,
    IMAGE,
    INSTANCE_POLICY,
    INSTANCE_ROLE_ARN,
    MOMENT,
    PROFILE_ARN,
    REGION,
    REGISTRY,
    REPOSITORY_ARN,
    ROLE_ARN,
    S3_CIDRS,
    S3_LIST,
    TASK_ARN,
    TASK_ID,
    VPC,
)
from tests.build.places import (
    acl_of,
    definition_of,
    endpoint_of,
    group_of,
    image_of,
    items_of,
    role_of,
    routes_of,
    task_of,
    vpc_of,
)
from tests.build.policies import ECR_ACTIONS, policy_text
from tests.build.vpc import add_endpoints, add_s3_endpoint, everything, interface_endpoint, no_way_out, tcp

__all__ = [
    "ACCOUNT",
    "CLUSTER",
    "DIGEST",
    "ECR_ACTIONS",
    "EXECUTION_POLICY",
    "IMAGE",
    "INSTANCE_POLICY",
    "INSTANCE_ROLE_ARN",
    "MOMENT",
    "PROFILE_ARN",
    "REGION",
    "REGISTRY",
    "REPOSITORY_ARN",
    "ROLE_ARN",
    "S3_CIDRS",
    "S3_LIST",
    "TASK_ARN",
    "TASK_ID",
    "VPC",
    "Edit",
    "World",
    "absent",
    "acl_of",
    "add_endpoints",
    "add_s3_endpoint",
    "changed",
    "definition_of",
    "ec2",
    "endpoint_of",
    "endpoints",
    "everything",
    "fargate",
    "group_of",
    "image_of",
    "interface_endpoint",
    "items_of",
    "known",
    "known_facts",
    "no_way_out",
    "policy_text",
    "public",
    "role_of",
    "routes_of",
    "stopped",
    "task_of",
    "tcp",
    "unavailable",
    "vpc_of",
]
