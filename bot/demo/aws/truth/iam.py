"""Corrections of moto's IAM: the policy simulator, which it does not have."""

from __future__ import annotations

from contextlib import ExitStack
from unittest import mock

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from bot.demo.aws.errors import Refusal


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""

    def simulate_principal_policy(self: IamResponse) -> ActionResult:
        """Refuse, as AWS does for callers who may read policies but not simulate them.

        AWS: SimulatePrincipalPolicy needs a permission of its own
        (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
        moto: does not know the call. An answer would have to come from an evaluator of IAM policies, and an
        emulator that judged policies with code of ours could not tell whether the diagnosis judges them
        rightly.
        """
        raise Refusal(
            "AccessDenied",
            f"User: arn:{self.partition}:iam::{self.current_account}:user/on-call is not authorized to "
            f"perform: iam:SimulatePrincipalPolicy on resource: {self._get_param('PolicySourceArn')} "
            "because no identity-based policy allows the iam:SimulatePrincipalPolicy action",
        )

    patches.enter_context(
        mock.patch.object(IamResponse, "simulate_principal_policy", simulate_principal_policy, create=True)
    )
