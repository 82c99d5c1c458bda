"""What the proof does not demand of a repair, and why. Whatever is no longer needed here fails."""

from __future__ import annotations

from collections.abc import Mapping

NOT_CONVERTED: Mapping[str, str] = {
    "demo-repo-policy-denies: repo-policy-denies": "whole verified",
    "demo-role-permission-missing: role-permission-missing": "whole",
    "demo-tag-not-found: tag-not-found": "whole restored",
    "demo-s3-endpoint-policy-denies: s3-endpoint-policy-denies": "whole",
    "endpoint-policy-denies: endpoint-policy-denies": "whole",
    "s3-endpoint-policy-denies-despite-nat: s3-endpoint-policy-denies": "whole",
    "role-missing: role-missing": "whole",
    "role-trust-denies: role-trust-denies": "whole",
    "role-permission-missing-other-repository: role-permission-missing": "whole",
    "role-token-on-repository: role-permission-missing": "whole",
    "role-explicit-deny: role-explicit-deny": "whole",
    "boundary-denies: boundary-denies": "whole restored",
    "scp-denies: scp-denies": "whole",
    "scp-denies-unnamed: scp-denies": "whole",
    "instance-profile-permission-missing: instance-profile-permission-missing": "whole",
    "instance-profile-missing: instance-profile-missing": "whole",
    "repo-policy-denies-instance: repo-policy-denies": "whole",
    "tag-not-found: tag-not-found": "whole restored",
    "repo-not-found: repo-not-found": "whole undone",
    "wrong-region: wrong-region": "whole restored",
    "tag-not-found-second-container: tag-not-found": "whole restored",
    "digest-not-found: digest-not-found": "whole restored",
    "platform-mismatch: platform-mismatch": "whole",
    "container-secret-missing: container-secret-missing": "whole pasted",
    "task-gone-service-events: tag-not-found": "whole restored",
    "container-secret-access-denied: container-secret-access-denied": "whole",
    "pull-through-cache-permission-missing: pull-through-cache-permission-missing": "whole",
    "other-subnet: tag-not-found": "whole restored",
    "ec2-task-subnet: tag-not-found": "whole restored",
    "ec2-execution-role-denied: role-permission-missing": "whole",
    "task-role-trap: role-permission-missing": "whole",
    "wrong-prefix: role-permission-missing": "whole",
    "deny-by-not-resource: role-explicit-deny": "whole",
    "deny-unknown-condition: role-explicit-deny": "whole",
    "scp-by-simulator: scp-denies": "whole",
    "registry-kms: kms-denied": "whole",
    "s3-policy-org: s3-endpoint-policy-denies": "whole",
    "hub: docker-hub-rate-limit": "whole verified undone",
    "hub-private: registry-credentials-missing": "whole undone",
    "invalid: invalid-image-reference": "whole restored",
    "no-cache-rule: pull-through-cache-rule-missing": "whole pasted",
    "throttled: ecr-throttled": "whole",
    "oom: tag-not-found": "whole restored",
    "sealed-group-then-s3-policy: s3-endpoint-policy-denies": "whole",
    "route-then-role: role-permission-missing": "whole",
    "decoys: tag-not-found": "whole restored",
    "rolled-back: tag-not-found": "whole restored",
}  # fmt: skip
"""The steps that fail of repairs that are not yet one way, whole, by world, cause and title. This list only shrinks."""

_GONE = "AWS takes no route to a NAT gateway that is deleted, so that the blackhole cannot come back"
_DHCP = "the emulated EC2 never frees DHCP options that a VPC had once, so that they cannot be deleted"
_ORGANIZATION = "it asks the organization's management account, which the emulated AWS does not have"
EXCEPTIONS: Mapping[str, Mapping[str, str]] = {
    "scp-denies: scp-denies": {"pasted": _ORGANIZATION},
    "scp-denies-unnamed: scp-denies": {"pasted": _ORGANIZATION},
    "scp-by-simulator: scp-denies": {"pasted": _ORGANIZATION},
    "throttled: ecr-throttled": {"verified": "the emulated AWS has no ListServiceQuotas to show the quota"},
    "route-blackhole: route-blackhole": {"restored": _GONE},
    "pending-endpoint: endpoint-not-available": {
        "restored": "an endpoint that failed does not come back once it is deleted, and carried nothing"
    },
    "dns-server-unusable: dns-server-unusable": {"undone": _DHCP},
    "dns-server: dns-server-unusable": {"undone": _DHCP},
}
"""The steps that no repair can pass there, each with its reason."""
