"""Blocks that are folded away under a title."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.text import Plain
from handlers.views.message import Block, container

TITLE = 150
"""Characters of a title."""
_CHILDREN = 10


@dataclass(frozen=True)
class Fold:
    """Blocks under a title. `open`: they are shown as long as there is room."""

    title: Plain
    blocks: tuple[Block, ...]
    open: bool = False

    def block(self, *, closed: bool) -> Block:
        """The same as one block of a message."""
        return container(self.title, self.blocks[:_CHILDREN], closed=closed)
