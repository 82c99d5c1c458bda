"""Policies of the organization, as IAM's simulator and the error text tell of them."""

from __future__ import annotations

from tests.build import (
    INSTANCE_ROLE_ARN,
    ROLE_ARN,
    ec2,
    endpoints,
    public,
)
from tests.build.judging import denied, forbidden
from tests.build.permissions import TOLD_ENDPOINT, managed, not_simulated, simulated
from tests.build.policies import allow
from tests.faults.permissions.tables import Case

TABLE = (
    Case("the text names one", "scp-denies", "warn", symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="service control polic", stage="manifest"),
    Case("the text names one for a secret", "scp-denies", "warn", symptoms=(denied("scp", "secretsmanager:GetSecretValue", explicit=True, symptom="secret-denied"),), stage="secrets"),
    Case("the text names none", "scp-denies", "skipped", symptoms=(forbidden(),)),
    Case("IAM says so", "scp-denies", "fail", (simulated(False, False),), says="AllowedByOrganizations is false for ecr:GetAuthorizationToken", resources=(ROLE_ARN,), stage="login"),
    Case("IAM says so of the pull", "scp-denies", "fail", (simulated(True, False),), symptoms=(forbidden(),), says="deny ecr:BatchGetImage and ecr:GetDownloadUrlForLayer to payments-execution, and every policy that can be read here", resources=(ROLE_ARN,), stage="manifest"),
    Case("IAM and the text say so", "scp-denies", "fail", (simulated(True, False),), symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="the error says", stage="manifest"),
    Case("IAM says so of the instance role", "scp-denies", "fail", (simulated(False, role=INSTANCE_ROLE_ARN),), ec2, resources=(INSTANCE_ROLE_ARN,), stage="login"),
    Case("IAM says so and was told the endpoint", "scp-denies", "fail", (simulated(False, context=TOLD_ENDPOINT),), endpoints, stage="login"),
    Case("IAM was not told the endpoint", "scp-denies", "unknown", (simulated(False),), endpoints, says="was not told aws:SourceVpce"),
    Case("IAM was told an endpoint that is not on the way", "scp-denies", "unknown", (simulated(False, context=TOLD_ENDPOINT),), says="was not told aws:SourceVpce"),
    Case("IAM was not told the public address", "scp-denies", "unknown", (simulated(False, context={"aws:RequestedRegion": "us-east-1"}),), says="was not told aws:SourceIp"),
    Case("the task's public address is not known", "scp-denies", "unknown", (simulated(False),), public, says="was not told aws:SourceIp"),
    Case("IAM wanted a key", "scp-denies", "unknown", (simulated(False, missing_context=["aws:PrincipalOrgID"]),), says="was not given aws:PrincipalOrgID"),
    Case("IAM allows but wanted a key", "scp-denies", "skipped", (simulated(missing_context=["aws:PrincipalOrgID"]),), says="was not given aws:PrincipalOrgID"),
    Case("IAM says that none does", "scp-denies", "pass", (simulated(),), says="let payments-execution pull"),
    Case("an account without an organization", "scp-denies", "pass", (simulated(None, None),)),
    Case("IAM refuses and says nothing of the organization", "scp-denies", "skipped", (simulated(None, None, decision="implicitDeny"),), says="says nothing of the organization"),
    Case("IAM was not allowed to say", "scp-denies", "skipped", (not_simulated,), says="iam:SimulatePrincipalPolicy could not be read: denied"),
    Case("IAM was not allowed to say and the text names one", "scp-denies", "warn", (not_simulated,), symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),)),
    Case("IAM allows now what the text says was denied", "scp-denies", "warn", (simulated(),), symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="but IAM's simulator (iam:SimulatePrincipalPolicy) allows it now: the policies have changed since"),
    Case("the text names one and IAM was not told the endpoint", "scp-denies", "warn", (simulated(),), endpoints, symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="was not told"),
    Case("the text names one for a secret and IAM was asked of the pull", "scp-denies", "warn", (simulated(),), symptoms=(denied("scp", "secretsmanager:GetSecretValue", explicit=True, symptom="secret-denied"),), stage="secrets"),
    Case("IAM sees the role otherwise than it reads", "scp-denies", "pass", (simulated(decision="implicitDeny"),), says="answers implicitDeny to ecr:GetAuthorizationToken where the role's policies, as they were read, allow it"),
    Case("IAM allows what the role lacks as it reads", "scp-denies", "pass", (simulated(), managed(allow("logs:*"))), says="allows ecr:GetAuthorizationToken where the role's policies, as they were read, do not allow it", alone=False),
    Case("the text names one", "rcp-denies", "warn", symptoms=(denied("rcp", explicit=True, symptom="org-or-boundary-denied"),), says="resource control polic"),
    Case("no text", "rcp-denies", "skipped"),
)  # fmt: skip
