"""Hand-written questions about what one statement says, each group with the AWS page that settles it."""

from __future__ import annotations

from .questions import (
    ACCOUNT,
    ALL,
    OTHER,
    OTHERS_REPOSITORY,
    REPOSITORY,
    ROLE,
    SESSION,
    Case,
    allow,
    case,
    condition,
    deny,
    policy,
)

# AWS: IAM JSON policy elements: Action, NotAction, Resource, NotResource
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
ELEMENTS: tuple[Case, ...] = (
    case("an action in another case", "allowed", identity=[policy(allow("ECR:batchgetIMAGE"))]),
    case("an action with a star", "allowed", identity=[policy(allow("ecr:Batch*"))]),
    case("an action with a star in the middle", "allowed", identity=[policy(allow("ecr:B*I*e"))]),
    case("an action with a question mark", "allowed", identity=[policy(allow("ecr:BatchGetImag?"))]),
    case(
        "an action with one question mark too many",
        "implicit",
        identity=[policy(allow("ecr:BatchGetImage?"))],
    ),
    case("the action *", "allowed", identity=[policy(allow("*"))]),
    case("a star that begins elsewhere", "implicit", identity=[policy(allow("ecr:Get*"))]),
    case(
        "NotAction of another service",
        "allowed",
        identity=[policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})],
    ),
    case(
        "NotAction of the action itself",
        "implicit",
        identity=[policy({"Effect": "Allow", "NotAction": ["iam:*", "ecr:batch*"], "Resource": "*"})],
    ),
    case(
        "Deny with NotAction",
        "explicit",
        identity=[ALL, policy({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"})],
    ),
    case("the repository's ARN", "allowed", identity=[policy(allow(resource=REPOSITORY))]),
    case(
        "the repository's ARN in another case",
        "implicit",
        identity=[policy(allow(resource=REPOSITORY.replace("team/app", "Team/App")))],
    ),
    case(
        "a resource with a star",
        "allowed",
        identity=[policy(allow(resource=f"arn:aws:ecr:*:{ACCOUNT}:repository/team/*"))],
    ),
    case(
        "a star goes over slashes",
        "allowed",
        identity=[policy(allow(resource=f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/*app"))],
    ),
    case(
        "a resource with a question mark",
        "allowed",
        identity=[policy(allow(resource=f"arn:aws:ecr:us-east-?:{ACCOUNT}:repository/team/ap?"))],
    ),
    case(
        "the repository's name without its path",
        "implicit",
        identity=[policy(allow(resource=f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"))],
    ),
    case(
        "another Region",
        "implicit",
        identity=[policy(allow(resource=f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app"))],
    ),
    case(
        "another account's repositories",
        "implicit",
        identity=[policy(allow(resource=f"arn:aws:ecr:*:{OTHER}:repository/*"))],
    ),
    case("a longer name", "implicit", identity=[policy(allow(resource=REPOSITORY + "lication"))]),
    *(
        item
        for short, fits in (
            ("arn:aws:ecr", True),
            ("arn:aws:ecr:us-east-1", True),
            (f"arn:aws:ecr:us-east-?:{ACCOUNT}", True),
            ("arn:aws:ecr:*", True),
            ("arn:aws:ecr:eu-west-1", False),
            ("arn:aws:ecr:", False),
            (f"arn:aws:ecr:us-east-1:{OTHER}", False),
            ("arn:aws:s3", False),
        )
        for item in (
            case(
                f"{short} alone", "allowed" if fits else "implicit", identity=[policy(allow(resource=short))]
            ),
            case(
                f"{short} alone in a Deny",
                "explicit" if fits else "allowed",
                identity=[ALL, policy(deny(resource=short))],
            ),
            case(
                f"{short} alone in a boundary",
                "allowed" if fits else "implicit",
                identity=[ALL],
                boundary=policy(allow(resource=short)),
            ),
        )
    ),
    case(
        "an ARN that ends early never gives a login",
        "implicit",
        action="ecr:GetAuthorizationToken",
        resource="*",
        identity=[policy(allow("*", resource="arn:aws:ecr"))],
    ),
    case(
        "NotResource of another repository",
        "allowed",
        identity=[policy({"Effect": "Allow", "Action": "*", "NotResource": OTHERS_REPOSITORY})],
    ),
    case(
        "NotResource of this repository",
        "implicit",
        identity=[policy({"Effect": "Allow", "Action": "*", "NotResource": [OTHERS_REPOSITORY, REPOSITORY]})],
    ),
    case(
        "Deny with NotResource",
        "explicit",
        identity=[
            ALL,
            policy({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:ecr:*:*:repository/base"}),
        ],
    ),
)

# AWS: IAM policy elements: Variables and tags
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_BY_TEAM = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/${{aws:PrincipalTag/team}}/app"
_TEAM = {"aws:PrincipalTag/team": ["team"]}
VARIABLES: tuple[Case, ...] = (
    case("a variable in a resource", "allowed", identity=[policy(allow(resource=_BY_TEAM))], context=_TEAM),
    case(
        "a variable of another value",
        "implicit",
        identity=[policy(allow(resource=_BY_TEAM))],
        context={"aws:PrincipalTag/team": ["other"]},
    ),
    case("a variable without a value", "implicit", identity=[policy(allow(resource=_BY_TEAM))]),
    case("a variable without a value in a Deny", "allowed", identity=[ALL, policy(deny(resource=_BY_TEAM))]),
    case(
        "a variable in a policy of the older version",
        "implicit",
        context=_TEAM,
        identity=[policy(allow(resource=_BY_TEAM), version="2008-10-17")],
    ),
    case(
        "a variable with a default",
        "allowed",
        identity=[policy(allow(resource=_BY_TEAM.replace("team}", "team, 'team'}")))],
    ),
    case(
        "a variable with a default that is not needed",
        "allowed",
        context=_TEAM,
        identity=[policy(allow(resource=_BY_TEAM.replace("team}", "team, 'other'}")))],
    ),
    case(
        "a star in a variable's value is no wildcard",
        "implicit",
        context={"aws:PrincipalTag/team": ["*"]},
        identity=[policy(allow(resource=_BY_TEAM))],
    ),
    case(
        "a variable in a condition",
        "allowed",
        identity=[
            policy(allow(condition={"StringEquals": {"ecr:ResourceTag/team": "${aws:PrincipalTag/team}"}}))
        ],
        context={"aws:PrincipalTag/team": ["blue"], "ecr:ResourceTag/team": ["blue"]},
    ),
    case(
        "a variable in a condition, without a value",
        "implicit",
        identity=[
            policy(allow(condition={"StringEquals": {"ecr:ResourceTag/team": "${aws:PrincipalTag/team}"}}))
        ],
        context={"ecr:ResourceTag/team": ["blue"]},
    ),
    case(
        "an escaped star in a condition",
        "implicit",
        identity=[policy(allow(condition={"StringLike": {"ecr:ResourceTag/team": "b${*}"}}))],
        context={"ecr:ResourceTag/team": ["blue"]},
    ),
)

# AWS: IAM JSON policy elements: Condition operators
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
CONDITIONS: tuple[Case, ...] = (
    condition(
        "StringEquals", "allowed", {"StringEquals": {"aws:SourceVpce": "vpce-1"}}, aws__SourceVpce=["vpce-1"]
    ),
    condition(
        "StringEquals, another value",
        "implicit",
        {"StringEquals": {"aws:SourceVpce": "vpce-2"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "StringEquals, one of several",
        "allowed",
        {"StringEquals": {"aws:SourceVpce": ["vpce-2", "vpce-1"]}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition("StringEquals, key absent", "implicit", {"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
    condition(
        "StringEquals is exact about case",
        "implicit",
        {"StringEquals": {"aws:SourceVpce": "VPCE-1"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "StringEquals knows no wildcards",
        "implicit",
        {"StringEquals": {"aws:SourceVpce": "vpce-*"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "a key in another case",
        "allowed",
        {"StringEquals": {"AWS:sourcevpce": "vpce-1"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "StringEqualsIgnoreCase",
        "allowed",
        {"StringEqualsIgnoreCase": {"aws:SourceVpce": "VPCE-1"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "StringNotEquals",
        "implicit",
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "StringNotEquals, another value",
        "allowed",
        {"StringNotEquals": {"aws:SourceVpce": "vpce-2"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition("StringNotEquals, key absent", "allowed", {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
    condition(
        "StringNotEquals, one of several",
        "implicit",
        {"StringNotEquals": {"aws:SourceVpce": ["vpce-2", "vpce-1"]}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "StringLike", "allowed", {"StringLike": {"aws:SourceVpce": "vpce-?"}}, aws__SourceVpce=["vpce-1"]
    ),
    condition(
        "StringNotLike",
        "implicit",
        {"StringNotLike": {"aws:SourceVpce": "vpce-*"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "StringEqualsIfExists, key absent", "allowed", {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}
    ),
    condition(
        "StringEqualsIfExists, another value",
        "implicit",
        {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}},
        aws__SourceVpce=["vpce-2"],
    ),
    condition("Null true, key absent", "allowed", {"Null": {"aws:SourceVpce": "true"}}),
    condition(
        "Null true, key there", "implicit", {"Null": {"aws:SourceVpce": "true"}}, aws__SourceVpce=["vpce-1"]
    ),
    condition(
        "Null false, key there", "allowed", {"Null": {"aws:SourceVpce": False}}, aws__SourceVpce=["vpce-1"]
    ),
    condition("Null false, key absent", "implicit", {"Null": {"aws:SourceVpce": "false"}}),
    condition(
        "two operators, one not met",
        "implicit",
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}, "StringLike": {"aws:SourceVpc": "vpc-2"}},
        aws__SourceVpce=["vpce-1"],
        aws__SourceVpc=["vpc-1"],
    ),
    condition(
        "two keys, both met",
        "allowed",
        {"StringEquals": {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1"}},
        aws__SourceVpce=["vpce-1"],
        aws__SourceVpc=["vpc-1"],
    ),
    condition(
        "IpAddress",
        "allowed",
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        aws__SourceIp=["203.0.113.7"],
    ),
    condition(
        "IpAddress outside",
        "implicit",
        {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "203.0.113.8"]}},
        aws__SourceIp=["203.0.113.7"],
    ),
    condition(
        "IpAddress, every address",
        "allowed",
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        aws__SourceIp=["203.0.113.7"],
    ),
    condition(
        "IpAddress, one address",
        "allowed",
        {"IpAddress": {"aws:SourceIp": "203.0.113.7"}},
        aws__SourceIp=["203.0.113.7"],
    ),
    condition(
        "IpAddress, key absent through an endpoint",
        "implicit",
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        aws__VpcSourceIp=["10.0.0.5"],
    ),
    condition(
        "IpAddress, version 6",
        "allowed",
        {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}},
        aws__SourceIp=["2001:db8::7"],
    ),
    condition(
        "NotIpAddress inside",
        "implicit",
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        aws__SourceIp=["203.0.113.7"],
    ),
    condition("NotIpAddress, key absent", "allowed", {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    condition("Bool", "allowed", {"Bool": {"aws:SecureTransport": "true"}}),
    condition("Bool of JSON", "implicit", {"Bool": {"aws:SecureTransport": False}}),
    condition("BoolIfExists, key absent", "allowed", {"BoolIfExists": {"aws:MultiFactorAuthAge": "true"}}),
    condition("not via a service", "allowed", {"Bool": {"aws:ViaAWSService": "false"}}),
    condition("not a service", "allowed", {"Bool": {"aws:PrincipalIsAWSService": "false"}}),
    condition("the role's ARN", "allowed", {"ArnEquals": {"aws:PrincipalArn": ROLE}}),
    condition(
        "the role's ARN by wildcard",
        "allowed",
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ecsTask*"}},
    ),
    condition(
        "another role's ARN", "implicit", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/web*"}}
    ),
    condition(
        "the session's ARN is not the principal's ARN",
        "implicit",
        {"ArnEquals": {"aws:PrincipalArn": SESSION}},
    ),
    condition("ArnNotLike", "implicit", {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}),
    condition(
        "the role's ARN as a string", "allowed", {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}
    ),
    condition(
        "a wildcard does not cross the parts of an ARN",
        "implicit",
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:*:*:*:assumed-role/*"}},
    ),
    condition("the principal's account", "allowed", {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
    condition("another account", "implicit", {"StringEquals": {"aws:PrincipalAccount": OTHER}}),
    condition("the resource's account", "allowed", {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}),
    condition("the kind of principal", "allowed", {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
    condition(
        "the Region",
        "allowed",
        {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}},
        aws__RequestedRegion=["us-east-1"],
    ),
    condition(
        "a repository tag",
        "allowed",
        {"StringEquals": {"ecr:ResourceTag/env": "prod"}},
        ecr__ResourceTag_S_env=["prod"],
    ),
    condition(
        "a repository tag that is not there", "implicit", {"StringEquals": {"aws:ResourceTag/env": "prod"}}
    ),
    condition(
        "a role tag",
        "implicit",
        {"StringEquals": {"aws:PrincipalTag/env": "prod"}},
        aws__PrincipalTag_S_env=["test"],
    ),
    condition(
        "DateGreaterThan",
        "allowed",
        {"DateGreaterThan": {"aws:CurrentTime": "2025-01-01T00:00:00Z"}},
        aws__CurrentTime=["2026-03-01T10:00:00Z"],
    ),
    condition(
        "DateLessThan",
        "implicit",
        {"DateLessThan": {"aws:CurrentTime": "2025-01-01T00:00:00Z"}},
        aws__CurrentTime=["2026-03-01T10:00:00Z"],
    ),
    condition(
        "DateLessThanEquals, the same moment",
        "allowed",
        {"DateLessThanEquals": {"aws:CurrentTime": "2026-03-01T10:00:00Z"}},
        aws__CurrentTime=["2026-03-01T10:00:00Z"],
    ),
    condition(
        "DateLessThan, the same moment",
        "implicit",
        {"DateLessThan": {"aws:CurrentTime": "2026-03-01T10:00:00Z"}},
        aws__CurrentTime=["2026-03-01T10:00:00Z"],
    ),
    condition(
        "DateEquals of seconds",
        "allowed",
        {"DateEquals": {"aws:EpochTime": "2026-03-01T10:00:00Z"}},
        aws__EpochTime=["1772359200"],
    ),
    condition(
        "NumericLessThanEquals, the same number",
        "allowed",
        {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "360.0"}},
        aws__MultiFactorAuthAge=["360"],
    ),
    condition(
        "NumericLessThan, the same number",
        "implicit",
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "360"}},
        aws__MultiFactorAuthAge=["360"],
    ),
    condition(
        "NumericLessThan",
        "allowed",
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        aws__MultiFactorAuthAge=["360"],
    ),
    condition(
        "NumericGreaterThanEquals",
        "implicit",
        {"NumericGreaterThanEquals": {"aws:MultiFactorAuthAge": 3600}},
        aws__MultiFactorAuthAge=["360"],
    ),
    condition(
        "NumericNotEquals, key absent", "allowed", {"NumericNotEquals": {"aws:MultiFactorAuthAge": "3600"}}
    ),
)

# AWS: Set operators for multivalued context keys
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
_PATHS = {"aws:PrincipalOrgPaths": ["o-1/r-1/ou-1/*", "o-1/r-1/ou-2/*"]}
SETS: tuple[Case, ...] = (
    condition(
        "ForAnyValue, one of them",
        "allowed",
        {"ForAnyValue:StringLike": _PATHS},
        aws__PrincipalOrgPaths=["o-1/r-1/ou-9/", "o-1/r-1/ou-2/"],
    ),
    condition(
        "ForAnyValue, none of them",
        "implicit",
        {"ForAnyValue:StringLike": _PATHS},
        aws__PrincipalOrgPaths=["o-1/r-1/ou-9/"],
    ),
    condition(
        "ForAnyValue of a negated operator, key absent", "implicit", {"ForAnyValue:StringNotLike": _PATHS}
    ),
    condition("ForAnyValue, key absent", "implicit", {"ForAnyValue:StringLike": _PATHS}),
    condition(
        "ForAllValues, all of them",
        "allowed",
        {"ForAllValues:StringLike": _PATHS},
        aws__PrincipalOrgPaths=["o-1/r-1/ou-1/", "o-1/r-1/ou-2/"],
    ),
    condition(
        "ForAllValues, not all of them",
        "implicit",
        {"ForAllValues:StringLike": _PATHS},
        aws__PrincipalOrgPaths=["o-1/r-1/ou-1/", "o-1/r-1/ou-9/"],
    ),
    condition("ForAllValues, key absent", "allowed", {"ForAllValues:StringLike": _PATHS}),
    condition(
        "ForAllValues of a negated operator",
        "implicit",
        {"ForAllValues:StringNotLike": _PATHS},
        aws__PrincipalOrgPaths=["o-1/r-1/ou-1/", "o-1/r-1/ou-9/"],
    ),
)

# Questions that AWS's pages leave open: an answer would be a guess.
UNSETTLED: tuple[Case, ...] = (
    case(
        "a variable without a value under a negated operator",
        "cannot_tell",
        identity=[
            policy(allow(condition={"StringNotEquals": {"ecr:ResourceTag/t": "${aws:PrincipalTag/t}"}}))
        ],
        context={"ecr:ResourceTag/t": ["blue"]},
    ),
    case(
        "a variable without a value beside a resource that fits",
        "cannot_tell",
        identity=[policy(allow(resource=[REPOSITORY, _BY_TEAM]))],
    ),
    case(
        "a variable without a value in NotResource",
        "cannot_tell",
        identity=[policy({"Effect": "Allow", "Action": "*", "NotResource": _BY_TEAM})],
    ),
    condition(
        "an operator that AWS added later",
        "cannot_tell",
        {"StringSounds": {"aws:SourceVpce": "vpce-1"}},
        aws__SourceVpce=["vpce-1"],
    ),
    condition(
        "several values without a set operator",
        "cannot_tell",
        {"StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}},
        aws__PrincipalOrgPaths=["o-1/r-1/", "o-2/r-1/"],
    ),
    condition(
        "an ARN pattern of fewer than six parts",
        "cannot_tell",
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:*"}},
    ),
    condition("ForAnyValue meets IfExists", "cannot_tell", {"ForAnyValue:StringLikeIfExists": _PATHS}),
    condition(
        "a number that is none",
        "cannot_tell",
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "one hour"}},
        aws__MultiFactorAuthAge=["360"],
    ),
    condition(
        "an open condition beside one that is not met",
        "implicit",
        {"StringSounds": {"aws:SourceVpce": "vpce-1"}, "StringEquals": {"aws:SourceVpce": "vpce-2"}},
        aws__SourceVpce=["vpce-1"],
    ),
)
