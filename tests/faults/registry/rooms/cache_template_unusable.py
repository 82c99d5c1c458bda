"""ECR cannot create the cache's repository as its template wants it."""

from __future__ import annotations

from diagnostics.faults.registry.cache_template_unusable import CACHE_TEMPLATE
from tests.build import ACCOUNT, REGION, absent, known, unavailable
from tests.build.images import facts
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import (
    BY_KMS,
    KEY,
    NAME,
    TAGS,
    TEMPLATE_ROLE,
    first,
    key,
    template,
    template_role,
    templates,
)

ROLE = {"customRoleArn": TEMPLATE_ROLE}
OTHERS = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
OURS = {
    "Effect": "Allow", "Principal": {"Service": "ecr.amazonaws.com"}, "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
}  # fmt: skip
SHUT = {"Effect": "Deny", "Principal": {"Service": "ecr.amazonaws.com"}, "Action": "sts:AssumeRole"}
REPOSITORY = {"repositoryArn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{NAME}", "repositoryName": NAME}
THERE = facts(repository=known(REPOSITORY), detail=absent())
by_key = facts(template_key=key())

TABLE = Table(
    CACHE_TEMPLATE,
    (
        case("no template", "pass", *first(templates())),
        case("a plain one", "pass", *first(templates(template()))),
        case("tags and no role", "fail", *first(templates(template(**TAGS))), resources=("hub",), says="Repository creation template hub has no role (customRoleArn), so ECR cannot create repository hub/acme/shop"),
        case("a key and no role", "fail", *first(templates(template(**BY_KMS)), by_key), says="has no role"),
        case("AWS's own key and no role", "fail", *first(templates(template(encryptionConfiguration={"encryptionType": "KMS"}))), says="has no role"),
        case("ordinary encryption and no role", "pass", *first(templates(template(encryptionConfiguration={"encryptionType": "AES256"})))),
        case("its role", "pass", *first(templates(template(**TAGS, **BY_KMS, **ROLE)), by_key, template_role())),
        case("its role, for this account", "pass", *first(templates(template(**TAGS, **ROLE)), template_role(OURS))),
        case("its role is gone", "fail", *first(templates(template(**TAGS, **ROLE)), facts(template_role=absent("iam:GetRole"))), resources=(TEMPLATE_ROLE, "hub"), says="ecr-templates of repository creation template hub does not exist"),
        case("its role trusts somebody else", "fail", *first(templates(template(**TAGS, **ROLE)), template_role(OTHERS)), resources=(TEMPLATE_ROLE, "hub"), says="does not let ecr.amazonaws.com assume it"),
        case("its role's trust policy denies it", "fail", *first(templates(template(**TAGS, **ROLE)), template_role(OURS, SHUT))),
        case("its role was not read", "unknown", *first(templates(template(**TAGS, **ROLE)), facts(template_role=unavailable("denied", "iam:GetRole")))),
        case("its key is disabled", "fail", *first(templates(template(**BY_KMS, **ROLE)), template_role(), facts(template_key=key("Disabled"))), resources=(KEY, "hub"), says="of repository creation template hub is disabled"),
        case("its key is gone", "fail", *first(templates(template(**BY_KMS, **ROLE)), template_role(), facts(template_key=absent("kms:DescribeKey"))), says="does not exist"),
        case("its key was not read", "unknown", *first(templates(template(**BY_KMS, **ROLE)), template_role(), facts(template_key=unavailable("denied", "kms:DescribeKey")))),
        case("that of the longest prefix", "pass", *first(templates(template(**TAGS), template("ROOT", **TAGS), template("hub/acme")))),
        case("that of everything else", "fail", *first(templates(template("ROOT", **TAGS), template("other"))), resources=("ROOT",)),
        case("a prefix that only looks alike", "pass", *first(templates(template("hu", **TAGS)))),
        case("one for replication", "pass", *first(templates({"prefix": "hub", "appliedFor": ["REPLICATION"], **TAGS}))),
        case("the templates were not read", "unknown", *first(facts(creation_templates=unavailable("denied", "ecr:DescribeRepositoryCreationTemplates")))),
        case("the repository is there", "skipped", *first(THERE)),
        case("the image is there", "skipped"),
    ),
    repairs={"registry": "tags and no role", "registry/role": "its role is gone", "registry/trust": "its role trusts somebody else", "registry/key": "its key is gone"},
)  # fmt: skip
