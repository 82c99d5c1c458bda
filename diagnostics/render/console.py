"""The console of the command line: Rich's, through the gate of `diagnostics.render.harmless`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from diagnostics.render.harmless import harmless


class HarmlessConsole(Console):
    """A console that prints no character of a text that could act on the terminal; its own colours it does print."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def on_broken_pipe(self) -> None:
        """Let the caller decide what a reader that went away means; Rich would leave with status 1."""
        raise

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Rich's own rendering, every segment of text made harmless."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)
