"""Corrections that make moto answer as AWS does, where the difference would lead a diagnosis astray.

Each correction is one function that says what AWS does and what moto does instead. They are set on moto's own
classes while an emulated AWS runs and taken off when it stops.
"""

from __future__ import annotations

from contextlib import ExitStack

from demo.aws.truth import block_public_access, deployments, ecr, ecs, endpoints, iam, network


def apply(patches: ExitStack) -> None:
    """Apply every correction; closing `patches` undoes them."""
    ecs.apply(patches)
    deployments.apply(patches)
    network.apply(patches)
    endpoints.apply(patches)
    block_public_access.apply(patches)
    ecr.apply(patches)
    iam.apply(patches)
