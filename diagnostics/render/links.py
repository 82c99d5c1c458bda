"""Whether a terminal shows hyperlinks (OSC 8), by what it says of itself in the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rich.console import Console

_PROGRAMS = (
    "iTerm.app",
    "WezTerm",
    "vscode",
    "ghostty",
    "Hyper",
    "mintty",
    "Tabby",
    "rio",
    "zed",
    "WarpTerminal",
)
_NAMES = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "contour", "wezterm", "rio")
_VTE = 5000
"""GNOME Terminal and its kin have them since 0.50: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda"""


def shows_links(console: Console, environment: Mapping[str, str]) -> bool:
    """True where the output goes to a terminal that is known to show hyperlinks.

    What is not known gets the address in full: a terminal that only hides the sequence would lose it. `FORCE_HYPERLINK` decides
    where it is set, as for other programs (0: never). Inside of tmux and screen the outer terminal's word does not count.
    """
    if not console.is_terminal or console.is_dumb_terminal or console.color_system is None:
        return False
    forced = environment.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced not in ("0", "")
    name = environment.get("TERM", "")
    if "TMUX" in environment or name.startswith(("screen", "tmux", "linux")):
        return False
    vte = re.fullmatch(r"[0-9]{1,9}", environment.get("VTE_VERSION", ""), re.ASCII)
    return (
        environment.get("TERM_PROGRAM") in _PROGRAMS
        or name in _NAMES
        or any(
            mark in environment for mark in ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "DOMTERM")
        )
        or (vte is not None and int(vte.group()) >= _VTE)
    )
