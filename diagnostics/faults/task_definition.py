"""Commands and code that change the task definition, and deploy the service with the new revision."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World
from diagnostics.faults.images import containers
from diagnostics.faults.revision import revised
from diagnostics.finding import Fix
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.write import Asked, Variable, asked, code_string, literal, named, same, yaml_string


def family_of(world: World) -> str:
    """The family of the task definition, a placeholder where it is not known."""
    definition = known_value(world.snapshot.task_definition)
    return (definition.family if definition else None) or "FAMILY"


def definition_page(world: World) -> str | None:
    """The page of the console that shows the task definition."""
    definition = known_value(world.snapshot.task_definition)
    if definition is None or not definition.family or not definition.revision:
        return None
    return console.task_definition(world.region, definition.family, definition.revision)


def with_image(
    world: World,
    image: ContainerImage,
    new: Image,
    *,
    title: str,
    text: str,
    first: tuple[str | None, ...] = (),
    last: tuple[str, ...] = (),
    members: str | None = None,
    warning: str | None = None,
    undo_note: str | None = None,
    code: tuple[str | None, str | None] | None = None,
) -> Fix:
    """Another image in the task definition. What only a person knows of it does not stand in code.

    Args:
        new: the image; of several parts, in which a variable that a person fills in or that `first` sets may stand.
        title: the change in a few words.
        text: the same in a sentence or two.
        first: commands before that.
        last: what takes those back, once the former revision is deployed again.
        members: an object that is put over the container's definition in place of the image alone.
        warning: what to know before.
        undo_note: what stays.
        code: Terraform and CloudFormation, by default the line with the image.
    """
    parts = (new,) if isinstance(new, str) else new
    whole = None if any(isinstance(part, Variable) for part in parts) else "".join(parts)
    shows, expect = _shows(image, whole)
    if code is None:
        code = (None, None) if whole is None else as_code(world, image, whole)
    return revised(
        world,
        title=title,
        text=text,
        change=(chosen(image), members or f"{{image: {literal(*parts)}}}", ()),
        shows=shows,
        expect=expect,
        first=(*(part for part in parts if isinstance(part, Asked)), *first),
        last=last,
        warning=warning,
        undo_note=undo_note,
        code=code,
    )


TAG = asked("TAG", "a tag that the repository has")
"""What a person fills in where nothing tells which tags there are."""

Image = str | tuple[str | Variable, ...]
"""An image, or the parts of one, in which variables of the shell stand."""


def chosen(image: ContainerImage) -> str:
    """The condition of a query that holds for the containers of an image."""
    names = [same("name", name) for name in image.containers]
    return " || ".join(names or [same("image", image.image)])


def _shows(image: ContainerImage, new: str | None) -> tuple[str, str]:
    """The query that prints what the containers' image is, and what it then prints; else how many have another than now."""
    if new is not None and image.containers:
        which = f"containerDefinitions[?{chosen(image)}].image"
        return which, " ".join((new,) * len(image.containers))
    old = f"containerDefinitions[?{same('image', image.image)}]"
    return f"length({old})", "0"


def as_code(world: World, image: ContainerImage, new: str) -> tuple[str, str]:
    """The other image as Terraform and as CloudFormation: the one line of the container's definition that changes."""
    which = named(f"{containers(image)} of task definition {family_of(world)}")
    terraform = f"# In container_definitions of the aws_ecs_task_definition that exists, {which}:\nimage = {code_string(new)}"
    cloudformation = f"# In ContainerDefinitions of the AWS::ECS::TaskDefinition that exists, {which}:\nImage: {yaml_string(new)}"
    return terraform, cloudformation
