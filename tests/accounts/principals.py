"""Accounts whose fault, or oddity, is in who may pull."""

from __future__ import annotations

import json
from unittest import mock

from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from demo.aws import reasons
from demo.aws.account import policy, trust
from demo.aws.truth.iam import set_service_control_policies
from tests.accounts.land import LOGS, PULL, TOKEN, Land, allow, deny, grant
from tests.accounts.model import Answer, Cases

cases = Cases()

FOREIGN = "999988887777"


@cases.add("the task role may pull, the execution role may not", region="eu-west-1")
def task_role_trap(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    task_role = land.role("app-role", allow("ecr:*", "s3:*"))
    role = land.role("app-exec", allow(*LOGS, "ssm:GetParameters"))
    ran = land.fargate(network, land.image("api", "1"), role=role, task_role=task_role)
    land.stop(ran, reasons.login_denied(ran))
    return Answer(ran, {"role-permission-missing": [role]})


@cases.add(
    "a role with a path lacks BatchGetImage in its customer policy", region="eu-west-1", worlds="plain"
)
def path_and_customer(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("team/deep/api", "1")
    first = land.managed("token", allow(TOKEN), path="/team/")
    second = land.managed("layers", allow("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"))
    role = land.role("deploy", managed=[first, second], path="/service/team/")
    ran = land.fargate(network, land.image("team/deep/api", "1"), role=role)
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, {"role-permission-missing": [role]})


@cases.add("the policy names the repository without its prefix", region="ap-south-1")
def wrong_prefix(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("shop/api", "1")
    role = land.role("exec", allow(TOKEN), allow(*PULL, on=land.repository_arn("api")))
    ran = land.fargate(network, land.image("shop/api", "1"), role=role)
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, {"role-permission-missing": [role]})


@cases.add("an explicit deny outside of working tags")
def deny_by_not_resource(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    role = land.role("exec", allow(TOKEN, *PULL))
    land.inline(
        "exec",
        "only-golden",
        {"Effect": "Deny", "Action": "ecr:Batch*", "NotResource": land.repository_arn("golden/*")},
    )
    ran = land.fargate(network, land.image("api", "1"), role=role)
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, {"role-explicit-deny": [role]})


@cases.add("a deny outside of a source address that does not hold here, NAT")
def deny_unknown_condition(land: Land) -> Answer:
    """Whether aws:SourceIp matches depends on the NAT gateway's address; AWS's answer names no policy."""
    network = land.behind_nat()
    land.repository("api", "1")
    role = land.role("exec", allow(TOKEN, *PULL))
    land.inline(
        "exec", "home", deny("ecr:*", Condition={"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}})
    )
    ran = land.fargate(network, land.image("api", "1"), role=role)
    land.stop(ran, reasons.login_denied(ran, reasons.DENY_IN_IDENTITY_POLICY))
    return Answer(ran, {"role-explicit-deny": [role]})


@cases.add("a boundary that forgets ECR", region="eu-west-1", worlds="plain")
def boundary(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    fence = land.managed("fence", allow("s3:*", "logs:*", "ssm:*"))
    role = land.role("exec", allow("*"), PermissionsBoundary=fence)
    ran = land.fargate(network, land.image("api", "1"), role=role)
    land.stop(ran, reasons.login_denied(ran, reasons.NO_BOUNDARY))
    return Answer(ran, {"boundary-denies": [role]})


@cases.add("a trust policy bound to the account and its tasks, healthy", region="eu-west-1")
def trust_conditions(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    trusted = trust("ecs-tasks.amazonaws.com")
    trusted["Statement"][0]["Condition"] = {
        "StringEquals": {"aws:SourceAccount": land.account_id},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{land.region}:{land.account_id}:*"},
    }
    role = land.role("exec", allow(TOKEN, *PULL), trusted=trusted)
    return Answer(land.fargate(network, land.image("api", "1"), role=role))


@cases.add("a repository policy denies by an endpoint that is gone", region="eu-west-1", worlds="plain")
def repo_denies_vpce(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("vault", "1")
    land.repository_policy(
        "vault",
        grant(
            "*",
            "ecr:*",
            effect="Deny",
            Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0aaaabbbbccccdddd"}},
        ),
    )
    ran = land.fargate(network, land.image("vault", "1"))
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, {"repo-policy-denies": [land.repository_arn("vault")]})


@cases.add(
    "a repository policy denies others and allows the endpoint in use, healthy",
    region="eu-west-1",
    worlds="plain",
)
def repo_vpce_ok(land: Land) -> Answer:
    network = land.sealed()
    land.repository("vault", "1")
    used = [network.endpoints["ecr.dkr"], network.endpoints["ecr.api"]]
    land.repository_policy(
        "vault",
        grant("*", "ecr:*", effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpce": used}}),
        grant({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, "ecr:BatchGetImage", effect="Deny"),
    )
    return Answer(land.fargate(network, land.image("vault", "1")))


@cases.add("a same-account repository policy that allows somebody else, healthy", region="eu-west-1")
def repo_other_allow(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    land.repository_policy("api", grant({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, *PULL))
    return Answer(land.fargate(network, land.image("api", "1")))


@cases.add("a same-account repository policy gives what the role lacks, healthy", region="eu-west-1")
def repo_gives(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    role = land.role("exec", allow(TOKEN))
    land.repository_policy("api", grant({"AWS": role}, *PULL))
    return Answer(land.fargate(network, land.image("api", "1"), role=role))


@cases.add("a foreign repository: refused, and unreadable", region="eu-west-1")
def cross_account(land: Land) -> Answer:
    network = land.behind_nat()
    role = land.role("exec", allow(TOKEN, *PULL))
    land.repository("shared/base", "1", account=FOREIGN)
    ran = land.fargate(network, land.image("shared/base", "1", account=FOREIGN), role=role)
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, outcome="undecided")


@cases.add("a foreign repository on moto, which knows it not", region="eu-west-1", worlds="plain")
def cross_account_plain(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("shared/base", "1", account=FOREIGN)
    ran = land.fargate(network, land.image("shared/base", "1", account=FOREIGN))
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, outcome="undecided")


def _readable(land: Land) -> None:
    """Let the other account's registry be read, as a grant there would."""
    registry = property(
        lambda response: ecr_backends[response._get_param("registryId") or response.current_account][
            response.region
        ]
    )
    land.patches.enter_context(mock.patch.object(ECRResponse, "ecr_backend", registry))


@cases.add(
    "a foreign repository that can be read and names another account", region="eu-west-1", worlds="plain"
)
def cross_account_read(land: Land) -> Answer:
    network = land.behind_nat()
    role = land.role("exec", allow(TOKEN, *PULL))
    land.repository("shared/read", "1", account=FOREIGN)
    land.repository_policy(
        "shared/read", grant({"AWS": "arn:aws:iam::123456789012:root"}, *PULL), account=FOREIGN
    )
    ran = land.fargate(network, land.image("shared/read", "1", account=FOREIGN), role=role)
    land.stop(ran, reasons.manifest_forbidden(ran))
    _readable(land)
    return Answer(
        ran, {"repo-policy-cross-account-missing": [land.repository_arn("shared/read", account=FOREIGN)]}
    )


@cases.add("a foreign repository that names a deleted role", region="eu-west-1", worlds="plain")
def cross_account_orphan(land: Land) -> Answer:
    network = land.behind_nat()
    role = land.role("exec", allow(TOKEN, *PULL))
    land.repository("shared/orphan", "1", account=FOREIGN)
    land.repository_policy("shared/orphan", grant({"AWS": "AROAEXAMPLEID0123456"}, *PULL), account=FOREIGN)
    ran = land.fargate(network, land.image("shared/orphan", "1", account=FOREIGN), role=role)
    arn = land.repository_arn("shared/orphan", account=FOREIGN)
    land.stop(ran, reasons.manifest_forbidden(ran))
    _readable(land)
    return Answer(ran, {"repo-policy-principal-orphaned": [arn]})


@cases.add(
    "a foreign repository that lets this account in, and a role without the permission",
    region="eu-west-1",
    worlds="plain",
)
def cross_account_own_side(land: Land) -> Answer:
    network = land.behind_nat()
    role = land.role("exec", allow(TOKEN))
    land.repository("shared/open", "1", account=FOREIGN)
    land.repository_policy(
        "shared/open", grant({"AWS": f"arn:aws:iam::{land.account_id}:root"}, *PULL), account=FOREIGN
    )
    ran = land.fargate(network, land.image("shared/open", "1", account=FOREIGN), role=role)
    land.stop(ran, reasons.manifest_forbidden(ran))
    _readable(land)
    return Answer(ran, {"role-permission-missing": [role]})


@cases.add("an endpoint policy that names another repository", region="eu-west-1", worlds="plain")
def endpoint_policy(land: Land) -> Answer:
    other = land.repository_arn("allowed")
    network = land.sealed(
        policies={"ecr.dkr": policy(grant("*", *PULL, Resource=other), grant("*", TOKEN, Resource="*"))}
    )
    land.repository("api", "1")
    land.repository("allowed", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, {"endpoint-policy-denies": [network.endpoints["ecr.dkr"]]})


@cases.add("endpoint policies that name all that is needed, healthy", region="eu-west-2")
def endpoint_policy_ok(land: Land) -> Answer:
    bucket = reasons.layer_bucket("eu-west-2")
    network = land.sealed(
        policies={
            "ecr.api": policy(grant("*", TOKEN, *PULL, Resource="*")),
            "ecr.dkr": policy(
                grant("*", *PULL, Resource=land.repository_arn("api")), grant("*", TOKEN, Resource="*")
            ),
            "s3": policy(grant("*", "s3:GetObject", Resource=f"arn:aws:s3:::{bucket}/*")),
        }
    )
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1")))


@cases.add("S3's policy asks for the organisation, which ECR's bucket is not in", region="eu-west-2")
def s3_policy_org(land: Land) -> Answer:
    network = land.sealed(
        policies={
            "s3": policy(
                grant(
                    "*",
                    "s3:*",
                    Resource="*",
                    Condition={"StringEquals": {"aws:ResourceOrgID": "o-abc1234567"}},
                )
            )
        }
    )
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.layers_forbidden(ran))
    return Answer(ran, {"s3-endpoint-policy-denies": [network.endpoints["s3"]]})


@cases.add("an instance profile without a role", region="eu-west-1", worlds="plain")
def profile_empty(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    profile = land.profile("hollow", role=False)
    host = land.host(network, "app-a", profile="hollow")
    ran = land.on_host(land.image("api", "1"), host)
    land.stop(ran, reasons.agent_without_credentials(), whole="Task failed to start")
    return Answer(ran, {"instance-profile-missing": [profile]})


@cases.add("an instance role that lacks the pull, in bridge mode", region="eu-west-1", worlds="plain")
def instance_role(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    profile = land.profile("node", allow("ecs:*", TOKEN))
    host = land.host(network, "app-a", profile="node")
    ran = land.on_host(land.image("api", "1"), host, "node")
    land.stop(ran, reasons.docker_denied(ran, reasons.NO_IDENTITY_POLICY), whole="Task failed to start")
    role = f"arn:aws:iam::{land.account_id}:role/node"
    return Answer(ran, {"instance-profile-permission-missing": [profile, role]})


@cases.add("the execution role on EC2 is named by the refusal", region="eu-west-1")
def ec2_execution_role_denied(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    land.profile("node", allow("ecs:*", TOKEN, *PULL))
    role = land.role("exec", allow(*LOGS))
    host = land.host(network, "app-a", profile="node")
    ran = land.on_host(land.image("api", "1"), host, "node", role=role)
    text = f"CannotPullECRContainerError: AccessDeniedException: User: {ran.session_arn} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action\n\tstatus code: 400, request id: 75567eb3-6abb-11e6-9d4c-cb4ccd1cee97"
    land.stop(ran, text, whole="Task failed to start")
    return Answer(ran, {"role-permission-missing": [role]})


@cases.add("no execution role at all on Fargate", worlds="plain")
def no_role(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), role="")
    text = (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
        + ran.image
        + ": pulling from host "
        + ran.image.partition("/")[0]
        + " failed with status code [manifests 1]: 401 Unauthorized"
    )
    land.stop(ran, text)
    return Answer(ran, {"role-missing": []})


@cases.add("a service control policy by the text alone", region="eu-west-1", worlds="plain")
def scp_by_text(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    role = land.role("exec", allow(TOKEN, *PULL))
    ran = land.fargate(network, land.image("api", "1"), role=role)
    land.stop(ran, reasons.login_denied(ran, "with an explicit deny in a service control policy"))
    return Answer(ran, {"scp-denies": []})


@cases.add(
    "a service control policy that IAM tells of, and a foreign repository", region="eu-west-1", worlds="true"
)
def scp_by_simulator(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("shared/base", "1", account=FOREIGN)
    role = land.role("exec", allow(TOKEN, *PULL))
    deny = {"Effect": "Deny", "Action": PULL, "Resource": "*"}
    set_service_control_policies(land.account_id, land.region, [policy(deny)])
    ran = land.fargate(network, land.image("shared/base", "1", account=FOREIGN), role=role)
    land.stop(ran, reasons.manifest_forbidden(ran))
    return Answer(ran, {"scp-denies": [role]})


@cases.add("the managed execution policy, in China", region="cn-north-1")
def china_managed(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    role = land.role(
        "exec", allow(TOKEN), allow(*PULL, on=f"arn:aws-cn:ecr:cn-north-1:{land.account_id}:repository/api")
    )
    return Answer(land.fargate(network, land.image("api", "1"), role=role))


@cases.add("a private registry's secret with a key that the role may not use", region="eu-west-1")
def registry_kms(land: Land) -> Answer:
    network = land.behind_nat()
    kms = land.client("kms")
    key = kms.create_key(
        Policy=json.dumps(
            policy(grant({"AWS": f"arn:aws:iam::{land.account_id}:root"}, "kms:*", Resource="*"))
        )
    )["KeyMetadata"]["Arn"]
    secret = land.client("secretsmanager").create_secret(Name="hub/login", SecretString="x", KmsKeyId=key)[
        "ARN"
    ]
    role = land.role("exec", allow(*LOGS), allow("secretsmanager:GetSecretValue", on=secret))
    ran = land.fargate(
        network,
        [
            {
                "name": "main",
                "image": "ghcr.io/acme/api:1",
                "repositoryCredentials": {"credentialsParameter": secret},
            }
        ],
        role=role,
    )
    text = (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
        + secret
        + " from secrets manager: AccessDeniedException: Access to KMS is not allowed"
    )
    land.stop(ran, text, container=None)
    return Answer(ran, {"kms-denied": [role]})
