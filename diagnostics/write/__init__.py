"""The one place where a name or an id becomes part of a command, of Terraform or of CloudFormation."""

from diagnostics.write.code import code_json, code_string, yaml_quoted, yaml_string
from diagnostics.write.shell import OwnFile, bound, named, quoted

__all__ = ["OwnFile", "bound", "code_json", "code_string", "named", "quoted", "yaml_quoted", "yaml_string"]
