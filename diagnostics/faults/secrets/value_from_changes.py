"""The repair of what a task definition calls a secret or parameter."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import World
from diagnostics.faults.revision import revised
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.finding import Fix
from diagnostics.pull import named_secrets, placed
from diagnostics.snapshot import known_value
from diagnostics.write import Asked, Variable, asked, code_string, literal, same, yaml_string
from diagnostics.write.query import DefinitionChange, each, given

Name = tuple[str | Variable, ...]
"""What a task definition is to call it; of several parts, in which variables of the shell may stand."""

KEY = asked("JSON_KEY", "the key of the JSON in the secret")
OTHER_SECRET = asked("OTHER_SECRET", "the ARN of the secret or parameter that is meant")
"""What nobody but a person knows."""

_NONE = "`[]`"
_OPTIONS = "logConfiguration.secretOptions"
_EVERY = f"containerDefinitions[].[secrets || {_NONE}, {_OPTIONS} || {_NONE}][][].valueFrom"
_CREDENTIALS = "repositoryCredentials.credentialsParameter"


def write_value_from(
    world: World,
    item: Item,
    *new: str | Variable,
    title: str,
    text: str,
    first: tuple[str | None, ...] = (),
    last: tuple[str, ...] = (),
    warning: str | None = None,
    code: tuple[str, str] | None = None,
) -> Fix:
    """Another `valueFrom`, in place of each that is as this one.

    `first` are commands before that, and `last` what takes those back, once the former revision is deployed again. `code` is
    what Terraform and CloudFormation need for that as well.
    """
    change = _change(world, item, literal(*new))
    return revised(
        world,
        title=title,
        text=text,
        change=change,
        **_shown(world, item, new, _EVERY),
        first=(*_asked(new), *first),
        last=last,
        warning=warning,
        code=code or _code(new, "value_from in secrets", "ValueFrom in Secrets", ("valueFrom", "ValueFrom")),
    )


def _change(world: World, item: Item, new: str) -> DefinitionChange:
    """The change where containers name it, where their log drivers do, or both; both where the facts do not tell."""
    old = same("valueFrom", item.value)
    members = f"{{valueFrom: {new}}}"
    secrets = f"{{secrets: {each('secrets', old, members)}}}"
    options = (
        f"{{logConfiguration: merge(logConfiguration, {{secretOptions: {each(_OPTIONS, old, members)}}})}}"
    )
    definition = known_value(world.snapshot.task_definition)
    containers = definition.container_definitions if definition else ()
    by_container, by_log_driver = placed(containers, item.value)
    if not by_log_driver:
        return "secrets", secrets, ()
    if not by_container:
        return _OPTIONS, options, ()
    return (
        f"secrets || {_OPTIONS}",
        f"merge({given('secrets', secrets)}, {given(_OPTIONS, options)})",
        (),
    )


def write_credentials(
    world: World,
    item: Item,
    *new: str | Variable,
    title: str,
    text: str,
    first: tuple[str | None, ...] = (),
    last: tuple[str, ...] = (),
    warning: str | None = None,
    code: tuple[str, str] | None = None,
) -> Fix:
    """Another secret with the registry's credentials, in place of each that is as this one."""
    return revised(
        world,
        title=title,
        text=text,
        change=(
            same(_CREDENTIALS, item.value),
            f"{{repositoryCredentials: {{credentialsParameter: {literal(*new)}}}}}",
            (),
        ),
        **_shown(world, item, new, f"containerDefinitions[].{_CREDENTIALS}"),
        first=(*_asked(new), *first),
        last=last,
        warning=warning,
        code=code
        or _code(
            new,
            "repositoryCredentials",
            "RepositoryCredentials",
            ("credentialsParameter", "CredentialsParameter"),
        ),
    )


def _asked(new: Name) -> Iterator[Asked]:
    return (part for part in new if isinstance(part, Asked))


def _shown(world: World, item: Item, new: Name, every: str) -> dict[str, str]:
    """How often the new one is named, or where only the shell knows it, that the old one is no longer."""
    if any(isinstance(part, Variable) for part in new):
        return {"shows": f"{every} | length([?@=={literal(item.value)}])", "expect": "0"}
    named = "".join(new)
    values = [one.value for one in named_secrets(known_value(world.snapshot.task_definition))]
    # Before it is written, both are counted: the old ones become new ones.
    count = sum(value in (item.value, named) for value in values)
    return {"shows": f"{every} | length([?@=={literal(named)}])", "expect": str(count)}


def _code(
    new: Name, terraform: str, cloudformation: str, keys: tuple[str, str]
) -> tuple[str | None, str | None]:
    if any(isinstance(part, Variable) for part in new):
        return None, None
    value = "".join(new)
    return (
        f"# In container_definitions of the aws_ecs_task_definition that exists, {terraform}:\n{keys[0]} = {code_string(value)}",
        f"# In ContainerDefinitions of the AWS::ECS::TaskDefinition that exists, {cloudformation}:\n{keys[1]}: {yaml_string(value)}",
    )
