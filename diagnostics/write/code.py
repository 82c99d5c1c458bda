"""Strings of Terraform and of CloudFormation's YAML.

Terraform: https://developer.hashicorp.com/terraform/language/expressions/strings (`${` and `%{` are templates)
YAML: https://yaml.org/spec/1.2.2/#double-quoted-style
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_WORDS_OF_YAML = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))


def code_string(text: str) -> str:
    """A text as a quoted string of Terraform, in which nothing is a template."""
    return _templates_escaped(_escaped(json.dumps(text, ensure_ascii=False)))


def code_json(value: Any, *, indent: int | None = None) -> str:
    """A value as an expression of Terraform: JSON, in whose strings and keys nothing is a template."""
    return _templates_escaped(_escaped(json.dumps(value, indent=indent, ensure_ascii=False)))


def yaml_string(value: Any) -> str:
    """A value for YAML: a plain word as it is, everything else like `yaml_quoted`."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML:
        return value
    return yaml_quoted(value)


def yaml_quoted(value: Any) -> str:
    """A value in YAML's flow style, which JSON is: every text in quotation marks."""
    return _escaped(json.dumps(value, ensure_ascii=False))


def _templates_escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _escaped(text: str) -> str:
    """JSON text without characters that act or cannot be seen. Line ends are those of the layout; JSON has no others.

    Not JSON's own escapes: Terraform and YAML have `\\U` for what JSON writes as two surrogates.
    """
    # What can be printed needs no look at each character.
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in _HARMFUL else _unicode_escape(char)
        for char in text
    )


def _unicode_escape(char: str) -> str:
    code = ord(char)
    if 0xD800 <= code < 0xE000:
        code = 0xFFFD
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
