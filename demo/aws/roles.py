"""An account's roles, policies and instance profiles, and what its organization attaches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from demo.aws import managed_policies
from demo.aws.clients import Clients
from demo.aws.policies import INSTANCES, TASKS, PolicyDocument, PolicyStatement, policy, trust
from demo.aws.truth.iam import set_service_control_policies


class Roles(Clients):
    """Builds who may do what in the account."""

    def add_role(
        self,
        name: str,
        *statements: PolicyStatement,
        service: str = TASKS,
        managed: Sequence[str] = (),
        inline: Mapping[str, PolicyDocument] | None = None,
        boundary: str | None = None,
        path: str = "/",
        trusted: PolicyDocument | None = None,
    ) -> str:
        """Create a role that a service may assume, or what `trusted` says; returns its ARN.

        `statements` become one inline policy of the name `own`.
        """
        role = self.iam.create_role(
            RoleName=name,
            Path=path,
            AssumeRolePolicyDocument=json.dumps(trusted or trust(service)),
            **({"PermissionsBoundary": boundary} if boundary else {}),
        )
        for arn in managed:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for policy_name, document in (inline or {}).items():
            self.put_role_policy(name, policy_name, *document["Statement"])
        if statements:
            self.put_role_policy(name, "own", *statements)
        return str(role["Role"]["Arn"])

    def put_role_policy(self, role: str, name: str, *statements: PolicyStatement) -> None:
        """Give a role an inline policy."""
        self.iam.put_role_policy(
            RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy(*statements))
        )

    def add_policy(self, name: str, *statements: PolicyStatement, path: str = "/") -> str:
        """Create a customer managed policy; returns its ARN."""
        made = self.iam.create_policy(
            PolicyName=name, Path=path, PolicyDocument=json.dumps(policy(*statements))
        )
        return str(made["Policy"]["Arn"])

    def add_instance_profile(
        self, name: str, *statements: PolicyStatement, managed: Sequence[str] = (), role: bool = True
    ) -> str:
        """Create an instance profile, with a role of the same name unless `role` is false; returns its ARN."""
        if role:
            self.add_role(name, *statements, service=INSTANCES, managed=managed)
        profile = self.iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        if role:
            self.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        return str(profile["Arn"])

    def set_service_control_policies(self, *policies: PolicyDocument) -> None:
        """What the account's organization attaches to it beside FullAWSAccess; without any, everything is allowed."""
        set_service_control_policies(self.account_id, self.region, policies)

    def add_secret(self, name: str) -> tuple[str, str]:
        """Create a secret and an execution role that may pull and read it; returns both ARNs."""
        created = self.client("secretsmanager").create_secret(
            Name=f"{name}/database", SecretString="not-a-secret"
        )
        secret = str(created["ARN"])
        read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}
        managed = [managed_policies.TASK_EXECUTION]
        return secret, self.add_role(f"{name}-execution", managed=managed, inline={"secret": policy(read)})
