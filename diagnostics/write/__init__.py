"""The one place where a name or an id becomes part of a command, of Terraform or of CloudFormation."""

from diagnostics.write.code import code_json, code_string, yaml_quoted, yaml_string
from diagnostics.write.query import given, literal, same, word
from diagnostics.write.script import Asked, asked, captured, chain, found, free_name, wait_for
from diagnostics.write.shell import OwnFile, Variable, bound, named, quoted

__all__ = [
    "Asked",
    "OwnFile",
    "Variable",
    "asked",
    "bound",
    "captured",
    "chain",
    "code_json",
    "code_string",
    "found",
    "free_name",
    "given",
    "literal",
    "named",
    "quoted",
    "same",
    "wait_for",
    "word",
    "yaml_quoted",
    "yaml_string",
]
