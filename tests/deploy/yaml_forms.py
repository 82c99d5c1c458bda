"""Reads CloudFormation's YAML, with its short forms spelt out."""

from __future__ import annotations

from typing import Any

import yaml


class _Yaml(yaml.SafeLoader):
    """CloudFormation's YAML, with its short forms spelt out."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        value: Any = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.ScalarNode)
        value = loader.construct_scalar(node)
    if suffix == "GetAtt":
        value = value.split(".")
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Yaml.add_multi_constructor("!", _short_form)  # type: ignore[no-untyped-call]


def load(text: str) -> dict[str, Any]:
    """A template."""
    loaded: dict[str, Any] = yaml.load(text, _Yaml)
    return loaded
