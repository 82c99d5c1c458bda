"""Hand-written questions about who grants what to whom, each group with the AWS page that settles it."""

from __future__ import annotations

from typing import Any

from .questions import (
    ACCOUNT,
    ALL,
    ANY_PULL,
    OTHER,
    OTHERS_REPOSITORY,
    READ_ONLY_BOUNDARY,
    REPOSITORY,
    ROLE,
    ROOT,
    SESSION,
    Case,
    Question,
    allow,
    case,
    deny,
    on_repository,
    policy,
    to,
)

# AWS: Determining whether a request is allowed or denied within an account
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
SAME_ACCOUNT: tuple[Case, ...] = (
    case("an identity policy allows", "allowed", identity=[ALL]),
    case("no policy at all", "implicit"),
    case("an identity policy of another service", "implicit", identity=[policy(allow("s3:*"))]),
    case("an identity policy of another action", "implicit", identity=[policy(allow("ecr:DescribeImages"))]),
    case("an identity policy denies", "explicit", identity=[ALL, policy(deny("ecr:BatchGetImage"))]),
    case("a Deny in the same policy", "explicit", identity=[policy(allow(), deny())]),
    case(
        "a Deny for another repository", "allowed", identity=[ALL, policy(deny(resource=OTHERS_REPOSITORY))]
    ),
    case("two policies, the second allows", "allowed", identity=[policy(allow("s3:*")), ALL]),
    case("one statement that is not in a list", "allowed", identity=[{"Statement": allow()}]),
    case("the repository policy names the role", "allowed", repository=to(ROLE)),
    case("the repository policy names the session", "allowed", repository=to(SESSION)),
    case("the repository policy names everybody", "allowed", repository=to("*")),
    case("the repository policy has a bare star", "allowed", repository=on_repository(allow(principal="*"))),
    case("the repository policy names the account root only", "implicit", repository=to(ROOT)),
    case("the repository policy names the account id only", "implicit", repository=to(ACCOUNT)),
    case("account root and identity policy", "allowed", repository=to(ROOT), identity=[ALL]),
    case("the repository policy names another role", "implicit", repository=to(ROLE + "2")),
    case("the repository policy names another account", "implicit", repository=to(OTHER)),
    case("another session of the role", "implicit", repository=to(SESSION + "0")),
    case(
        "a service only",
        "implicit",
        repository=on_repository(allow(principal={"Service": "ecs.amazonaws.com"})),
    ),
    case(
        "a repository policy without the identity side's need",
        "allowed",
        identity=[ALL],
        repository=to(OTHER),
    ),
    case(
        "the repository policy denies the role",
        "explicit",
        identity=[ALL],
        repository=on_repository(deny(principal={"AWS": ROLE})),
    ),
    case(
        "the repository policy denies the account",
        "explicit",
        identity=[ALL],
        repository=on_repository(deny(principal={"AWS": ACCOUNT})),
    ),
    case(
        "the repository policy denies the session",
        "explicit",
        identity=[ALL],
        repository=on_repository(deny(principal={"AWS": SESSION})),
    ),
    case(
        "the repository policy denies everybody",
        "explicit",
        identity=[ALL],
        repository=on_repository(deny(principal="*")),
    ),
    case(
        "the repository policy denies another role",
        "allowed",
        identity=[ALL],
        repository=on_repository(deny(principal={"AWS": ROLE + "2"})),
    ),
    case(
        "the repository policy denies pushes",
        "allowed",
        identity=[ALL],
        repository=on_repository(deny("ecr:PutImage", principal="*")),
    ),
    case(
        "a deleted role is named",
        "implicit",
        repository=on_repository(allow(principal={"AWS": "AROAEXAMPLEROLEID0001"})),
    ),
)

# AWS: Private repository policies in Amazon ECR: ecr:GetAuthorizationToken comes from identity policies
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
TOKEN: tuple[Case, ...] = tuple(
    (Question(name=name, action="ecr:GetAuthorizationToken", resource="*", **more), expected)
    for name, expected, more in (
        ("the token on *", "allowed", {"identity": [policy(allow("ecr:GetAuthorizationToken"))]}),
        ("the token on **", "allowed", {"identity": [policy(allow(resource=["arn:aws:s3:::x", "**"]))]}),
        ("the token scoped to a repository", "implicit", {"identity": [policy(allow(resource=REPOSITORY))]}),
        (
            "the token scoped to all repositories",
            "implicit",
            {"identity": [policy(allow(resource="arn:aws:ecr:*:*:repository/*"))]},
        ),
        ("the token is not granted by the boundary alone", "implicit", {"boundary": ALL}),
        ("the token outside the boundary", "implicit", {"identity": [ALL], "boundary": READ_ONLY_BOUNDARY}),
        (
            "the token and a Deny scoped to a repository",
            "allowed",
            {"identity": [ALL, policy(deny(resource=REPOSITORY))]},
        ),
        (
            "the token and NotResource of a repository",
            "allowed",
            {"identity": [policy({"Effect": "Allow", "Action": "*", "NotResource": REPOSITORY})]},
        ),
        (
            "the token and an endpoint policy of pulls only",
            "implicit",
            {"identity": [ALL], "endpoint": policy(allow(ANY_PULL, principal="*"))},
        ),
    )
)

# AWS: Cross-account policy evaluation logic
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
CROSS_ACCOUNT: tuple[Case, ...] = tuple(
    (Question(name=f"cross-account: {name}", resource=OTHERS_REPOSITORY, **more), expected)
    for name, expected, more in (
        ("both sides, the role", "allowed", {"identity": [ALL], "repository": to(ROLE)}),
        ("both sides, the root", "allowed", {"identity": [ALL], "repository": to(ROOT)}),
        ("both sides, the account id", "allowed", {"identity": [ALL], "repository": to(ACCOUNT)}),
        ("both sides, the session", "allowed", {"identity": [ALL], "repository": to(SESSION)}),
        ("both sides, everybody", "allowed", {"identity": [ALL], "repository": to("*")}),
        ("own side only", "implicit", {"identity": [ALL]}),
        (
            "own side, the policy names a third account",
            "implicit",
            {"identity": [ALL], "repository": to("777788889999")},
        ),
        ("their side only, the role", "implicit", {"repository": to(ROLE)}),
        ("their side only, the session", "implicit", {"repository": to(SESSION)}),
        ("their side only, everybody", "implicit", {"repository": to("*")}),
        ("neither side", "implicit", {}),
        (
            "their Deny",
            "explicit",
            {
                "identity": [ALL],
                "repository": on_repository(allow(principal="*"), deny(principal={"AWS": ROOT})),
            },
        ),
        (
            "our boundary",
            "implicit",
            {"identity": [ALL], "repository": to("*"), "boundary": READ_ONLY_BOUNDARY},
        ),
        ("a deleted role", "implicit", {"identity": [ALL], "repository": to("AROAEXAMPLEROLEID0001")}),
        (
            "our organization",
            "allowed",
            {
                "identity": [ALL],
                "context": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]},
                "repository": to("*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            },
        ),
        (
            "another organization",
            "implicit",
            {
                "identity": [ALL],
                "context": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]},
                "repository": to("*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}),
            },
        ),
        (
            "a path of our organization",
            "allowed",
            {
                "identity": [ALL],
                "context": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"]},
                "repository": to(
                    "*",
                    condition={
                        "ForAnyValue:StringLike": {
                            "aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]
                        }
                    },
                ),
            },
        ),
    )
)

# AWS: Permissions boundaries for IAM entities
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
# and IAM role principals, IAM role session principals
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
BOUNDARY: tuple[Case, ...] = (
    case("a boundary that allows", "allowed", identity=[ALL], boundary=ALL),
    case("a boundary without ECR", "implicit", identity=[ALL], boundary=READ_ONLY_BOUNDARY),
    case("a boundary alone grants nothing", "implicit", boundary=ALL),
    case("a boundary that denies", "explicit", identity=[ALL], boundary=policy(allow("*"), deny("ecr:*"))),
    case("a grant to the role is limited", "implicit", repository=to(ROLE), boundary=READ_ONLY_BOUNDARY),
    case("a grant to the role within the boundary", "allowed", repository=to(ROLE), boundary=ALL),
    case(
        "a grant to the session is not limited",
        "allowed",
        repository=to(SESSION),
        boundary=READ_ONLY_BOUNDARY,
    ),
    case("a grant to everybody is not limited", "allowed", repository=to("*"), boundary=READ_ONLY_BOUNDARY),
    case(
        "a Deny in the boundary limits the session too",
        "explicit",
        repository=to(SESSION),
        boundary=policy(allow("*"), deny("ecr:*")),
    ),
)


# AWS: AWS JSON policy elements: NotPrincipal
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
def _but(*principals: str) -> dict[str, Any]:
    return on_repository({"Effect": "Deny", "Action": "ecr:*", "NotPrincipal": {"AWS": list(principals)}})


NOT_PRINCIPAL: tuple[Case, ...] = (
    case("Deny with NotPrincipal of another role", "explicit", identity=[ALL], repository=_but(ROLE + "2")),
    case("Deny with NotPrincipal of the account only", "explicit", identity=[ALL], repository=_but(ROOT)),
    case(
        "Deny with NotPrincipal of the account and another role",
        "explicit",
        identity=[ALL],
        repository=_but(ROOT, ROLE + "2"),
    ),
    case(
        "Deny with NotPrincipal of account, role and session",
        "allowed",
        identity=[ALL],
        repository=_but(ROOT, ROLE, SESSION),
    ),
    case(
        "the same for a role with a boundary",
        "explicit",
        identity=[ALL],
        boundary=ALL,
        repository=_but(ROOT, ROLE, SESSION),
    ),
    case(
        "Deny with NotPrincipal of the role only, and a boundary",
        "explicit",
        identity=[ALL],
        boundary=ALL,
        repository=_but(ROLE),
    ),
    case(
        "Deny with NotPrincipal of another role, and a boundary",
        "explicit",
        identity=[ALL],
        boundary=ALL,
        repository=_but(ROLE + "2"),
    ),
)
# AWS's page says such a statement "might" deny.
NOT_PRINCIPAL_IN_PART: tuple[Case, ...] = (
    case("Deny with NotPrincipal of the role only", "cannot_tell", identity=[ALL], repository=_but(ROLE)),
    case(
        "Deny with NotPrincipal of account and role",
        "cannot_tell",
        identity=[ALL],
        repository=_but(ROOT, ROLE),
    ),
    case(
        "Deny with NotPrincipal of the session only", "cannot_tell", identity=[ALL], repository=_but(SESSION)
    ),
)

_GONE = {"StringNotEquals": {"aws:SourceVpce": "vpce-gone"}}
# AWS: Control access to VPC endpoints using endpoint policies
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
# and Service control policies https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
PERIMETER: tuple[Case, ...] = (
    case(
        "the default endpoint policy", "allowed", identity=[ALL], endpoint=policy(allow("*", principal="*"))
    ),
    case(
        "an endpoint policy without the action",
        "implicit",
        identity=[ALL],
        endpoint=policy(allow("ecr:GetAuthorizationToken", principal="*")),
    ),
    case(
        "an endpoint policy that denies",
        "explicit",
        identity=[ALL],
        endpoint=policy(allow("*", principal="*"), deny("ecr:BatchGetImage", principal="*")),
    ),
    case(
        "an endpoint policy grants nothing by itself", "implicit", endpoint=policy(allow("*", principal="*"))
    ),
    case(
        "an endpoint policy of another repository",
        "implicit",
        identity=[ALL],
        endpoint=policy(allow(resource=f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/base", principal="*")),
    ),
    case(
        "an endpoint policy for the role",
        "allowed",
        identity=[ALL],
        endpoint=policy(allow(principal={"AWS": ROLE})),
    ),
    case(
        "an endpoint policy for another role",
        "implicit",
        identity=[ALL],
        endpoint=policy(allow(principal={"AWS": ROLE + "2"})),
    ),
    case(
        "an endpoint policy for the account",
        "allowed",
        identity=[ALL],
        endpoint=policy(allow(principal={"AWS": ROOT})),
    ),
    case(
        "a Deny unless through an endpoint that is gone",
        "explicit",
        identity=[ALL],
        repository=on_repository(deny(principal="*", condition=_GONE)),
        context={"aws:SourceVpce": ["vpce-new"]},
    ),
    case(
        "the same without any endpoint",
        "explicit",
        identity=[ALL],
        repository=on_repository(deny(principal="*", condition=_GONE)),
    ),
    case(
        "the same through that endpoint",
        "allowed",
        identity=[ALL],
        repository=on_repository(deny(principal="*", condition=_GONE)),
        context={"aws:SourceVpce": ["vpce-gone"]},
    ),
    case("an SCP that denies", "explicit", identity=[ALL], scps=[policy(allow("*"), deny("ecr:*"))]),
    case("an SCP that does not allow", "implicit", identity=[ALL], scps=[policy(allow("s3:*"))]),
    case(
        "one of two levels does not allow",
        "implicit",
        identity=[ALL],
        scps=[policy(allow("*")), policy(allow("s3:*"))],
    ),
    case(
        "two levels that allow", "allowed", identity=[ALL], scps=[policy(allow("*")), policy(allow("ecr:*"))]
    ),
)
