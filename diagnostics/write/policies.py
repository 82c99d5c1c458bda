"""A policy written down wherever AWS keeps one: as a command, as Terraform and as CloudFormation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.write.code import code_json, yaml_quoted
from diagnostics.write.shell import named, quoted
from diagnostics.write.snippets import hcl

Json = dict[str, Any]


def cloudformation(label: str, kind: str, /, **properties: Any) -> str:
    """A CloudFormation resource in YAML, whose policy documents are JSON (which YAML includes)."""
    lines = [f"    {key}: {yaml_quoted(value)}" for key, value in properties.items()]
    return "\n".join((f"{label}:", f"  Type: {kind}", "  Properties:", *lines))


@dataclass(frozen=True)
class PolicyHolder:
    """Where a policy is kept.

    `put` is the command that writes it, up to the document, and `after` what follows that; `delete` takes it away, and
    `gone` says so in Terraform and in CloudFormation. Both code forms are a kind, a label, what identifies the holder, and
    the name of what holds the document. `called` is the policy's own name, or that of what it belongs to. `of_its_own`:
    Terraform, and CloudFormation, keep the policy as a resource by itself, which can be new; else it is a property of
    something that exists.
    """

    put: str
    terraform: tuple[str, str, Mapping[str, Any], str]
    cloudformation: tuple[str, str, Mapping[str, Any], str]
    called: str = ""
    of_its_own: tuple[bool, bool] = (True, True)
    delete: str = ""
    gone: tuple[str, str] = ("", "")
    after: str = ""

    def command(self, document: Json | None) -> str:
        """The command that puts this policy there; `None` takes away the one that is there."""
        return self.delete if document is None else f"{self.put} {quoted(document)}{self.after}"

    def code(self, document: Json | None, *, new: bool) -> tuple[str, str]:
        """The same as Terraform and as CloudFormation.

        Of what exists only the property that changes is shown: a description without the rest would replace it.
        """
        if document is None:
            return self.gone
        kind, label, own, key = self.terraform
        name, resource, properties, where = self.cloudformation
        called = f" {named(self.called)}" if self.called else ""
        body = code_json(document, indent=2)
        return (
            hcl(kind, label, **own, **{key: document})
            if new and self.of_its_own[0]
            else f"# In the {kind}{called}, which exists:\n{key} = jsonencode({body})",
            cloudformation(name, resource, **properties, **{where: document})
            if new and self.of_its_own[1]
            else f"# In the {resource}{called}, which exists:\n{where}: {yaml_quoted(document)}",
        )
