"""JMESPath of a command's `--query`: texts in it, the shell's variables in it, and a task definition that is changed by it.

JMESPath: https://jmespath.org/specification.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from diagnostics.write.shell import Variable, quoted, stays_in_double_quotes

_MARK = "\0"
"""Stands before and behind a variable's name in a query: no JSON text holds it."""
_TEXT = re.compile(r"""`"([^`"'\\]*)"`""")
"""A text in a query that can be written in single quotes as well."""
_NAME = re.compile(f"{_MARK}(\\w+){_MARK}")

ANSWERED = "requiresAttributes", "compatibilities"
"""The lists that DescribeTaskDefinition answers and RegisterTaskDefinition does not take; for what else it answers alone
see `TO_REGISTER`.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
"""

TO_REGISTER = """grep -Ev '^    "(taskDefinitionArn|revision|status|[^"]*(At|By))"| null,$'"""
"""Takes out of a definition, as the AWS CLI prints JSON, the members that say which it is, when and by whom it was registered, and
those without a value. Each has a line, four blanks in; no line of a text ends in `null,`, since its quotation mark stands there. It
fails where nothing comes in, so that a command before it that fails is not lost.
"""

OPTIONAL_OF_JOBS = (
    "parameters", "schedulingPriority", "nodeProperties", "retryStrategy", "propagateTags", "timeout",
    "platformCapabilities", "eksProperties", "consumableResourceProperties",
)  # fmt: skip
"""What RegisterJobDefinition takes beside a name, a type, tags and containers, of what DescribeJobDefinitions answers.

https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html
"""


def literal(*parts: str | Variable) -> str:
    """A text in a query, put together of texts and of variables of the shell."""
    texts = (f"{_MARK}{part}{_MARK}" if isinstance(part, Variable) else _inside(part) for part in parts)
    return f'`"{"".join(texts)}"`'


def same(member: str, *parts: str | Variable) -> str:
    """The condition that a member is this text."""
    return f"{member}=={literal(*parts)}"


def word(query: str) -> str:
    """A query as one word of a command, with the variables that it holds.

    In double quotes, and its texts in single ones, where all of it means the same to a shell there: it is the easier one to read.
    """
    plain = _TEXT.sub(r"'\1'", query)
    if "'" in plain and stays_in_double_quotes(plain.replace(_MARK, "")):
        return f'"{_NAME.sub(_read, plain)}"'
    parts = query.split(_MARK)
    return "".join(f'"${part}"' if place % 2 else quoted(part) for place, part in enumerate(parts) if part)


def _read(variable: re.Match[str]) -> str:
    # zsh takes `:h` or `[1]` behind a variable without braces for a part of it.
    ends = variable.string[variable.end() : variable.end() + 1] == "'"
    return f"${variable[1]}" if ends else f"${{{variable[1]}}}"


def each(items: str, condition: str, members: str) -> str:
    """A list in which an object is put over each item for which a condition holds."""
    chosen = f"({condition})" if "||" in condition else condition
    return f"map(&{chosen} && merge(@,{members}) || @,{items})"


def given(condition: str, change: str) -> str:
    """An object where a condition holds, else an empty one: what `merge` takes."""
    return f"{condition}&&{change}||`{{}}`"


DefinitionChange = tuple[str, str, tuple[str, ...]]
"""A change of a definition: the condition that holds for some containers, an object that is put over these (empty for none), and
objects that are put over the definition. Each is a query, of the container or of the definition.
"""


def changed_definition(change: DefinitionChange, tag: tuple[str, str], without: Collection[str] = ()) -> str:
    """The query that makes of DescribeTaskDefinition's answer, asked with `--include TAGS`, what RegisterTaskDefinition takes.

    Everything stays that it does not name, also what AWS adds one day. What is to go has no value (`_` is no member), and `tags`
    come last, so that `TO_REGISTER` leaves JSON behind. `without` are further members that go. `tag` is a key and its value, a
    query; it replaces a tag of the same key. Tags of AWS's own are left out, which nobody may give.
    """
    condition, members, whole = change
    containers = f"{{containerDefinitions:{each('containerDefinitions', condition, members)}}}"
    changes = ",".join((*((containers,) if members else ()), *whole))
    definition = f"taskDefinition.merge(@,{changes})" if changes else "taskDefinition"
    key, value = tag
    others = f"tags[?! starts_with(key,{literal('aws:')}) && key!={literal(key)}]"
    gone = "".join(f"{name}:_," for name in (*ANSWERED, *without))
    return f"merge({definition},{{{gone}tags:[{others},[{{key:{literal(key)},value:{value}}}]][]}})"


def changed_job_definition(change: DefinitionChange, tag: tuple[str, str], only: str) -> str:
    """The same of one of DescribeJobDefinitions' job definitions, for RegisterJobDefinition.

    It says what a task definition does of its one container at the top, without the name `only` which that has in the task, or of
    each under its name, as a task definition does.
    """
    kept = (given(name, f"{{{name}:{name}}}") for name in OPTIONAL_OF_JOBS)
    whole = "".join(f", {item}" for item in change[2])
    named = f"[merge(@, {{name: {literal(only)}}})][?{change[0]}]"
    members = given(named, change[1]) if change[1] else "`{}`"
    one = f"{{containerProperties: containerProperties.merge(@, {members}{whole})}}"
    task = f"merge(@, {{containers: {_containers('containers', change)}}}{whole})"
    several = f"{{ecsProperties: {{taskProperties: ecsProperties.taskProperties[].{task}}}}}"
    key, value = tag
    return (
        f"merge({{jobDefinitionName: jobDefinitionName, type: type}}, {', '.join(kept)}, {given('containerProperties', one)}, "
        f'{given("ecsProperties", several)}, {{tags: merge(tags || `{{}}`, {{"{key}": {value}}})}})'
    )


def _containers(name: str, change: DefinitionChange) -> str:
    condition, members, _ = change
    return f"{name}[].merge(@, {given(f'({condition})', members)})" if members else name


def _inside(text: str) -> str:
    """A text within the quotation marks of JSON, without what a query or a shell ends at."""
    return json.dumps(text)[1:-1].replace("`", "\\u0060").replace("'", "\\u0027")
