"""What moto works out again for each request, botocore reads for each session, and never changes: it is remembered instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from inspect import isfunction
from typing import Any
from unittest import mock

import xmltodict  # type: ignore[import-untyped]
from botocore.loaders import create_loader
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker

# Each session would read the models of its services from disk again: EC2's alone takes a tenth of a second.
_loader = create_loader()
_names_of = XFormedAttributePicker.get_possible_keys
_known: dict[tuple[Any, ...], tuple[str, ...]] = {}


def apply(patches: ExitStack) -> None:
    """Give moto its memory; closing `patches` takes it away."""
    # moto lists every member of a service's class for each request.
    patches.enter_context(mock.patch("moto.core.responses.method_names_from_class", _MethodNames))
    patches.enter_context(mock.patch.object(XFormedAttributePicker, "get_possible_keys", _names))
    patches.enter_context(mock.patch("botocore.session.create_loader", return_value=_loader))
    # The same few names of elements are looked at character by character in each answer.
    patches.enter_context(mock.patch("xmltodict._validate_name", cache(xmltodict._validate_name)))


def _names(picker: XFormedAttributePicker, context: AttributePickerContext) -> Iterator[str]:
    """The names under which an object may hold a member of an answer; they follow from the class and the member alone."""
    key = (tuple(picker.alias_providers), type(context.obj), context.shape, context.key)
    if key not in _known:
        _known[key] = tuple(dict.fromkeys(_names_of(picker, context)))
    return iter(_known[key])


@dataclass(frozen=True)
class _MethodNames:
    """The names of the methods that a class has at the moment, as far as one is asked for."""

    owner: type

    def __contains__(self, name: str) -> bool:
        return isfunction(getattr(self.owner, name, None))
