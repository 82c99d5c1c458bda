"""A cause explained, and the list of all."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from diagnostics.finding import Fault
from diagnostics.render.lines import show, wrapped


def render_explanation(fault: Fault, console: Console) -> None:
    """Print what a fault is, why it stops a pull and how to fix it."""
    console.print(Text(fault.id, style="bold"))
    show(console, wrapped(Text(f"Healthy: {fault.title}."), console.width))
    for title, text in (("Why the pull fails", fault.why), ("How to fix it", fault.how)):
        console.print()
        console.print(Text(title, style="bold underline"))
        show(console, wrapped(Text(text), console.width))
    console.print()
    console.print(Text(fault.source, style="dim"), soft_wrap=True)


def render_list(faults: Iterable[Fault], console: Console) -> None:
    """Print every fault with its healthy condition."""
    faults = tuple(faults)
    width = max((len(fault.id) for fault in faults), default=0)
    for fault in faults:
        console.print(Text.assemble((f"{fault.id:<{width}}", "bold"), f"  {fault.title}"), soft_wrap=True)
