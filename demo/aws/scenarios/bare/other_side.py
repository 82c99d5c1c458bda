"""Policies of what is asked: repositories of this and other accounts, endpoints."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.policies import PULL, TOKEN, allow, grant, policy
from demo.aws.scenarios.bare.base import bare_account, behind_nat, sealed
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(bare_account)

FOREIGN = "999988887777"


@catalogue.add(
    "repo-denies-vpce",
    "a repository policy denies by an endpoint that is gone",
    region="eu-west-1",
    plain_only=True,
)
def repo_denies_vpce(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("vault", ("1",))
    account.set_repository_policy(
        "vault",
        grant(
            "*",
            "ecr:*",
            effect="Deny",
            Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0aaaabbbbccccdddd"}},
        ),
    )
    task = account.fargate_task("worker", network=network, image=account.image("vault", "1"))
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task, {"repository": account.repository_arn("vault")})


@catalogue.add(
    "repo-vpce-ok",
    "a repository policy denies others and allows the endpoint in use, healthy",
    region="eu-west-1",
    plain_only=True,
)
def repo_vpce_ok(account: Account) -> Broken:
    network = sealed(account)
    account.add_repository("vault", ("1",))
    used = [network.endpoints["ecr.dkr"], network.endpoints["ecr.api"]]
    account.set_repository_policy(
        "vault",
        grant("*", "ecr:*", effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpce": used}}),
        grant({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, "ecr:BatchGetImage", effect="Deny"),
    )
    return Broken(account.fargate_task("worker", network=network, image=account.image("vault", "1")))


@catalogue.add(
    "repo-other-allow",
    "a same-account repository policy that allows somebody else, healthy",
    region="eu-west-1",
    truth_only=True,
)
def repo_other_allow(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    account.set_repository_policy("api", grant({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, *PULL))
    return Broken(account.fargate_task("worker", network=network, image=account.image("api", "1")))


@catalogue.add(
    "repo-gives",
    "a same-account repository policy gives what the role lacks, healthy",
    region="eu-west-1",
    truth_only=True,
)
def repo_gives(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    role = account.add_role("exec", allow(TOKEN))
    account.set_repository_policy("api", grant({"AWS": role}, *PULL))
    return Broken(
        account.fargate_task("worker", network=network, image=account.image("api", "1"), execution_role=role)
    )


@catalogue.add(
    "cross-account", "a foreign repository: refused, and unreadable", region="eu-west-1", truth_only=True
)
def cross_account(account: Account) -> Broken:
    network = behind_nat(account)
    role = account.add_role("exec", allow(TOKEN, *PULL))
    account.add_repository("shared/base", ("1",), account=FOREIGN)
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("shared/base", "1", account=FOREIGN),
        execution_role=role,
    )
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task)


@catalogue.add(
    "cross-account-plain",
    "a foreign repository on moto, which knows it not",
    region="eu-west-1",
    plain_only=True,
)
def cross_account_plain(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("shared/base", ("1",), account=FOREIGN)
    task = account.fargate_task(
        "worker", network=network, image=account.image("shared/base", "1", account=FOREIGN)
    )
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task)


@catalogue.add(
    "cross-account-read",
    "a foreign repository that can be read and names another account",
    region="eu-west-1",
    plain_only=True,
)
def cross_account_read(account: Account) -> Broken:
    network = behind_nat(account)
    role = account.add_role("exec", allow(TOKEN, *PULL))
    account.add_repository("shared/read", ("1",), account=FOREIGN)
    account.set_repository_policy(
        "shared/read", grant({"AWS": "arn:aws:iam::123456789012:root"}, *PULL), account=FOREIGN
    )
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("shared/read", "1", account=FOREIGN),
        execution_role=role,
    )
    task.stop(reasons.manifest_forbidden(task))
    account.let_other_registries_be_read()
    return Broken(task, {"repository": account.repository_arn("shared/read", account=FOREIGN)})


@catalogue.add(
    "cross-account-orphan",
    "a foreign repository that names a deleted role",
    region="eu-west-1",
    plain_only=True,
)
def cross_account_orphan(account: Account) -> Broken:
    network = behind_nat(account)
    role = account.add_role("exec", allow(TOKEN, *PULL))
    account.add_repository("shared/orphan", ("1",), account=FOREIGN)
    account.set_repository_policy(
        "shared/orphan", grant({"AWS": "AROAEXAMPLEID0123456"}, *PULL), account=FOREIGN
    )
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("shared/orphan", "1", account=FOREIGN),
        execution_role=role,
    )
    arn = account.repository_arn("shared/orphan", account=FOREIGN)
    task.stop(reasons.manifest_forbidden(task))
    account.let_other_registries_be_read()
    return Broken(task, {"repository": arn})


@catalogue.add(
    "cross-account-own-side",
    "a foreign repository that lets this account in, and a role without the permission",
    region="eu-west-1",
    plain_only=True,
)
def cross_account_own_side(account: Account) -> Broken:
    network = behind_nat(account)
    role = account.add_role("exec", allow(TOKEN))
    account.add_repository("shared/open", ("1",), account=FOREIGN)
    account.set_repository_policy(
        "shared/open", grant({"AWS": f"arn:aws:iam::{account.account_id}:root"}, *PULL), account=FOREIGN
    )
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("shared/open", "1", account=FOREIGN),
        execution_role=role,
    )
    task.stop(reasons.manifest_forbidden(task))
    account.let_other_registries_be_read()
    return Broken(task, {"role": role})


@catalogue.add(
    "endpoint-policy", "an endpoint policy that names another repository", region="eu-west-1", plain_only=True
)
def endpoint_policy(account: Account) -> Broken:
    other = account.repository_arn("allowed")
    network = sealed(
        account,
        policies={"ecr.dkr": policy(grant("*", *PULL, Resource=other), grant("*", TOKEN, Resource="*"))},
    )
    account.add_repository("api", ("1",))
    account.add_repository("allowed", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task, {"endpoint ecr.dkr": network.endpoints["ecr.dkr"]})


@catalogue.add(
    "endpoint-policy-ok",
    "endpoint policies that name all that is needed, healthy",
    region="eu-west-2",
    truth_only=True,
)
def endpoint_policy_ok(account: Account) -> Broken:
    bucket = reasons.layer_bucket("eu-west-2")
    network = sealed(
        account,
        policies={
            "ecr.api": policy(grant("*", TOKEN, *PULL, Resource="*")),
            "ecr.dkr": policy(
                grant("*", *PULL, Resource=account.repository_arn("api")), grant("*", TOKEN, Resource="*")
            ),
            "s3": policy(grant("*", "s3:GetObject", Resource=f"arn:aws:s3:::{bucket}/*")),
        },
    )
    account.add_repository("api", ("1",))
    return Broken(account.fargate_task("worker", network=network, image=account.image("api", "1")))


@catalogue.add(
    "s3-policy-org",
    "S3's policy asks for the organisation, which ECR's bucket is not in",
    region="eu-west-2",
    truth_only=True,
)
def s3_policy_org(account: Account) -> Broken:
    network = sealed(
        account,
        policies={
            "s3": policy(
                grant(
                    "*",
                    "s3:*",
                    Resource="*",
                    Condition={"StringEquals": {"aws:ResourceOrgID": "o-abc1234567"}},
                )
            )
        },
    )
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.layers_forbidden(task))
    return Broken(task, {"endpoint s3": network.endpoints["s3"]})
