"""The installed command, `pullcheck`: `pullcheck bot` runs the Slack bot, all else is the command line of `diagnostics`.

It stands here because nothing below `bot` may know the bot; it imports neither half before it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

BOT = "bot"
NEEDS_THE_EXTRA = """\
pullcheck bot needs the packages of Slack, which this installation is without. Install it again with them, in a checkout or beside
the wheel, for example:
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the first word asks for; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == [BOT]:
            return _bot(words[1:])
        from bot.telemetry import begin
        from diagnostics.__main__ import main as diagnose

        begin(warn=lambda line: print(f"pullcheck: {line}", file=sys.stderr))
        return diagnose(words)
    except KeyboardInterrupt:
        # Before either half could tell: as a shell says of who was ended by Ctrl-C.
        return 130


def _bot(words: Sequence[str]) -> int:
    if find_spec("slack_bolt") is None or find_spec("pydantic_settings") is None:
        from diagnostics.commands.program import installed_with

        sys.stderr.write(NEEDS_THE_EXTRA + "".join(f"  {line}\n" for line in installed_with(BOT)))
        return 2
    from bot.__main__ import main as run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
