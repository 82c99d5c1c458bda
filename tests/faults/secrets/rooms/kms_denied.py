"""Keys of secrets and parameters."""

from __future__ import annotations

from tests.build import REGION, ROLE_ARN
from tests.build.judging import denied
from tests.build.permissions import inline
from tests.build.policies import allow
from tests.faults.permissions.tables import Case, lost
from tests.faults.secrets.secret_edits import (
    DECRYPTS,
    DECRYPTS_TAGGED,
    KEY_ARN,
    PARAMETER_ARN,
    READS,
    SECRET_ARN,
    USUAL_KEY_POLICY,
    credentials,
    gone,
    key_tags,
    kms_key,
    tags_unread,
    taking,
    with_tags,
)

TABLE = (
    Case("no permission on the key", "kms-denied", "fail", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS), kms_key(USUAL_KEY_POLICY)), resources=(ROLE_ARN, KEY_ARN), stage="secrets"),
    Case("a key policy without the account", "kms-denied", "fail", (credentials(key=KEY_ARN), inline("s", READS, DECRYPTS), kms_key({**USUAL_KEY_POLICY, "Principal": {"AWS": ROLE_ARN + "-2"}})), resources=(KEY_ARN, ROLE_ARN)),
    Case("a key policy that denies", "kms-denied", "fail", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, DECRYPTS), kms_key(USUAL_KEY_POLICY, {**USUAL_KEY_POLICY, "Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"})), resources=(KEY_ARN, "statement 'Shut'", ROLE_ARN)),
    Case("a key that is disabled", "kms-denied", "fail", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, DECRYPTS), kms_key(USUAL_KEY_POLICY, state="Disabled")), resources=(KEY_ARN, SECRET_ARN), says="Disabled"),
    Case("a key that is gone", "kms-denied", "fail", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS), kms_key(USUAL_KEY_POLICY), gone("kms_keys", KEY_ARN)), says="does not exist"),
    Case("another service's decryption only", "kms-denied", "fail", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, {**DECRYPTS, "Condition": {"StringEquals": {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}}}), kms_key(USUAL_KEY_POLICY)), says="kms:ViaService"),
    Case("decryption by Secrets Manager", "kms-denied", "pass", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, {**DECRYPTS, "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}}), kms_key(USUAL_KEY_POLICY))),
    Case("the key policy names the role", "kms-denied", "pass", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS), kms_key(USUAL_KEY_POLICY, {**USUAL_KEY_POLICY, "Sid": "Role", "Principal": {"AWS": ROLE_ARN}, "Action": "kms:Decrypt"}))),
    Case("AWS's own key", "kms-denied", "pass", (taking(SECRET_ARN, key="alias/aws/secretsmanager"), inline("s", READS))),
    Case("a parameter's key", "kms-denied", "fail", (taking(PARAMETER_ARN, key=KEY_ARN), inline("s", allow("ssm:GetParameters", PARAMETER_ARN)), kms_key(USUAL_KEY_POLICY)), resources=(ROLE_ARN, KEY_ARN)),
    Case("a tag that the key lacks", "kms-denied", "fail", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, DECRYPTS_TAGGED), kms_key(USUAL_KEY_POLICY), key_tags(team="ledger")), says="a condition on aws:ResourceTag/team that is not met", resources=(ROLE_ARN, KEY_ARN)),
    Case("the key's tag that is asked for", "kms-denied", "pass", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, DECRYPTS_TAGGED), kms_key(USUAL_KEY_POLICY), key_tags(team="payments"))),
    Case("the key's tags were not read", "kms-denied", "unknown", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, DECRYPTS_TAGGED), kms_key(USUAL_KEY_POLICY), tags_unread("kms_key_tags", KEY_ARN, "kms:ListResourceTags")), says="aws:ResourceTag/team (kms:ListResourceTags could not be read"),
    Case("the secret's tags say nothing of its key", "kms-denied", "unknown", (taking(SECRET_ARN, key=KEY_ARN), with_tags(team="payments"), inline("s", READS, DECRYPTS_TAGGED), kms_key(USUAL_KEY_POLICY)), says="aws:ResourceTag/team"),
    Case("the key was not read", "kms-denied", "unknown", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS)), says="kms:DescribeKey"),
    Case("the key policy was not read", "kms-denied", "unknown", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, DECRYPTS), kms_key(USUAL_KEY_POLICY), lost("kms_key_policies", KEY_ARN, call="kms:GetKeyPolicy")), says="kms:GetKeyPolicy"),
    Case("the key policy was not read, and the text says that it does not allow", "kms-denied", "warn", (taking(SECRET_ARN, key=KEY_ARN), inline("s", READS, DECRYPTS), kms_key(USUAL_KEY_POLICY), lost("kms_key_policies", KEY_ARN, call="kms:GetKeyPolicy")), symptoms=(denied("resource", "kms:Decrypt", symptom="secret-denied", resource=KEY_ARN),), says="By the error text the policy of the key of payments/db does not allow payments-execution kms:Decrypt", resources=(KEY_ARN, ROLE_ARN)),
    Case("none", "kms-denied", "skipped"),
)  # fmt: skip
